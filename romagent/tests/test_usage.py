"""“Meu uso”: what the signed-in person has used, and nothing of anybody else."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from audit.models import AIOperation
from audit.tests.calls import call, make_call, spend
from conversations.rendering import ERRORS as LONG
from conversations.tests.making import make_conversation
from romagent import usage

pytestmark = pytest.mark.django_db
PAGE = "/meu-uso/"


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_it_is_a_link_away_from_every_page(as_owner: Client) -> None:
    assert f'href="{PAGE}"' in as_owner.get("/conversas/").content.decode()


def test_it_says_what_is_used_of_the_budget_in_words_and_as_a_bar(
    as_owner: Client, owner: User, settings: Settings
) -> None:
    settings.MONTHLY_BUDGET_PERSON_USD = Decimal(50)
    spend(owner, "12.5")
    response = as_owner.get(PAGE)
    words = text(response)
    assert "US$ 12,50 de US$ 50,00 (25%)" in words
    assert "O orçamento se renova em 1º de " in words
    assert '<progress class="share" max="100" value="25"' in response.content.decode()


def test_without_a_budget_it_says_what_is_used(as_owner: Client, owner: User) -> None:
    spend(owner, "12.5")
    words = text(as_owner.get(PAGE))
    assert re.search(r"US\$ 12,50 ?, sem limite", words)
    assert "se renova" not in words


def test_a_budget_that_is_nearly_used_up_is_said(as_owner: Client, owner: User, settings: Settings) -> None:
    settings.MONTHLY_BUDGET_PERSON_USD = Decimal(10)
    spend(owner, "9")
    assert "Você já usou 90% do orçamento de IA deste mês." in text(as_owner.get(PAGE))


def test_it_shows_thirty_days_and_the_models(as_owner: Client, owner: User) -> None:
    make_call(owner, "1")
    make_call(owner, "2", model="claude-haiku-5-5", created_at=timezone.now() - timedelta(days=40))
    response = as_owner.get(PAGE)
    words = text(response)
    assert len(response.context["report"].days) == 30
    assert response.context["report"].total.cost_usd == 1
    assert "Claude Opus 5.5 US$ 1,00" in words
    assert response.content.decode().count('role="img"') == 2


def test_the_last_calls_say_when_where_and_what_they_cost(as_owner: Client, owner: User) -> None:
    conversation = make_conversation(owner, "Ação de <b>despejo</b>")
    made = make_call(owner, "0.0123", conversation_id=conversation.pk)
    make_call(owner, None, operation_type="title", model="gpt-9")
    response = as_owner.get(PAGE)
    words, html = text(response), response.content.decode()
    when = f"{timezone.localtime(made.created_at):%d/%m/%Y %H:%M}"
    assert f"{when} Ação de &lt;b&gt;despejo&lt;/b&gt; Resposta Claude Opus 5.5 530 50 US$ 0,01 completa" in words
    assert f'href="/conversas/{conversation.pk}/"' in html
    assert "– Título gpt-9 530 50 preço desconhecido completa" in words


def test_reais_stand_beside_dollars_when_a_rate_is_set(as_owner: Client, owner: User, settings: Settings) -> None:
    settings.USD_BRL_RATE = Decimal(5)
    make_call(owner, "2")
    words = text(as_owner.get(PAGE))
    assert "US$ 2,00 ≈ R$ 10,00 completa" in words
    assert "Reais são uma aproximação" in words


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        ("failed", "overloaded APIStatusError 529 overloaded_error", "não respondeu serviço sobrecarregado"),
        ("interrupted", "writer_died", "interrompida interrompida do nosso lado"),
        ("interrupted", "cut", "interrompida a ligação caiu"),
        ("stopped", "", "parada por você"),
        ("failed", "coisa_nova OutroErro", "não respondeu algo falhou"),
    ],
)
def test_what_went_wrong_is_said_in_plain_words(
    as_owner: Client, owner: User, status: str, error: str, words: str
) -> None:
    make_call(owner, status=status, error_message=error)
    page = text(as_owner.get(PAGE))
    assert words in page
    for code in error.split():
        assert code not in page.split()


def test_every_error_the_assistant_knows_has_words_here() -> None:
    of_no_call = {"internal", "budget"}
    assert set(LONG) - of_no_call <= set(usage.ERRORS)
    assert set(usage.ENDS) == set(AIOperation.Status)


def test_only_ones_own_is_shown(as_owner: Client, owner: User, stranger: User, settings: Settings) -> None:
    settings.MONTHLY_BUDGET_PERSON_USD = Decimal(50)
    hers = make_conversation(stranger, "Segredo de Rui")
    make_call(stranger, "49", conversation_id=hers.pk, model="claude-haiku-5-5")
    make_call(owner, "1", conversation_id=hers.pk)  # a row that names a conversation which is not hers
    response = as_owner.get(PAGE, {"pessoa": str(stranger.pk)})
    words = text(response)
    assert "US$ 1,00 de US$ 50,00 (2%)" in words
    assert "49,00" not in words
    assert "Haiku" not in words
    assert "Segredo" not in words
    assert str(hers.pk) not in response.content.decode()


def test_a_deleted_conversation_is_not_named(as_owner: Client, owner: User) -> None:
    conversation = make_conversation(owner, "Apagada", deleted_at=timezone.now())
    make_call(owner, conversation_id=conversation.pk)
    words = text(as_owner.get(PAGE))
    assert "Apagada" not in words
    assert "conversa excluída" in words


def test_older_calls_are_a_page_away_each_once(as_owner: Client, owner: User) -> None:
    now = timezone.now()
    AIOperation.objects.bulk_create(
        call(owner, error_message=f"e{n}", created_at=now - timedelta(minutes=n // 2)) for n in range(60)
    )
    seen: list[str] = []
    path: str = PAGE
    while path:
        response = as_owner.get(path)
        seen += [shown.call.error_message for shown in response.context["calls"]]
        path = PAGE + response.context["next_url"].split("#")[0] if response.context["next_url"] else ""
    assert len(seen) == 60
    assert len(set(seen)) == 60
    assert "Chamadas mais antigas" in text(response)


@pytest.mark.parametrize("cursor", ["x", "~", "2026-11-22T10:00:00+00:00~x", unquote("%00")])
def test_an_unreadable_cursor_is_the_beginning(as_owner: Client, owner: User, cursor: str) -> None:
    make_call(owner)
    assert len(as_owner.get(PAGE, {"depois": cursor}).context["calls"]) == 1


def test_who_has_used_nothing_is_told_what_will_be_here(as_owner: Client) -> None:
    assert "Nenhuma chamada ainda." in text(as_owner.get(PAGE))


def test_the_page_asks_the_same_number_of_questions_whatever_there_is(
    as_owner: Client, owner: User, settings: Settings
) -> None:
    settings.MONTHLY_BUDGET_PERSON_USD = Decimal(50)
    as_owner.get(PAGE)
    counts = []
    for rows in (10, 10):
        for n in range(rows):
            make_call(owner, conversation_id=make_conversation(owner).pk, model=f"m{n}")
        with CaptureQueriesContext(connection) as queries:
            as_owner.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 18


def test_the_list_of_calls_reads_no_texts_of_the_conversations(as_owner: Client, owner: User) -> None:
    make_call(owner, conversation_id=make_conversation(owner).pk)
    with CaptureQueriesContext(connection) as queries:
        as_owner.get(PAGE)
    (titles,) = [q["sql"] for q in queries if '"conversations"."id" IN' in q["sql"]]
    assert titles.startswith('SELECT "conversations"."id", "conversations"."title" FROM')
    assert not any('"messages"' in q["sql"] for q in queries)


def test_the_page_is_only_to_be_read(as_owner: Client) -> None:
    assert as_owner.post(PAGE).status_code == 405
