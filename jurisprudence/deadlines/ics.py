"""Deadlines as a calendar that other programs read: RFC 5545, all-day events with alarms, the same UID for ever."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, timedelta

from django.utils import timezone

from jurisprudence.deadlines.models import Deadline

LONGEST = 75  # octets of a line without its end (RFC 5545, 3.1)
# Before the day begins: at nine in the morning three days and one day before, and at eight of the day itself.
ALARMS = ("-P2DT15H", "-PT15H", "PT8H")
ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
NO_TEXT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
CHECK = "Prazo contado pelo ROM Agent. Confira a contagem antes de confiar nela."


def calendar(deadlines: Iterable[Deadline], name: str = "Prazos") -> bytes:
    """The file of these; each with its project at hand."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//ROM Agent//Prazos//PT",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        *(line for deadline in deadlines for line in _event(deadline)),
        "END:VCALENDAR",
    ]
    return b"".join(folded(line) for line in lines)


def _event(deadline: Deadline) -> Iterator[str]:
    day, changed = deadline.ends_on, deadline.updated_at.astimezone(UTC)
    summary = f"Prazo: {deadline.title}"
    start = f"Início em {deadline.starts_on:%d/%m/%Y}, fim em {day:%d/%m/%Y}."
    yield "BEGIN:VEVENT"
    yield f"UID:{deadline.pk}@prazos.romagent"
    yield f"DTSTAMP:{changed:%Y%m%dT%H%M%SZ}"
    yield f"LAST-MODIFIED:{changed:%Y%m%dT%H%M%SZ}"
    # A calendar takes what it has already anew only under a higher number: seconds since it was made.
    yield f"SEQUENCE:{max(0, int((deadline.updated_at - deadline.created_at).total_seconds()))}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(1):%Y%m%d}"
    yield f"SUMMARY:{_text(summary)}"
    yield f"DESCRIPTION:{_text(f'Projeto: {deadline.project.name}. {start} {CHECK}')}"
    yield "TRANSP:TRANSPARENT"
    yield "STATUS:CONFIRMED"
    for trigger in ALARMS:
        yield from (
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"TRIGGER:{trigger}",
            f"DESCRIPTION:{_text(summary)}",
            "END:VALARM",
        )
    yield "END:VEVENT"


def filename(deadline: Deadline | None = None) -> str:
    return f"prazo-{deadline.ends_on:%Y-%m-%d}.ics" if deadline else f"prazos-{timezone.localdate():%Y-%m-%d}.ics"


def _text(value: str) -> str:
    """RFC 5545, 3.3.11; control characters have no place in it, and words stay apart without them."""
    return NO_TEXT.sub(" ", re.sub(r"\r\n?", "\n", value)).translate(ESCAPED)


def folded(line: str) -> bytes:
    """On lines of at most 75 octets, no character cut in two (RFC 5545, 3.1)."""
    pieces, piece, room = [], b"", LONGEST
    for sign in line:
        octets = sign.encode()
        if len(piece) + len(octets) > room:
            pieces.append(piece)
            piece, room = b"", LONGEST - 1  # the space at the beginning is one of them
        piece += octets
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"
