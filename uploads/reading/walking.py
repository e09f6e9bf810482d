"""The walk through a text in XML, element by element, which DOCX and ODT have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from uploads.reading.archive import local
from uploads.reading.sections import BREAK


class Walk:
    """`out` is what was read so far; `after` waits for the end of its paragraph. `signs`: what to do at an element."""

    left_out: ClassVar[frozenset[str]]  # elements that are no text, or not part of it any more
    plain: ClassVar[Mapping[str, str]]  # elements that stand for a sign
    signs: Mapping[str, Callable[[Any], None]]

    def __init__(self) -> None:
        self.out: list[str] = []
        self.after: list[str] = []

    def _walk(self, element: Any) -> None:
        name = local(element)
        if not name or name in self.left_out:
            return
        if name in self.plain:
            self.out.append(self.plain[name])
        elif handle := self.signs.get(name):
            handle(element)
        else:
            self._children(element)

    def _children(self, element: Any) -> None:
        for each in element:
            self._walk(each)

    def _inside(self, element: Any) -> str:
        """The text of an element by itself."""
        out, self.out = self.out, []
        after, self.after = self.after, []
        self._children(element)
        text = "".join([*self.out, *self.after])
        self.out, self.after = out, after
        return text.replace(BREAK, "\n")

    def _end_paragraph(self) -> None:
        self.out.append("\n")
        self.out.extend(f"{text}\n" for text in self.after)
        self.after = []

    def _box(self, element: Any) -> None:
        """A text box floats: it is read after the paragraph that it is anchored in."""
        if text := self._inside(element).strip():
            self.after.append(text)
