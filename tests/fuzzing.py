"""Hostile requests for every URL: which fields there are is learned from what the product asks a request for.

`FUZZ=200` makes so many a URL instead of the few of every run. Everything is drawn by Hypothesis, the same each time.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock
from urllib.parse import quote_from_bytes

from django.core.signals import got_request_exception
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.test import Client
from django.utils.datastructures import MultiValueDict
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("FUZZ") or 5)
fuzzed = settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate],  # a smaller example is worth less than the minutes that it takes
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
BOUNDARY = "fronteira"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
FORM = "application/x-www-form-urlencoded"

# Bytes, since a browser may be none: half a surrogate, UTF-8 that is none, NUL, numbers that no column holds.
HOSTILE: tuple[bytes, ...] = (
    b"", b" \t\n", b"\x00", b"a\x00b", b"\xed\xa0\x80", b"\xff\xfe\xfa", b"\xc3", "\u202e\u2066".encode(), "😀".encode() * 50,
    b"9" * 400, b"-1", b"0", b"1e400", b"NaN", b"-Infinity", b"99999999999999999999", b"2147483648", b"9223372036854775808", b"1,5",
    b"0000-00-00", b"31/02/2026", b"9999-12-31", b"10000-01-01", b"01/01/0001", b"31/12/9999", b"2026-03-02",
    b"nada", b"00000000-0000-0000-0000-000000000000", b"{01234567-89ab-7cde-8f01-23456789abcd}", b"urn:uuid:x",
    b"[" * 5000, b'{"a":' * 2000, b'{"a": NaN}', b"[null, [1], {}]", b'"\\ud800"', b"null", b"true", b"[]", b"{}", b"1",
    b"x" * 300, "ção ".encode() * 3000, b"<script>alert(1)</script>", b"'; DROP TABLE users; --", b"%s %(x)s {0} {{ x }}",
    b"../../etc/passwd", b"//x.example/", b"javascript:x", b"a~b", b"1~x", b"nan~1", b"0.5~\x00", b"on", b"\r\nX: y",
    b"00000013920248260100", b"a@b", b"=1+1", b"&|!<->:*()\"'\\", b"(((((", b"-" * 200, b"\"" * 201, "١٢٣".encode(), "²".encode(),
)  # fmt: skip
# What is right for many a field, so that a wrong one is met behind it.
LIKELY: dict[str, bytes] = {
    "content": b"Pergunta", "title": b"Nome", "name": b"Nome", "q": b"prazo", "revision": b"1", "role": b"editor", "mode": b"juridico",
    "model": b"claude-opus-5-5", "email": b"rui@exemplo.adv.br", "size": b"10", "kind": b"valor", "amount": b"10", "unit": b"uteis",
    "event": b"publicacao", "date": b"2026-03-02", "case_number": b"00000013920248260100", "numero": b"00000013920248260100", "state": b"answered",
    "text": b"Enviado.", "number": b"1", "format": b"docx", "reason": b"Pedido da titular", "action": b"delete_selected",
}  # fmt: skip
ENGLISH = (
    "This field",
    "Enter a valid",
    "Ensure this",
    "Select a valid",
    "Traceback",
    "Bad Request",
    "Server Error",
    "Not Found",
    "Forbidden",
)


# A job that waits already is refused by its lock, and that is how one learns of it.
QUEUED = "procrastinate_jobs_queueing_lock"


@dataclass
class Watch:
    """What a request asks for, and what goes wrong in it."""

    names: set[str] = field(default_factory=set)
    raised: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # by PostgreSQL

    def clear(self) -> None:
        self.raised.clear()
        self.refused.clear()

    def of_sql(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        try:
            return execute(sql, params, many, context)
        except DatabaseError as error:
            if QUEUED not in str(error):
                self.refused.append(f"{type(error).__name__}: {str(error)[:200]}")
            raise
        except ValueError as error:  # psycopg's own, of a NUL
            self.refused.append(f"{type(error).__name__}: {error}")
            raise

    def of_request(self, sender: Any, **told: Any) -> None:
        self.raised.append(repr(sys.exc_info()[1])[:300])


@contextlib.contextmanager
def watching() -> Iterator[Watch]:
    watch = Watch()

    def noting(name: str) -> Any:
        real = getattr(MultiValueDict, name)

        def method(self: Any, key: Any, *args: Any) -> Any:
            if isinstance(key, str) and key != "csrfmiddlewaretoken":
                watch.names.add(key)
            return real(self, key, *args)

        return mock.patch.object(MultiValueDict, name, method)

    got_request_exception.connect(watch.of_request)
    try:
        with noting("__getitem__"), noting("getlist"), noting("__contains__"), connection.execute_wrapper(watch.of_sql):
            yield watch
    finally:
        got_request_exception.disconnect(watch.of_request)


@dataclass(frozen=True)
class Body:
    kind: str
    data: bytes


Fields = list[tuple[str, bytes]]


def fields_of(names: list[str]) -> st.SearchStrategy[Fields]:
    """Each field right, wrong, twice or not at all."""
    value = st.sampled_from(HOSTILE) | st.binary(max_size=6)

    def of(name: str) -> st.SearchStrategy[Fields]:
        wrong = st.lists(value.map(lambda given: (name, given)), min_size=1, max_size=2)
        right = st.just([(name, LIKELY.get(name, b"1"))])
        return wrong | right | wrong | st.just([])

    return st.tuples(*map(of, names)).map(lambda found: [pair for pairs in found for pair in pairs])


def query(fields: Fields) -> str:
    return "&".join(f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in fields)


FILES: tuple[bytes, ...] = (
    b"",
    b"%PDF-1.7\n",
    b"PK\x03\x04",
    b"\x00" * 50,
    b"\xff\xfe",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
)
NAMES: tuple[bytes, ...] = (
    b"",
    b"a.pdf",
    b"..",
    b"/",
    b"a\x00.pdf",
    b"\xff.docx",
    b"x" * 400 + b".docx",
    b"CON.pdf",
    "\u202efdp.exe".encode(),
)


@st.composite
def bodies(draw: st.DrawFn, names: list[str]) -> Body:
    """A form as a browser would send it, or something that is none."""
    fields = draw(fields_of(names))
    shape = draw(st.sampled_from(["form", "form", "multipart", "multipart", "other"]))
    if shape == "form":
        return Body(FORM, query(fields).encode())
    if shape == "other":
        kind = draw(
            st.sampled_from(
                [
                    FORM,
                    MULTIPART,
                    "multipart/form-data",
                    "application/json",
                    "text/plain; charset=x",
                    f"{FORM}; charset=utf-7",
                    "",
                ]
            )
        )
        return Body(kind, draw(st.sampled_from(HOSTILE)))
    parts = []
    for name, value in fields:
        file = draw(st.booleans())
        said = b'; filename="%s"' % draw(st.sampled_from(NAMES)) if file else b""
        how = draw(
            st.sampled_from(
                [b"", b"", b"Content-Transfer-Encoding: base64\r\n", b"Content-Type: text/plain; charset=nada\r\n"]
            )
        )
        value = draw(st.sampled_from(FILES)) if file else value
        parts.append(
            b'--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n%s\r\n%s\r\n'
            % (BOUNDARY.encode(), name.encode(), said, how, value)
        )
    whole = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    return Body(MULTIPART, whole[: draw(st.sampled_from([len(whole), len(whole), len(whole) // 2]))])


def sent(client: Client, path: str, body: Body) -> HttpResponse:
    return client.generic("POST", path, body.data, content_type=body.kind)  # type: ignore[return-value]


def fault_of(response: HttpResponse, watch: Watch) -> str:
    """What is wrong with an answer; '' when nothing is."""
    if watch.raised or response.status_code >= 500:
        return f"{response.status_code} {watch.raised} {watch.refused}"
    if watch.refused:
        return f"{response.status_code}, and PostgreSQL refused: {watch.refused}"
    if response.streaming or response.status_code < 400 or response.status_code == 405:
        return ""
    said = response.content.decode()
    english = [words for words in ENGLISH if words in said]
    return f"{response.status_code} says {english or 'nothing'}" if english or not said.strip() else ""
