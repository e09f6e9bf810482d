"""What the signed-in person has used: her budget, her month by day and model, her last calls. Only her own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.requests import SignedInRequest
from audit import budgets, costs, money
from audit.charts import cost_chart, tokens_chart
from audit.models import AIModel, AIOperation
from conversations.models import Conversation
from romagent.base.keyset import newest_first

DAYS = 30
CALLS = 25
COLUMNS = (
    "id", "user", "conversation_id", "operation_type", "model", "tokens_input", "tokens_output", "cache_read_tokens",
    "cache_write_tokens", "cost_usd", "status", "error_message", "created_at", "metadata",
)  # fmt: skip
# By the code that a failed call keeps; `conversations.rendering.ERRORS` says the same at length.
ERRORS = {
    "rejected_key": "o serviço recusou a chave do escritório",
    "billing": "limite de gastos do escritório no serviço",
    "unknown_model": "modelo indisponível",
    "too_large": "conversa grande demais",
    "rate_limited": "excesso de uso do serviço",
    "overloaded": "serviço sobrecarregado",
    "unreachable": "sem contato com o serviço",
    "silent": "o serviço parou de responder",
    "cut": "a ligação caiu",
    "invalid": "pedido não aceito",
    "writer_died": "interrompida do nosso lado",
}
ENDS = {
    AIOperation.Status.COMPLETE: "completa",
    AIOperation.Status.STOPPED: "parada por você",
    AIOperation.Status.INTERRUPTED: "interrompida",
    AIOperation.Status.FAILED: "não respondeu",
}


@dataclass(frozen=True)
class Shown:
    """One call as the page shows it."""

    call: AIOperation
    what: str
    model: str
    conversation: Conversation | None  # None: it had none, or it is no longer there
    cost: str
    end: str

    @property
    def error(self) -> str:
        code = self.call.error_code
        return ERRORS.get(code, "algo falhou") if code else ""


@require_GET
def my_usage(request: SignedInRequest) -> HttpResponse:
    person = request.user
    standing = budgets.standing(person.pk)
    found = costs.report(DAYS, person.pk)
    mine = AIOperation.objects.for_user(person).only(*COLUMNS)
    page = newest_first(mine, "created_at", request.GET.get("depois", ""), CALLS)
    context = {
        "own": budgets.own_budget(person.pk),
        "office": standing.office,
        "notice": standing.notice,
        "renewal": budgets.renewal(),
        "report": found,
        "charts": [cost_chart(found), tokens_chart(found)],
        "calls": _shown(person, page.items),
        "older": bool(request.GET.get("depois")),
        "next_url": f"?depois={quote(page.after)}#chamadas" if page.after else "",
        "rate": money.rate_words(),
    }
    return render(request, "costs/mine.html", context)


def _shown(person: User, calls: Iterable[Any]) -> list[Shown]:
    """The calls with the titles of the conversations that she may still see; two queries."""
    calls = list(calls)
    wanted = {call.conversation_id for call in calls if call.conversation_id}
    titles: dict[UUID, Conversation] = Conversation.objects.for_user(person).only("id", "title").in_bulk(wanted)
    names = dict(AIModel.objects.values_list("id", "name"))
    return [
        Shown(
            call=call,
            what=costs.KINDS_OF_ONE.get(call.operation_type, call.operation_type),
            model=names.get(call.model, call.model),
            conversation=titles.get(call.conversation_id),
            cost=costs.cost_words(call),
            end=ENDS[call.status],
        )
        for call in calls
    ]
