/* The list of what the text cites, fetched after each saving until it is of the text as it is. The list says in words
   what the colour in the text says. */

import { fragment } from "./page.js";

const FIRST_MS = 1_500, MOST_MS = 20_000, MOST_TIMES = 8;

/** The list anew: what was open in it stays open, and who stands in it stays there. */
function renew(before, found) {
  const wordsOf = (summary) => summary.closest("[data-words]")?.dataset.words;
  const opened = new Set([...before.querySelectorAll("details[open]")].map(wordsOf));
  const held = before.contains(document.activeElement) ? document.activeElement : null;
  const fresh = found.querySelector("[data-citations-found]");
  for (const one of fresh.querySelectorAll("details")) one.open = opened.has(wordsOf(one));
  before.replaceWith(fresh);
  if (!held) return;
  const same = [...fresh.querySelectorAll("summary")].find((one) => wordsOf(one) === wordsOf(held));
  (same ?? fresh.querySelector("summary, a")).focus();
}

/** Keeps the list of `section` as it was last checked; `mark` is given it whenever it is of the text as it is. What
    comes back does so once more, for a text that is shown anew. */
export function showCitations(section, mark) {
  let timer = 0, delay = FIRST_MS, times = 0;
  const list = () => section.querySelector("[data-citations-found]");
  const isPending = () => "pending" in list().dataset;

  async function fetched() {
    try {
      const response = await fetch(section.dataset.citations, { headers: { "HX-Request": "true" } });
      if (!response.ok || response.redirected) return; // the saving says what is wrong
      const found = fragment(await response.text());
      if (found.firstElementChild?.textContent !== list().textContent) renew(list(), found);
    } catch {
      // without a connection the list stays as it was
    }
    marked();
  }

  function marked() {
    if (!isPending()) return mark(list());
    if ((times += 1) > MOST_TIMES) return; // the worker is away: the next saving asks again
    delay = Math.min(delay * 1.5, MOST_MS);
    timer = setTimeout(fetched, delay);
  }

  document.addEventListener("document:saved", () => {
    clearTimeout(timer);
    [delay, times] = [FIRST_MS, 0];
    timer = setTimeout(fetched, delay);
  });
  marked();
  return () => { if (!isPending()) mark(list()); };
}
