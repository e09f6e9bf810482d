"""Tables as Word and PDF need them: a grid in which every place is taken by a cell, or by none."""

from __future__ import annotations

from collections.abc import Iterator

from documents.blocks import Cell, Table

LEAST_SHARE, MOST_SHARE = 4, 40  # characters that a column's width is reckoned with


class Slot:
    """A place in a row of the grid: a cell that begins here, one that reaches down from above, or none."""

    __slots__ = ("cell", "column", "columns", "is_first", "is_merged", "left")

    def __init__(self, cell: Cell | None, column: int, columns: int, left: int, is_first: bool = True) -> None:
        self.cell, self.column, self.columns = cell, column, columns
        self.left, self.is_first = left, is_first  # rows that it still reaches down
        self.is_merged = not is_first or left > 0


def grid(table: Table) -> tuple[list[list[Slot]], int]:
    """The rows as places of one grid, and how many columns that has; columns that no cell begins at are left out.

    As HTML lays tables out: a cell goes to the first free column; it stops where one from above is in its way.
    """
    rows: list[list[Slot]] = []
    down: dict[int, Slot] = {}  # by column: what reaches into the next row
    for place, cells in enumerate(table.rows):
        reaching, row, column = down, list[Slot](), 0
        down = {}
        for cell in cells:
            while column in reaching:
                row.append(_lower(reaching.pop(column)))
                column = row[-1].column + row[-1].columns
            room = min((other - column for other in reaching if other > column), default=cell.colspan)
            left = min(cell.rowspan, len(table.rows) - place) - 1
            row.append(Slot(cell, column, min(cell.colspan, room), left))
            column += row[-1].columns
        row += [_lower(slot) for slot in reaching.values()]
        row.sort(key=lambda slot: slot.column)
        down = {slot.column: slot for slot in row if slot.left > 0}
        rows.append(row)
    return _narrowed(rows)


def _lower(slot: Slot) -> Slot:
    return Slot(slot.cell, slot.column, slot.columns, slot.left - 1, is_first=False)


def _narrowed(rows: list[list[Slot]]) -> tuple[list[list[Slot]], int]:
    edges = sorted({edge for row in rows for slot in row for edge in (slot.column, slot.column + slot.columns)} | {0})
    where = {edge: place for place, edge in enumerate(edges)}
    for row in rows:
        for slot in row:
            first, last = where[slot.column], where[slot.column + slot.columns]
            slot.column, slot.columns = first, last - first
    width = len(edges) - 1
    return [list(_filled(row, width)) for row in rows], width


def _filled(row: list[Slot], width: int) -> Iterator[Slot]:
    """With empty places where the row has no cell."""
    column = 0
    for slot in row:
        if slot.column > column:
            yield Slot(None, column, slot.column - column, 0)
        yield slot
        column = slot.column + slot.columns
    if column < width:
        yield Slot(None, column, width - column, 0)


def shares(rows: list[list[Slot]], width: int) -> list[int]:
    """How wide each column is beside the others: as its longest cell, none very narrow and none very wide."""
    longest = [LEAST_SHARE] * width
    for row in rows:
        for slot in row:
            if slot.cell and slot.is_first and slot.columns == 1:
                longest[slot.column] = max(longest[slot.column], min(MOST_SHARE, len(slot.cell.text)))
    return longest
