"""What is a person's own here: the deadlines she has counted, in projects that she may still see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.models import User
from jurisprudence.deadlines.models import Deadline
from romagent.base.portability import Number, Part, as_json_line, counted

AT_ONCE = 100  # rows


def parts(user: User) -> Iterator[Part]:
    yield Part("prazos.json", _all(user))


def _own(user: User) -> Any:
    return Deadline.objects.for_user(user).filter(user=user)


def _all(user: User) -> Iterator[bytes]:
    yield b"["
    last: Any = None
    while batch := list(_own(user).filter(**({"pk__gt": last} if last else {})).order_by("pk")[:AT_ONCE]):
        for place, deadline in enumerate(batch):
            yield f"{',' if last or place else ''}\n  {as_json_line(_described(deadline))}".encode()
        last = batch[-1].pk
    yield b"\n]\n"


def _described(deadline: Deadline) -> dict[str, Any]:
    return {
        "id": deadline.pk,
        "projeto": deadline.project_id,
        "responsavel": deadline.responsible_id,
        "titulo": deadline.title,
        "observacao": deadline.note,
        "perguntado": deadline.asked,
        "contado": deadline.counted,
        "versao_das_regras": deadline.version,
        "inicio": deadline.starts_on,
        "fim": deadline.ends_on,
        "cumprido_em": deadline.done_at,
        "criado_em": deadline.created_at,
        "alterado_em": deadline.updated_at,
    }


def numbers(user: User) -> Iterator[Number]:
    yield Number("prazos", counted(_own(user)))
