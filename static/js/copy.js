/* Copies a message as rich text (for Word) and as plain words. */

import { announce } from "./page.js";

const SHOWN_MS = 2_000;

async function copy(text) {
  const plain = text.innerText.trim();
  if (!window.ClipboardItem) return navigator.clipboard.writeText(plain);
  const html = text.closest("[data-role=user]") ? text.outerHTML : text.innerHTML;
  const as = (content, type) => new Blob([content], { type });
  const item = { "text/plain": as(plain, "text/plain"), "text/html": as(html, "text/html") };
  return navigator.clipboard.write([new ClipboardItem(item)]);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const done = await copy(button.closest("article").querySelector("[data-text]")).then(
    () => "Copiado",
    () => "O navegador não deixou copiar",
  );
  button.textContent = done;
  announce(done);
  setTimeout(() => (button.textContent = "Copiar"), SHOWN_MS);
});
