/* Long work, followed: the part of the page that shows it is fetched again for as long as it goes on. */

import { announce, fragment, signInAgain } from "./page.js";

const EVERY_MS = 1_500;
const LATER_MS = 10_000; // when the server is away

let part = document.querySelector("[data-progress]");

async function refresh() {
  const response = await fetch(part.dataset.progress, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (response?.status === 401) {
    part.querySelector("[data-live]").replaceChildren(...signInAgain("Sua sessão terminou."));
    return;
  }
  if (response?.ok && !response.redirected) show(fragment(await response.text()).querySelector("[data-progress]"));
  later(response?.ok ? EVERY_MS : LATER_MS);
}

/* While the same goes on, what can be pressed stays as it is, and so does the focus. */
function show(fresh) {
  const said = fresh.querySelector("[data-said]")?.dataset.said;
  if (said && said !== part.querySelector("[data-said]")?.dataset.said) announce(said);
  if ("active" in fresh.dataset && fresh.dataset.active === part.dataset.active) {
    part.querySelector("[data-live]").replaceWith(fresh.querySelector("[data-live]"));
    return;
  }
  const held = part.contains(document.activeElement);
  part.replaceWith(fresh);
  part = fresh;
  if (held) part.querySelector("button, a")?.focus();
}

function later(milliseconds) {
  if ("active" in part.dataset) setTimeout(refresh, milliseconds);
}

if (part) later(EVERY_MS);
