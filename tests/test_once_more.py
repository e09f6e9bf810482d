"""The second run of the few tests that failed in `.ci/run`, as a process beside a Makefile that notes what it is told."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / ".ci" / "once_more.py"


def run(place: Path, failed: list[str] | None, status: int = 0) -> tuple[int, str, str]:
    """Exit status, what it said, and what `make test` was told."""
    (place / "Makefile").write_text(f"test:\n\t@echo '$(ARGS)' >told\n\t@exit {status}\n")
    if failed is not None:
        kept = place / ".pytest_cache/v/cache/lastfailed"
        kept.parent.mkdir(parents=True)
        kept.write_text(json.dumps(dict.fromkeys(failed, True)))
    done = subprocess.run([sys.executable, str(SCRIPT)], cwd=place, capture_output=True, text=True)
    told = place / "told"
    return done.returncode, done.stdout, told.read_text().strip() if told.exists() else ""


def test_those_that_pass_alone_are_named(tmp_path: Path) -> None:
    status, said, told = run(tmp_path, ["a.py::test_b", "a.py::test_a"])
    assert (status, told) == (0, "--last-failed --last-failed-no-failures=none")
    assert said.count("  a.py::test_a\n  a.py::test_b\n") == 2
    assert "só passaram na segunda vez" in said


def test_what_fails_again_has_failed(tmp_path: Path) -> None:
    status, said, _ = run(tmp_path, ["a.py::test_a"], status=1)
    assert status != 0
    assert "só passaram" not in said


@pytest.mark.parametrize("failed", [None, [], [f"a.py::test_{n}" for n in range(5)]], ids=["no file", "none", "many"])
def test_what_nobody_can_tell_and_what_is_more_than_chance_is_not_run_again(
    tmp_path: Path, failed: list[str] | None
) -> None:
    assert run(tmp_path, failed) == (1, "", "")
