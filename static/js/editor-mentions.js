/* Which words of a text are the citations of a list that was made of it a moment ago. */

export const MOST_MARKS = 500;

/** The words that the list has, the longest first. */
export function citedIn(list) {
  const words = [...new Set([...list.querySelectorAll("[data-words]")].map((item) => item.dataset.words))];
  return words.sort((one, other) => other.length - one.length);
}

/** Where `words` stand in the text from `at` on, as a whole: “Súmula 7” is not in “Súmula 79”, nor “art. 1” in “art. 1.072”. */
function placeOf(words, text, at) {
  for (let place = text.indexOf(words, at); place >= 0; place = text.indexOf(words, place + 1)) {
    const end = place + words.length;
    if (!/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, place - 2), place)) && !/^[-.,/]?[\p{L}\p{N}]/u.test(text.slice(end, end + 3))) return place;
  }
  return -1;
}

/** The places of all words in the text of a block, in its order; of two that overlap the longer. `words`: the longest first. */
export function placesIn(text, words) {
  const found = [];
  for (const one of words) {
    for (let at = placeOf(one, text, 0); at >= 0; at = placeOf(one, text, at + one.length)) {
      if (!found.some((other) => at < other.end && other.at < at + one.length)) found.push({ at, end: at + one.length, words: one });
    }
  }
  return found.sort((one, other) => one.at - other.at);
}

/** The list has every mention in the order of the text. Where the text has as many of the same words, each has its own
    verdict; where it has more or fewer by now, only what is said of all of them is said. */
export function verdictsOf(list, places) {
  const said = new Map(), there = new Map();
  for (const { dataset } of list.querySelectorAll("[data-words]")) {
    said.set(dataset.words, [...(said.get(dataset.words) ?? []), dataset.verdict]);
  }
  for (const { words } of places) there.set(words, (there.get(words) ?? 0) + 1);
  const next = new Map();
  return places.map(({ words }) => {
    const verdicts = said.get(words), number = next.get(words) ?? 0;
    next.set(words, number + 1);
    if (verdicts.length === there.get(words)) return verdicts[number];
    return verdicts.every((one) => one === verdicts[0]) ? verdicts[0] : null;
  });
}
