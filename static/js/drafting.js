/* A draft is followed while it is written: the part in words, the reply as it grows, the document as parts come. */

import { announce, fragment, signInAgain } from "./page.js";
import { follow } from "./stream.js";

const EVERY_MS = 1_500;
const SOON_MS = 300; // after a reply has ended: the next one is on its way
const LATER_MS = 10_000; // when the server is away

let part = document.querySelector("[data-drafting]");
let timer;

async function refresh() {
  const response = await fetch(part.dataset.drafting, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (response?.status === 401) return part.querySelector("[data-said]").replaceChildren(...signInAgain("Sua sessão terminou."));
  if (response?.ok && !response.redirected) show(fragment(await response.text()).querySelector("[data-drafting]"));
  later(response?.ok ? EVERY_MS : LATER_MS);
}

/** What is the same part still stays as it is: its reply grows by itself. */
function show(fresh) {
  if (!fresh) return;
  if (fresh.dataset.key === part.dataset.key) return said(fresh);
  if ("active" in fresh.dataset !== "active" in part.dataset) return location.reload(); // the text is typed into or not
  const revision = part.dataset.revision;
  const held = part.contains(document.activeElement);
  part.replaceWith(fresh);
  part = fresh;
  if (held) part.querySelector("button, a")?.focus();
  announce(part.querySelector("[data-said]").textContent);
  for (const article of part.querySelectorAll("article[data-stream]")) follow(article);
  if (revision !== part.dataset.revision) changed(part.dataset.revision);
}

/** From the queue to being written, in words. */
function said(fresh) {
  const [now, before] = [fresh, part].map((one) => one.querySelector("[data-said]"));
  if (now.textContent !== before.textContent) before.textContent = now.textContent;
}

/** Who shows the document may renew it in its own way (`preventDefault`). */
export async function changed(revision) {
  const told = new CustomEvent("document:changed", { detail: { revision: Number(revision) }, cancelable: true });
  if (!document.dispatchEvent(told)) return;
  const shown = document.querySelector("[data-peca]");
  const response = await fetch(location.href).catch(() => null);
  const page = response?.ok ? fragment(await response.text()).querySelector("[data-peca]") : null;
  if (shown && page) shown.replaceChildren(...page.childNodes);
}

/** Waits until what is typed into the document is saved: who edits it hears of this and adds promises to `waits`. */
export async function settled() {
  const waits = [];
  document.dispatchEvent(new CustomEvent("document:before", { detail: { waits } }));
  await Promise.allSettled(waits);
}

function later(milliseconds) {
  clearTimeout(timer);
  if ("active" in part.dataset) timer = setTimeout(refresh, milliseconds);
}

async function send(event) {
  const form = event.target.closest("form[data-in-place]");
  if (!form || !part.contains(form)) return;
  event.preventDefault();
  await settled();
  const options = { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } };
  const response = await fetch(form.action, options).catch(() => null);
  if (response?.ok) show(fragment(await response.text()).querySelector("[data-drafting]"));
  else await refused(response);
  later(SOON_MS);
}

async function refused(response) {
  const { error } = (await response?.json().catch(() => null)) ?? {};
  const words = response?.status === 401 ? signInAgain("Sua sessão terminou.") : [error ?? "Não foi possível. Tente de novo."];
  part.querySelector("[data-error]").replaceChildren(...words);
}

if (part) {
  later(EVERY_MS);
  document.addEventListener("submit", send);
  document.addEventListener("reply:ended", () => later(SOON_MS));
}
