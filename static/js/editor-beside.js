/* What stands beside the text of a document: its blanks, “[● data do contrato]”, and how long it is. */

const BLANK = /\[●([^[\]]{0,300})\]/g; // as the checks know one, once it is closed
const LINE = 82, LINES = 36; // characters and lines of a page of A4 in Calibri 12 at 1.5, with the office's margins

/** Where a paragraph's blanks are, and what they ask for: [{at, end, words}]. */
export function blanksIn(text) {
  return [...text.matchAll(BLANK)].map(({ 0: { length }, 1: words, index: at }) => (
    { at, end: at + length, words: words.trim() || "sem descrição" }
  ));
}

/** The list, renewed in place so that whoever stands on an entry stays there. `jump` goes to a blank by its number. */
export function showBlanks(blanks, part, jump) {
  const list = part("blanks");
  const entries = blanks.map(({ words }, number) => {
    const item = list.children[number] ?? list.appendChild(document.createElement("li"));
    const button = item.firstChild ?? item.appendChild(document.createElement("button"));
    Object.assign(button, { type: "button", className: "linklike" });
    if (button.textContent !== words) button.textContent = words;
    button.onclick = () => jump(number);
    return item;
  });
  while (list.children.length > entries.length) list.lastChild.remove();
  part("no-blanks").hidden = blanks.length > 0;
  part("blanks-count").textContent = blanks.length ? ` (${blanks.length})` : "";
}

/** “1.234 palavras, cerca de 4 páginas”, of the paragraphs' texts. */
export function sizeOf(texts) {
  let words = 0, lines = 0;
  for (const text of texts) {
    words += (text.match(/\S+/gu) ?? []).length;
    lines += Math.max(1, Math.ceil(text.length / LINE));
  }
  const pages = Math.max(1, Math.ceil(lines / LINES));
  const said = (number, one, more) => `${number.toLocaleString("pt-BR")} ${number === 1 ? one : more}`;
  return `${said(words, "palavra", "palavras")}, cerca de ${said(pages, "página", "páginas")}`;
}
