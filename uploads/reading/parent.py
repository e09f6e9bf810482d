"""The product's side of reading: starts the child, takes its pages as they come, and ends it.

The child may die on any page (a parser's fault, no memory left). Then another one takes up after that page, at most
`Limits.deaths` times; the page is said to be damaged. Whoever stops reading (`aclosing`, a cancelled task) ends the
child.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from uploads.reading.found import USUAL, Limits, Opened, Page, Unreadable

__all__ = ["Limits", "Opened", "Page", "Unreadable", "read", "render"]

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = [sys.executable, "-B", "-m", "uploads.reading.child"]
ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
LONGEST_CHARACTER = 6  # bytes, in a line of JSON
PICTURE_BYTES = 32 * 1024**2  # no page as JPEG is larger
# What ended a child that could not speak any more. The engines end themselves when they get no memory.
BY_SIGNAL: dict[int, str] = {
    signal.SIGXCPU: "time",
    signal.SIGKILL: "memory",
    signal.SIGABRT: "memory",
    signal.SIGTRAP: "memory",
    signal.SIGILL: "memory",
}


class Died(Exception):
    """The child ended without saying so, or said nothing for too long. `final`: another one would fare no better."""

    def __init__(self, code: str, *, final: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.final = final


async def read(
    path: str | os.PathLike[str], first: int = 1, password: str = "", limits: Limits = USUAL, *, name: str = ""
) -> AsyncGenerator[Opened | Page, None]:
    """One `Opened`, then the pages from `first` on, in order. Raises `Unreadable`; what came before it stays good.

    `name` is what the file was called when it was sent, if `path` does not say: it tells plain texts apart, no more.
    Wrap it in `contextlib.aclosing` when not all pages are wanted.
    """
    asked = _asked(path, password, limits, name or os.fspath(path), do="read")
    opened: Opened | None = None
    deaths, careful = 0, False
    while opened is None or first <= opened.pages:
        try:
            async with aclosing(_answers(asked | {"first": first, "careful": careful}, limits)) as answers:
                async for said in answers:
                    if "page" in said:
                        first = said["page"] + 1
                        yield Page(said["page"], said["text"], said["error"])
                    elif opened is None:
                        opened = Opened(said["type"], said["pages"])
                        yield opened
            return
        except Died as end:
            if opened is None:
                raise Unreadable(end.code) from end
            deaths += careful  # the first child may have died with pages in hand: where, the second shows
            if end.final or deaths > limits.deaths:
                raise Unreadable(end.code, first) from end
            if careful:
                yield Page(first, "", end.code)
                first += 1
            careful = True


async def render(
    path: str | os.PathLike[str],
    numbers: Sequence[int],
    *,
    password: str = "",
    width: int = 1240,
    limits: Limits = USUAL,
) -> AsyncGenerator[tuple[int, bytes], None]:
    """Those pages as JPEG, `width` pixels wide: (number, bytes), in the order asked for.

    Raises `Unreadable`: with the page when it is that page's fault (ask again for the rest), without when no page can
    be had; `type` when the file has no pages that could be drawn (a Word file, a text).
    """
    waiting = list(numbers)
    asked = _asked(path, password, limits, os.fspath(path), do="render", numbers=waiting, width=width, careful=True)
    try:
        async with aclosing(_answers(asked, limits)) as answers:
            async for said in answers:
                if "picture" in said:
                    waiting.remove(said["picture"])
                    yield said["picture"], said["data"]
    except Died as end:
        raise Unreadable(end.code, waiting[0] if waiting else None) from end


def _asked(path: str | os.PathLike[str], password: str, limits: Limits, name: str, **more: Any) -> dict[str, Any]:
    return {"path": os.path.abspath(path), "password": password, "limits": asdict(limits), "name": name, **more}


async def _answers(asked: dict[str, Any], limits: Limits) -> AsyncGenerator[dict[str, Any], None]:
    """What one child says, until it has said that it is done. It does not outlive this, whatever happens."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd=ROOT,
        env=ENVIRONMENT,
        start_new_session=True,
        limit=limits.characters * LONGEST_CHARACTER + 1024,
    )
    try:
        assert process.stdin is not None
        with suppress(BrokenPipeError, ConnectionResetError):  # it will be seen in the answers
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            await process.stdin.drain()
        seconds = limits.open_seconds
        while (said := await _next(process, seconds)) is not None:
            yield said
            seconds = limits.page_seconds
    finally:
        _kill(process)
        await process.wait()


async def _next(process: Process, seconds: float) -> dict[str, Any] | None:
    """The child's next word, with the picture that may follow it; None at the end."""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(seconds):
            line = await process.stdout.readline()
            said: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {"died": True}
            if "bytes" in said:
                said["data"] = await process.stdout.readexactly(min(said["bytes"], PICTURE_BYTES))
    except TimeoutError as error:
        raise Died("time") from error
    except (ValueError, asyncio.IncompleteReadError):  # a line without end, or not JSON: the child is not itself
        raise Died("damaged") from None
    if "died" in said:
        raise await _death(process)
    if "fail" in said:
        if said.get("why"):
            level = logging.WARNING if said["fail"] == "internal" else logging.INFO
            log.log(level, "a file could not be read: %s", said["why"])
        raise Unreadable(said["fail"], said["page"])
    return None if "end" in said else said


async def _death(process: Process) -> Died:
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            await process.wait()
    code = process.returncode
    if code is None:
        return Died("time")
    if code > 0:  # it could not even start
        return Died("internal", final=True)
    return Died(BY_SIGNAL.get(-code, "damaged"))


def _kill(process: Process) -> None:
    """The child and whatever it may have started: it leads a session of its own."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
