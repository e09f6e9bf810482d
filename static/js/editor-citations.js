/* The list of what the text cites, fetched after each saving until it is of the text as it is; and the verdict's colour
   on the words in the text. The list says in words what the colour says. */

import { Extension, pm } from "../django_prose_editor/editor.js";
import { placesIn, verdictsOf } from "./editor-mentions.js";
import { fragment } from "./page.js";

const FIRST_MS = 1_500, MOST_MS = 20_000, MOST_TIMES = 8, MOST_MARKS = 500;
const { Decoration, DecorationSet } = pm.view;
const key = new pm.state.PluginKey("citations");

/** Marks move along with what is typed; those of words that were changed go, until the next check. */
export const Citations = Extension.create({
  name: "citations",
  addProseMirrorPlugins: () => [
    new pm.state.Plugin({
      key,
      state: {
        init: () => DecorationSet.empty,
        apply: (transaction, marks) => transaction.getMeta(key) ?? marks.map(transaction.mapping, transaction.doc),
      },
      props: { decorations: (state) => key.getState(state) },
    }),
  ],
});

function mark(editor, list) {
  const { doc, tr } = editor.state;
  const words = [...new Set([...list.querySelectorAll("[data-words]")].map((item) => item.dataset.words))];
  words.sort((one, other) => other.length - one.length);
  const places = [];
  doc.descendants((node, position) => {
    if (!node.isTextblock) return true;
    const text = node.textBetween(0, node.content.size, undefined, "\n");
    places.push(...placesIn(text, words).map((place) => ({ ...place, from: position + 1 + place.at })));
    return false;
  });
  const verdicts = verdictsOf(list, places);
  const marks = places.slice(0, MOST_MARKS).flatMap(({ from, at, end }, number) => (
    verdicts[number] ? [Decoration.inline(from, from + end - at, { class: `cites ${verdicts[number]}` })] : []
  ));
  editor.view.dispatch(tr.setMeta(key, DecorationSet.create(doc, marks)).setMeta("addToHistory", false));
}

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

/** Keeps the list of `section` and the marks in the text as they were last checked. */
export function showCitations(editor, section) {
  let timer = 0, delay = FIRST_MS, times = 0;

  async function fetched() {
    try {
      const response = await fetch(section.dataset.citations, { headers: { "HX-Request": "true" } });
      if (!response.ok || response.redirected) return; // the saving says what is wrong
      const found = fragment(await response.text());
      const before = section.querySelector("[data-citations-found]");
      if (found.firstElementChild?.textContent !== before.textContent) renew(before, found);
    } catch {
      // without a connection the list stays as it was
    }
    marked();
  }

  function marked() {
    const list = section.querySelector("[data-citations-found]");
    if (!("pending" in list.dataset)) return mark(editor, list);
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
}
