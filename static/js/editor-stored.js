/* The document as the server has it. */

import { fragment } from "./page.js";

/** The stored form has a block a line; the lines are no text. */
export function stored(html) {
  return html.replaceAll("\n", "");
}

/** The document as it is now; null without an answer, or when it cannot be written in any more. */
export async function storedNow() {
  const response = await fetch(location.href).catch(() => null);
  if (!response?.ok || response.redirected) return null;
  const page = fragment(await response.text());
  const [shown, title, now] = ["[data-editor] [data-shown]", "[data-title]", "[data-editor]"].map((one) => page.querySelector(one));
  return shown && title ? { content: shown.innerHTML, title: title.value, revision: Number(now.dataset.revision) } : null;
}
