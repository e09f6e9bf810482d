"""What differs between two texts: word by word within a paragraph, paragraph by paragraph within a document.

Two steps find what stayed: what stands once on both sides holds the texts together (patience, as Bram Cohen described
it), and between such anchors the shortest way is looked for (Myers, "An O(ND) Difference Algorithm", 1986). Looking
has a budget: where two texts have too little in common to be worth it, all of the one is gone and all of the other is
new. So a comparison is never wrong, and never takes minutes, whatever it is given.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from documents.blocks import Block, Cell, Paragraph, Table, cell_text, numbered

BUDGET = 1_500_000  # steps of one comparison: about a second
WORD = re.compile(r"\w+|\s+|[^\w\s]")
WEAK = 3  # letters of a word that alone, between two changes, holds nothing together ("de", "que", ",")
ALIKE = 0.35  # of their words two paragraphs have in common, to be the same one changed
MOST_PAIRS = 20_000  # of paragraphs that are held against each other
NEAR = 3  # paragraphs further on that are, in any case


class Change(NamedTuple):
    """A piece of text. All but the added ones together are the old text; all but the removed ones are the new one."""

    kind: str  # "same", "removed" or "added"
    text: str


@dataclass
class Budget:
    left: int = BUDGET


def word_changes(old: str, new: str, budget: Budget | None = None) -> list[Change]:
    """The new text as what became of the old one, in order. Nothing is lost: see `Change`."""
    before, after = WORD.findall(old), WORD.findall(new)
    changes: list[Change] = []
    first = second = 0
    for start, other, length in [*matches(before, after, budget), (len(before), len(after), 0)]:
        changes.append(Change("removed", "".join(before[first:start])))
        changes.append(Change("added", "".join(after[second:other])))
        changes.append(Change("same", "".join(before[start : start + length])))
        first, second = start + length, other + length
    return _readable([change for change in changes if change.text])


def _readable(changes: list[Change]) -> list[Change]:
    """Without islands: a comma that stayed between two changed sentences is no reason to tell them in pieces."""
    told: list[Change] = []
    removed = added = ""

    def flush() -> None:
        nonlocal removed, added
        told.extend(Change(kind, text) for kind, text in (("removed", removed), ("added", added)) if text)
        removed = added = ""

    for place, change in enumerate(changes):
        if change.kind == "removed":
            removed += change.text
        elif change.kind == "added":
            added += change.text
        elif removed and added and _is_island(change.text) and place + 1 < len(changes):
            removed += change.text
            added += change.text
        else:
            flush()
            told.append(change)
    flush()
    return told


def _is_island(text: str) -> bool:
    return len(text.strip()) <= WEAK


# What stayed -------------------------------------------------------------------------------------


def matches(
    old: Sequence[Hashable], new: Sequence[Hashable], budget: Budget | None = None
) -> list[tuple[int, int, int]]:
    """The stretches that stayed: where in the old, where in the new, how long; in order, none touching the next."""
    joined: list[tuple[int, int, int]] = []
    for first, second, length in _matches(old, new, budget or Budget()):
        if joined and joined[-1][0] + joined[-1][2] == first and joined[-1][1] + joined[-1][2] == second:
            start, other, before = joined.pop()
            joined.append((start, other, before + length))
        else:
            joined.append((first, second, length))
    return joined


def _matches(old: Sequence[Hashable], new: Sequence[Hashable], budget: Budget) -> Iterator[tuple[int, int, int]]:
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        first, last, begin, end = waiting.pop()
        if first < 0:  # a stretch that was found already
            yield -first - 1, begin, last
            continue
        head = _same(old, new, first, last, begin, end)
        if head:
            yield first, begin, head
        first, begin = first + head, begin + head
        tail = _same_end(old, new, first, last, begin, end)
        if tail:
            waiting.append((-(last - tail) - 1, tail, end - tail, 0))
        last, end = last - tail, end - tail
        if first == last or begin == end:
            continue
        anchors = _anchors(old[first:last], new[begin:end])
        budget.left -= last - first + end - begin
        if not anchors:
            waiting += [(-(first + x) - 1, 1, begin + y, 0) for x, y in reversed(_shortest(
                old[first:last], new[begin:end], budget
            ))]  # fmt: skip
            continue
        bounds = [*anchors, (last - first, end - begin)]
        parts: list[tuple[int, int, int, int]] = []
        x = y = 0
        for in_old, in_new in bounds:  # each part begins with the anchor before it
            parts.append((first + x, first + in_old, begin + y, begin + in_new))
            x, y = in_old, in_new
        waiting += reversed(parts)


def _same(old: Sequence[Hashable], new: Sequence[Hashable], first: int, last: int, begin: int, end: int) -> int:
    length = 0
    while first + length < last and begin + length < end and old[first + length] == new[begin + length]:
        length += 1
    return length


def _same_end(old: Sequence[Hashable], new: Sequence[Hashable], first: int, last: int, begin: int, end: int) -> int:
    length = 0
    while last - length > first and end - length > begin and old[last - length - 1] == new[end - length - 1]:
        length += 1
    return length


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Where what stands once on each side stands, as many as come in one order on both."""
    counts, others = Counter(old), Counter(new)
    places = {item: place for place, item in enumerate(new) if others[item] == 1}
    pairs = [
        (place, places[item]) for place, item in enumerate(old) if counts[item] == 1 and item in places
    ]  # fmt: skip
    # The longest increasing sequence of the places in the new text.
    ends: list[int] = []
    last: list[int] = []  # the pair that ends a sequence of each length
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(place)
            last.append(number)
        else:
            ends[length], last[length] = place, number
    found: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _shortest(old: Sequence[Hashable], new: Sequence[Hashable], budget: Budget) -> list[tuple[int, int]]:
    """The single items that stay on the shortest way from one to the other; none when looking costs too much."""
    furthest = {1: 0}
    trace: list[dict[int, int]] = []
    for distance in range(len(old) + len(new) + 1):
        budget.left -= 2 * distance + 1
        if budget.left < 0:
            return []
        trace.append(furthest)
        furthest = {}
        for line in range(-distance, distance + 1, 2):
            x = _step(trace[-1], line, distance)
            y = x - line
            if x < 0 or x > len(old) or y > len(new):  # off the map
                continue
            while x < len(old) and y < len(new) and old[x] == new[y]:
                x, y = x + 1, y + 1
                budget.left -= 1
            furthest[line] = x
            if x == len(old) and y == len(new):
                return _way_back(trace, len(old), len(new))
    return []


def _step(furthest: dict[int, int], line: int, distance: int) -> int:
    """How far in the old text one gets on this line: one further from the line above, or as far as on that below."""
    down, right = furthest.get(line + 1, -1), furthest.get(line - 1, -2) + 1
    return down if line == -distance or (line != distance and right - 1 < down) else right


def _way_back(trace: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for distance in range(len(trace) - 1, -1, -1):
        line = x - y
        begin = _step(trace[distance], line, distance)
        while x > begin and y > begin - line:
            x, y = x - 1, y - 1
            kept.append((x, y))
        if distance == 0:
            break
        down = trace[distance].get(line + 1, -1)
        if begin == down and line != distance:
            x, y = down, down - line - 1
        else:
            x, y = begin - 1, begin - line
    return kept[::-1]


# Documents ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A block and what became of it: `old` is None for a new one, `new` for one that is gone.

    `changes` are those of its words; `is_moved`: the same block stands elsewhere in the other text.
    """

    old: Block | None
    new: Block | None
    old_label: str = ""
    new_label: str = ""
    changes: list[Change] = field(default_factory=list)
    is_moved: bool = False

    @property
    def is_same(self) -> bool:
        """To the letter and in its looks; what number it bears is another matter."""
        return self.old == self.new

    @property
    def is_look(self) -> bool:
        """Whether the words are the same and only their looks have changed."""
        return not self.is_same and all(change.kind == "same" for change in self.changes)


Labelled = tuple[Block, str]


def compare(old: Sequence[Block], new: Sequence[Block]) -> list[Step]:
    """What became of a document's blocks, in the order in which one reads both texts at once."""
    budget = Budget()
    before, after = list(numbered(old)), list(numbered(new))
    gone = Counter(words_of(block) for block in old)
    there = Counter(words_of(block) for block in new)
    steps: list[Step] = []
    first = second = 0
    found = matches([block for block, _ in before], [block for block, _ in after], budget)
    for start, other, length in [*found, (len(before), len(after), 0)]:
        between = _between(before[first:start], after[second:other], budget)
        steps.extend(_marked(step, gone, there) for step in between)
        for place in range(length):
            (block, label), (_, new_label) = before[start + place], after[other + place]
            steps.append(Step(block, after[other + place][0], label, new_label))
        first, second = start + length, other + length
    return steps


def _marked(step: Step, gone: Counter[str], there: Counter[str]) -> Step:
    elsewhere = there if step.new is None else gone if step.old is None else None
    words = words_of(step.old or step.new)  # type: ignore[arg-type]
    if elsewhere is None or not words.strip() or not elsewhere[words]:
        return step
    return Step(step.old, step.new, step.old_label, step.new_label, step.changes, is_moved=True)


def _between(old: list[Labelled], new: list[Labelled], budget: Budget) -> Iterator[Step]:
    """What is gone, changed and new between two blocks that stayed."""
    first = second = 0
    for start, other in [*_pairs(old, new), (len(old), len(new))]:
        for block, label in old[first:start]:
            yield Step(block, None, label, "", [Change("removed", words_of(block))])
        for block, label in new[second:other]:
            yield Step(None, block, "", label, [Change("added", words_of(block))])
        if start < len(old):
            (block, label), (changed, new_label) = old[start], new[other]
            told = word_changes(words_of(block), words_of(changed), budget)
            yield Step(block, changed, label, new_label, told)
        first, second = start + 1, other + 1


def _pairs(old: list[Labelled], new: list[Labelled]) -> list[tuple[int, int]]:
    """Which of these are one block changed: most alike first, never crossing.

    In a long stretch each is held only against those that stand about as far into the other text.
    """
    if not old or not new:
        return []
    bags, others = ([Counter(words_of(block).split()) for block, _ in side] for side in (old, new))
    reach = max(NEAR, MOST_PAIRS // (2 * len(old)))
    alike: list[tuple[float, int, int]] = []
    for place, bag in enumerate(bags):
        about = place * len(new) // len(old)
        for other in range(max(0, about - reach), min(len(new), about + reach + 1)):
            if isinstance(old[place][0], Table) == isinstance(new[other][0], Table):
                likeness = _likeness(bag, others[other])
                if likeness >= ALIKE:
                    alike.append((-likeness, place, other))
    chosen: list[tuple[int, int]] = []
    for _, place, other in sorted(alike):
        at = bisect_left(chosen, (place, -1))
        before = chosen[at - 1] if at else (-1, -1)
        after = chosen[at] if at < len(chosen) else (len(old), len(new))
        if before[1] < other < after[1] and place < after[0]:
            chosen.insert(at, (place, other))
    return chosen


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """From 0 to 1: the share of their words that both have."""
    first, second = one.total(), other.total()
    if not first and not second:
        return 1.0
    if 2 * min(first, second) < ALIKE * (first + second):  # too short for it, whatever it says
        return 0.0
    return 2 * (one & other).total() / (first + second)


def words_of(block: Block) -> str:
    """The words of a block; a row of a table is a line, its cells stand between bars."""
    if isinstance(block, Paragraph):
        return block.text
    return "\n".join(" | ".join(_one_line(cell) for cell in row) for row in block.rows)


def _one_line(cell: Cell) -> str:
    return " ".join(cell_text(cell).split())
