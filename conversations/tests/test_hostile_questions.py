"""Whatever a person types or pastes: stored exactly as it is, shown so that it can do nothing."""

import json
import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import User
from conversations.forms import AskForm
from conversations.models import Conversation, Message
from conversations.rendering import render_message
from conversations.tests.making import QUESTION, make_conversation, make_exchange

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
FRAGMENT = {"hx-request": "true"}

KEPT = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "end of the text box": "</textarea><script>alert(1)</script>",
    "entities": "&lt;b&gt; &amp; &#x3C;script&#x3E; &nbsp;",
    "template": "{{ request.user }} {% debug %} ${7*7} #{7*7}",
    "sql": "'; DROP TABLE messages; -- %s %(x)s",
    "right to left": "\u202egnp.exe\u202c \u2066isolado\u2069 \u200f",
    "invisible": "\u200b\ufeff\u00ad\u2028\u2029",
    "control": "".join(map(chr, [*range(1, 10), 11, 12, *range(14, 32), 127, 0x85, 0x9F])),
    "beyond the plane": "👩🏽‍⚖️ 𝒜 \U0010ffff \ue000\ue001 \ufffe\uffff",
    "combining": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
    "white space": "  começa com espaços\n\n\n\te acaba com eles \t\n ",
    "json": '{"content": "x", "__proto__": {}}',
    "path": "../../../etc/passwd\\..\\..",
    "formula": '=HYPERLINK("http://x";"y")',
}


def send(client: Client, conversation: Conversation, content: str, **options: object) -> Message:
    """The question as it was stored."""
    response = client.post(f"/conversas/{conversation.pk}/mensagens/", {"content": content}, **options)
    assert response.status_code == 303
    question: Message = conversation.messages.get(role="user")
    return question


def shown(html: str) -> str:
    """The text of the question, as a browser reads it out of the page."""
    found = re.search(r'<div class="text" dir="auto" data-text>(.*?)</div>', html, re.DOTALL)
    assert found
    assert "<" not in found[1]
    return unescape(found[1])


@pytest.mark.parametrize("name", KEPT)
def test_what_is_typed_is_stored_exactly_and_shown_as_text(
    as_owner: Client, conversation: Conversation, name: str
) -> None:
    content = KEPT[name]
    question = send(as_owner, conversation, content)
    assert question.content == content
    html = as_owner.get(f"/conversas/{conversation.pk}/").content.decode()
    assert shown(html) == content
    assert "<script>alert" not in html
    edit = as_owner.get(f"/mensagens/{question.pk}/editar/").content.decode()
    assert "<script>alert" not in edit
    assert "</textarea><script" not in edit


@pytest.mark.parametrize("name", KEPT)
def test_as_a_title_it_does_no_harm_either(as_owner: Client, owner: User, name: str) -> None:
    conversation = make_conversation(owner, KEPT[name].replace("\x00", ""))
    for path in ["/conversas/", f"/conversas/{conversation.pk}/", "/conversas/lateral/"]:
        html = as_owner.get(path, {"atual": str(conversation.pk)}).content.decode()
        assert "<script>alert" not in html
        assert "onerror=alert(1)>" not in html


def test_u_0000_is_left_out_since_postgresql_cannot_hold_it(as_owner: Client, conversation: Conversation) -> None:
    assert send(as_owner, conversation, "antes\x00depois").content == "antesdepois"


def test_nothing_but_u_0000_is_no_question(as_owner: Client, conversation: Conversation) -> None:
    response = as_owner.post(f"/conversas/{conversation.pk}/mensagens/", {"content": "\x00\x00"})
    assert response.status_code == 422


def test_line_endings_of_forms_become_plain_ones(as_owner: Client, conversation: Conversation) -> None:
    """Browsers send CRLF for every line break in a form."""
    assert send(as_owner, conversation, "um\r\ndois\r\n\r\ntrês").content == "um\ndois\n\ntrês"


def test_the_limit_counts_line_breaks_once(as_owner: Client, conversation: Conversation) -> None:
    lines = "a\r\n" * 100_000
    assert len(send(as_owner, conversation, lines).content) == 200_000


def test_a_hundred_thousand_lines_are_shown(as_owner: Client, conversation: Conversation) -> None:
    send(as_owner, conversation, "a\n" * 100_000)
    assert as_owner.get(f"/conversas/{conversation.pk}/").content.decode().count("a\n") >= 100_000


@pytest.mark.parametrize("content", ["x" * 200_000, "ã" * 200_000, "👩🏽‍⚖️" * 40_000, "palavra " * 25_000])
def test_as_much_as_is_allowed_is_accepted_in_any_letters(
    as_owner: Client, conversation: Conversation, content: str
) -> None:
    body = urlencode({"content": content})
    response = as_owner.post(f"/conversas/{conversation.pk}/mensagens/", body, content_type=FORM)
    assert response.status_code == 303
    assert conversation.messages.get(role="user").content == content


def test_a_megabyte_is_refused_in_words(as_owner: Client, conversation: Conversation) -> None:
    response = as_owner.post(f"/conversas/{conversation.pk}/mensagens/", {"content": "x" * 1_000_000}, headers=FRAGMENT)
    assert response.status_code == 422
    assert "O texto tem 1.000.000 caracteres, e o limite é 200.000." in json.loads(response.content)["error"]
    assert not conversation.messages.exists()


def test_what_is_too_large_to_be_read_is_refused_without_being_read(
    as_owner: Client, conversation: Conversation
) -> None:
    response = as_owner.post(f"/conversas/{conversation.pk}/mensagens/", {"content": "x" * 5_000_000})
    assert response.status_code in {400, 413}
    assert not conversation.messages.exists()


BROKEN_BYTES = [b"\xed\xa0\x80", b"\xff\xfe\xfd", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\x80", b"ok \xe3\x81"]


@pytest.mark.parametrize("data", BROKEN_BYTES, ids=repr)
def test_bytes_that_are_no_text_in_a_form_become_replacement_signs(
    as_owner: Client, conversation: Conversation, data: bytes
) -> None:
    body = b"content=antes+" + b"".join(b"%%%02X" % byte for byte in data) + b"+depois"
    response = as_owner.post(f"/conversas/{conversation.pk}/mensagens/", body, content_type=FORM)
    assert response.status_code == 303
    content = conversation.messages.get(role="user").content
    assert content.startswith("antes ")
    assert content.endswith(" depois")
    assert "\ufffd" in content


@pytest.mark.parametrize("data", BROKEN_BYTES, ids=repr)
def test_bytes_that_are_no_text_in_a_multipart_form_do_no_harm(
    as_owner: Client, conversation: Conversation, data: bytes
) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="content"\r\n\r\nantes ' + data + b" depois\r\n--x--\r\n"
    path = f"/conversas/{conversation.pk}/mensagens/"
    response = as_owner.post(path, body, content_type="multipart/form-data; boundary=x")
    assert response.status_code == 303
    assert conversation.messages.get(role="user").content.startswith("antes ")


@pytest.mark.parametrize("name", ["content", "model", "mode", "submission_key"])
def test_the_same_field_twice_does_no_harm(as_owner: Client, conversation: Conversation, name: str) -> None:
    form = {"content": [QUESTION], name: [QUESTION, QUESTION]}
    response = as_owner.post(f"/conversas/{conversation.pk}/mensagens/", form)
    assert response.status_code in {303, 422}


def test_a_file_in_place_of_the_question_is_no_question(as_owner: Client, conversation: Conversation) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="content"; filename="a.txt"\r\n\r\ntexto\r\n--x--\r\n'
    path = f"/conversas/{conversation.pk}/mensagens/"
    assert as_owner.post(path, body, content_type="multipart/form-data; boundary=x").status_code == 422


def test_a_million_different_words_can_be_saved_and_their_beginning_found(owner: User) -> None:
    """PostgreSQL indexes no more than a megabyte of words; the text itself has no such limit."""
    text = " ".join(f"palavra{number:x}" for number in range(1_000_000))
    question, _ = make_exchange(make_conversation(owner), text, "Resposta")
    assert Message.objects.get(pk=question.pk).content == text
    assert Message.objects.filter(search="palavra5").exists()


def test_a_word_that_is_longer_than_any_index_takes_can_be_saved(owner: User) -> None:
    question, _ = make_exchange(make_conversation(owner), "x" * 3_000_000 + " fim", "Resposta")
    assert Message.objects.filter(pk=question.pk, search="fim").exists()


def test_the_form_takes_no_more_fields_than_it_has() -> None:
    assert AskForm.base_fields.keys() == {"content", "mode", "model", "submission_key", "arquivo"}


# What the model writes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        "<script>alert(1)</script>",
        "[clique](javascript:alert(1))",
        "![rastro](https://espiao.example/p.png)",
        "<img src=x onerror=alert(1)>",
        "</article></main><script>alert(1)</script>",
    ],
)
def test_what_the_model_writes_can_do_nothing_either(as_owner: Client, conversation: Conversation, answer: str) -> None:
    _, reply = make_exchange(conversation, QUESTION, answer)
    for html in (as_owner.get(f"/conversas/{conversation.pk}/").content.decode(), render_message(reply)):
        text = html.partition(f'id="mensagem-{reply.pk}"')[2]
        assert "<script>alert" not in text
        assert "<img" not in text
        assert 'href="javascript' not in text
    reply.refresh_from_db()
    assert reply.content == answer
