/* Blanks, “[● data do contrato]”, in the editor: marked where they stand, wherever they have moved to. */

import { Extension, pm } from "../django_prose_editor/editor.js";
import { blanksIn } from "./editor-beside.js";

const { Decoration, DecorationSet } = pm.view;
const key = new pm.state.PluginKey("blanks");

/** Only the paragraphs that a change has touched are looked at again: a long document is typed in without a lag. */
export const Blanks = Extension.create({
  name: "blanks",
  addProseMirrorPlugins: () => [
    new pm.state.Plugin({
      key,
      state: {
        init: (_, state) => DecorationSet.create(state.doc, marksIn(state.doc, 0, state.doc.content.size)),
        apply: (transaction, marks) => (transaction.docChanged ? renewed(transaction, marks) : marks),
      },
      props: { decorations: (state) => key.getState(state) },
    }),
  ],
});

function renewed(transaction, marks) {
  const { doc } = transaction;
  let now = marks.map(transaction.mapping, doc);
  for (const [first, last] of touched(transaction)) {
    const from = startOf(doc.resolve(first)), to = endOf(doc.resolve(last));
    now = now.remove(now.find(from, to)).add(doc, marksIn(doc, from, to));
  }
  return now;
}

function touched(transaction) {
  const size = transaction.doc.content.size, found = [];
  transaction.mapping.maps.forEach((map, number) => {
    const after = transaction.mapping.slice(number + 1);
    map.forEach((_from, _to, first, last) => {
      found.push([Math.min(after.map(first, -1), size), Math.min(after.map(last, 1), size)]);
    });
  });
  return found;
}

const startOf = (place) => (place.parent.isTextblock ? place.start() : place.pos);
const endOf = (place) => (place.parent.isTextblock ? place.end() : place.pos);

function marksIn(doc, from, to) {
  const marks = [];
  doc.nodesBetween(from, to, (node, position) => {
    if (!node.isTextblock) return true;
    const text = node.textBetween(0, node.content.size, undefined, "\n");
    for (const { at, end } of blanksIn(text)) {
      marks.push(Decoration.inline(position + 1 + at, position + 1 + end, { class: "blank" }));
    }
    return false;
  });
  return marks;
}

/** The blanks of the document as it is now: [{from, to, words}]. */
export function blanksOf(state) {
  return key.getState(state).find().sort((one, other) => one.from - other.from).map(({ from, to }) => (
    { from, to, words: blanksIn(state.doc.textBetween(from, to))[0]?.words ?? "sem descrição" }
  ));
}

/** Selects the blank, so that what is typed takes its place. */
export function jump(editor, number) {
  const blank = blanksOf(editor.state)[number];
  if (!blank) return;
  editor.view.focus();
  editor.chain().setTextSelection(blank).scrollIntoView().run();
  const place = editor.view.domAtPos(blank.from).node;
  (place.nodeType === Node.TEXT_NODE ? place.parentElement : place).scrollIntoView({ block: "center" });
}
