"""What calls to the model have cost, by day, person, model and kind of call.

Everything is read from sums that triggers keep (`AIUsageOffice`, `AIUsageDay`), never from the calls themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from audit.models import AIModel, AIOperation, AIUsageDay, AIUsageOffice, AIUsageRank
from audit.money import dollars

PERIODS = (7, 30, 90)  # days, today included
SHOWN_PEOPLE, KEPT_PEOPLE = 50, 1000
# With no more calls than this in the period there are no more rows than this either: people are ranked at once.
RANKED_AT_ONCE = 50_000
KINDS = {
    "answer": "Respostas",
    "title": "Títulos de conversas",
    "count": "Contagens de tokens",
    "transcription": "Transcrições de páginas",
    "summary": "Resumos de arquivos e projetos",
}
KINDS_OF_ONE = {
    "answer": "Resposta",
    "title": "Título",
    "count": "Contagem de tokens",
    "transcription": "Transcrição",
    "summary": "Resumo",
}


@dataclass(frozen=True)
class Sums:
    """What some calls have used together."""

    calls: int = 0
    failed: int = 0
    unpriced: int = 0
    tokens_input: int = 0
    tokens_output: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    cache_saved_usd: Decimal = Decimal(0)
    ttft_calls: int = 0
    ttft_ms: int = 0
    ttft_slow: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, name) + getattr(other, name) for name in NAMES))

    @classmethod
    def of(cls, row: Mapping[str, Any] | AIUsageRank) -> Self:
        """From a row with columns `sum_…`, or from a kept one."""
        values = row if isinstance(row, Mapping) else {f"sum_{name}": getattr(row, name) for name in NAMES}
        return cls(**{name: _whole(values[f"sum_{name}"], name) for name in NAMES})

    @property
    def first_token_seconds(self) -> float | None:
        """Mean time to the first token; None when nothing was measured."""
        return self.ttft_ms / self.ttft_calls / 1000 if self.ttft_calls else None

    @property
    def is_priced(self) -> bool:
        """Whether the price of any of the calls is known."""
        return bool(self.cost_usd) or not self.unpriced


NAMES = tuple(field.name for field in fields(Sums))
SUMS = {f"sum_{name}": Sum(name) for name in NAMES}
DEAREST_FIRST = ("-sum_cost_usd", "-sum_unpriced", "-sum_calls", "user")


def cost_words(call: AIOperation) -> str:
    """What one call has cost; never 0 for what is not known."""
    if call.cost_usd is not None:
        return dollars(call.cost_usd)
    return "preço desconhecido" if call.tokens_input is not None else "uso desconhecido"


def _whole(value: Any, name: str) -> Any:
    return Decimal(value) if name.endswith("_usd") else int(value)


@dataclass(frozen=True)
class Line:
    """One row of a table: whose, or of what, and the sums."""

    label: str
    sums: Sums
    key: Any = None  # the day, the person's id, the model's id, the kind


@dataclass(frozen=True)
class Report:
    """What the office or one person has used in some days."""

    first: date
    last: date
    total: Sums
    days: Sequence[Line]  # every day, oldest first
    models: Sequence[Line]  # dearest first
    kinds: Sequence[Line]

    @property
    def length(self) -> int:
        return len(self.days)


@dataclass(frozen=True)
class Ranking:
    """The people who have cost most, dearest first; `computed_at` is None when that was just now."""

    people: Sequence[Line]
    computed_at: datetime | None


def report(days: int, person: UUID | None = None, today: date | None = None) -> Report:
    """What the office (or `person`) has used in the last `days` days, today included; four queries."""
    last = today or timezone.localdate()
    first = last - timedelta(days=days - 1)
    rows: QuerySet[Any] = AIUsageOffice.objects.all() if person is None else AIUsageDay.objects.filter(user=person)
    rows = rows.filter(day__range=(first, last))
    by_day = _grouped(rows, "day")
    calendar = [first + timedelta(days=n) for n in range(days)]
    return Report(
        first=first,
        last=last,
        total=sum(by_day.values(), Sums()),
        days=[Line(f"{day:%d/%m/%Y}", by_day.get(day, Sums()), day) for day in calendar],
        models=_lines(_grouped(rows, "model"), dict(AIModel.objects.values_list("id", "name"))),
        kinds=_lines(_grouped(rows, "operation_type"), KINDS),
    )


def _grouped(rows: QuerySet[Any], field: str) -> dict[Any, Sums]:
    return {row[field]: Sums.of(row) for row in rows.order_by().values(field).annotate(**SUMS)}


def _lines(found: Mapping[str, Sums], names: Mapping[str, str]) -> list[Line]:
    ordered = sorted(found.items(), key=lambda item: (-item[1].cost_usd, -item[1].calls, item[0]))
    return [Line(names.get(key, key), sums, key) for key, sums in ordered]


# People ------------------------------------------------------------------------------------------


def ranking(found: Report, count: int = SHOWN_PEOPLE) -> Ranking:
    """The people who have cost most in the report's days.

    Of few calls they are added up now; of many, `rank_people` has done it some minutes ago.
    """
    if found.total.calls > RANKED_AT_ONCE:
        kept = list(AIUsageRank.objects.filter(period=found.length).order_by("position")[:count])
        if kept:
            return Ranking(_people((rank.user_id, Sums.of(rank)) for rank in kept), kept[0].computed_at)
    rows = _ranked(found.first, found.last)[:count]
    return Ranking(_people((row["user"], Sums.of(row)) for row in rows), None)


def rank_people(today: date | None = None) -> None:
    """Keeps who has cost most in each period of many calls. Reads millions of rows there: seconds."""
    last, now = today or timezone.localdate(), timezone.now()
    for days in PERIODS:
        first = last - timedelta(days=days - 1)
        with transaction.atomic():
            AIUsageRank.objects.filter(period=days).delete()
            calls = AIUsageOffice.objects.filter(day__range=(first, last)).aggregate(calls=Sum("calls"))["calls"] or 0
            if calls > RANKED_AT_ONCE:
                AIUsageRank.objects.bulk_create(_fresh_ranks(first, last, now))


def _fresh_ranks(first: date, last: date, now: datetime) -> list[AIUsageRank]:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")  # 100,000 people fit, without a file on the disk
    days = (last - first).days + 1
    return [
        AIUsageRank(period=days, position=place, user_id=row["user"], computed_at=now, **vars(Sums.of(row)))
        for place, row in enumerate(_ranked(first, last)[:KEPT_PEOPLE], start=1)
    ]


def _ranked(first: date, last: date) -> Any:
    rows = AIUsageDay.objects.filter(day__range=(first, last)).order_by().values("user")
    return rows.annotate(**SUMS).order_by(*DEAREST_FIRST)


def _people(found: Iterable[tuple[UUID | None, Sums]]) -> list[Line]:
    pairs = list(found)
    names = names_of(pk for pk, _ in pairs)
    return [Line(names.get(pk, "Pessoa excluída") if pk else "Sem pessoa", sums, pk) for pk, sums in pairs]


def names_of(people: Iterable[UUID | None]) -> dict[UUID, str]:
    """Names (or e-mails) by id, in one query; who is no longer there is left out."""
    rows = get_user_model()._default_manager.filter(pk__in={pk for pk in people if pk})
    return {pk: name or email for pk, name, email in rows.values_list("pk", "name", "email")}
