/* Questions beside a document and the word on what is proposed, without leaving it. */

import { changed, settled } from "./drafting.js";
import { fragment, signInAgain } from "./page.js";
import { follow } from "./stream.js";

const FAILED = "Não foi possível. O que você escreveu está guardado; tente de novo.";
const panel = () => document.querySelector("[data-assistant]");
const boxOf = (part) => part.querySelector("textarea");
const key = () => `rascunho:pedido:${panel().dataset.person}:${location.pathname}`;

async function send(form, button) {
  const buttons = [...form.querySelectorAll("button")];
  const body = new FormData(form, button);
  const held = form.contains(document.activeElement); // a button that is disabled loses the focus
  for (const one of buttons) one.disabled = true;
  await settled();
  const response = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
  if (response?.ok) show(await response.text(), { sent: body.get("content"), held });
  else await refused(form, response);
  for (const one of buttons) one.disabled = false;
  if (held && document.activeElement === document.body) button?.focus();
}

async function refused(form, response) {
  const { error } = (await response?.json().catch(() => null)) ?? {};
  const words = response?.status === 401 ? signInAgain("Sua sessão terminou.") : [error ?? FAILED];
  (form.querySelector("[data-error]") ?? panel().querySelector("[data-told]")).replaceChildren(...words);
}

/** What is being typed into the box stays, unless it is what was just `sent`. */
function show(html, { sent = null, held = panel().contains(document.activeElement) } = {}) {
  const fresh = fragment(html).querySelector("[data-assistant]");
  const before = panel();
  if (!fresh || !before) return;
  const old = boxOf(before), isInBox = document.activeElement === old;
  const { value: typed = "", selectionStart, selectionEnd } = old ?? {};
  const revision = before.dataset.revision;
  before.replaceWith(fresh);
  const box = boxOf(fresh);
  if (box && typed !== sent) {
    box.value = typed;
    box.setSelectionRange(selectionStart, selectionEnd);
  }
  keep();
  if (box && (isInBox || (held && sent !== null))) box.focus(); // whoever writes there goes on writing
  else if (held) (fresh.querySelector(".proposal button") ?? box)?.focus();
  for (const article of fresh.querySelectorAll("article[data-stream]")) follow(article);
  if (revision !== fresh.dataset.revision) changed(fresh.dataset.revision);
}

/** What is in the box, kept in this browser: it outlives a reload and an ended session. forget.js knows the prefix. */
function keep() {
  const words = boxOf(panel())?.value;
  if (words === undefined) return;
  try {
    if (words) localStorage.setItem(key(), words);
    else localStorage.removeItem(key());
  } catch {
    // the browser's store is full, or closed to us
  }
}

function restore() {
  const box = boxOf(panel());
  if (box?.value) return keep(); // written before this script was there
  try {
    if (box) box.value = localStorage.getItem(key()) ?? "";
  } catch {
    // as above
  }
}

async function renew() {
  const response = await fetch(panel().dataset.assistant, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (response?.ok && !response.redirected) show(await response.text());
}

/** The paragraph that a proposal is about: they are counted as in documents/blocks.py, a table as one. */
function showPlace(place) {
  const all = [...document.querySelectorAll(".peca :is(h1, h2, h3, h4, p, table)")];
  const found = all.filter((one) => one.matches("table") || !one.closest("table"))[place];
  found?.scrollIntoView({ block: "center" });
  found?.animate?.({ backgroundColor: ["var(--mark)", "transparent"] }, 1_500);
}

if (panel()) {
  restore();
  document.addEventListener("input", (event) => event.target === boxOf(panel()) && keep());
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show-place]");
    if (button) showPlace(Number(button.dataset.showPlace));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-in-place]");
    if (!form || !panel().contains(form)) return;
    event.preventDefault();
    send(form, event.submitter);
  });
  document.addEventListener("reply:ended", (event) => panel().contains(event.detail) && renew());
}
