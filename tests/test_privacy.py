"""The logs of a whole exchange hold no word of it and no secret, in the tests' own log and on the console."""

import asyncio
import io
import logging
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client

from accounts.models import User
from conversations import actions
from conversations.assistant.titles import make
from conversations.models import Conversation, Message
from romagent.base.logs import JsonFormatter, TextFormatter
from tests.running import PATIENCE, SimulatedApi, ask, eventually, get, serving, take_job, working

pytestmark = pytest.mark.usefixtures("committed")
QUESTION = "marcador-da-pergunta sobre o cliente Fulano de Tal"
ANSWER = "marcador-da-resposta sobre o mesmo cliente"
TITLE = "marcador-do-titulo"
SEARCH = "marcador-da-busca"
STREAM = {"accept": "text/event-stream"}


@pytest.fixture
def console() -> io.StringIO:
    """Everything that any part of the product says from now on, at any level, as both formats print it."""
    stream = io.StringIO()
    handlers = []
    for formatter in (TextFormatter(), JsonFormatter()):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        handlers.append(handler)
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    for handler in handlers:
        root.addHandler(handler)
    yield stream  # type: ignore[misc]
    for handler in handlers:
        root.removeHandler(handler)
    root.setLevel(level)


def exchange(owner: User, browser: Client, api: SimulatedApi) -> Conversation:
    """A question with an answer that fails, is tried again, ends, is searched for, exported, renamed and deleted."""
    api.script(
        [
            {"kind": "status", "status": 529, "retry_after_ms": 10, "message": ANSWER},
            {"kind": "answer", "text": ANSWER, "also": [{"kind": "end_without_stop"}]},
            {"kind": "answer", "text": " e mais."},
            {"kind": "status", "status": 400, "message": ANSWER},
        ]
    )
    browser.cookies["csrftoken"] = "a" * 32
    headers = {"x-csrftoken": "a" * 32}
    conversation = Conversation.objects.create(user=owner, model="claude-opus-5-5")
    path = f"/conversas/{conversation.pk}/"

    async def run() -> None:
        async with asyncio.timeout(PATIENCE), serving() as web, working() as assistant:
            form = {"content": QUESTION, "submission_key": str(uuid4())}
            asked = ask(web, "POST", f"{path}mensagens/", client=browser, headers=headers | STREAM, form=form)
            await eventually(lambda: asked.events)
            reply = await assistant.threads.run(
                lambda: Message.objects.select_related("conversation").get(role="assistant")
            )
            await assistant.threads.run(take_job, reply)
            await assistant.answer(reply.pk, is_stop=lambda: True)
            await asked.end()
            await make(assistant, conversation.pk, "claude-haiku-5-5")
            assert ANSWER in asked.text
            for page in [path, f"/busca/?q={SEARCH}", f"{path}exportar/", f"{path}?versao=x"]:
                await get(web, page, client=browser)
            for action, form in [
                ("renomear", {"title": TITLE}),
                ("mensagens", {"content": QUESTION * 9000}),
                ("excluir", {}),
            ]:
                sent = ask(web, "POST", f"{path}{action}/", client=browser, headers=headers, form=form)
                await sent.end()
            again = await assistant.threads.run(
                lambda: actions.start(user=owner, mode="juridico", model="x", content=QUESTION)
            )
            failing = await assistant.threads.run(lambda: again.messages.get(role="assistant"))
            await assistant.answer(failing.pk, is_stop=lambda: True)

    asyncio.run(run())
    return conversation


def test_no_word_of_an_exchange_and_no_secret_is_in_the_log(
    owner: User, as_owner: Client, api: SimulatedApi, console: io.StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("asyncio").setLevel(logging.INFO)
    exchange(owner, as_owner, api)
    said = console.getvalue() + caplog.text
    assert "POST /conversas/" in said
    assert "reply" in said
    for words in [QUESTION, "Fulano", "marcador-da-pergunta", ANSWER, "marcador-da-resposta", TITLE, "quinze"]:
        assert words not in said, words
    for secret in [
        django_settings.SECRET_KEY,
        django_settings.ANTHROPIC_API_KEY,
        str(connection.settings_dict["PASSWORD"]),
        urlsplit(django_settings.REDIS_URL).password or "-" * 9,
        as_owner.cookies["rom.sid"].value,
        owner.email,
    ]:
        assert secret not in said


def test_what_was_searched_for_is_not_in_the_log(
    as_owner: Client, console: io.StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    as_owner.get("/busca/", {"q": SEARCH})
    assert "GET /busca/ 200" in console.getvalue()
    assert SEARCH not in console.getvalue() + caplog.text


def test_a_refused_sign_in_tells_the_log_nothing(console: io.StringIO) -> None:
    Client().post("/entrar/", {"login": "pessoa@exemplo.adv.br", "password": "senha-digitada"})
    assert "POST /entrar/ 200" in console.getvalue()
    assert "senha-digitada" not in console.getvalue()
    assert "pessoa@exemplo.adv.br" not in console.getvalue()


def test_what_the_database_refuses_tells_the_log_nothing(owner: User, as_owner: Client, console: io.StringIO) -> None:
    client = Client(raise_request_exception=False)
    client.cookies = as_owner.cookies
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE messages ADD CONSTRAINT refused CHECK (content NOT LIKE 'marcador%') NOT VALID")
    try:
        response = client.post("/conversas/", {"content": QUESTION})
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE messages DROP CONSTRAINT refused")
    assert response.status_code == 500
    assert "marcador" not in response.content.decode()
    assert "Internal Server Error" in console.getvalue()
    assert "marcador-da-pergunta" not in console.getvalue()
