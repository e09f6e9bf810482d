"""Monthly budgets in US dollars, of each person and of the office: what is spent, and who may still ask.

What a call costs is known when it has ended, so a budget is overrun by what is being written when it is reached
(and, for the office, by what is asked in the seconds for which its sum is remembered). Calls without a known price
are not counted.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from audit.actions import record
from audit.models import AIBudget, AIUsageOffice
from audit.money import both, dollars

WARN_AT = 80  # percent
REMEMBER_SECONDS = 5.0


@dataclass(frozen=True)
class Budget:
    """What may be spent this month and what has been; `limit` is None when there is none."""

    limit: Decimal | None
    spent: Decimal
    is_offices: bool = False

    @property
    def percent(self) -> int:
        """Of the limit, in whole percent, never rounded up; 0 without a limit."""
        if self.limit is None:
            return 0
        return int(self.spent * 100 / self.limit) if self.limit else 100

    @property
    def is_exhausted(self) -> bool:
        return self.limit is not None and self.spent >= self.limit

    @property
    def is_near(self) -> bool:
        """At 80% or more, exhausted or not."""
        return self.limit is not None and self.percent >= WARN_AT

    @property
    def bar(self) -> int:
        """How full a bar of 100 is."""
        return min(self.percent, 100)


@dataclass(frozen=True)
class Standing:
    """Where a person stands this month: her own budget and the office's."""

    own: Budget
    office: Budget

    @property
    def exhausted(self) -> Budget | None:
        """The budget that keeps her from asking; the office's first, since hers would not help."""
        return next((budget for budget in (self.office, self.own) if budget.is_exhausted), None)

    @property
    def notice(self) -> str:
        """What to say above the question box; "" when there is nothing to say."""
        if self.exhausted:
            whose = "O orçamento de IA do escritório" if self.exhausted.is_offices else "Seu orçamento de IA"
            return f"{whose} deste mês foi todo usado. Perguntas novas serão aceitas a partir de {renewal()}."
        nearest = max((self.own, self.office), key=lambda budget: budget.percent)
        return _warning(nearest) if nearest.is_near else ""


def standing(person: UUID, today: date | None = None) -> Standing:
    """Where the person stands: no query at all where no budget is set, one small one otherwise."""
    office = _office(month_of(today))
    if not office.any_person:
        return Standing(Budget(None, Decimal(0)), office.budget)
    return Standing(own_budget(person, today), office.budget)


def refusal(person: UUID) -> str:
    """Why this person may not ask now, in words; "" when she may."""
    exhausted = standing(person).exhausted
    return refusal_words(exhausted) if exhausted else ""


def refusal_words(budget: Budget) -> str:
    whose = "O orçamento de IA do escritório" if budget.is_offices else "Seu orçamento de IA"
    return (
        f"{whose} para este mês, de {both(budget.limit or Decimal(0))}, foi todo usado. Nada se perdeu: o que você "
        f"escreveu e as respostas continuam guardados. Ele se renova em {renewal()}; para perguntar antes disso, peça "
        "à equipe do escritório que o aumente."
    )


def _warning(budget: Budget) -> str:
    whose = "O escritório já usou" if budget.is_offices else "Você já usou"
    return f"{whose} {budget.percent}% do orçamento de IA deste mês. Ele se renova em {renewal()}."


def month_of(today: date | None = None) -> date:
    """The first day of the month (America/Sao_Paulo)."""
    return (today or timezone.localdate()).replace(day=1)


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def renewal() -> str:
    """`1º de dezembro`."""
    return date_format(next_month(month_of()), "1º \\d\\e F").lower()


# What is spent -----------------------------------------------------------------------------------

# One row, by two unique indexes.
OWN = """
SELECT budget.id IS NOT NULL, budget.amount, coalesce(used.cost_usd, 0)
FROM (SELECT %(person)s::uuid AS id) AS person
LEFT JOIN ai_budgets AS budget ON budget.user_id = person.id
LEFT JOIN ai_usage_months AS used ON used.user_id = person.id AND used.month = %(month)s
"""


def own_budget(person: UUID, today: date | None = None) -> Budget:
    """The person's budget of this month, as it is now; one query."""
    with connection.cursor() as cursor:
        cursor.execute(OWN, {"person": person, "month": month_of(today)})
        has_own, amount, spent = cursor.fetchone()
    return Budget(amount if has_own else settings.MONTHLY_BUDGET_PERSON_USD, spent)


@dataclass(frozen=True)
class Office:
    """The office's budget as it was some seconds ago, and whether any person has one."""

    until: float  # time.monotonic()
    month: date
    budget: Budget
    any_person: bool


_remembered: Office | None = None


def forget() -> None:
    """Looks the office's budget up again; for whoever has just changed it."""
    global _remembered
    _remembered = None


def office_budget(today: date | None = None) -> Budget:
    """The office's budget of this month, as it was at most some seconds ago."""
    return _office(month_of(today)).budget


def _office(month: date) -> Office:
    global _remembered
    known = _remembered
    if known is None or known.month != month or time.monotonic() > known.until:
        any_person = settings.MONTHLY_BUDGET_PERSON_USD is not None or AIBudget.objects.exclude(user=None).exists()
        known = Office(time.monotonic() + REMEMBER_SECONDS, month, _offices_now(month), any_person)
        _remembered = known
    return known


def _offices_now(month: date) -> Budget:
    rows = AIUsageOffice.objects.filter(day__gte=month, day__lt=next_month(month))
    spent: Decimal | None = rows.aggregate(spent=Sum("cost_usd"))["spent"]
    own = AIBudget.objects.filter(user=None).first()
    limit: Decimal | None = own.amount if own else settings.MONTHLY_BUDGET_OFFICE_USD
    return Budget(limit, spent or Decimal(0), is_offices=True)


def unpriced_calls(today: date | None = None) -> int:
    """How many of the office's calls of this month no budget counts, since their price is not known."""
    month = month_of(today)
    rows = AIUsageOffice.objects.filter(day__gte=month, day__lt=next_month(month))
    return rows.aggregate(unpriced=Sum("unpriced"))["unpriced"] or 0


# Changing ----------------------------------------------------------------------------------------


def change(
    *, amount: Decimal | None, by: Any, person: Any = None, default: bool = False, request: HttpRequest | None = None
) -> bool:
    """Sets the budget of `person` (None: the office's): an amount, None for no limit, or `default`, the settings'.

    False when it was so already; then nothing is written.
    """
    with transaction.atomic():
        row = AIBudget.objects.select_for_update().filter(user=person).first()
        old, new = _words(row.amount if row else None, default=row is None), _words(amount, default=default)
        if old == new:
            return False
        if default:
            AIBudget.objects.filter(user=person).delete()
        else:
            AIBudget.objects.update_or_create(user=person, defaults={"amount": amount})
        entity = person or AIBudget(pk="office")
        record("orcamento.alterar", user=by, request=request, entity=entity, old={"usd": old}, new={"usd": new})
    forget()
    return True


def _words(amount: Decimal | None, *, default: bool) -> str:
    if default:
        return "padrão"
    return "sem limite" if amount is None else f"{amount:.2f}"


def describe(amount: Decimal | None) -> str:
    """A limit in words."""
    return "sem limite" if amount is None else dollars(amount)
