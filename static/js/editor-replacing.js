/* Another text in the place of the one in the editor: only what differs is replaced, so that caret, scrolling and what
   can be undone stay where they are. */

import { pm } from "../django_prose_editor/editor.js";

export function replaceText(editor, html) {
  const element = document.createElement("template");
  element.innerHTML = html;
  replaceDocument(editor, read(editor, element.content));
}

/** A text of the page as a document. Of each of the `places`, {node, offset}, it says where it is there: `pos`. */
export function read(editor, element, places = []) {
  const parser = pm.model.DOMParser.fromSchema(editor.schema);
  return parser.parse(element, { preserveWhitespace: true, findPositions: places });
}

export function replaceDocument(editor, fresh) {
  const { doc, tr } = editor.state;
  const start = doc.content.findDiffStart(fresh.content);
  if (start === null) return;
  let { a, b } = doc.content.findDiffEnd(fresh.content);
  const overlap = start - Math.min(a, b); // the same letters at both ends of what differs
  if (overlap > 0) [a, b] = [a + overlap, b + overlap];
  editor.view.dispatch(tr.replace(start, a, fresh.slice(start, b)));
}
