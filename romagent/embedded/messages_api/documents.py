"""Documents and search results of a request: their text, and one passage of each that can be cited.

Source of the citation shapes: https://docs.anthropic.com/en/docs/build-with-claude/citations.
"""

import base64
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .errors import ApiError

SENTENCE = re.compile(r"[^\s.!?][^.!?\n]*[.!?]?")
WORD = re.compile(r"\w{4,}")
MOST_PASSAGES_READ = 400  # of one document, when looking for the one to cite
IMAGE_TOKENS_PER_PAGE = 1_500  # a PDF page counts as text plus image


@dataclass(slots=True)
class Document:
    index: int
    title: str | None
    file_id: str | None
    kind: str  # "pdf", "text", "content", or "opaque": nothing here can read it
    parts: list[str]  # pages, the whole text, or blocks
    pages: int = 0
    cited: bool = False

    def citation(self, question: str) -> dict[str, Any] | None:
        """The passage nearest to the question, as the API would cite it; None when there is no text."""
        if not self.cited:
            return None
        found = nearest_block(self.parts, question) if self.kind == "content" else self._sentence(question)
        if found is None:
            return None
        part, start, end = found
        return self._located(part, start, end) | {
            "cited_text": self.parts[part][start:end],
            "document_index": self.index,
            "document_title": self.title,
            "file_id": self.file_id,
        }

    def citation_of(self, words: str) -> dict[str, Any] | None:
        """The whole part that has these words in it."""
        if not self.cited:
            return None
        part = next(index for index, text in enumerate(self.parts) if words in text)
        return self._located(part, 0, len(self.parts[part])) | {
            "cited_text": self.parts[part],
            "document_index": self.index,
            "document_title": self.title,
            "file_id": self.file_id,
        }

    def _sentence(self, question: str) -> tuple[int, int, int] | None:
        spans = (
            (part, match.start(), match.start() + len(match.group().rstrip()))
            for part, text in enumerate(self.parts)
            for match in SENTENCE.finditer(text)
        )
        return max(
            islice(spans, MOST_PASSAGES_READ),
            key=lambda span: _likeness(self.parts[span[0]][span[1] : span[2]], question),
            default=None,
        )

    def _located(self, part: int, start: int, end: int) -> dict[str, Any]:
        if self.kind == "pdf":
            return {"type": "page_location", "start_page_number": part + 1, "end_page_number": part + 2}
        if self.kind == "text":
            return {"type": "char_location", "start_char_index": start, "end_char_index": end}
        return {"type": "content_block_location", "start_block_index": part, "end_block_index": part + 1}


@dataclass(slots=True)
class SearchResult:
    index: int
    source: str
    title: str | None
    parts: list[str]
    cited: bool

    def citation(self, question: str) -> dict[str, Any] | None:
        found = nearest_block(self.parts, question) if self.cited else None
        return self._located(found[0]) if found else None

    def citation_of(self, words: str) -> dict[str, Any] | None:
        """The whole part that has these words in it."""
        return self._located(next(i for i, text in enumerate(self.parts) if words in text)) if self.cited else None

    def _located(self, part: int) -> dict[str, Any]:
        return {
            "type": "search_result_location",
            "cited_text": self.parts[part],
            "search_result_index": self.index,
            "source": self.source,
            "title": self.title,
            "start_block_index": part,
            "end_block_index": part + 1,
        }


def nearest_block(parts: list[str], question: str) -> tuple[int, int, int] | None:
    """The block of a custom document or search result to cite: always a whole block."""
    some = [index for index, text in enumerate(parts[:MOST_PASSAGES_READ]) if text.strip()]
    filled = [index for index in some if WORD.search(parts[index])] or some  # rather a sentence than a page's number
    best = max(filled, key=lambda index: _likeness(parts[index], question), default=None)
    return None if best is None else (best, 0, len(parts[best]))


def _likeness(passage: str, question: str) -> int:
    return len(set(WORD.findall(passage.lower())) & set(WORD.findall(question.lower())))


def read_document(block: dict[str, Any], index: int, file_of: Callable[[str], Any]) -> Document:
    """Read a `document` block; a source that only the network could give stays unread."""
    source = block["source"]
    file_id = source.get("file_id")
    kind, parts, pages = _read_source(source, file_of)
    cited = bool((block.get("citations") or {}).get("enabled"))
    return Document(index, block.get("title"), file_id, kind, parts, pages, cited)


def read_search_result(block: dict[str, Any], index: int) -> SearchResult:
    parts = [inner["text"] for inner in block["content"]]
    cited = bool((block.get("citations") or {}).get("enabled"))
    return SearchResult(index, block["source"], block.get("title"), parts, cited)


def _read_source(source: dict[str, Any], file_of: Callable[[str], Any]) -> tuple[str, list[str], int]:
    match source["type"]:
        case "text":
            return "text", [source["data"]], 0
        case "content":
            content = source["content"]
            blocks = [content] if isinstance(content, str) else [inner.get("text", "") for inner in content]
            return "content", blocks, 0
        case "base64":
            return _read_pdf(base64.b64decode(source["data"]))
        case "file":
            stored = file_of(source["file_id"])
            if stored.mime_type == "application/pdf":
                return _read_pdf(stored.data)
            return "text", [stored.data.decode("utf-8", "replace")], 0
        case _:
            return "opaque", [], 1


# A PDF, as far as a simulation needs one -----------------------------------------------------------

PAGE_OBJECT = re.compile(rb"/Type\s*/Page\b(?!s)")
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
SHOWN_TEXT = re.compile(rb"\(((?:\\.|[^\\()])*)\)\s*(?:Tj|'|\")|\[((?:\\.|[^\]])*)\]\s*TJ", re.DOTALL)
LITERAL = re.compile(rb"\(((?:\\.|[^\\()])*)\)", re.DOTALL)
MOST_PAGE_BYTES = 1_000_000


def _read_pdf(data: bytes) -> tuple[str, list[str], int]:
    """Pages of a simple PDF: one content stream a page, text in literal strings.

    What is drawn any other way gives no text, and so no citation, as a scanned page does with the real API.
    """
    if b"/Encrypt" in data:
        raise ApiError("The PDF specified is password protected.")
    streams = [_inflated(stream) for stream in STREAM.findall(data)]
    parts = [_shown(stream) for stream in streams if b"BT" in stream and b"ET" in stream]
    return "pdf", parts, max(len(PAGE_OBJECT.findall(data)), len(parts), 1)


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream, MOST_PAGE_BYTES)
    except zlib.error:
        return stream[:MOST_PAGE_BYTES]


def _shown(stream: bytes) -> str:
    pieces = []
    for single, several in SHOWN_TEXT.findall(stream):
        raw = b"".join(LITERAL.findall(several)) if several else single
        pieces.append(re.sub(rb"\\([()\\])", rb"\1", raw).decode("cp1252", "replace"))
    return " ".join(piece.strip() for piece in pieces if piece.strip())
