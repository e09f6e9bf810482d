/* Questions beside a document and the word on what is proposed, without leaving it. */

import { changed, settled } from "./drafting.js";
import { announce, fragment, signInAgain } from "./page.js";
import { follow } from "./stream.js";

const FAILED = "Não foi possível. O que você escreveu está guardado; tente de novo.";
const panel = () => document.querySelector("[data-assistant]");

async function send(form, button) {
  const buttons = [...form.querySelectorAll("button")];
  const body = new FormData(form, button);
  for (const one of buttons) one.disabled = true;
  await settled();
  const response = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
  if (response?.ok) show(await response.text(), true);
  else await refused(form, response);
  for (const one of buttons) one.disabled = false;
}

async function refused(form, response) {
  const { error } = (await response?.json().catch(() => null)) ?? {};
  const words = response?.status === 401 ? signInAgain("Sua sessão terminou.") : [error ?? FAILED];
  form.querySelector("[data-error]")?.replaceChildren(...words);
  if (!form.querySelector("[data-error]")) announce(error ?? FAILED);
}

/** What is being typed into the box stays, unless it was just sent. */
function show(html, isSent) {
  const fresh = fragment(html).querySelector("[data-assistant]");
  const before = panel();
  if (!fresh || !before) return;
  const typed = isSent ? "" : (before.querySelector("textarea")?.value ?? "");
  const revision = before.dataset.revision;
  const held = before.contains(document.activeElement);
  before.replaceWith(fresh);
  const box = fresh.querySelector("textarea");
  if (box && typed) box.value = typed;
  if (held) (fresh.querySelector(".proposal button") ?? box)?.focus();
  for (const article of fresh.querySelectorAll("article[data-stream]")) follow(article);
  if (revision !== fresh.dataset.revision) changed(fresh.dataset.revision);
}

async function renew() {
  const response = await fetch(panel().dataset.assistant, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (response?.ok && !response.redirected) show(await response.text(), false);
}

/** The paragraph that a proposal is about: they are counted as in documents/blocks.py, a table as one. */
function showPlace(place) {
  const all = [...document.querySelectorAll(".peca :is(h1, h2, h3, h4, p, table)")];
  const found = all.filter((one) => one.matches("table") || !one.closest("table"))[place];
  found?.scrollIntoView({ block: "center" });
  found?.animate?.({ backgroundColor: ["var(--mark)", "transparent"] }, 1_500);
}

if (panel()) {
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
