/* After a reply, the conversation moves up in the rail and may have got its title: both are fetched again. */

import { fragment } from "./page.js";

const EVERY_MS = 2_000;
const TRIES = 5;

const heading = document.querySelector("[data-title]");
const rail = () => document.getElementById("rail-conversas");
let timer;

async function refresh(tries) {
  const response = await fetch(heading.dataset.title, { headers: { "HX-Request": "true" } });
  if (!response.ok || response.redirected) return;
  showTitle(decodeURIComponent(response.headers.get("X-Conversation-Title") ?? ""));
  showRail(await response.text());
  if ("untitled" in heading.dataset && tries > 1) later(tries - 1);
}

function showTitle(title) {
  if (!title || title === heading.textContent) return;
  heading.textContent = title;
  delete heading.dataset.untitled;
  document.title = `${title} · ROM Agent`;
  const field = document.getElementById("titulo");
  if (field && !field.matches(":popover-open *")) field.value = title;
}

function showRail(html) {
  const lists = fragment(html).getElementById("rail-conversas");
  lists?.querySelector(`a[href="${location.pathname}"]`)?.setAttribute("aria-current", "page");
  if (lists && !rail().contains(document.activeElement)) rail().replaceWith(lists);
}

function later(tries) {
  clearTimeout(timer);
  timer = setTimeout(() => refresh(tries).catch(() => {}), EVERY_MS);
}

if (heading && rail()) {
  const awaited = () => ("untitled" in heading.dataset ? TRIES : 1);
  document.addEventListener("reply:ended", () => later(awaited()));
  const settled = !document.querySelector("article[data-stream]");
  if ("untitled" in heading.dataset && settled && document.querySelector("[data-role=assistant]")) later(TRIES);
}
