"""A summary as people see it: its progress, its lines with their pages, what it covers and what has changed since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from audit.models import AIModel
from uploads.models import Upload
from uploads.passages import shortened
from uploads.summaries import planning
from uploads.summaries.models import Summary, SummaryPart
from uploads.summaries.sections import SECTIONS
from uploads.summaries.words import in_words, part_in_words

GONE = "arquivo que não está mais aqui"
STATES = {"pending": "aguardando leitura", "processing": "sendo lido"}


@dataclass(frozen=True)
class Source:
    """Where a line stands; `url` is empty when there is no such page, or not any more."""

    words: str
    url: str


@dataclass(frozen=True)
class Line:
    text: str
    date: str
    checked: bool
    sources: list[Source]


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    lines: list[Line]


class Shown:
    """One summary for one person: names and links only of files that she may see."""

    def __init__(self, summary: Summary, user: User) -> None:
        self.summary = summary
        files = summary.coverage.get("files", [])
        named = [file["upload"] for file in [*files, *summary.coverage.get("left_out", [])]]
        seen = Upload.objects.for_user(user).filter(pk__in=named).values_list("pk", "original_filename")
        self.names = {str(pk): name for pk, name in seen}
        self.is_of_many = len(files) > 1

    # Lines -------------------------------------------------------------------------------------

    @property
    def sections(self) -> list[Section]:
        found = self.summary.sections
        titles = SECTIONS.items() if found else ()
        return [Section(key, title, [self._line(line) for line in found[key]]) for key, title in titles]

    @property
    def unchecked(self) -> int:
        return sum(not line["checked"] for lines in self.summary.sections.values() for line in lines)

    def _line(self, line: dict[str, Any]) -> Line:
        return Line(line["text"], date_in_words(line["date"]), line["checked"], self._sources(line["sources"]))

    def _sources(self, sources: Sequence[dict[str, Any]]) -> list[Source]:
        return [self._source(source) for source in sources]

    def _source(self, source: dict[str, Any]) -> Source:
        name = self.names.get(source["upload"] or "")
        page = f"p.\u00a0{source['page']}"
        if source["upload"] is None:
            return Source(f"{page}, que não existe", "")
        if name is None:
            return Source(f"{GONE}, {page}", "")
        passage = shortened(source["passage"])
        query = f"?{urlencode({'trecho': passage})}" if passage else ""
        url = page_url(source["upload"], source["page"]) + query
        return Source(f"{name}, {page}" if self.is_of_many else page, url)

    # What was read -----------------------------------------------------------------------------

    @property
    def files(self) -> list[dict[str, Any]]:
        """Each file: its pages, and those that are not in the summary, with the reason."""
        return [
            {
                "name": self._name(file["upload"]),
                "pages": file["pages"],
                "read": file["pages"] - count(file["empty"]) - count(file["unread"]) - count(lost),
                "notes": [
                    f"{words}: {pages_in_words(pages)}"
                    for pages, words in (
                        (file["empty"], "sem texto"), (file["partial"], "lidas só em parte"),
                        (file["unread"], "não lidas"), (lost, "não resumidas por inteiro"),
                    )
                    if pages
                ],
            }
            for file in self.summary.coverage.get("files", [])
            for lost in [self._lost(file)]
        ]  # fmt: skip

    def _lost(self, file: dict[str, Any]) -> list[list[int]]:
        """The pages of parts that could not be summarised; a page counts as soon as a piece of it is in one."""
        lost = {
            number
            for part in self.summary.coverage.get("parts", [])
            if part["error"]
            for stretch in part["covers"]
            if stretch["upload"] == file["upload"]
            for number in range(stretch["first"], stretch["last"] + 1)
        }
        named = (range(first, last + 1) for first, last in [*file["empty"], *file["unread"]])
        return planning.ranges(sorted(lost.difference(*named)))

    @property
    def left_out(self) -> list[str]:
        return [
            f"{self._name(file['upload'])} ({STATES.get(file['status'], 'não lido')})"
            for file in self.summary.coverage.get("left_out", [])
        ]

    @property
    def parts(self) -> list[dict[str, str]]:
        """What each part covered; and why one is missing."""
        return [
            {"covers": self.covers(part["covers"]), "error": part_in_words(part["error"]) if part["error"] else ""}
            for part in self.summary.coverage.get("parts", [])
        ]

    @property
    def missing(self) -> list[dict[str, str]]:
        return [part for part in self.parts if part["error"]]

    def covers(self, stretches: Iterable[dict[str, Any]]) -> str:
        return "; ".join(self._stretch(stretch) for stretch in stretches)

    def _stretch(self, stretch: dict[str, Any]) -> str:
        first, last = stretch["first"], stretch["last"]
        pages = f"página {first}" if first == last else f"páginas {first}–{last}"
        if "from" in stretch:
            pages += f" (letras {stretch['from'] + 1}–{stretch['to']})"
        return f"{self._name(stretch['upload'])}, {pages}" if self.is_of_many else pages

    def _name(self, upload: str) -> str:
        return self.names.get(upload, GONE)

    # How far it is -----------------------------------------------------------------------------

    @property
    def progress(self) -> str:
        """`Parte 2 de 7: páginas 121–240 de 812`, or what else is going on."""
        summary = self.summary
        if summary.status == Summary.Status.QUEUED:
            return "Na fila: começa assim que houver vez."
        if not summary.parts_total:
            return "Separando as páginas…"
        now = summary.parts.filter(stage=SummaryPart.READING, result="", error="").order_by("number")
        part = now.values("number", "covers").first()
        if part is None:
            return "Juntando as partes…" if summary.parts_total > 1 else "Conferindo as linhas…"
        return f"Parte {part['number']} de {summary.parts_total}: {self.covers(part['covers'])} de {summary.page_count}"

    @property
    def error(self) -> str:
        return in_words(self.summary.error) if self.summary.status == Summary.Status.FAILED else ""

    @property
    def model_name(self) -> str:
        return name_of(self.summary.model)

    @property
    def changes(self) -> str:
        """What has come, changed or gone since; "" when nothing has."""
        return changes_since(self.summary)


def changes_since(summary: Summary) -> str:
    """`Há 2 arquivos novos desde este resumo.` One query."""
    if not summary.coverage:
        return ""
    known = {file["upload"]: file["as_of"] for file in summary.coverage["files"]}
    now = {
        str(upload.pk): planning.as_of(upload)
        for upload in planning.uploads_of(summary)
        .filter(upload_status__in=planning.READABLE)
        .only("processed_at", "transcription")
    }
    said = [
        number_of(len(now.keys() - known.keys()), "arquivo novo", "arquivos novos"),
        number_of(
            sum(now[pk] != known[pk] for pk in now.keys() & known.keys()),
            "arquivo lido de novo", "arquivos lidos de novo",
        ),
        number_of(len(known.keys() - now.keys()), "arquivo a menos", "arquivos a menos"),
    ]  # fmt: skip
    words = in_a_row([part for part in said if part])
    return f"Há {words} desde este resumo." if words else ""


# Words -------------------------------------------------------------------------------------------


def name_of(model: str) -> str:
    return AIModel.objects.filter(pk=model).values_list("name", flat=True).first() or model


def page_url(upload: str, number: int) -> str:
    return reverse("uploads:page", args=[upload, number])


def number_of(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}" if count else ""


def in_a_row(words: Sequence[str]) -> str:
    return " e ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def count(ranges: Sequence[Sequence[int]]) -> int:
    return sum(last - first + 1 for first, last in ranges)


def pages_in_words(ranges: Sequence[Sequence[int]]) -> str:
    return in_a_row([str(first) if first == last else f"{first}–{last}" for first, last in ranges])


def date_in_words(date: str) -> str:
    """2026-11-22 → 22/11/2026."""
    return "/".join(reversed(date.split("-"))) if date else ""
