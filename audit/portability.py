"""What is a person's own here: her acts in the audit log, and what she used of the models, day by day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from audit.models import AIUsageDay, AuditLog
from romagent.base.portability import Number, Part, as_csv, counted, moment

AT_ONCE = 1_000  # rows
ACTS = (
    "created_at", "action", "entity_type", "entity_id", "old_value", "new_value", "ip_address", "user_agent",
)  # fmt: skip
USE = (
    "day", "model", "operation_type", "calls", "failed", "tokens_input", "tokens_output", "cache_read_tokens",
    "cache_write_tokens", "cost_usd",
)  # fmt: skip


def parts(user: Any) -> Iterator[Part]:
    header = ("quando", "ato", "tipo", "id", "antes", "depois", "endereço IP", "navegador")
    yield Part("auditoria.csv", as_csv(header, _acts(user)))
    columns = (
        "dia", "modelo", "operação", "chamadas", "falhas", "tokens de entrada", "tokens de saída",
        "tokens lidos do cache", "tokens gravados no cache", "custo em US$",
    )  # fmt: skip
    yield Part("uso.csv", as_csv(columns, _use(user)))


def _acts(user: Any) -> Iterator[tuple[Any, ...]]:
    rows = AuditLog.objects.filter(user=user).order_by("created_at", "pk").values_list(*ACTS)
    for when, action, kind, pk, old, new, *where in rows.iterator(AT_ONCE):
        yield moment(when), action, kind, pk, _text(old), _text(new), *where


def _text(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _use(user: Any) -> Iterator[tuple[Any, ...]]:
    yield from AIUsageDay.objects.filter(user=user).order_by(*USE[:3]).values_list(*USE).iterator(AT_ONCE)


def numbers(user: Any) -> Iterator[Number]:
    yield Number("atos no registro de auditoria", counted(AuditLog.objects.filter(user=user)))
    yield Number("dias de uso dos modelos", counted(AIUsageDay.objects.filter(user=user).values("day").distinct()))
