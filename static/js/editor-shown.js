/* The text of a document before the editor is there: its blanks and what it cites have their colours, by elements that
   the editor leaves out when it reads the text. */

import { blanksIn } from "./editor-beside.js";
import { MOST_MARKS, citedIn, placesIn, verdictsOf } from "./editor-mentions.js";

const BLOCKS = "h1, h2, h3, h4, p";

/** The paragraphs: what each says, and its pieces of text with where they begin in it. */
export function paragraphsOf(text) {
  return [...text.querySelectorAll(BLOCKS)].map((block) => {
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_ALL), pieces = [];
    let said = "";
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.nodeName === "BR") said += "\n";
      if (node.nodeType !== Node.TEXT_NODE) continue;
      pieces.push({ node, at: said.length });
      said += node.data;
    }
    return { said, pieces };
  });
}

/** Colours the blanks: [{words, spans}]. */
export function colourBlanks(paragraphs) {
  return paragraphs.flatMap(({ said, pieces }) => (
    blanksIn(said).reverse().map(({ at, end, words }) => ({ words, spans: wrapped(pieces, at, end, "blank") })).reverse()
  ));
}

/** Colours what is cited with the verdicts of the `list`, instead of what it had. */
export function colourCitations(text, list) {
  for (const span of text.querySelectorAll("span.cites")) span.replaceWith(...span.childNodes);
  text.normalize();
  const words = citedIn(list);
  const places = paragraphsOf(text).flatMap(({ said, pieces }) => placesIn(said, words).map((place) => ({ ...place, pieces })));
  const verdicts = verdictsOf(list, places);
  for (let number = Math.min(places.length, MOST_MARKS) - 1; number >= 0; number -= 1) {
    const { pieces, at, end } = places[number];
    if (verdicts[number]) wrapped(pieces, at, end, `cites ${verdicts[number]}`);
  }
}

/** What is between two places in an element of its own, or in several. The pieces before them stay as they are: so the
    last place of a paragraph comes first. */
function wrapped(pieces, from, to, className) {
  const spans = [];
  for (const { node, at } of pieces) {
    const first = Math.max(from - at, 0), last = Math.min(to - at, node.length);
    if (first >= last) continue;
    const range = new Range(), span = Object.assign(document.createElement("span"), { className });
    range.setStart(node, first);
    range.setEnd(node, last);
    range.surroundContents(span);
    spans.push(span);
  }
  return spans;
}

/** Selects a blank, so that what is typed takes its place. */
export function selectBlank(text, { spans }) {
  text.focus({ preventScroll: true });
  getSelection().setBaseAndExtent(spans[0], 0, spans.at(-1), spans.at(-1).childNodes.length);
  spans[0].scrollIntoView({ block: "center" });
}
