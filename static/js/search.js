/* Results as one types; arrow keys walk them, Enter opens, Escape goes back to the box (and leaves it: keys.js). */

import { announce, fragment, signInAgain } from "./page.js";

const WAIT_MS = 180;

const form = document.querySelector("[data-searching] form");
const found = document.querySelector("[data-found]");
const box = form.elements.q;
let asking; // the request under way: a newer one ends it
let timer;

function address() {
  const values = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
  return `${form.getAttribute("action")}?${new URLSearchParams(values)}`;
}

async function fetched(url, signal) {
  const response = await fetch(url, { headers: { "HX-Request": "true" }, signal });
  if (response.status === 401) return found.replaceChildren(sentence(signInAgain("Sua sessão terminou.")));
  if (response.status === 429) return found.replaceChildren(sentence([(await response.json()).error]));
  if (!response.ok) throw new Error(response.status);
  return fragment(await response.text());
}

function sentence(nodes) {
  const paragraph = Object.assign(document.createElement("p"), { className: "note warning" });
  paragraph.setAttribute("role", "alert");
  paragraph.append(...nodes);
  return paragraph;
}

async function search() {
  clearTimeout(timer);
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const url = address();
  found.setAttribute("aria-busy", "true");
  try {
    const results = await fetched(url, signal);
    if (!results) return;
    found.replaceChildren(results);
    history.replaceState(null, "", url);
    document.title = `${box.value.trim() ? `Busca: ${box.value.trim()}` : "Busca"} · ROM Agent`;
    announce(said());
  } catch (error) {
    if (error.name !== "AbortError") found.replaceChildren(sentence(["A busca não respondeu. Tente de novo."]));
  } finally {
    if (!signal.aborted) found.removeAttribute("aria-busy");
  }
}

function said() {
  const count = hits().length;
  if (!count) return "Nenhum resultado";
  return count === 1 ? "1 resultado na página" : `${count} resultados na página`;
}

/** The next results of one kind, below those that are there; the first of them is where one goes on. */
async function more(link) {
  const list = link.closest("section").querySelector("ol");
  const results = await fetched(link.href);
  if (!results) return;
  const next = results.querySelector(`[data-group="${list.dataset.group}"]`);
  const [first] = next?.children ?? [];
  list.append(...(next?.children ?? []));
  const further = results.querySelector("[data-more]");
  if (further) link.replaceWith(further);
  else link.remove();
  first?.querySelector("[data-hit]").focus();
}

const hits = () => [...found.querySelectorAll("[data-hit]")];

function walk(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const all = hits();
  const at = all.indexOf(document.activeElement);
  if (at < 0 && document.activeElement !== box) return;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (to === undefined || !all.length) return;
  event.preventDefault();
  if (to < 0) box.focus();
  else all[Math.min(to, all.length - 1)].focus();
}

function leave(event) {
  if (event.key !== "Escape" || event.isComposing) return;
  if (found.contains(document.activeElement)) box.focus();
}

box.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(search, WAIT_MS);
});
form.addEventListener("change", (event) => event.target !== box && search());
form.addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
found.addEventListener("click", (event) => {
  const link = event.target.closest("[data-more]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  more(link).catch(() => location.assign(link.href));
});
document.addEventListener("keydown", walk);
document.addEventListener("keydown", leave);
