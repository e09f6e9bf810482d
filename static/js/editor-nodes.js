/* What a document may be made of: the editor's form of documents/html.py. */

import {
  Blockquote, Bold, BulletList, Document, Dropcursor, Gapcursor, HardBreak, Heading, Italic, ListItem,
  OrderedList, Paragraph, Subscript, Superscript, Table, TableCell, TableHeader, TableRow, Text, Underline, UndoRedo,
} from "../django_prose_editor/editor.js";

export const KINDS = ["numerado", "centro", "direita"];
const MARKERS = ["a", "A", "i", "I"]; // of lists; none: 1, 2, 3

/** Where a paragraph from elsewhere stands: by our class, or by how it is aligned there. */
function kindOf(element) {
  const named = KINDS.find((kind) => element.classList.contains(kind));
  const align = element.getAttribute("align");
  return named ?? { center: "centro", right: "direita", end: "direita" }[align] ?? null;
}

const Kind = Paragraph.extend({
  addAttributes() {
    return {
      kind: { default: null, parseHTML: kindOf, renderHTML: ({ kind }) => (kind ? { class: kind } : {}) },
    };
  },
  addKeyboardShortcuts() {
    /** An empty paragraph of a kind becomes a plain one first. */
    const plain = ({ editor }) => {
      const { $from, empty } = editor.state.selection;
      const isEmpty = empty && $from.parent.type.name === "paragraph" && !$from.parent.content.size;
      return isEmpty && $from.parent.attrs.kind ? editor.commands.updateAttributes("paragraph", { kind: null }) : false;
    };
    return { Enter: plain, Backspace: plain };
  },
});

const Level = Heading.extend({
  parseHTML() {
    return [1, 2, 3, 4, 5, 6].map((level) => ({ tag: `h${level}`, attrs: { level: Math.min(level, 4) } }));
  },
  addKeyboardShortcuts: () => ({}), // Ctrl+Alt is AltGr: with it one types ¹ ² ³
  addInputRules: () => [],
}).configure({ levels: [1, 2, 3, 4] });

const Quote = Blockquote.extend({ content: "paragraph+", addInputRules: () => [], addKeyboardShortcuts: () => ({}) });

const Item = ListItem.extend({ content: "paragraph (paragraph | bulletList | orderedList)*" });

const Ordered = OrderedList.extend({
  addAttributes() {
    return {
      start: {
        default: 1,
        parseHTML: (element) => Number.parseInt(element.getAttribute("start"), 10) || 1,
        renderHTML: ({ start }) => (start === 1 ? {} : { start }),
      },
      type: {
        default: null,
        parseHTML: (element) => MARKERS.find((marker) => marker === element.getAttribute("type")) ?? null,
        renderHTML: ({ type }) => (type ? { type } : {}),
      },
    };
  },
  renderHTML: ({ HTMLAttributes }) => ["ol", HTMLAttributes, 0],
  addNodeView: null,
  addInputRules: () => [], // “1. ” at a line's beginning is typed as it is: numbers of laws, of pages
  addKeyboardShortcuts: () => ({}),
});

const Bullets = BulletList.extend({ addInputRules: () => [], addKeyboardShortcuts: () => ({}) });

const IN_CELL = "(paragraph | bulletList | orderedList)+";
const spans = () => Object.fromEntries(["colspan", "rowspan"].map((name) => [name, {
  default: 1,
  parseHTML: (element) => Math.max(1, Number.parseInt(element.getAttribute(name), 10) || 1),
  renderHTML: (attributes) => (attributes[name] > 1 ? { [name]: attributes[name] } : {}),
}]));
const cell = (node, tag) => node.extend({
  content: IN_CELL,
  addAttributes: spans,
  renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0],
});
const Grid = Table.extend({
  renderHTML: () => ["table", ["tbody", 0]],
  addNodeView: null, // theirs writes widths into style attributes
}).configure({ resizable: false });

export const NODES = [
  Document, Text, Kind, Level, Quote, Item, Ordered, Bullets, Grid, TableRow.extend({ renderHTML: () => ["tr", 0] }),
  cell(TableCell, "td"), cell(TableHeader, "th"), HardBreak, Bold.extend({ addInputRules: () => [], addPasteRules: () => [] }),
  Italic.extend({ addInputRules: () => [], addPasteRules: () => [] }), Underline, Subscript, Superscript,
  UndoRedo.configure({ depth: 500 }), Gapcursor, Dropcursor,
];
