/* Numbers pasted from Word: of lists, which are paragraphs that say in a style that they are items, and of headings.
   Where we count as Word does, the number is ours; what we do not count (1.1, Cláusula 5ª) stays in the text. */

const ITEM = /mso-list:\s*l\d+\s+level(\d+)\s+lfo\d+/i;
const FIGURES = /^(\d{1,6})\s*[.)]?\s*[-–—]?$/, LETTERS = /^([a-z]{1,8}|[A-Z]{1,8})\s*[.)–—-]+$/;
const MOST_GUESSED = 200;
const ROMAN = [[1000, "m"], [900, "cm"], [500, "d"], [400, "cd"], [100, "c"], [90, "xc"], [50, "l"], [40, "xl"], [10, "x"],
  [9, "ix"], [5, "v"], [4, "iv"], [1, "i"]];
const BULLET = { type: "", number: 0 };

/** `styleIn` gives what was an element's style. */
export function lists(page, styleIn) {
  let open = []; // the lists that are open, outermost first: {list, type, number}, the last that was counted
  let before = null;
  for (const paragraph of [...page.body.querySelectorAll("p")]) {
    const found = ITEM.exec(styleIn(paragraph));
    if (!found) continue;
    if (!before || paragraph.previousElementSibling !== before) open = [];
    const level = Math.min(Number(found[1]), open.length + 1);
    const marker = markerOf(paragraph, styleIn);
    const here = open[level - 1];
    const read = goesOn(here, marker) ? { type: here.type, number: here.number + 1 } : readMarker(marker);
    if (!read) {
      paragraph.prepend(`${marker} `);
      before = null;
      continue;
    }
    if (here && (here.type === "" ? read.type === "" : goesOn(here, marker))) open.length = level;
    else begin(page, paragraph, open, level, read);
    open[level - 1].number = read.number;
    const item = page.createElement("li");
    open[level - 1].list.append(item);
    item.append(paragraph);
    before = open[0].list;
  }
}

function begin(page, paragraph, open, level, { type, number }) {
  open.length = level - 1;
  const list = page.createElement(type === "" ? "ul" : "ol");
  if (type !== "" && type !== "1") list.setAttribute("type", type);
  if (type !== "" && number !== 1) list.setAttribute("start", number);
  if (open.length) open.at(-1).list.lastElementChild.append(list);
  else paragraph.before(list);
  open.push({ list, type, number });
}

/** Headings, h2 to h4, lose the number that they get here, too; with another one they become text, as in an import. */
export function headingNumbers(page, styleIn) {
  const counts = [0, 0, 0];
  for (const heading of page.body.querySelectorAll("h2, h3, h4")) {
    const place = Number(heading.tagName[1]) - 2, marker = markerOf(heading, styleIn);
    if (!marker || labelOf(["I", "1", "a"][place], counts[place] + 1) === signOf(marker)) {
      counts.fill(0, place + 1);
      counts[place] += 1;
      continue;
    }
    const paragraph = page.createElement("p"), strong = page.createElement("strong");
    strong.append(`${marker} `, ...heading.childNodes);
    paragraph.append(strong);
    heading.replaceWith(paragraph);
  }
}

/** The number or bullet that Word wrote before the item; taken out of it. */
function markerOf(paragraph, styleIn) {
  const ignored = [...paragraph.querySelectorAll("span")].find((span) => /mso-list:\s*ignore/i.test(styleIn(span)));
  const marker = (ignored?.textContent ?? "").replace(/\s+/g, " ").trim();
  ignored?.remove();
  return marker;
}

/** Whether this is what comes next in a list that is counted: “i)” after “h)” is a letter. */
const goesOn = (here, marker) => Boolean(here?.type) && labelOf(here.type, here.number + 1) === signOf(marker);
const signOf = (marker) => (FIGURES.exec(marker) ?? LETTERS.exec(marker))?.[1] ?? "";

/** How an item is counted, and which it is; null for what we do not count. */
function readMarker(marker) {
  const figures = FIGURES.exec(marker);
  if (figures) return { type: "1", number: Number(figures[1]) };
  const sign = LETTERS.exec(marker)?.[1];
  if (!sign) return [...marker].length > 1 && /[\p{L}\p{N}]/u.test(marker) ? null : BULLET;
  const types = /^i$/i.test(sign) || sign.length > 1 ? ["i", "I", "a", "A"] : ["a", "A"];
  for (const type of types) {
    for (let number = 1; number <= MOST_GUESSED; number += 1) if (labelOf(type, number) === sign) return { type, number };
  }
  return null;
}

function labelOf(type, number) {
  if (type === "1") return String(number);
  const label = type.toLowerCase() === "i" ? roman(number) : letters(number);
  return type === type.toUpperCase() ? label.toUpperCase() : label;
}

function letters(number) {
  let said = "";
  for (let left = number; left > 0; left = Math.floor((left - 1) / 26)) said = String.fromCharCode(97 + ((left - 1) % 26)) + said;
  return said;
}

function roman(number) {
  let said = "", left = number;
  for (const [worth, sign] of ROMAN) for (; left >= worth; left -= worth) said += sign;
  return said;
}
