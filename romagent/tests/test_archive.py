"""What a backup's file may be: an archive that leads elsewhere, is cut, changed or of the future is refused."""

import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from romagent import archive, backup
from romagent.archive import Damaged
from romagent.tests.backups import hostile, media

__all__ = ["media"]  # fixtures


@pytest.mark.parametrize(
    "member",
    [
        ("../fora.txt", tarfile.REGTYPE),
        ("/etc/passwd", tarfile.REGTYPE),
        ("files/../../fora.txt", tarfile.REGTYPE),
        ("files//etc/passwd", tarfile.REGTYPE),
        ("files/./x", tarfile.REGTYPE),
        ("files/..\\..\\fora.txt", tarfile.REGTYPE),
        ("files/", tarfile.REGTYPE),
        ("outra coisa", tarfile.REGTYPE),
        ("files/atalho", tarfile.SYMTYPE, "/etc/passwd"),
        ("files/atalho", tarfile.LNKTYPE, "/etc/passwd"),
        ("files/pasta", tarfile.DIRTYPE),
        ("files/dispositivo", tarfile.CHRTYPE),
    ],
)
def test_an_archive_that_leads_elsewhere_is_refused(tmp_path: Path, member: tuple[Any, ...]) -> None:
    path = hostile(tmp_path / "x.tar", ("database.dump", tarfile.REGTYPE), member)
    with pytest.raises(Damaged, match="um item que o ROM Agent não põe"):
        archive.check(path)


def test_a_name_that_comes_twice_is_refused(tmp_path: Path) -> None:
    twice = ("files/a", tarfile.REGTYPE)
    with pytest.raises(Damaged, match="um item"):
        archive.check(hostile(tmp_path / "x.tar", twice, twice))


@pytest.mark.parametrize("content", [b"", b"texto", bytes(10_240), b"\x1f\x8b" + bytes(600)])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(content)
    with pytest.raises(Damaged):
        archive.check(path)


def small_archive(path: Path, **changes: Any) -> Path:
    with open(path, "wb+") as file:
        writer = archive.Writer(file)
        writer.add("database.dump", [b"PGDMP", os.urandom(2000)])
        writer.add("files/ação.txt", [b"texto"])
        writer.finish(archive.Manifest(**changes))
    return path


def test_a_cut_anywhere_is_seen(tmp_path: Path) -> None:
    path = small_archive(tmp_path / "x.tar")
    whole = path.read_bytes()
    archive.check(path)
    for length in [*range(0, len(whole), 97), len(whole) - 1, len(whole) - 512, len(whole) - 1024]:
        path.write_bytes(whole[:length])
        with pytest.raises(Damaged):
            archive.check(path)


def test_a_changed_byte_anywhere_that_matters_is_seen(tmp_path: Path) -> None:
    path = small_archive(tmp_path / "x.tar")
    whole = path.read_bytes()
    headers = [whole.index(name) for name in (b"database.dump\0", b"files/a", b"manifest.json\0")]
    places = [headers[0] + 600, headers[1] + 512, headers[1] + 3, headers[0] + 126, headers[2] + 600, headers[2] + 700]
    for place in places:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Damaged):
            archive.check(path)


def test_something_added_at_the_end_is_seen(tmp_path: Path) -> None:
    path = small_archive(tmp_path / "x.tar")
    whole = path.read_bytes()
    extra = hostile(tmp_path / "y.tar", ("files/mais", tarfile.REGTYPE)).read_bytes()
    for ending in (whole + b"\0" * 512, whole[:-1024] + extra[:1024] + bytes(1024)):
        path.write_bytes(ending)
        with pytest.raises(Damaged):
            archive.check(path)


def test_a_format_of_the_future_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="versão mais nova"):
        archive.check(small_archive(tmp_path / "x.tar", format=2))


def test_an_archive_without_a_dump_is_none(tmp_path: Path) -> None:
    with open(tmp_path / "x.tar", "wb+") as file:
        archive.Writer(file).finish(archive.Manifest())
    with pytest.raises(Damaged, match=r"danificada: database\.dump"):
        archive.check(tmp_path / "x.tar")


def test_a_member_whose_source_breaks_leaves_no_trace(tmp_path: Path) -> None:
    def breaking() -> Any:
        yield b"x" * 5000
        raise backup.Unreadable

    with open(tmp_path / "x.tar", "wb+") as file:
        writer = archive.Writer(file)
        writer.add("database.dump", [b"PGDMP"])
        with pytest.raises(backup.Unreadable):
            writer.add("files/a", breaking())
        writer.add("files/b", [b"b"])
        writer.finish(archive.Manifest())
    manifest, _ = archive.check(tmp_path / "x.tar")
    assert manifest.files == ["b"]


def test_a_member_of_more_than_eight_gigabytes_keeps_its_length(tmp_path: Path) -> None:
    info = tarfile.TarInfo("files/enorme")
    info.size = 20_000_000_000
    header = archive._header(info)
    assert len(header) == len(archive._header(tarfile.TarInfo("files/enorme")))
    assert tarfile.TarInfo.frombuf(header, "utf-8", "strict").size == info.size
