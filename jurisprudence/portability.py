"""What of this app is a person's own, each part as its package says it."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import User
from jurisprudence.datajud import portability as datajud
from jurisprudence.deadlines import portability as deadlines
from romagent.base.portability import Number, Part


def parts(user: User) -> Iterator[Part]:
    yield from deadlines.parts(user)
    yield from datajud.parts(user)


def numbers(user: User) -> Iterator[Number]:
    yield from deadlines.numbers(user)
    yield from datajud.numbers(user)
