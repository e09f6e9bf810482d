"""One message as HTML: the same on the page, in a fragment and at the end of a stream; states and notices in words."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from conversations import rendering
from conversations.models import Conversation, Message
from conversations.rendering import ERRORS, STOPS, growing_html, render_message, shown
from conversations.tests.making import QUESTION, make_conversation, make_exchange

pytestmark = pytest.mark.django_db
Status = Message.Status


def article(conversation: Conversation, **fields: Any) -> str:
    _, reply = make_exchange(conversation, **fields)
    return render_message(reply)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.QUEUED, "Na fila"),
        (Status.STREAMING, "Escrevendo…"),
        (Status.STOPPED, "Parada a pedido: o texto até aqui está salvo."),
        (Status.INTERRUPTED, "Interrompida: o texto até aqui está salvo."),
    ],
)
def test_the_state_is_said_in_words(conversation: Conversation, status: str, words: str) -> None:
    html = article(conversation, status=status)
    assert f"data-state>{words}</p>" in html
    assert f'data-status="{status}"' in html


@pytest.mark.parametrize("status", [Status.COMPLETE, Status.FAILED])
def test_what_needs_no_state_has_none(conversation: Conversation, status: str) -> None:
    assert "data-state></p>" in article(conversation, status=status)


@pytest.mark.parametrize("code", ERRORS)
def test_every_error_is_said_in_words(conversation: Conversation, code: str) -> None:
    html = article(conversation, status=Status.FAILED, answer="", metadata={"error": code})
    assert f'role="alert">{ERRORS[code]}</p>' in html


def test_an_error_nobody_has_words_for_is_said_all_the_same(conversation: Conversation) -> None:
    html = article(conversation, status=Status.FAILED, metadata={"error": "overloaded_error: 529"})
    assert ERRORS["internal"] in html
    assert "overloaded" not in html
    assert ": 529" not in html


@pytest.mark.parametrize("stop_reason", STOPS)
def test_every_end_that_is_not_the_models_own_is_said_in_words(conversation: Conversation, stop_reason: str) -> None:
    assert STOPS[stop_reason] in article(conversation, stop_reason=stop_reason)


def test_the_words_for_errors_are_portuguese_and_name_nothing_internal() -> None:
    for words in [*ERRORS.values(), *STOPS.values(), *rendering.STATES.values()]:
        assert words[-1] in ".…a"
        for internal in ["API", "token", "error", "HTTP", "Anthropic", "None"]:
            assert internal not in words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "a mensagem mais antiga desta conversa não foi lida."),
        (12, "as 12 mensagens mais antigas desta conversa não foram lidas."),
    ],
)
def test_what_was_left_out_is_said(conversation: Conversation, count: int, words: str) -> None:
    assert f"Para caber na janela do modelo, {words}" in article(conversation, metadata={"left_out": count})


def test_while_it_is_written_the_page_knows_where_to_read_and_to_stop(conversation: Conversation) -> None:
    _, reply = make_exchange(conversation, status=Status.STREAMING)
    html = render_message(reply)
    assert (
        f'aria-busy="true" data-stream="/mensagens/{reply.pk}/stream/" data-stop="/mensagens/{reply.pk}/parar/"' in html
    )
    assert "Refazer" not in html


def test_only_the_last_reply_offers_to_go_on(as_owner: Client, conversation: Conversation) -> None:
    make_exchange(conversation, status=Status.STOPPED)
    make_exchange(conversation, status=Status.STOPPED)
    assert as_owner.get(f"/conversas/{conversation.pk}/").content.decode().count(">Continuar<") == 1


def test_the_end_of_a_stream_is_what_the_page_shows(as_owner: Client, conversation: Conversation) -> None:
    for fields in [
        {"status": Status.COMPLETE},
        {"status": Status.STOPPED},
        {"status": Status.FAILED, "answer": "", "metadata": {"error": "overloaded"}},
        {"status": Status.COMPLETE, "stop_reason": "max_tokens", "metadata": {"left_out": 3}},
    ]:
        one = make_conversation(conversation.user)
        _, reply = make_exchange(one, **fields)
        assert render_message(reply) in as_owner.get(f"/conversas/{one.pk}/").content.decode()


def test_a_growing_answer_is_shown_in_the_shape_the_stream_goes_on_from() -> None:
    html = growing_html(Message(content="# Título\n\nUm parágrafo\n\n- um"))
    assert html == "<h3>Título</h3>\n<div data-open><p>Um parágrafo</p>\n<ul>\n<li>um</li>\n</ul>\n</div>"
    assert growing_html(Message()) == "<div data-open></div>"


def test_a_question_is_text_and_not_markdown(conversation: Conversation) -> None:
    question, _ = make_exchange(conversation, "# Não é título\n\n**nem negrito**")
    html = render_message(question)
    assert "# Não é título\n\n**nem negrito**</div>" in html


def test_html_is_made_once_and_again_when_the_text_has_changed(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = make_conversation(owner)
    for number in range(3):
        make_exchange(conversation, QUESTION, f"Resposta {number}")
    made: list[str] = []
    to_html = rendering.to_html
    monkeypatch.setattr(rendering, "to_html", lambda text, env: made.append(text) or to_html(text, env))
    messages = list(conversation.messages.order_by("id"))
    first = [one.html for one in shown(messages)]
    assert len(made) == 3
    assert [one.html for one in shown(messages)] == first
    assert len(made) == 3
    messages[1].content += " E mais."
    messages[1].attempts += 1
    assert "E mais." in shown(messages)[1].html
    assert len(made) == 4


def test_what_is_in_the_cache_is_html_that_was_made_safe(owner: User) -> None:
    conversation = make_conversation(owner)
    for _ in range(2):
        make_exchange(conversation, QUESTION, "<script>alert(1)</script>")
    messages = list(conversation.messages.order_by("id"))
    for _ in range(2):
        assert all("<script" not in one.html for one in shown(messages))
    kept = cache.get_many([rendering._cache_key(m) for m in messages if m.role == "assistant"])
    assert len(kept) == 2
    assert all("<script" not in html for html in kept.values())
