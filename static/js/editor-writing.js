/* Writing in a document: the text as it will be printed, saved as one writes. It comes in the place of the text that the
   page has shown (editor.js), with all that was typed into it until then. */

import { Editor } from "../django_prose_editor/editor.js";
import { sizeOf, showBlanks } from "./editor-beside.js";
import { Blanks, blanksOf, jump } from "./editor-blanks.js";
import { Caret } from "./editor-caret.js";
import { Citations, markCitations } from "./editor-citations.js";
import { showConflict } from "./editor-conflict.js";
import { restore } from "./editor-draft.js";
import { NODES } from "./editor-nodes.js";
import { replaceText } from "./editor-replacing.js";
import { Saving } from "./editor-saving.js";
import { stored, storedNow } from "./editor-stored.js";
import { Keys, setStyle } from "./editor-styles.js";
import { takeOver } from "./editor-taking-over.js";
import { act, showIn } from "./editor-toolbar.js";
import { fromWord, whole } from "./editor-word.js";

const SIDE_MS = 500; // after the last key, until the list beside the text is renewed

/** `page`: what editor.js knows of it; `typed`: the text until now. What one can ask of the editor from then on. */
export function write({ root, part, text, attributes, title, heading, state, standing, draft, isLeft, content }, typed) {
  let saving = null, side = null, frame = 0;
  const bar = part("toolbar");
  const renew = () => {
    showBlanks(blanksOf(editor.state), part, (number) => jump(editor, number));
    part("size").textContent = sizeOf(textsOf(editor.state.doc));
  };
  const before = typed.handOver();
  const editor = new Editor({
    element: { mount: text }, // the focus and a phone's keyboard stay where they are
    extensions: [...NODES, Keys, Blanks, Citations, Caret],
    content,
    injectCSS: false,
    enablePasteRules: false,
    parseOptions: { preserveWhitespace: true },
    editorProps: { attributes, transformPastedHTML: fromWord, transformPasted: whole },
    onUpdate: () => {
      saving?.changed();
      clearTimeout(side);
      side = setTimeout(renew, SIDE_MS);
    },
    onTransaction: () => { frame ||= requestAnimationFrame(() => { frame = 0; showIn(bar, editor); }); },
    onBlur: () => saving?.save(),
  });

  saving = new Saving({
    address: root.dataset.save, token: title.form.elements.csrfmiddlewaretoken.value,
    revision: Number(root.dataset.revision), draft, state, standing,
    read: () => ({ title: title.value.trim(), content: editor.getHTML() }),
    saved: { title: title.defaultValue.trim(), content: editor.getHTML() },
    onConflict: (told) => showConflict(part("conflict"), told, { saving, draft, editor }),
  });
  title.addEventListener("input", () => saving.changed());
  title.addEventListener("change", () => {
    heading.textContent = title.value;
    saving.save();
  });
  heading.textContent = title.value;
  state.textContent = standing;
  takeOver(editor, before);
  const put = (html) => editor.commands.setContent(html, { parseOptions: { preserveWhitespace: true } });
  if (isLeft) restore(draft, saving, title, put);
  else if (saving.isChanged) saving.changed();
  else if (typed.isChanged) saving.unchanged();
  renew();
  showIn(bar, editor);

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

  return {
    act: (name) => act(editor, name),
    style: (name) => setStyle(editor, name),
    focus: () => editor.view.focus(),
    jump: (number) => jump(editor, number),
    mark: (list) => markCitations(editor, list),
    keep: () => saving.save({ keep: true }),
    settled,
    renewed,
  };
}

function textsOf(doc) {
  const texts = [];
  doc.descendants((node) => {
    if (node.isTextblock) texts.push(node.textContent);
    return !node.isTextblock;
  });
  return texts;
}
