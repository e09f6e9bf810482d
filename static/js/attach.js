/* Files for the question: what has been sent (upload.js) is named in the question's form until it is asked or taken
   out, with its state beside it. They survive a reload, and wait for no other person (forget.js). A question does not go
   while a file is on its way: it would go without it. */

import { announce, fragment } from "./page.js";

const EVERY_MS = 1_500;
const LATER_MS = 10_000; // when the server is away
const WAIT = "Um arquivo ainda está sendo enviado. Aguarde o fim do envio, ou cancele-o, e envie a pergunta.";

const form = document.querySelector("form[data-ask]");
const list = form?.querySelector("[data-attached]");
const sending = document.querySelector("form[data-upload][data-refresh]");
const key = `anexos:${form?.dataset.ask}:${location.pathname}`;
let timer;

function attach({ id, name }) {
  if (!id || chip(id)) return;
  const item = document.querySelector("template[data-attached-file]").content.cloneNode(true).firstElementChild;
  item.dataset.file = id;
  item.querySelector("input").value = id;
  item.querySelector("[data-name]").textContent = name;
  item.querySelector("[data-of]").textContent = `: ${name}`;
  list.append(item);
  changed();
}

const chip = (id) => chips().find((item) => item.dataset.file === id);
const chips = () => [...list.querySelectorAll("[data-file]")];

function changed() {
  list.hidden = !chips().length;
  const kept = chips().map((item) => ({ id: item.dataset.file, name: item.querySelector("[data-name]").textContent }));
  if (kept.length) sessionStorage.setItem(key, JSON.stringify(kept));
  else sessionStorage.removeItem(key);
  clearTimeout(timer);
  if (kept.length) timer = setTimeout(refresh, 0);
}

/** The states, in the words of the list of files; asked again for as long as one of them moves. */
async function refresh() {
  const query = new URLSearchParams(chips().map((item) => ["arquivo", item.dataset.file]));
  const response = await fetch(`${sending.dataset.refresh}?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (response?.status === 401) return;
  const rows = response?.ok ? [...fragment(await response.text()).querySelectorAll("[data-file]")] : [];
  for (const row of rows) {
    const item = chip(row.dataset.file);
    const name = item?.querySelector("[data-name]").textContent;
    if (item) item.querySelector("[data-state]").textContent = row.dataset.said.replace(`${name}: `, "");
  }
  clearTimeout(timer);
  if (!response?.ok) timer = setTimeout(refresh, LATER_MS);
  else if (rows.some((row) => "moving" in row.dataset)) timer = setTimeout(refresh, EVERY_MS);
}

/** Before all others that listen for it. */
function waitForFiles(event) {
  if (!sending.querySelector("[data-sendings] > :not(.failed)")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  form.querySelector("[data-ask-error]").textContent = WAIT;
}

function waitNoMore() {
  const error = form.querySelector("[data-ask-error]");
  if (error.textContent === WAIT) error.replaceChildren();
}

if (list && sending) {
  document.addEventListener("file:sent", (event) => {
    waitNoMore();
    attach(event.detail);
  });
  form.addEventListener("submit", waitForFiles, { capture: true });
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[data-leave-out]")?.closest("[data-file]");
    if (!item) return;
    announce(`${item.querySelector("[data-name]").textContent}: retirado da pergunta`);
    item.remove();
    changed();
    form.elements.content.focus();
  });
  document.addEventListener("question:sent", () => {
    list.replaceChildren();
    changed();
  });
  addEventListener("pagehide", () => form.dataset.gone && sessionStorage.removeItem(key));
  form.addEventListener("submit", () => (form.dataset.gone = document.querySelector("[data-thread]") ? "" : "1"));
  for (const kept of JSON.parse(sessionStorage.getItem(key) ?? "[]")) attach(kept);
  changed();
}
