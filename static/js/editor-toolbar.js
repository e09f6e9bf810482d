/* The bar above the text: one stop for the Tab key, arrows within it; what is on is pressed, for the eye and the ear. */

import { setList, setStyle, styleOf } from "./editor-styles.js";

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

/** Brings the bar to life; the function it returns shows in it where the cursor is. */
export function toolbar(bar, editor) {
  const style = bar.querySelector("[data-style-choice]"), grid = bar.querySelector("[data-grid]");
  const buttons = [...bar.querySelectorAll("[data-do]")];
  const stops = () => [...bar.querySelectorAll("button, select")].filter((stop) => stop.checkVisibility() && !stop.disabled);
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    editor.view.focus(); // at once: Tiptap's own comes a frame later, after the next key
    ACTS[button.dataset.do](editor);
  });
  bar.addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault()); // the text keeps its selection
  let isByHand = false; // with keys one goes through the list entry by entry, and stays in it until Enter or Escape
  style.addEventListener("pointerdown", () => { isByHand = true; });
  style.addEventListener("keydown", (event) => {
    isByHand = false;
    if (event.key !== "Enter") return;
    event.preventDefault();
    editor.view.focus();
  });
  style.addEventListener("change", () => {
    setStyle(editor, style.value);
    if (isByHand) editor.view.focus();
  });
  bar.addEventListener("keydown", (event) => {
    const here = stops().indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const last = stops().length - 1;
    const there = step ? (here + step + last + 1) % (last + 1) : { Home: 0, End: last }[event.key];
    if (event.key === "Escape") return editor.view.focus();
    if (there === undefined || here < 0) return;
    event.preventDefault();
    stops()[there].focus();
  });
  bar.addEventListener("focusin", (event) => settle(event.target));

  /** Only one of them is reached by Tab. */
  function settle(stop) {
    for (const other of bar.querySelectorAll("button, select")) other.tabIndex = other === stop ? 0 : -1;
  }
  settle(style);
  return () => {
    style.value = styleOf(editor);
    grid.hidden = !editor.isActive("table");
    if (grid.hidden && grid.querySelector("[tabindex='0']")) settle(style); // the one stop must not be out of sight
    for (const button of buttons) {
      const name = button.dataset.do;
      if (button.hasAttribute("aria-pressed")) button.setAttribute("aria-pressed", isOn(editor, name));
      if (name === "undo" || name === "redo") button.setAttribute("aria-disabled", !editor.can()[name]());
    }
  };
}
