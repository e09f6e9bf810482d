/* Rows of files that show by themselves how their reading goes on: asked for again while any of them moves. */

import { announce, fragment, signInAgain } from "./page.js";

const EVERY_MS = 1_500;
const LATER_MS = 10_000; // when the server is away
const AT_ONCE = 60; // rows that one request may ask for

const section = document.querySelector("[data-files]");
const list = section?.querySelector("ul");
let timer = 0;

const moving = () => [...list.querySelectorAll("[data-moving]")].map((row) => row.dataset.file);

async function refresh() {
  timer = 0;
  const ids = moving();
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = ids.slice(at, at + AT_ONCE);
    const response = await ask(some);
    if (response?.status === 401) return section.prepend(...signInAgain("Sua sessão terminou."));
    if (!response?.ok) return later(LATER_MS);
    const rows = rowsOf(await response.text());
    rows.forEach(place);
    for (const id of some) if (!rows.some((row) => row.dataset.file === id)) gone(id);
  }
  later(EVERY_MS);
}

/* Deleted meanwhile, or not to be seen any more. */
function gone(id) {
  const row = list.querySelector(`[data-file="${id}"]`);
  const next = row?.contains(document.activeElement) && (row.nextElementSibling ?? row.previousElementSibling);
  row?.remove();
  if (next) next.querySelector("a, button")?.focus();
}

function ask(ids) {
  const query = new URLSearchParams(ids.map((id) => ["arquivo", id]));
  return fetch(`${section.dataset.refresh}?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
}

const rowsOf = (html) => [...fragment(html).querySelectorAll("[data-file]")];

/* A row that has not changed stays, and so does the focus in one that has. */
function place(fresh) {
  const old = list.querySelector(`[data-file="${fresh.dataset.file}"]`);
  const settled = !("moving" in fresh.dataset);
  if (!old) {
    list.prepend(fresh);
    if (settled) announce(fresh.dataset.said); // read before it was first asked for
    return;
  }
  if (old.dataset.said === fresh.dataset.said && !("moving" in old.dataset && settled)) return;
  const key = old.contains(document.activeElement) && document.activeElement.dataset.key;
  old.replaceWith(fresh);
  if (key) (fresh.querySelector(`[data-key="${key}"]`) ?? fresh.querySelector("a, button"))?.focus();
  if (settled) announce(fresh.dataset.said);
}

function later(milliseconds) {
  if (!timer && moving().length) timer = setTimeout(refresh, milliseconds);
}

document.addEventListener("file:sent", async (event) => {
  const response = await ask([event.detail.id]);
  if (!response?.ok) return location.assign(event.detail.next);
  section.hidden = false;
  document.querySelector("[data-no-files]")?.remove();
  rowsOf(await response.text()).forEach(place);
  later(EVERY_MS);
});
if (section) later(EVERY_MS);
