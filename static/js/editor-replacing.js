/* Another text in the place of the one in the editor: only what differs is replaced, so that caret, scrolling and what
   can be undone stay where they are. */

import { pm } from "../django_prose_editor/editor.js";
import { fragment } from "./page.js";

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

/** The document as the server has it; null without an answer, or when it cannot be written in any more. */
export async function storedNow() {
  const response = await fetch(location.href).catch(() => null);
  if (!response?.ok || response.redirected) return null;
  const page = fragment(await response.text());
  const [shown, title, now] = ["[data-editor] [data-shown]", "[data-title]", "[data-editor]"].map((one) => page.querySelector(one));
  return shown && title ? { content: shown.innerHTML, title: title.value, revision: Number(now.dataset.revision) } : null;
}

/** The stored form has a block a line; the lines are no text. */
export function stored(html) {
  return html.replaceAll("\n", "");
}
