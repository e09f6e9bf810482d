"""The child process that parses one file: `python -m uploads.reading.child`, asked and answering in JSON lines.

It reads one line (what to do), takes every right away from itself that it does not need, and only then opens the file.
It trusts its own code, not the file. It says nothing but its answer, cannot write files, and dies with its parent.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import time
from typing import Any, BinaryIO

from uploads.reading.found import Limits, Unreadable
from uploads.reading.readers import Reader, Source

FILES = 32  # open at once
HELD_BACK = 0.02  # seconds that finished pages may wait for more, so that the parent wakes less often
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38


class Answer:
    """The way out: lines of JSON, gathered for a moment unless the parent wants each at once (`careful`)."""

    def __init__(self, out: BinaryIO, *, careful: bool) -> None:
        self.out = out
        self.careful = careful
        self.sent = time.monotonic()

    def say(self, **said: Any) -> None:
        self.out.write(json.dumps(said, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        if self.careful or time.monotonic() - self.sent > HELD_BACK:
            self.flush()

    def flush(self) -> None:
        self.out.flush()
        self.sent = time.monotonic()


def confine(limits: Limits) -> None:
    """No more memory, time, files or privileges than reading needs; first to go when the machine has no memory left."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.open_cpu, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("900")
    except OSError:  # not on this system
        pass
    if sys.platform == "linux":
        prctl = ctypes.CDLL(None).prctl
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def may_take(seconds: int, limits: Limits) -> bool:
    """From now on, so many seconds of processor until the kernel ends this process; False when all are used up.

    Time on the clock would be the wrong measure: on a busy machine, a good page takes long.
    """
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds + 1, resource.RLIM_INFINITY))
    return used < limits.cpu_seconds


def clean(text: str) -> str:
    """What PostgreSQL and UTF-8 can hold: NUL and lone surrogates become the replacement character."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def page_of(reader: Reader, number: int, limits: Limits) -> tuple[str, str]:
    """A page's text and what is wrong with it; no page ends the file."""
    try:
        text, error = reader.text(number)
    except MemoryError:
        return "", "memory"
    except Unreadable as end:
        return "", end.code
    except Exception:  # whatever a parser may raise
        return "", "damaged"
    if len(text) > limits.characters:
        return clean(text[: limits.characters]), "too_long"
    return clean(text), error


def read(reader: Reader, first: int, limits: Limits, answer: Answer) -> None:
    for number in range(first, reader.pages + 1):
        if not may_take(limits.page_cpu, limits):
            raise Unreadable("time", number)
        text, error = page_of(reader, number, limits)
        answer.say(page=number, text=text, error=error)


def render(reader: Reader, numbers: list[int], width: int, limits: Limits, answer: Answer) -> None:
    from uploads.reading.pictures import jpeg

    for number in numbers:
        if not 1 <= number <= reader.pages:
            raise Unreadable("no_page", number)
        if not may_take(limits.page_cpu, limits):
            raise Unreadable("time", number)
        try:
            data = jpeg(reader.picture(number, width))
        except (Unreadable, MemoryError):
            raise
        except Exception as error:
            raise Unreadable("damaged", number) from error
        answer.say(picture=number, bytes=len(data))
        answer.out.write(data)
        answer.flush()


def work(asked: dict[str, Any], answer: Answer) -> None:
    from uploads.reading.kinds import open_reader

    limits = Limits(**asked["limits"])
    source = Source(asked["path"], name=asked["name"], password=asked["password"], limits=limits)
    kind, reader = open_reader(source)
    if reader.pages > limits.pages:
        raise Unreadable("too_many_pages")
    if not reader.pages:
        raise Unreadable("empty")
    answer.say(type=kind, pages=reader.pages)
    answer.flush()
    if asked["do"] == "render":
        render(reader, asked["numbers"], asked["width"], limits, answer)
    else:
        read(reader, asked["first"], limits, answer)
    answer.say(end=True)


def main() -> None:
    asked = json.loads(sys.stdin.buffer.readline())
    answer = Answer(os.fdopen(os.dup(1), "wb", buffering=256 * 1024), careful=asked["careful"])
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # no library may speak into the answer
    confine(Limits(**asked["limits"]))
    try:
        work(asked, answer)
    except Unreadable as end:
        answer.say(fail=end.code, page=end.page)
    except MemoryError:
        answer.say(fail="memory", page=None)
    except (FileNotFoundError, PermissionError) as error:  # nothing that a file's contents could bring about
        answer.say(fail="internal", page=None, why=type(error).__name__)
    except Exception as error:  # a parser may raise anything; only the kind of error may be told, never contents
        answer.say(fail="damaged", page=None, why=type(error).__name__)
    answer.flush()
    os._exit(0)  # nothing is left to tidy up, and tidying up is where broken files crash


if __name__ == "__main__":
    main()
