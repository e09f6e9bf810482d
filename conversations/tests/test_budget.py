"""When a budget is used up no new answer begins, the person is told why, and nothing of hers is lost."""

import asyncio
import json
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts.models import User
from audit import budgets
from audit.models import AIBudget, AIOperation, AuditLog
from audit.tests.calls import spend
from conversations import actions
from conversations.assistant import pen
from conversations.assistant.pen import Outcome
from conversations.assistant.titles import make
from conversations.models import Conversation, Message
from conversations.rehearsal import rehearse_page
from conversations.tests.making import QUESTION, ask, make_conversation, make_exchange
from tests.running import PATIENCE, SimulatedApi, working

db = pytest.mark.django_db
STREAM = {"accept": "text/event-stream"}
FRAGMENT = {"hx-request": "true"}
DRAFT = "Um rascunho que levou uma hora"


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> None:
    settings.MONTHLY_BUDGET_PERSON_USD, settings.MONTHLY_BUDGET_OFFICE_USD = Decimal(10), Decimal(100)


def use_up(owner: User) -> None:
    spend(owner, "10")
    budgets.forget()


def paths(owner: User) -> dict[str, str]:
    """Everything that would begin an answer."""
    conversation = make_conversation(owner)
    question, reply = make_exchange(conversation, stop_reason="max_tokens")
    return {
        "start": "/conversas/",
        "ask": f"/conversas/{conversation.pk}/mensagens/",
        "redo": f"/mensagens/{reply.pk}/refazer/",
        "continue": f"/mensagens/{reply.pk}/continuar/",
        "edit": f"/mensagens/{question.pk}/editar/",
    }


def state() -> list[Any]:
    return [
        list(Message.objects.order_by("id").values("id", "content", "status", "superseded_at")),
        list(Conversation.objects.order_by("id").values("id", "updated_at")),
        ProcrastinateJob.objects.count(),
        AuditLog.objects.count(),
    ]


# Refused -----------------------------------------------------------------------------------------


@db
@pytest.mark.parametrize("what", ["start", "ask", "redo", "continue", "edit"])
def test_all_that_would_begin_an_answer_is_refused_on_a_page_that_says_why(
    as_owner: Client, owner: User, what: str
) -> None:
    path = paths(owner)[what]
    use_up(owner)
    before = state()
    response = as_owner.post(path, {"content": DRAFT})
    html = response.content.decode()
    assert response.status_code == 429
    assert "Seu orçamento de IA para este mês, de US$ 10,00, foi todo usado. Nada se perdeu" in html
    assert f"se renova em {budgets.renewal()}" in html
    assert "peça à equipe do escritório" in html
    assert state() == before


@db
@pytest.mark.parametrize("what", ["start", "ask", "edit"])
def test_the_draft_is_in_its_box_when_the_page_comes_back(as_owner: Client, owner: User, what: str) -> None:
    path = paths(owner)[what]
    use_up(owner)
    html = as_owner.post(path, {"content": DRAFT}).content.decode()
    assert f">{DRAFT}</textarea>" in html


@db
@pytest.mark.parametrize("what", ["redo", "continue"])
def test_where_there_is_no_draft_the_page_leads_back_to_the_conversation(
    as_owner: Client, owner: User, what: str
) -> None:
    path = paths(owner)[what]
    use_up(owner)
    html = as_owner.post(path).content.decode()
    assert f'href="/conversas/{Conversation.objects.get().pk}/#mensagem-' in html
    assert 'href="/meu-uso/"' in html


@db
@pytest.mark.parametrize("headers", [STREAM, FRAGMENT], ids=["stream", "fragment"])
@pytest.mark.parametrize("what", ["ask", "redo", "continue"])
def test_code_is_told_in_a_sentence(as_owner: Client, owner: User, what: str, headers: dict[str, str]) -> None:
    path = paths(owner)[what]
    use_up(owner)
    response = as_owner.post(path, {"content": DRAFT}, headers=headers)
    assert (response.status_code, response["Content-Type"]) == (429, "application/json")
    assert "foi todo usado. Nada se perdeu" in json.loads(response.content)["error"]


@db
def test_a_first_question_that_asks_for_a_stream_is_told_in_a_sentence(as_owner: Client, owner: User) -> None:
    use_up(owner)
    response = as_owner.post("/conversas/", {"content": DRAFT}, headers=STREAM)
    assert (response.status_code, response["Content-Type"]) == (429, "application/json")
    assert not Conversation.objects.exists()


@db
def test_the_offices_budget_stops_who_has_spent_nothing(as_stranger: Client, owner: User, stranger: User) -> None:
    AIBudget.objects.create(user=owner, amount=None)
    path = paths(stranger)["ask"]
    spend(owner, "100")
    budgets.forget()
    response = as_stranger.post(path, {"content": DRAFT})
    assert response.status_code == 429
    assert "O orçamento de IA do escritório para este mês, de US$ 100,00" in response.content.decode()


@db
def test_the_form_of_a_deleted_conversation_is_no_way_around_the_budget(as_owner: Client, owner: User) -> None:
    form = {"content": QUESTION, "submission_key": str(uuid4())}
    assert as_owner.post("/conversas/", form).status_code == 303
    actions.delete(Conversation.objects.get(), user=owner)
    use_up(owner)
    assert as_owner.post("/conversas/", form).status_code == 429
    assert Conversation.objects.count() == 1


@db
def test_a_form_that_is_wrong_is_told_so_first(as_owner: Client, owner: User) -> None:
    path = paths(owner)["ask"]
    use_up(owner)
    assert as_owner.post(path, {"content": ""}).status_code == 422


@db
def test_a_strangers_conversation_is_still_not_found(as_stranger: Client, owner: User, stranger: User) -> None:
    found = paths(owner)
    use_up(stranger)
    for what in ("ask", "redo", "continue", "edit"):
        assert as_stranger.post(found[what], {"content": DRAFT}).status_code == 404


@db
def test_a_question_that_was_accepted_and_is_sent_again_is_not_refused(as_owner: Client, owner: User) -> None:
    """The network was lost before the browser heard of it."""
    found = paths(owner)
    for path in (found["ask"], found["start"]):
        form = {"content": DRAFT, "submission_key": str(uuid4())}
        Message.objects.update(status="complete")
        first = as_owner.post(path, form)
        use_up(owner)
        messages = Message.objects.count()
        again = as_owner.post(path, form)
        assert (again.status_code, again["Location"]) == (303, first["Location"])
        assert Message.objects.count() == messages
        AIOperation.objects.update(cost_usd=0)
        budgets.forget()


# Not refused -------------------------------------------------------------------------------------


@db
@pytest.mark.parametrize("what", ["start", "ask", "redo", "continue", "edit"])
def test_up_to_the_last_cent_everything_is_answered(as_owner: Client, owner: User, what: str) -> None:
    path = paths(owner)[what]
    spend(owner, "9.999999")
    assert as_owner.post(path, {"content": DRAFT}).status_code == 303


@db
def test_everything_that_costs_nothing_goes_on(as_owner: Client, owner: User) -> None:
    conversation = make_conversation(owner)
    make_exchange(conversation)
    use_up(owner)
    for path in [
        "/conversas/",
        f"/conversas/{conversation.pk}/",
        f"/conversas/{conversation.pk}/exportar/",
        "/busca/?q=prazo",
    ]:
        assert as_owner.get(path).status_code == 200, path
    assert as_owner.post(f"/conversas/{conversation.pk}/fixar/").status_code == 303
    assert as_owner.post("/conversas/", {"content": ""}).status_code == 303  # an empty conversation


@db
def test_an_answer_that_is_owed_or_being_written_is_written(owner: User) -> None:
    reply = ask(make_conversation(owner)).reply
    use_up(owner)
    work = pen.take(reply.pk)
    assert work
    assert pen.finish(work, "Quinze dias.", Outcome(Message.Status.COMPLETE))
    reply.refresh_from_db()
    assert (reply.status, reply.content) == ("complete", "Quinze dias.")


@db
def test_raising_the_budget_lets_her_ask_at_once(as_owner: Client, as_staff: Client, owner: User) -> None:
    path = paths(owner)["ask"]
    use_up(owner)
    assert as_owner.post(path, {"content": DRAFT}).status_code == 429
    as_staff.post("/admin/orcamento/", {"person": str(owner.pk), "kind": "valor", "amount": "20"})
    assert as_owner.post(path, {"content": DRAFT}).status_code == 303


# Above the question box --------------------------------------------------------------------------


@db
@pytest.mark.parametrize(
    ("spent", "words"),
    [
        ("7.99", ""),
        ("8", "Você já usou 80% do orçamento de IA deste mês."),
        ("10", "Seu orçamento de IA deste mês foi todo usado."),
    ],
)
def test_the_box_says_quietly_how_much_is_used(as_owner: Client, owner: User, spent: str, words: str) -> None:
    conversation = make_conversation(owner)
    spend(owner, spent)
    budgets.forget()
    for path in ("/conversas/", f"/conversas/{conversation.pk}/"):
        html = as_owner.get(path).content.decode()
        assert ('class="note warning budget"' in html) is bool(words), path
        assert words in html
        if words:
            assert html.index('class="note warning budget"') < html.index('<form class="ask"')
            assert 'role="alert">Seu orçamento' not in html  # nobody is interrupted


@db
def test_the_box_says_how_much_the_office_has_used(as_stranger: Client, owner: User) -> None:
    spend(owner, "85")
    budgets.forget()
    assert "O escritório já usou 85% do orçamento de IA deste mês." in as_stranger.get("/conversas/").content.decode()


# What it takes -----------------------------------------------------------------------------------


def queries_of_asking(client: Client, owner: User) -> int:
    path = f"/conversas/{make_conversation(owner).pk}/mensagens/"
    with CaptureQueriesContext(connection) as queries:
        assert client.post(path, {"content": QUESTION}).status_code == 303
    return len(queries)


@db
def test_asking_costs_one_query_more_with_a_budget_and_none_without(
    as_owner: Client, owner: User, settings: Settings
) -> None:
    queries_of_asking(as_owner, owner)
    with_budgets = queries_of_asking(as_owner, owner)
    settings.MONTHLY_BUDGET_PERSON_USD = settings.MONTHLY_BUDGET_OFFICE_USD = None
    budgets.forget()
    queries_of_asking(as_owner, owner)
    assert with_budgets - queries_of_asking(as_owner, owner) == 1


@db
def test_warming_up_does_not_trip_over_a_budget_of_the_office(settings: Settings) -> None:
    """A process that starts while it is used up must not say that it failed to start."""
    from django.core.handlers.base import BaseHandler

    settings.MONTHLY_BUDGET_OFFICE_USD = Decimal(0)
    handler = BaseHandler()
    handler.load_middleware()
    rehearse_page(handler.get_response)


# Titles ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("committed")
def test_titles_are_made_without_a_call_when_a_budget_is_used_up(owner: User, api: SimulatedApi) -> None:
    conversation = make_conversation(owner, Conversation.UNTITLED)
    make_exchange(conversation, "Quais documentos faltam para a ação de despejo?")
    use_up(owner)
    before = AIOperation.objects.count()

    async def run() -> None:
        async with working() as assistant, asyncio.timeout(PATIENCE):
            await make(assistant, conversation.pk, "claude-haiku-5-5")

    asyncio.run(run())
    conversation.refresh_from_db()
    assert conversation.title == "Quais documentos faltam para a ação de despejo?"
    assert api.requests() == []
    assert AIOperation.objects.count() == before
    assert AuditLog.objects.filter(action="conversa.titulo").count() == 1
