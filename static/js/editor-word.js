/* What is pasted from Word: its lists are paragraphs that say so in a style, its headings one level too high for us. */

import { pm } from "../django_prose_editor/editor.js";
import { headingNumbers, lists } from "./editor-word-lists.js";

/** The same HTML in our words and without its styles, which the pages' policy would refuse one by one. */
export function fromWord(html) {
  const page = new DOMParser().parseFromString(unstyled(html), "text/html");
  if (/class=["']?Mso|mso-|urn:schemas-microsoft-com:office/i.test(html)) {
    for (const gone of page.querySelectorAll("meta, link, xml, del")) gone.remove();
    headings(page);
    headingNumbers(page, styleIn);
    lists(page, styleIn);
  }
  for (const element of page.querySelectorAll("[data-style]")) looks(element);
  return page.body.innerHTML;
}

/** Whole paragraphs pasted where there is nothing yet stay what they are; else the first would only lend its words. */
export function whole(slice, view) {
  const { parent } = view.state.selection.$from;
  const isInto = parent.type.name === "paragraph" && !parent.content.size && !parent.attrs.kind;
  return isInto && slice.content.childCount > 1 ? new pm.model.Slice(slice.content, 0, 0) : slice;
}

/** Style attributes under another name, style sheets and conditional comments gone: before anything parses them. */
function unstyled(html) {
  const bare = html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/<!--\[if[\s\S]*?<!\[endif\]-->/gi, "")
    .replace(/<!\[[^\]]*\]>/g, "");
  return bare.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
}

const styleIn = (element) => element.dataset.style ?? "";

function headings(page) {
  for (const level of [5, 4, 3, 2, 1]) {
    for (const heading of page.querySelectorAll(`h${level}`)) rename(heading, `h${Math.min(level + 1, 4)}`);
  }
  for (const title of page.querySelectorAll("p.MsoTitle")) rename(title, "h1");
  for (const quote of page.querySelectorAll("p.MsoQuote, p.MsoIntenseQuote")) {
    const around = page.createElement("blockquote");
    quote.replaceWith(around);
    around.append(quote);
  }
}

function rename(element, tag) {
  const other = element.ownerDocument.createElement(tag);
  other.append(...element.childNodes);
  element.replaceWith(other);
}

/** Bold, italics, underlining and where a paragraph stands, which are said in a style, as elements and attributes. */
const said = (name, value) => new RegExp(`(?:^|;)\\s*${name}:\\s*(?:${value})`, "i");
const LOOKS = [
  [said("font-weight", "bold|[6-9]00"), "strong"], [said("font-style", "italic"), "em"],
  [said("text-decoration(?:-line)?", "[^;]*underline"), "u"], [said("vertical-align", "super"), "sup"],
  [said("vertical-align", "sub\\b"), "sub"],
];
const NOT_BOLD = said("font-weight", "normal|400"), NOT_ITALIC = said("font-style", "normal");
const ALIGN = said("text-align", "(center|right|end)");

function looks(element) {
  const style = styleIn(element), tag = element.tagName;
  element.removeAttribute("data-style");
  const align = ALIGN.exec(style);
  if (align && /^(P|DIV|H\d)$/.test(tag)) element.setAttribute("align", align[1].toLowerCase());
  // Google's documents come in a <b> that is not bold.
  if ((/^(B|STRONG)$/.test(tag) && NOT_BOLD.test(style)) || (/^(I|EM)$/.test(tag) && NOT_ITALIC.test(style))) {
    element.replaceWith(...element.childNodes);
  }
  if (!/^(SPAN|FONT)$/.test(tag)) return;
  for (const [pattern, look] of LOOKS) {
    if (!pattern.test(style)) continue;
    const around = element.ownerDocument.createElement(look);
    around.append(...element.childNodes);
    element.append(around);
  }
}
