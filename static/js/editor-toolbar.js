/* What the buttons of the bar do (editor-bar.js); what is on is pressed, for the eye and the ear. */

import { settle } from "./editor-bar.js";
import { setList, styleOf } from "./editor-styles.js";

const LISTS = { ordered: ["orderedList", null], letters: ["orderedList", "a"], roman: ["orderedList", "i"], bullets: ["bulletList"] };
const MARKS = ["bold", "italic", "underline", "subscript", "superscript"];
const BLANK = "[● ]";

const ACTS = {
  undo: (editor) => editor.chain().undo().run(),
  redo: (editor) => editor.chain().redo().run(),
  blank: (editor) => {
    const { from, to } = editor.state.selection;
    const words = editor.state.doc.textBetween(from, to, " ").trim();
    const text = words ? `[● ${words}]` : BLANK;
    const chain = editor.chain().insertContent({ type: "text", text });
    return (words ? chain : chain.setTextSelection(from + BLANK.length - 1)).run();
  },
  table: (editor) => editor.chain().insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run(),
};
for (const [name, given] of Object.entries(LISTS)) ACTS[name] = (editor) => setList(editor, ...given);
for (const mark of MARKS) ACTS[mark] = (editor) => editor.chain().toggleMark(mark).run();
for (const command of ["addRowBefore", "addRowAfter", "deleteRow", "addColumnBefore", "addColumnAfter", "deleteColumn",
  "toggleHeaderRow", "mergeOrSplit", "deleteTable"]) ACTS[command] = (editor) => editor.chain()[command]().run();

const isOn = (editor, name) => (LISTS[name]
  ? editor.isActive(LISTS[name][0], LISTS[name][0] === "orderedList" ? { type: LISTS[name][1] } : {})
  : MARKS.includes(name) && editor.isActive(name));

export function act(editor, name) {
  editor.view.focus(); // at once: Tiptap's own comes a frame later, after the next key
  ACTS[name](editor);
}

/** Shows in the bar where the cursor is. */
export function showIn(bar, editor) {
  const style = bar.querySelector("[data-style-choice]"), grid = bar.querySelector("[data-grid]");
  style.value = styleOf(editor);
  grid.hidden = !editor.isActive("table");
  if (grid.hidden && grid.querySelector("[tabindex='0']")) settle(bar, style); // the one stop must not be out of sight
  for (const button of bar.querySelectorAll("[data-do]")) {
    const name = button.dataset.do;
    if (button.hasAttribute("aria-pressed")) button.setAttribute("aria-pressed", isOn(editor, name));
    if (name === "undo" || name === "redo") button.setAttribute("aria-disabled", !editor.can()[name]());
  }
}
