"""How the files in a person's copy are called, and what a copy costs."""

import io
import tracemalloc
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from conversations.models import Message
from conversations.tests.making import make_conversation
from projects.models import Project
from romagent import portability
from romagent.base.portability import Names, safe_name
from romagent.portability import write_archive
from romagent.tests.exported import archive_of, make_upload, media

__all__ = ["media"]  # fixtures
pytestmark = pytest.mark.usefixtures("committed")


# Names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Ação de cobrança", "Ação de cobrança"),
        ("Ac\u0327a\u0303o", "Ação"),  # as a Mac writes it
        ('a<b>c:d"e/f\\g|h?i*j', "a b c d e f g h i j"),
        ("../../etc/passwd", "etc passwd"),
        ("fim. . .", "fim"),
        ("CON", "sem nome CON"),
        ("lpt1.txt", "sem nome lpt1.txt"),
        ("\u202efdp.exe", "fdp.exe"),
        ("\x00\n\t", "sem nome"),
        ("", "sem nome"),
        ("👩🏽‍⚖️ audiência", "👩🏽 ⚖️ audiência"),
        ("a" * 300, "a" * 100),
    ],
)
def test_a_title_becomes_a_name_for_any_system(title: str, name: str) -> None:
    assert safe_name(title) == name
    assert len(safe_name(title, ".json")) <= 100


def test_no_two_names_are_the_same() -> None:
    names = Names()
    paths = ["a/x.md", "a/X.md", "a/x.md", "a/x (2).md", "b/x.md", "a/x", "a/x"]
    found = [names.unique(path) for path in paths]
    assert found == ["a/x.md", "a/X (2).md", "a/x (3).md", "a/x (2) (2).md", "b/x.md", "a/x", "a/x (2)"]
    assert len({name.casefold() for name in found}) == len(found)


def test_accents_in_names_are_marked_as_utf_8(owner: User) -> None:
    make_upload(owner, "petição.pdf")
    file = io.BytesIO()
    write_archive(owner, file, lambda done: None, 7)
    with zipfile.ZipFile(file) as archive:
        assert archive.getinfo("arquivos/petição.pdf").flag_bits & 0x800
        assert archive.getinfo("arquivos/petição.pdf").compress_type == zipfile.ZIP_STORED


# Size --------------------------------------------------------------------------------------------


def queries(owner: User) -> int:
    with CaptureQueriesContext(connection) as found:
        archive_of(owner)
    return len([query for query in found if "FETCH" not in query["sql"]])


def test_queries_grow_with_conversations_only(owner: User) -> None:
    def more(count: int) -> None:
        for number in range(count):
            make_conversation(owner, f"C{number}")
            record("x", user=owner)
            make_upload(owner, f"{number}.pdf")
            Project.objects.create(user=owner, name="P")

    more(10)
    ten = queries(owner)
    more(10)
    assert (
        queries(owner) - ten <= 10 * 3
    )  # the messages of a conversation and who asked in it, the members of a project


def test_memory_does_not_grow_with_what_there_is(owner: User) -> None:
    conversation = make_conversation(owner)
    moment = timezone.now()
    Message.objects.bulk_create(
        Message(
            conversation=conversation,
            user=owner,
            role="user",
            content=f"{n} " * 5_000,
            created_at=moment + timedelta(0, n),
        )
        for n in range(1_000)
    )
    make_upload(owner, "grande.bin", bytes(40_000_000))

    class Nothing(io.RawIOBase):
        size = 0

        def write(self, data: Any) -> int:
            Nothing.size += len(data)
            return len(data)

        def tell(self) -> int:
            return Nothing.size

        def seekable(self) -> bool:
            return False

        def writable(self) -> bool:
            return True

    tracemalloc.start()
    write_archive(owner, Nothing(), lambda done: None, 7)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20_000_000  # of 20 MB of messages and a file of 40 MB


def test_what_is_told_grows_to_the_whole(owner: User) -> None:
    for number in range(3):
        make_conversation(owner, f"C{number}")
        make_upload(owner, f"{number}.pdf")
    said: list[dict[str, int]] = []
    write_archive(owner, io.BytesIO(), lambda done: said.append(dict(done)), 7)
    assert said[-1] == portability.totals(owner) == {"conversations": 3, "documents": 0, "files": 3}
    assert [row.get("files", 0) for row in said] == sorted(row.get("files", 0) for row in said)
