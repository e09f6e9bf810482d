"""The tests' own servers: started for a run, gone after it, however it ends; nothing of the developer's is used."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

from django.conf import settings

from tests.services import LONGEST, TOGETHER, in_turn, pytest_ignore_collect, unit_of

ROOT = Path(__file__).resolve().parent.parent
WAITS = """
import os, time
def test_it():
    print("AT", os.environ["DATABASE_URL"], os.environ["REDIS_URL"], os.environ["ANTHROPIC_API_KEY"], flush=True)
    time.sleep(60)
"""
NOTES = """
import os, pathlib
def test_it():
    name = os.environ["PYTEST_XDIST_WORKER"]
    note = pathlib.Path(__file__).with_name(name + ".note")
    note.write_text(os.environ["DATABASE_URL"] + " " + os.environ["REDIS_URL"])
test_it_too = test_it
"""


def answers(url: str) -> bool:
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname or "", address.port or 0), timeout=1).close()
    except OSError:
        return False
    return True


def run_tests(directory: Path, *arguments: str) -> subprocess.Popen[str]:
    """A run of its own, of the tests in that directory, on servers of its own, which are kept below it."""
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment = {name: value for name, value in inherited.items() if not name.startswith("PYTEST_")}
    environment |= {"ANTHROPIC_API_KEY": "a-do-desenvolvedor", "TMPDIR": str(directory)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "pyproject.toml", *arguments]
    return subprocess.Popen([*command, str(directory)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def test_after_ctrl_c_no_server_is_left(tmp_path: Path) -> None:
    (tmp_path / "test_waits.py").write_text(WAITS)
    process = run_tests(tmp_path, "-s")
    assert process.stdout
    line = next(line for line in process.stdout if "AT " in line)
    database, redis, key = line.partition("AT ")[2].split()
    assert answers(database)
    assert answers(redis)
    assert key == settings.ANTHROPIC_API_KEY != "a-do-desenvolvedor"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    time.sleep(0.1)
    assert not answers(database)
    assert not answers(redis)
    assert not list(tmp_path.glob("romagent-tests-*"))


def test_several_at_once_have_servers_of_their_own_and_leave_none(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"test_{number}.py").write_text(NOTES)
    process = run_tests(tmp_path, "-n", "2")
    said, _ = process.communicate(timeout=120)
    assert "4 passed" in said, said
    notes = [path.read_text().split() for path in tmp_path.glob("*.note")]
    assert len(notes) == 2, "the tests of a file stay together"
    for one, other in zip(*notes, strict=True):
        assert one != other
        assert not answers(one)
        assert not answers(other)
    assert not list(tmp_path.glob("romagent-tests-*"))


def test_what_shares_running_processes_stays_together_and_the_longest_come_first() -> None:
    files = ["a/test_b.py", "tests/test_docs.py", "tests/test_processes_a.py", "tests/test_browser_a.py"]
    assert [unit_of(f"{file}::test_it[x::y]") for file in files] == ["a/test_b.py", "processes", "processes", "browser"]
    items = [SimpleNamespace(nodeid=f"{file}::test_it") for file in ["a/test_c.py", *files, files[0]]]
    in_turn(items)  # type: ignore[arg-type]
    assert [item.nodeid.partition("::")[0] for item in items] == [*files[1:], files[0], files[0], "a/test_c.py"]
    for group in set(LONGEST) - set(TOGETHER.values()):
        assert (ROOT / group).exists()


def test_for_the_data_layer_alone_no_other_file_is_imported(tmp_path: Path) -> None:
    for name, text in [("in", "pytestmark = pytest.mark.data_layer"), ("out", "def test_it(): ...")]:
        (tmp_path / f"test_{name}.py").write_text(text)
    alone, everything = (SimpleNamespace(option=SimpleNamespace(markexpr=words)) for words in ("data_layer", ""))
    assert pytest_ignore_collect(tmp_path / "test_out.py", alone) is True  # type: ignore[arg-type]
    for path, config in [(tmp_path / "test_in.py", alone), (tmp_path, alone), (tmp_path / "test_out.py", everything)]:
        assert pytest_ignore_collect(path, config) is None  # type: ignore[arg-type]


def test_the_tests_never_speak_to_the_real_service() -> None:
    assert urlsplit(settings.ANTHROPIC_BASE_URL).hostname == "127.0.0.1"
    assert settings.EMAIL_BACKEND == "django.core.mail.backends.locmem.EmailBackend"
    assert not settings.DEBUG
