"""Two texts of a document as one Word file in which Word itself shows, takes or refuses each change.

The markup is of ECMA-376, part 1, 17.13.5. Taking all changes gives the new text; refusing all gives the old one, in
which what was counted by Word and is gone bears its number as text: counted, it would shift the numbers of what stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from documents.blocks import Block, Cell, Kind, Paragraph, Run, Table
from documents.comparing import Budget, Change, Step, compare, matches, word_changes, words_of
from documents.docx_body import (
    EMPTY,
    IN_CELL,
    NO_NUMBER,
    STYLES,
    Counting,
    Writer,
    is_too_wide,
    looks,
    marked_paragraph,
    rows_as_lines,
    runs,
)
from documents.docx_out import packed
from documents.docx_parts import sayable
from documents.formats import Format
from documents.letterhead import Letterhead

NOBODY = "Autor não informado"


def render(
    old: Sequence[Block], new: Sequence[Block], title: str, fmt: Format, head: Letterhead | None = None, *,
    author: str, when: datetime,
) -> bytes:  # fmt: skip
    """DOCX: `new`, with what has changed since `old` marked as changed by `author` at `when`."""
    changes = Changes(Writer(fmt, new), author or NOBODY, when)
    body = "".join(map(changes.step, compare(old, new)))
    if changes.writer.after_table:
        body += EMPTY
    return packed(changes.writer, body, title, fmt, head, author)


class Changes:
    """Writes steps of a comparison. Only what is in the new text is counted."""

    def __init__(self, writer: Writer, author: str, when: datetime) -> None:
        self.writer = writer
        self.by = f'w:author="{sayable(author)}" w:date="{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"'
        self.last_id = 0
        self.budget = Budget()

    def step(self, step: Step) -> str:
        old, new = step.old, step.new
        if new is None:
            assert old is not None
            return self._whole(old, "del", step.old_label)
        if old is None or step.is_same:
            return self._whole(new, "ins") if old is None else self.writer.block(new)
        if isinstance(old, Paragraph) and isinstance(new, Paragraph):
            self.writer.after_table = False
            mark = self._style_change(old, new)
            words = self._lost_number(old, new, step.old_label) + self._pieces(step.changes, old.runs, new.runs)
            return self.writer.paragraph(new, words, mark)
        if isinstance(old, Table) and isinstance(new, Table) and _is_plain(old) and _is_plain(new):
            return self._table(old, new)
        return self._whole(old, "del", step.old_label) + self._whole(new, "ins")

    # Marks

    def _mark(self, kind: str, inner: str = "") -> str:
        """`kind` is "ins", "del", "rPrChange" or "pPrChange"."""
        self.last_id += 1
        start = f'w:{kind} w:id="{self.last_id}" {self.by}'
        return f"<{start}>{inner}</w:{kind}>" if inner else f"<{start}/>"

    def _runs(self, given: Sequence[Run], kind: str) -> str:
        said = runs(given, "delText" if kind == "del" else "t")
        return self._mark(kind, said) if said else ""

    def _inserted(self, given: Sequence[Run]) -> str:
        return self._runs(given, "ins")

    def _style_change(self, old: Paragraph, new: Paragraph) -> str:
        if old.kind == new.kind:
            return ""
        return self._mark("pPrChange", f'<w:pPr><w:pStyle w:val="{STYLES[old.kind]}"/></w:pPr>')

    def _lost_number(self, old: Paragraph, new: Paragraph, label: str) -> str:
        """Of an item that is none any more: its style alone, which refusing brings back, counts nothing."""
        is_lost = old.kind == Kind.ITEM and new.kind != Kind.ITEM and label
        return self._runs([Run(f"{label} ")], "del") if is_lost else ""

    # Whole blocks that came or are gone

    def _whole(self, block: Block, kind: str, label: str = "") -> str:
        if isinstance(block, Table) and is_too_wide(block):
            return "".join(self._whole(line, kind) for line in rows_as_lines(block))
        if isinstance(block, Table):
            between = EMPTY if self.writer.after_table else ""
            self.writer.after_table = True
            inner = [[self._cell(cell, kind) for cell in row] for row in block.rows]
            return between + self.writer.table(block, [self._mark(kind) for _ in block.rows], inner)
        self.writer.after_table = False
        mark = f"<w:rPr>{self._mark(kind)}</w:rPr>"
        if kind == "ins":
            return self.writer.paragraph(block, self._runs(block.runs, kind), mark, self._inserted)
        return self._gone(block, STYLES[block.kind], label, mark)

    def _gone(self, paragraph: Paragraph, style: str, label: str, mark: str) -> str:
        said = (Run(f"{label} "), *paragraph.runs) if label else paragraph.runs
        return marked_paragraph(style, (NO_NUMBER if label else "") + mark, self._runs(said, "del"))

    def _cell(self, cell: Cell, kind: str, counting: Counting | None = None) -> str:
        counting = counting or Counting(self.writer.lists)
        said = []
        for paragraph in cell.paragraphs:
            mark = f"<w:rPr>{self._mark(kind)}</w:rPr>"
            if kind == "del":
                said.append(self._gone(paragraph, IN_CELL, "", mark))
            else:
                inner = self._runs(_headed(paragraph.runs, cell), kind)
                said.append(self.writer.cell_paragraph(paragraph, cell.is_head, counting, inner, mark, self._inserted))
        return "".join(said)

    # Tables that are one table changed: row by row

    def _table(self, old: Table, new: Table) -> str:
        rows, marks, inner = list[tuple[Cell, ...]](), list[str](), list[list[str | None]]()
        between = EMPTY if self.writer.after_table else ""
        self.writer.after_table = True
        for before, after in _rows(old, new, self.budget):
            rows.append(after or before or ())
            kind = "del" if after is None else "ins" if before is None else ""
            marks.append(self._mark(kind) if kind else "")
            if before is not None and after is not None:
                pairs = zip(before, after, strict=True)
                inner.append([None if one == other else self._changed_cell(one, other) for one, other in pairs])
            else:
                inner.append([self._cell(cell, kind) for cell in rows[-1]])
        return between + self.writer.table(Table(tuple(rows)), marks, inner)

    def _changed_cell(self, old: Cell, new: Cell) -> str:
        counting = Counting(self.writer.lists)
        if len(old.paragraphs) != 1 or len(new.paragraphs) != 1:
            return self._cell(old, "del") + self._cell(new, "ins", counting)
        before, after = old.paragraphs[0], new.paragraphs[0]
        told = word_changes(before.text, after.text, self.budget)
        inner = self._pieces(told, _headed(before.runs, old), _headed(after.runs, new))
        return self.writer.cell_paragraph(after, new.is_head, counting, inner)

    # Words

    def _pieces(self, changes: Sequence[Change], old: Sequence[Run], new: Sequence[Run]) -> str:
        before, after, said = _Cutter(old), _Cutter(new), list[str]()
        for change in changes:
            length = len(change.text)
            if change.kind == "removed":
                said.append(self._runs(before.take(length), "del"))
            elif change.kind == "added":
                said.append(self._runs(after.take(length), "ins"))
            else:
                said += [self._kept(*both) for both in _side_by_side(before.take(length), after.take(length))]
        return "".join(said)

    def _kept(self, old: Run, new: Run) -> str:
        """Words that stayed; what has changed of their looks is a change, too."""
        if old.looks_like(new):
            return runs([new])
        return runs([new], more=self._mark("rPrChange", f"<w:rPr>{looks(old)}</w:rPr>"))


class _Cutter:
    """Runs, taken from the front by numbers of characters."""

    def __init__(self, given: Sequence[Run]) -> None:
        self.waiting = list(reversed(given))

    def take(self, length: int) -> list[Run]:
        taken = list[Run]()
        while length and self.waiting:
            run = self.waiting.pop()
            if len(run.text) > length:
                self.waiting.append(replace(run, text=run.text[length:]))
                run = replace(run, text=run.text[:length])
            taken.append(run)
            length -= len(run.text)
        return taken


def _side_by_side(old: Sequence[Run], new: Sequence[Run]) -> Iterator[tuple[Run, Run]]:
    """The same words twice, cut wherever one of both changes its looks."""
    before, after = _Cutter(old), _Cutter(new)
    while before.waiting and after.waiting:
        length = min(len(before.waiting[-1].text), len(after.waiting[-1].text))
        if not length:  # a run without words
            (before if not before.waiting[-1].text else after).waiting.pop()
            continue
        yield before.take(length)[0], after.take(length)[0]


def _headed(given: Sequence[Run], cell: Cell) -> Sequence[Run]:
    return [replace(run, bold=True) for run in given] if cell.is_head else given


def _is_plain(table: Table) -> bool:
    """Without cells that reach over several rows: any row may go without breaking another."""
    return not is_too_wide(table) and all(cell.rowspan == 1 for row in table.rows for cell in row)


def _rows(old: Table, new: Table, budget: Budget) -> Iterator[tuple[tuple[Cell, ...] | None, tuple[Cell, ...] | None]]:
    """Each row with what became of it; None where there is none."""
    first = second = 0
    found = matches([_key(row) for row in old.rows], [_key(row) for row in new.rows], budget)
    for start, other, length in [*found, (len(old.rows), len(new.rows), 0)]:
        gone, came = list(old.rows[first:start]), list(new.rows[second:other])
        while gone and came and _shape(gone[0]) == _shape(came[0]):
            yield gone.pop(0), came.pop(0)
        yield from ((row, None) for row in gone)
        yield from ((None, row) for row in came)
        yield from zip(old.rows[start : start + length], new.rows[other : other + length], strict=True)
        first, second = start + length, other + length


def _key(row: tuple[Cell, ...]) -> tuple[str, tuple[int, ...]]:
    return words_of(Table((row,))), _shape(row)


def _shape(row: tuple[Cell, ...]) -> tuple[int, ...]:
    return tuple(cell.colspan for cell in row)
