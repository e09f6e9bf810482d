/* The verdict's colour on what the text cites, in the editor. */

import { Extension, pm } from "../django_prose_editor/editor.js";
import { MOST_MARKS, citedIn, placesIn, verdictsOf } from "./editor-mentions.js";

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

export function markCitations(editor, list) {
  const { doc, tr } = editor.state;
  const words = citedIn(list), places = [];
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
