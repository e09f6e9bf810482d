"""How DataJud is doing, for those who can do something about it: told once, not with every look-up.

The key is one for the whole country and is changed without notice (https://datajud-wiki.cnj.jus.br/api-publica/acesso):
a refusal means that a new one has to be put into `DATAJUD_API_KEY`.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from jurisprudence.datajud.models import SourceState
from jurisprudence.datajud.outcomes import End, Outcome, Why

log = logging.getLogger("romagent.datajud")

NAME = "datajud"
MANY = 10  # failures in a row that the staff is told of
OURS = frozenset({Why.NO_KEY, Why.RESTING, Why.INTERNAL})  # these say nothing about the source


def source_name() -> str:
    """What is named beside everything that it has said."""
    return "DataJud (simulado)" if settings.SIMULATED_DATAJUD else "DataJud (CNJ)"


def note(outcome: Outcome, now: datetime) -> None:
    """Notes what a look-up came to, within the caller's transaction; logs the first refusal of the key as an error."""
    if outcome.end in (End.FOUND, End.ABSENT):
        _answered(now)
    elif outcome.end == End.UNAVAILABLE and outcome.why not in OURS:
        _failed(outcome, now)


def _answered(now: datetime) -> None:
    fine = {"answered_at": now, "key_refused_at": None, "failing_since": None, "failures": 0}
    SourceState.objects.update_or_create(name=NAME, defaults=fine)


def _failed(outcome: Outcome, now: datetime) -> None:
    SourceState.objects.get_or_create(name=NAME)
    state = SourceState.objects.filter(name=NAME)
    state.filter(failing_since=None).update(failing_since=now)
    state.update(failures=F("failures") + 1)
    if outcome.why == Why.KEY and state.filter(key_refused_at=None).update(key_refused_at=now):
        log.error("DataJud recusou a chave: confira DATAJUD_API_KEY")  # an error goes to Sentry; the next ones do not


def in_words() -> str:
    """What a worker says of it when it starts."""
    if settings.SIMULATED_DATAJUD:
        return "✅ DataJud simulado: os processos mostrados são inventados"
    if not settings.DATAJUD_API_KEY:
        return "⚠️  DataJud sem chave (DATAJUD_API_KEY): processos não são consultados"
    nightly = "com" if settings.DATAJUD_NIGHTLY else "sem"
    return f"✅ DataJud configurado, {nightly} consulta noturna dos projetos ativos"


def warning() -> str:
    """What the staff has to know, in words; "" when there is nothing."""
    state = SourceState.objects.filter(name=NAME).first()
    if state is None:
        return ""
    if state.key_refused_at:
        return (
            f"O DataJud recusa a chave de acesso desde {_said(state.key_refused_at)}: as consultas a processos estão "
            "paradas. A chave em vigor está na página do CNJ; troque-a em DATAJUD_API_KEY, no worker."
        )
    if state.failures >= MANY and state.failing_since:
        return (
            f"O DataJud não responde desde {_said(state.failing_since)} ({state.failures} consultas seguidas). Se "
            "durar, confira no site do CNJ se a chave ou o endereço mudou."
        )
    return ""


def _said(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%d/%m/%Y às %H:%M")
