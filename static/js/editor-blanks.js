/* Blanks, “[● data do contrato]”: marked where they stand, and listed beside the text. Words and pages beside them. */

import { Extension, pm } from "../django_prose_editor/editor.js";

const BLANK = /\[●([^[\]]{0,300})\]/g; // as the checks know one, once it is closed
const { Decoration, DecorationSet } = pm.view;
const key = new pm.state.PluginKey("blanks");
const LINE = 82, LINES = 36; // characters and lines of a page of A4 in Calibri 12 at 1.5, with the office's margins

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
    for (const found of text.matchAll(BLANK)) {
      const begin = position + 1 + found.index;
      marks.push(Decoration.inline(begin, begin + found[0].length, { class: "blank" }));
    }
    return false;
  });
  return marks;
}

/** The blanks of the document as it is now: [{from, to, words}]. */
export function blanksOf(state) {
  return key.getState(state).find().sort((one, other) => one.from - other.from).map(({ from, to }) => ({
    from, to, words: state.doc.textBetween(from, to).replace(BLANK, "$1").trim() || "sem descrição",
  }));
}

/** The list beside the text, renewed in place so that whoever stands on an entry stays there. */
export function showBlanks(editor, list, none, count) {
  const blanks = blanksOf(editor.state);
  const entries = blanks.map(({ words }, number) => {
    const item = list.children[number] ?? list.appendChild(document.createElement("li"));
    const button = item.firstChild ?? item.appendChild(document.createElement("button"));
    Object.assign(button, { type: "button", className: "linklike" });
    if (button.textContent !== words) button.textContent = words;
    button.onclick = () => jump(editor, number);
    return item;
  });
  while (list.children.length > entries.length) list.lastChild.remove();
  none.hidden = blanks.length > 0;
  count.textContent = blanks.length ? ` (${blanks.length})` : "";
}

/** Selects the blank, so that what is typed takes its place. */
function jump(editor, number) {
  const blank = blanksOf(editor.state)[number];
  if (!blank) return;
  editor.view.focus();
  editor.chain().setTextSelection(blank).scrollIntoView().run();
  const place = editor.view.domAtPos(blank.from).node;
  (place.nodeType === Node.TEXT_NODE ? place.parentElement : place).scrollIntoView({ block: "center" });
}

/** “1.234 palavras, cerca de 4 páginas”. */
export function sizeOf(doc) {
  let words = 0, lines = 0;
  doc.descendants((node) => {
    if (!node.isTextblock) return true;
    words += (node.textContent.match(/\S+/gu) ?? []).length;
    lines += Math.max(1, Math.ceil(node.textContent.length / LINE));
    return false;
  });
  const pages = Math.max(1, Math.ceil(lines / LINES));
  const said = (number, one, more) => `${number.toLocaleString("pt-BR")} ${number === 1 ? one : more}`;
  return `${said(words, "palavra", "palavras")}, cerca de ${said(pages, "página", "páginas")}`;
}
