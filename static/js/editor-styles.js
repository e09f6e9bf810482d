/* What a paragraph is and how it becomes something else; the keys for that. */

import { Extension } from "../django_prose_editor/editor.js";
import { KINDS } from "./editor-nodes.js";

/** What the paragraph at the cursor is: "h1" … "h4", "numerado", "centro", "direita", "quote" or "p". */
export function styleOf(editor) {
  const heading = [1, 2, 3, 4].find((level) => editor.isActive("heading", { level }));
  if (heading) return `h${heading}`;
  if (editor.isActive("blockquote")) return "quote";
  return KINDS.find((kind) => editor.isActive("paragraph", { kind })) ?? "p";
}

/** Makes the chosen paragraphs that; true when it could be done. */
export function setStyle(editor, style) {
  const chain = editor.chain();
  if (style !== "quote" && editor.isActive("blockquote")) chain.lift("blockquote");
  for (const list of ["bulletList", "orderedList"]) if (editor.isActive(list)) chain.liftListItem("listItem");
  if (/^h\d$/.test(style)) return chain.setNode("heading", { level: Number(style[1]) }).run();
  chain.setNode("paragraph", { kind: KINDS.includes(style) ? style : null });
  return style === "quote" && !editor.isActive("blockquote") ? chain.wrapIn("blockquote").run() : chain.run();
}

/** The chosen paragraphs as a list; no list any more when they are just that one; counted otherwise when they are one. */
export function setList(editor, list, type = null) {
  const chain = editor.chain();
  if (list === "orderedList" && editor.isActive(list) && !editor.isActive(list, { type }))
    return chain.updateAttributes(list, { type }).run();
  const isOther = !editor.isActive(list);
  chain.toggleList(list, "listItem");
  return isOther && list === "orderedList" ? chain.updateAttributes(list, { type }).run() : chain.run();
}

/** One key for each kind of paragraph; not with Ctrl+Alt (see above), not with what browsers take. */
export const Keys = Extension.create({
  name: "keys",
  addKeyboardShortcuts() {
    const style = (name) => () => setStyle(this.editor, name);
    return {
      "Mod-Shift-1": style("h2"), "Mod-Shift-2": style("h3"), "Mod-Shift-3": style("h4"),
      "Mod-Shift-4": style("numerado"), "Mod-Shift-5": style("quote"), "Mod-Shift-6": style("p"),
      "Mod-Shift-7": () => setList(this.editor, "orderedList", null),
      "Mod-Shift-8": () => setList(this.editor, "bulletList"),
      "Mod-Shift-9": style("h1"),
      "Mod-Shift-e": style("centro"),
    };
  },
});
