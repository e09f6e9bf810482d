/* The editor of a document: the text as it will be printed, saved as one writes. Without this script it is read. */

import { Editor, Extension } from "../django_prose_editor/editor.js";
import { Blanks, showBlanks, sizeOf } from "./editor-blanks.js";
import { Caret } from "./editor-caret.js";
import { Citations, showCitations } from "./editor-citations.js";
import { showConflict } from "./editor-conflict.js";
import { Draft, restore } from "./editor-draft.js";
import { NODES } from "./editor-nodes.js";
import { replaceText } from "./editor-replacing.js";
import { Saving } from "./editor-saving.js";
import { Keys } from "./editor-styles.js";
import { toolbar } from "./editor-toolbar.js";
import { fromWord, whole } from "./editor-word.js";
import { fragment } from "./page.js";

const SIDE_MS = 500; // after the last key, until the list beside the text is renewed
const root = document.querySelector("[data-editor]");
const part = (name) => root.querySelector(`[data-${name}]`);

if (root) begin();

function begin() {
  const shown = part("shown");
  const title = document.querySelector("[data-title]");
  const draft = new Draft(root.dataset.person, root.dataset.document);
  const heading = document.querySelector("[data-heading]");
  let saving = null, showBar = () => {}, side = null, frame = 0;

  const renew = () => {
    showBlanks(editor, part("blanks"), part("no-blanks"), part("blanks-count"));
    part("size").textContent = sizeOf(editor.state.doc);
  };
  const editor = new Editor({
    element: part("text"),
    extensions: [...NODES, Keys, Blanks, Citations, Caret, Extension.create({
      name: "version",
      addKeyboardShortcuts: () => ({ "Mod-s": () => (saving.save({ keep: true }), true) }),
    })],
    content: stored(shown.innerHTML),
    injectCSS: false,
    enablePasteRules: false,
    parseOptions: { preserveWhitespace: true },
    editorProps: {
      attributes: {
        class: "peca", role: "textbox", "aria-multiline": "true", "aria-label": "Texto do documento", lang: "pt-BR",
        spellcheck: "true",
      },
      transformPastedHTML: fromWord,
      transformPasted: whole,
      handleKeyDown: (_view, event) => event.altKey && event.key === "F10" && (bar.querySelector("[tabindex='0']").focus(), true),
    },
    onUpdate: () => {
      saving?.changed();
      clearTimeout(side);
      side = setTimeout(renew, SIDE_MS);
    },
    onTransaction: () => { frame ||= requestAnimationFrame(() => { frame = 0; showBar(); }); },
    onBlur: () => saving?.save(),
  });
  const bar = part("toolbar");
  showBar = toolbar(bar, editor);
  shown.remove();
  for (const element of document.querySelectorAll("[data-once-ready]")) element.hidden = false;

  const read = () => ({ title: title.value.trim(), content: editor.getHTML() });
  saving = new Saving({
    address: root.dataset.save, token: title.form.elements.csrfmiddlewaretoken.value,
    revision: Number(root.dataset.revision), draft, state: document.querySelector("[data-state]"), read,
    onConflict: (told) => showConflict(part("conflict"), told, { saving, draft, editor }),
  });
  title.addEventListener("input", () => saving.changed());
  title.addEventListener("change", () => {
    heading.textContent = title.value;
    saving.save();
  });
  title.form.addEventListener("submit", (event) => {
    event.preventDefault();
    editor.commands.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "s" || event.defaultPrevented) return;
    event.preventDefault();
    saving.save({ keep: true });
  });
  document.addEventListener("document:before", (event) => event.detail.waits.push(settled()));
  document.addEventListener("document:changed", (event) => {
    event.preventDefault();
    renewed(event.detail.revision);
  });
  part("keep").addEventListener("click", () => saving.save({ keep: true }));
  const put = (content) => editor.commands.setContent(content, { parseOptions: { preserveWhitespace: true } });
  restore(draft, saving, title, put);
  renew();
  showBar();
  showCitations(editor, part("citations"));

  /** Saved, before something else changes the document. */
  async function settled() {
    for (await saving.save(); saving.sending; ) await new Promise((done) => setTimeout(done, 50));
  }

  /** What one has saved oneself is on the screen; what somebody else or the assistant has changed is fetched. */
  async function renewed(revision) {
    await settled();
    const isBehind = () => revision > saving.revision && !saving.conflict && !saving.isChanged && !saving.sending;
    if (!isBehind()) return;
    const fresh = await storedNow();
    if (!isBehind()) return; // something was written meanwhile: its saving tells of the other change
    if (!fresh) return location.reload();
    title.value = heading.textContent = fresh.title;
    replaceText(editor, stored(fresh.content));
    saving.isNow(fresh.revision);
    renew();
  }
}

/** The document as the server has it; null without an answer, or when it cannot be written in any more. */
async function storedNow() {
  const response = await fetch(location.href).catch(() => null);
  if (!response?.ok || response.redirected) return null;
  const page = fragment(await response.text());
  const [shown, title, now] = ["[data-editor] [data-shown]", "[data-title]", "[data-editor]"].map((one) => page.querySelector(one));
  return shown && title ? { content: shown.innerHTML, title: title.value, revision: Number(now.dataset.revision) } : null;
}

/** The stored form has a block a line; the lines are no text. */
function stored(html) {
  return html.replaceAll("\n", "");
}
