/* What one wrote into a document that one may only read by now: it is in no version, and must not be out of reach. */

import { Draft } from "./editor-draft.js";

const note = document.querySelector("[data-unsaved]");

if (note) {
  const draft = new Draft(note.dataset.person, note.dataset.document);
  const found = draft.found(), shown = document.querySelector("[data-peca]");
  if (found && words(found.content) !== words(shown.innerHTML)) {
    note.querySelector("textarea").value = words(found.content);
    note.hidden = false;
  }
  note.querySelector("button").addEventListener("click", () => {
    draft.drop({ anyones: true });
    note.hidden = true;
  });
}

function words(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return [...page.body.querySelectorAll("h1, h2, h3, h4, p")].map((one) => one.textContent).join("\n");
}
