"""The calendar file against RFC 5545: lines, escapes, all-day events, the same UID for ever."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from jurisprudence.deadlines import actions, ics
from jurisprudence.deadlines.models import Deadline
from jurisprudence.deadlines.tests.making import make_deadline
from projects.models import Project

pytestmark = pytest.mark.django_db
HARD = "Réplica; com vírgula, barra \\ e\nlinha nova, muito comprida para caber numa linha só, 日本語 🙂 até o fim"


@pytest.fixture
def project(owner: User) -> Project:
    return Project.objects.create(user=owner, name="Silva, Souza; e outros")


def unfolded(data: bytes) -> list[str]:
    """The lines as a reader puts them together again; none is too long, all end as they must."""
    assert data.endswith(b"\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    raw = data[:-2].split(b"\r\n")
    assert max(map(len, raw)) <= 75
    for line in raw:
        line.decode()  # no character is cut in two
    found: list[bytes] = []
    for line in raw:
        if line.startswith(b" "):
            found[-1] += line[1:]
        else:
            found.append(line)
    return [line.decode() for line in found]


def values(data: bytes) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in unfolded(data):
        name, _, value = line.partition(":")
        found.setdefault(name, []).append(value)
    return found


def test_an_all_day_event_with_alarms(project: Project) -> None:
    deadline = make_deadline(project)
    found = values(ics.calendar([deadline]))
    assert found["BEGIN"] == ["VCALENDAR", "VEVENT", "VALARM", "VALARM", "VALARM"]
    assert found["END"] == ["VALARM", "VALARM", "VALARM", "VEVENT", "VCALENDAR"]
    assert (found["VERSION"], found["METHOD"]) == (["2.0"], ["PUBLISH"])
    assert found["DTSTART;VALUE=DATE"] == ["20260825"]
    assert found["DTEND;VALUE=DATE"] == ["20260826"]  # is not in it any more
    assert found["SUMMARY"] == ["Prazo: Contestação"]
    assert found["TRIGGER"] == ["-P2DT15H", "-PT15H", "PT8H"]
    assert found["DTSTAMP"][0].endswith("Z")
    assert "Silva\\, Souza\\; e outros" in found["DESCRIPTION"][0]
    assert "Confira a contagem" in found["DESCRIPTION"][0]


def test_hard_words_are_escaped_and_folded(project: Project) -> None:
    deadline = make_deadline(project)
    deadline.title = HARD
    summary = values(ics.calendar([deadline]))["SUMMARY"][0]
    read = summary.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
    assert read == f"Prazo: {HARD}"
    assert "\n" not in summary


def test_nothing_can_be_smuggled_into_the_file(project: Project) -> None:
    deadline = make_deadline(project)
    deadline.title = "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\u2028ATTACH:http://exemplo\x00\x07"
    assert values(ics.calendar([deadline]))["BEGIN"].count("VEVENT") == 1
    assert b"\x07" not in ics.calendar([deadline])


def test_words_stay_apart_and_signs_whole(project: Project) -> None:
    project.name = "Silva\u00a0x\tSouza\x85e outros\u200d👩\u200d⚖️"
    deadline = make_deadline(project)
    deadline.project = project
    assert "Projeto: Silva\u00a0x Souza e outros\u200d👩\u200d⚖️." in values(ics.calendar([deadline]))["DESCRIPTION"][0]


def test_a_recount_keeps_the_uid_and_raises_the_sequence(project: Project, owner: User) -> None:
    deadline = make_deadline(project)
    first = values(ics.calendar([deadline]))
    Deadline.objects.update(created_at=timezone.now() - timedelta(hours=1))
    deadline.refresh_from_db()
    actions.finish(deadline, user=owner)
    deadline.refresh_from_db()
    then = values(ics.calendar([deadline]))
    assert then["UID"] == first["UID"] == [f"{deadline.pk}@prazos.romagent"]
    assert int(then["SEQUENCE"][0]) > int(first["SEQUENCE"][0])


def test_all_of_them_in_one_file(project: Project) -> None:
    made = [make_deadline(project, f"Prazo {n}", date=date(2026, 8, 3 + n)) for n in range(3)]
    found = values(ics.calendar(made))
    assert len(set(found["UID"])) == found["BEGIN"].count("VEVENT") == 3
    assert values(ics.calendar([]))["BEGIN"] == ["VCALENDAR"]


@pytest.mark.parametrize("length", [1, 74, 75, 76, 148, 149, 150, 300])
def test_lines_are_folded_at_their_octets(length: int) -> None:
    for sign in ("a", "é", "日", "🙂"):
        assert unfolded(ics.folded(sign * length)) == [sign * length]
