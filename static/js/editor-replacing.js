/* Another text in the place of the one in the editor: only what differs is replaced, so that caret, scrolling and what
   can be undone stay where they are. */

import { pm } from "../django_prose_editor/editor.js";

export function replaceText(editor, html) {
  const element = document.createElement("template");
  element.innerHTML = html;
  const { doc, tr, schema } = editor.state;
  const fresh = pm.model.DOMParser.fromSchema(schema).parse(element.content, { preserveWhitespace: true });
  const start = doc.content.findDiffStart(fresh.content);
  if (start === null) return;
  let { a, b } = doc.content.findDiffEnd(fresh.content);
  const overlap = start - Math.min(a, b); // the same letters at both ends of what differs
  if (overlap > 0) [a, b] = [a + overlap, b + overlap];
  editor.view.dispatch(tr.replace(start, a, fresh.slice(start, b)));
}
