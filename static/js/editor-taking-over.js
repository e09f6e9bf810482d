/* The editor takes over what the browser has written by itself (editor-typed.js), as one change that can be undone. */

import { pm } from "../django_prose_editor/editor.js";
import { read, replaceDocument } from "./editor-replacing.js";

export function takeOver(editor, { before, caret, pasted, isHeld }) {
  replaceDocument(editor, read(editor, before, [...caret, ...pasted]));
  let at = caret.map(({ pos }) => pos);
  for (const { pos, html, plain } of pasted.sort((one, other) => other.pos - one.pos)) {
    const size = editor.state.doc.content.size;
    select(editor, [pos, pos + 1]); // the sign that stands there for it
    if (html) editor.view.pasteHTML(html);
    else editor.view.pasteText(plain);
    const more = editor.state.doc.content.size - size;
    at = at.map((place) => (place > pos ? place + more : place));
  }
  if (at.length) select(editor, at);
  if (!isHeld) return;
  editor.view.dom.dispatchEvent(new FocusEvent("focus")); // it has had the focus all the time: nobody would tell
  editor.view.focus();
}

function select(editor, places) {
  const { doc, tr } = editor.state;
  const [anchor, head] = places.map((place) => doc.resolve(Math.min(place ?? 0, doc.content.size)));
  editor.view.dispatch(tr.setSelection(pm.state.TextSelection.between(anchor, head)).setMeta("addToHistory", false));
}
