"""The border between the product and the process that parses: what happens when that one dies, hangs or runs wild."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Coroutine
from contextlib import aclosing
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import uvloop

from uploads.reading import parent
from uploads.reading.found import Limits, Opened, Page, Unreadable
from uploads.reading.tests.making import (
    CATALOGUE,
    LETTERS,
    packed,
    page_object,
    raw_pdf,
    reading,
    stream,
    text_pdf,
    two_pages,
)

ROOT = parent.ROOT


@cache
def hangs() -> bytes:
    """A page that takes the engine very long. Packing it takes a second, so only who needs it makes it."""
    return packed(b"0 0 m 1 1 l S " * 20_000_000)


def children(pid: int) -> set[int]:
    """The processes that were started by this one and are still there (zombies are not)."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, of = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if int(of) == pid and state != "Z":
                found.add(int(entry.name))
    return found


def gone(pids: set[int], within: float = 5.0) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.02)
    return False


def acting(monkeypatch: pytest.MonkeyPatch, behaviour: str) -> None:
    """A child that behaves as written, in the place of the real one; it is asked in the same way."""
    script = (
        "import json, os, signal, sys, time\n"
        "asked = json.loads(sys.stdin.readline())\n"
        "first, careful = asked['first'], asked['careful']\n"
        "def say(**said): sys.stdout.write(json.dumps(said) + '\\n'); sys.stdout.flush()\n"
        "def page(number): say(page=number, text=f'folha {number}', error='')\n" + behaviour
    )
    monkeypatch.setattr(parent, "COMMAND", [sys.executable, "-c", script])


def run(work: Coroutine[Any, Any, Any], loop: str = "asyncio") -> Any:
    return uvloop.run(work) if loop == "uvloop" else asyncio.run(work)


DIES = """
say(type='application/pdf', pages=5)
for number in range(first, 6):
    if number in (2, 4):
        if number == 2 and not careful: number = 3  # pages in hand are lost with it
        os.kill(os.getpid(), SIGNAL)
    page(number)
say(end=True)
"""


@pytest.mark.parametrize(
    ("sign", "code"),
    [("signal.SIGSEGV", "damaged"), ("signal.SIGKILL", "memory"), ("signal.SIGABRT", "memory")],
)
def test_a_page_on_which_the_child_dies_is_left_out_and_all_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign: str, code: str
) -> None:
    acting(monkeypatch, DIES.replace("SIGNAL", sign))
    found = reading(tmp_path / "a.pdf")
    assert [(page.number, page.text, page.error) for page in found.pages] == [
        (1, "folha 1", ""), (2, "", code), (3, "folha 3", ""), (4, "", code), (5, "folha 5", ""),
    ]  # fmt: skip
    assert found.failed is None


def test_after_too_many_deaths_the_rest_is_given_up_and_what_was_read_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acting(monkeypatch, "say(type='x', pages=99)\nif first == 1: page(1)\nos.kill(os.getpid(), signal.SIGSEGV)")
    found = reading(tmp_path / "a.pdf", limits=Limits(deaths=3))
    assert [page.number for page in found.pages] == [1, 2, 3, 4]
    assert found.failed == ("damaged", 5)


def test_a_child_that_dies_before_the_file_is_open_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    acting(monkeypatch, "os.kill(os.getpid(), signal.SIGSEGV)")
    assert reading(tmp_path / "a.pdf").failed == ("damaged", None)


def test_what_is_not_the_file_s_fault_is_not_said_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reading(tmp_path / "falta.pdf").failed == ("internal", None)
    acting(monkeypatch, "raise ImportError")
    assert reading(tmp_path / "a.pdf").failed == ("internal", None)


def test_a_page_without_progress_is_ended_and_the_next_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    acting(
        monkeypatch,
        "say(type='x', pages=3)\nfor number in range(first, 4):\n"
        "    if number == 2: time.sleep(60)\n    page(number)\nsay(end=True)",
    )
    started = time.monotonic()
    found = reading(tmp_path / "a.pdf", limits=Limits(page_seconds=0.5))
    assert found.errors == {2: "time"}
    assert found.texts == ["folha 1", "", "folha 3"]
    assert time.monotonic() - started < 10


def test_a_file_that_does_not_open_in_time_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    acting(monkeypatch, "time.sleep(60)")
    assert reading(tmp_path / "a.pdf", limits=Limits(open_seconds=0.5)).failed == ("time", None)


@pytest.mark.parametrize(
    "words",
    [
        "sys.stdout.write('x' * 50_000_000)",
        "print('no JSON')",
        "print('{', end='')",
        "sys.stdout.buffer.write(bytes(99))",
    ],
)
def test_a_child_that_talks_nonsense_is_ended_and_nothing_of_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    acting(monkeypatch, words)
    found = reading(tmp_path / "a.pdf", limits=Limits(open_seconds=5))
    assert (found.pages, found.failed) == ([], ("damaged", None))


def test_a_page_that_takes_too_much_of_the_processor_is_ended_and_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(two_pages(hangs(), b"/Filter/FlateDecode"))
    found = reading(tmp_path / "a.pdf", limits=Limits(page_cpu=1, memory=8 * 1024**3))
    assert (found.errors, found.failed) == ({1: "time"}, None)
    assert found.texts[1] == "Esta pagina tem o seu texto inteiro"


def test_a_file_that_uses_up_its_time_on_the_processor_is_ended_and_what_was_read_stays(tmp_path: Path) -> None:
    pages = 60
    kids = b"<</Type/Pages/Kids[%s]/Count %d>>" % (b"3 0 R " * pages, pages)
    slow = packed(LETTERS + b" 0 0 m 1 1 l S" * 100_000)
    (tmp_path / "a.pdf").write_bytes(raw_pdf(CATALOGUE, kids, page_object(4), stream(slow, b"/Filter/FlateDecode")))
    found = reading(tmp_path / "a.pdf", limits=Limits(cpu_seconds=1))
    assert found.failed is not None
    code, page = found.failed
    assert (code, page) == ("time", len(found.pages) + 1)
    assert 1 < page < pages
    assert found.errors == {}


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_whoever_stops_reading_ends_the_child(tmp_path: Path, loop: str) -> None:
    path = text_pdf(tmp_path / "a.pdf", *(f"Folha {number}" for number in range(300)))
    seen: set[int] = set()

    async def some() -> list[Opened | Page]:
        read: list[Opened | Page] = []
        async with aclosing(parent.read(path)) as found:
            async for each in found:
                read.append(each)
                seen.update(children(os.getpid()) - before)
                if len(read) == 3:
                    break
        return read

    before = children(os.getpid())
    assert run(some(), loop)[2] == Page(2, "Folha 1")
    assert seen
    assert gone(seen)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_cancelled_job_ends_the_child_at_once_also_in_the_middle_of_a_page(tmp_path: Path, loop: str) -> None:
    (tmp_path / "a.pdf").write_bytes(two_pages(hangs(), b"/Filter/FlateDecode"))
    seen: set[int] = set()

    async def reading_it() -> None:
        async with aclosing(parent.read(tmp_path / "a.pdf", limits=Limits(memory=8 * 1024**3))) as found:
            async for _ in found:
                seen.update(children(os.getpid()) - before)

    async def cancelled() -> float:
        task = asyncio.create_task(reading_it())
        while not seen:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - started

    before = children(os.getpid())
    assert run(cancelled(), loop) < 2
    assert gone(seen)


def test_the_child_of_a_worker_that_is_killed_dies_with_it(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(two_pages(hangs(), b"/Filter/FlateDecode"))
    program = (
        "import asyncio, sys\nfrom uploads.reading.parent import Limits, read\n"
        "async def main():\n    async for each in read(sys.argv[1], limits=Limits(memory=2**33)): print(each, flush=True)\n"
        "asyncio.run(main())"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "a.pdf")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with worker:
        assert worker.stdout is not None
        assert "pages=2" in worker.stdout.readline()
        seen = children(worker.pid)
        worker.kill()
    assert seen
    assert gone(seen)


def test_several_files_are_read_at_once_each_by_its_own_child(tmp_path: Path) -> None:
    paths = [text_pdf(tmp_path / f"{n}.pdf", *(f"Volume {n}, folha {page}" for page in range(40))) for n in range(5)]

    async def one(path: Path) -> list[str]:
        return [each.text async for each in parent.read(path) if isinstance(each, Page)]

    async def together() -> list[list[str]]:
        return await asyncio.gather(*map(one, paths))

    for number, texts in enumerate(run(together(), "uvloop")):
        assert texts == [f"Volume {number}, folha {page}" for page in range(40)]


def test_a_picture_s_page_that_kills_the_child_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "import sys, os, signal\nsys.stdin.readline()\n"
        'sys.stdout.write(\'{"type": "x", "pages": 9}\\n{"picture": 4, "bytes": 3}\\nabc\')\nsys.stdout.flush()\n'
        "os.kill(os.getpid(), signal.SIGSEGV)"
    )
    monkeypatch.setattr(parent, "COMMAND", [sys.executable, "-c", script])
    got = []

    async def draw() -> None:
        async for each in parent.render(tmp_path / "a.pdf", [4, 7]):
            got.append(each)  # noqa: PERF401 (what came before the end counts)

    with pytest.raises(Unreadable) as end:
        run(draw())
    assert got == [(4, b"abc")]
    assert (end.value.code, end.value.page) == ("damaged", 7)


# What the child may do


def confined(code: str) -> str:
    """What this code says when it is run with the child's rights."""
    program = f"import os, sys\nfrom uploads.reading.child import confine\nfrom uploads.reading.found import Limits\nconfine(Limits())\n{code}"
    return subprocess.run(
        [sys.executable, "-B", "-c", program],
        cwd=ROOT,
        env=parent.ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.strip()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "try: f = open('/tmp/x-reading', 'w'); f.write('x'); f.close(); print('wrote')\nexcept OSError: print('no')",
            "no",
        ),
        ("f = os.memfd_create('x')\ntry: os.write(f, b'x'); print('wrote')\nexcept OSError: print('no')", "no"),
        ("try: bytearray(2**31); print('got')\nexcept MemoryError: print('no')", "no"),
        ("try: [open('/dev/null') for _ in range(99)]; print('got')\nexcept OSError: print('no')", "no"),
        ("print(sorted(set(os.environ) - {'LC_CTYPE'}))", "['LANG', 'PATH']"),
        ("print(open('/proc/self/oom_score_adj').read().strip())", "900"),
        ("print([line for line in open('/proc/self/status') if line.startswith('NoNewPrivs')][0].split()[1])", "1"),
    ],
    ids=["files", "memory files", "memory", "handles", "environment", "first to go", "privileges"],
)
def test_the_child_has_no_more_rights_than_it_needs(code: str, said: str) -> None:
    assert confined(code) == said


def test_the_child_leads_a_session_of_its_own_and_holds_no_file_of_the_product(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acting(
        monkeypatch,
        "say(type=str(os.getsid(0) == os.getpid()), pages=len(os.listdir('/proc/self/fd')))\nsay(end=True)",
    )
    with open(tmp_path / "segredo", "w") as file:
        os.set_inheritable(file.fileno(), True)
        found = reading(tmp_path / "a.pdf")
    assert found.kind == "True"
    assert found.count <= 4  # its three, and the directory it lists


def test_a_password_is_not_seen_in_the_list_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    acting(
        monkeypatch,
        "seen = open('/proc/self/cmdline').read() + open('/proc/self/environ').read()\n"
        "say(type=str(asked['password'] in seen), pages=len(asked['password']))\nsay(end=True)",
    )
    found = reading(tmp_path / "a.pdf", password="chave secreta")
    assert (found.kind, found.count) == ("False", len("chave secreta"))


def test_the_child_knows_nothing_of_django_and_starts_quickly(tmp_path: Path) -> None:
    asked = {"do": "read", "path": str(text_pdf(tmp_path / "a.pdf", "x")), "password": "", "name": "a.pdf", "first": 1,
             "careful": False, "limits": asdict(Limits())}  # fmt: skip
    command = [sys.executable, "-X", "importtime", *parent.COMMAND[1:]]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=parent.ENVIRONMENT,
        input=json.dumps(asked) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == {"end": True}
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert loaded.isdisjoint({"django", "asyncio", "PIL", "lxml", "openpyxl"})
    assert "pypdfium2" in loaded
