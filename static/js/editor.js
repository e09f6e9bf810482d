/* A document that one may write in: shown as the server has it, with what stands beside it. What writing needs weighs more
   than all the rest, and comes when one first wants to write. Without this script the document is read. */

import { liven } from "./editor-bar.js";
import { showBlanks, sizeOf } from "./editor-beside.js";
import { showCitations } from "./editor-cited.js";
import { Draft } from "./editor-draft.js";
import { scripts } from "./editor-loading.js";
import { colourBlanks, colourCitations, paragraphsOf, selectBlank } from "./editor-shown.js";
import { stored } from "./editor-stored.js";
import { Typed } from "./editor-typed.js";
import { reloadPage } from "./page.js";

const ATTRIBUTES = {
  class: "peca", role: "textbox", "aria-multiline": "true", "aria-label": "Texto do documento", lang: "pt-BR",
  spellcheck: "true",
};
const WANTS_TO_WRITE = ["pointerover", "pointerdown", "touchstart", "keydown", "focusin"];
const root = document.querySelector("[data-editor]");
const part = (name) => root.querySelector(`[data-${name}]`);

if (root) begin();

function begin() {
  const text = part("text"), shown = part("shown"), bar = part("toolbar");
  const [title, heading, state] = ["title", "heading", "state"].map((name) => document.querySelector(`[data-${name}]`));
  const draft = new Draft(root.dataset.person, root.dataset.document);
  const page = {
    root, part, text, title, heading, state, draft, attributes: ATTRIBUTES, standing: state.textContent,
    isLeft: Boolean(draft.found()), content: stored(shown.innerHTML), revision: Number(root.dataset.revision),
  };
  let waking = null, writing = null;

  text.innerHTML = page.content;
  for (const [name, value] of Object.entries(ATTRIBUTES)) text.setAttribute(name, value);
  shown.remove();
  const paragraphs = paragraphsOf(text), blanks = colourBlanks(paragraphs);
  part("size").textContent = sizeOf(paragraphs.map(({ said }) => said));
  const typed = new Typed(page);
  showBlanks(blanks, part, (number) => (writing ? writing.jump(number) : selectBlank(text, blanks[number])));
  const marked = showCitations(part("citations"), (list) => {
    if (writing) writing.mark(list);
    else if (!waking) colourCitations(text, list);
  });
  liven(bar, wake);
  for (const element of document.querySelectorAll("[data-once-ready]")) element.hidden = false;

  for (const place of [text, bar, title]) {
    for (const type of WANTS_TO_WRITE) place.addEventListener(type, wake, { once: true, passive: true });
  }
  if (page.isLeft) wake(); // what was left unsaved here comes back into the text
  text.addEventListener("keydown", (event) => {
    if (!event.altKey || event.key !== "F10") return;
    event.preventDefault();
    bar.querySelector("[tabindex='0']").focus();
  });
  title.form.addEventListener("submit", (event) => {
    event.preventDefault();
    text.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "s" || event.defaultPrevented) return;
    event.preventDefault();
    keep();
  });
  part("keep").addEventListener("click", keep);
  document.addEventListener("document:before", (event) => {
    if (waking) event.detail.waits.push(wake().then((editor) => editor?.settled()));
  });
  document.addEventListener("document:changed", async (event) => {
    event.preventDefault();
    (await wake())?.renewed(event.detail.revision);
  });

  async function keep() {
    (await wake())?.keep();
  }

  function wake() {
    return (waking ??= woken());
  }

  async function woken() {
    try {
      const { write } = await scripts(root.dataset.bundle, () => typed.waits());
      await typed.rests();
      writing = write(page, typed);
      marked();
    } catch (error) {
      console.error(error);
      typed.gone(reloadPage("Não foi possível abrir o editor: seu texto está guardado neste navegador."));
    }
    return writing;
  }
}
