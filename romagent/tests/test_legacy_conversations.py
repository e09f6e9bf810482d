"""The old conversations: every irregularity once, times and order kept, the same file twice, and a stranger."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from conftest import signed_in
from conversations.models import Conversation, Message
from conversations.tests.making import ask
from romagent.legacy.values import new_id
from romagent.tests.legacy import DAY, Result, conversation, import_legacy, message, write

pytestmark = pytest.mark.django_db
KEY = "conv_1700000000000_ab12cd"
Import = Callable[..., Result]


@pytest.fixture
def bring(owner: User, tmp_path: Path) -> Import:
    """Imports one conversation that has these differences from a plain one."""

    def run(*arguments: str, **more: Any) -> Result:
        path = write(tmp_path / "dados", "conversations.json", {KEY: conversation(KEY, **more)})
        return import_legacy(path, *arguments)

    return run


def texts() -> list[str]:
    return list(Message.objects.in_order().values_list("content", flat=True))


@pytest.mark.parametrize(
    ("kind", "legacy", "expected"),
    [
        ("conversation", KEY, "57bb2425-80da-57e2-8ca1-720399a53a70"),
        ("message", f"{KEY}:0", "e26d4a80-f690-5750-bcb0-ac0639e28aca"),
        ("user", "user-900", "81a3540c-a7f0-5620-b6f3-5834c7f1e45f"),
        ("project:json", "7", "d07f2c79-0f0c-526e-99f3-b6071ecb3ee1"),
        ("project:index", "acervo-exemplo", "2eea8b0a-c9e0-5d1e-bc2c-fda6fd0a156d"),
        ("document", "kb-1700000000000-x1y2z3a4b", "e7b057b5-59ce-5017-9e09-c6eed1f63b67"),
        ("file", "file_1700000000000_q1w2e3r4t", "1b3cd632-8826-509f-92f2-777579c5a3a1"),
    ],
)
def test_ids_follow_from_the_old_ones(kind: str, legacy: str, expected: str) -> None:
    assert new_id(kind, legacy) == UUID(expected)


def test_a_conversation_comes_with_its_messages_and_its_times(bring: Import, owner: User) -> None:
    later = "2026-01-05T12:00:03.500Z"
    found = bring(
        messages=[message("Qual o prazo?"), message("Quinze dias.", "assistant", later)],
        updatedAt="2026-01-06T00:00:00Z",
    )
    assert (found.counts("conversations"), found.counts("messages")) == ((1, 1, 0), (2, 2, 0))
    it = Conversation.objects.get()
    assert (it.pk, it.user, it.title, it.mode) == (new_id("conversation", KEY), owner, "Prazo de exemplo", "juridico")
    assert it.created_at == datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert it.updated_at == datetime(2026, 1, 6, tzinfo=UTC)
    question, answer = Message.objects.in_order()
    assert (question.role, question.content, question.created_at) == ("user", "Qual o prazo?", it.created_at)
    assert (answer.role, answer.status, answer.reply_to) == ("assistant", "complete", question)
    assert answer.created_at == datetime(2026, 1, 5, 12, 0, 3, 500000, tzinfo=UTC)
    assert (answer.model, answer.tokens_input, answer.latency_ms) == ("", None, None)
    assert it.metadata["legacy_id"] == KEY


def test_the_same_file_twice_changes_nothing(bring: Import) -> None:
    messages = [message("um"), message("dois", "assistant")]
    bring(messages=messages)
    before = list(Message.objects.order_by("pk").values()), list(Conversation.objects.values())
    again = bring(messages=messages)
    assert (again.counts("conversations"), again.counts("messages")) == ((1, 0, 1), (2, 0, 2))
    assert again.json["reasons"] == {"já importado": 3}
    assert (list(Message.objects.order_by("pk").values()), list(Conversation.objects.values())) == before


def test_what_was_appended_since_comes_with_the_second_import(bring: Import) -> None:
    bring(messages=[message("um")])
    again = bring(messages=[message("um"), message("dois", "assistant", "2026-01-05T12:00:01Z")])
    assert again.counts("messages") == (2, 1, 1)
    assert texts() == ["um", "dois"]
    assert Message.objects.get(content="dois").reply_to == Message.objects.get(content="um")


def test_a_text_that_has_changed_meanwhile_stays_as_it_came_first(bring: Import) -> None:
    bring(messages=[message("primeiro")])
    again = bring(messages=[message("segundo")])
    assert texts() == ["primeiro"]
    assert "texto diferente do já importado" in again.report


# Irregularities ----------------------------------------------------------------------------------


def test_a_conversation_without_messages_is_left_out_unless_asked_for(bring: Import) -> None:
    assert bring(messages=[]).json["reasons"] == {"sem mensagens": 1}
    assert bring("--keep-empty", messages=[]).counts("conversations") == (1, 1, 0)


def test_a_question_without_an_answer_stays_one_and_can_be_followed(bring: Import) -> None:
    bring(messages=[message("sem resposta")])
    it = Conversation.objects.get()
    asked = ask(it, "E agora?")
    assert asked.question.reply_to == Message.objects.get(content="sem resposta")
    assert texts() == ["sem resposta", "E agora?", ""]


def test_the_key_wins_over_the_id(bring: Import) -> None:
    assert "vale a chave" in bring(id="outra").report
    assert Conversation.objects.get().pk == new_id("conversation", KEY)


def test_a_message_without_a_time_gets_one_and_says_so(bring: Import) -> None:
    bring(messages=[message(timestamp=None), {"role": "assistant", "content": "b"}])
    first, second = Message.objects.in_order()
    start = datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert [first.created_at, second.created_at] == [start, start + timedelta(milliseconds=1)]
    assert {first.metadata["timestamp"], second.metadata["timestamp"]} == {"estimated"}


def test_the_order_of_the_list_wins_over_the_times(bring: Import) -> None:
    found = bring(
        messages=[
            message("a", timestamp="2026-01-05T12:00:09Z"),
            message("b", timestamp="2026-01-05T12:00:01Z"),
            message("c", timestamp="2026-01-05T12:00:01Z"),
            message("d", timestamp="2026-01-05T12:00:10Z"),
        ]
    )
    assert texts() == ["a", "b", "c", "d"]
    assert "datas fora de ordem" in found.report
    assert Message.objects.get(content="b").metadata["legacy_timestamp"] == "2026-01-05T12:00:01+00:00"


def test_messages_of_the_same_moment_keep_their_order(bring: Import) -> None:
    bring(messages=[message(str(number)) for number in range(30)])
    assert texts() == [str(number) for number in range(30)]


@pytest.mark.parametrize(
    ("role", "imported"), [("system", 1), ("tool", 0), (None, 0), (7, 0), (["user"], 0), ("USER", 0)]
)
def test_roles(bring: Import, role: Any, imported: int) -> None:
    found = bring(messages=[message(role=role), message("fica")])
    assert found.counts("messages") == (2, 1 + imported, 1 - imported)
    assert (Message.objects.filter(role="system").count(), "papel desconhecido" in found.report) == (
        imported, not imported,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ""),
        ([{"type": "text", "text": "um"}, {"type": "text", "text": "dois"}], "um\n\ndois"),
        ([{"type": "image", "source": "…"}, {"type": "text", "text": "e"}], "[parte não importada: image]\n\ne"),
        ([{"sem": "tipo"}], "[parte não importada: tipo desconhecido]"),
        ({"a": [1, "é"]}, '{"a": [1, "é"]}'),
        (42, "42"),
        (True, "true"),
        ([], "[]"),
        ("a\x00b", "ab"),
        ("a\ud800b", "a\ufffdb"),
        ("😀 ação", "😀 ação"),
        ("⏳ processando...", "⏳ processando..."),
    ],
)
def test_contents(bring: Import, content: Any, expected: str) -> None:
    bring(messages=[message(content)])
    (found,) = texts()
    assert found.replace("??", "\ufffd").replace("?", "\ufffd") == expected or found == expected


def test_no_content_is_no_message(bring: Import) -> None:
    found = bring(messages=[message(None), {"role": "user"}, "texto", None, 3, message("fica")])
    assert found.counts("messages") == (6, 1, 5)
    assert found.json["reasons"] == {"sem conteúdo": 2, "não é um objeto": 3}


@pytest.mark.parametrize("messages", [None, {}, "texto", 3])
def test_messages_that_are_no_list_are_none(bring: Import, messages: Any) -> None:
    assert bring(messages=messages).json["reasons"] == {"sem mensagens": 1}


def test_the_last_message_is_the_last_change(bring: Import) -> None:
    bring(messages=[message(timestamp="2026-02-01T00:00:00Z")], updatedAt=DAY)
    assert Conversation.objects.get().updated_at == datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1767614400000, datetime(2026, 1, 5, 12, tzinfo=UTC)),
        (1767614400, datetime(2026, 1, 5, 12, tzinfo=UTC)),
        ("1767614400000", datetime(2026, 1, 5, 12, tzinfo=UTC)),
        (1767614400000.5, datetime(2026, 1, 5, 12, 0, 0, 500, tzinfo=UTC)),
        ("2026-01-05T12:00:00", datetime(2026, 1, 5, 12, tzinfo=UTC)),
        ("2026-01-05T09:00:00-03:00", datetime(2026, 1, 5, 12, tzinfo=UTC)),
    ],
)
def test_times_in_other_forms(bring: Import, value: Any, expected: datetime) -> None:
    bring(messages=[message(timestamp=value)], createdAt=value)
    assert Conversation.objects.get().created_at == expected
    assert Message.objects.get().created_at == expected


@pytest.mark.parametrize(
    "value", ["1970", "9999-12-31T23:59:59Z", "ontem", -5, 10**30, True, {}, "0001-01-01T00:00:00+14:00"]
)
def test_impossible_times_are_estimated(bring: Import, value: Any) -> None:
    found = bring(messages=[message(timestamp=value)])
    assert "data impossível" in found.report
    assert Message.objects.get().created_at == datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_no_message_is_after_now(bring: Import) -> None:
    bring(messages=[message(timestamp=None)], createdAt="2126-01-01T00:00:00Z", updatedAt="2126-01-01T00:00:00Z")
    assert Message.objects.get().created_at <= timezone.now()
    assert Conversation.objects.get().updated_at <= timezone.now()


@pytest.mark.parametrize(
    ("title", "expected", "titled"),
    [
        ("Nova Conversa", "Nova conversa", None), (None, "Nova conversa", None), ("", "Nova conversa", None),
        ("Contestação…", "Contestação…", "legacy"), ("x" * 600, "x" * 500, "legacy"),
    ],
)  # fmt: skip
def test_titles(bring: Import, title: Any, expected: str, titled: str | None) -> None:
    bring(title=title)
    it = Conversation.objects.get()
    assert (it.title, it.metadata.get("titled")) == (expected, titled)


def test_a_project_that_is_not_here_is_remembered(bring: Import) -> None:
    found = bring(projectId="acervo-exemplo")
    it = Conversation.objects.get()
    assert (it.project, it.metadata["legacy_project"]) == (None, "acervo-exemplo")
    assert "projeto desconhecido" in found.report


def test_what_is_not_a_conversation_is_named(owner: User, tmp_path: Path) -> None:
    data = {"a": None, "b": 3, "c": [], "d": "x", "": conversation(""), KEY: conversation(KEY)}
    found = import_legacy(write(tmp_path, "conversations.json", data))
    assert found.counts("conversations") == (6, 1, 5)
    assert found.json["reasons"] == {"não é um objeto": 4, "sem id": 1, "conversa pulada: sem id": 1}


def test_a_key_that_stands_twice_is_imported_once(owner: User, tmp_path: Path) -> None:
    one, other = json.dumps(conversation(KEY)), json.dumps(conversation(KEY, messages=[message("outra")]))
    found = import_legacy(write(tmp_path, "conversations.json", f'{{"{KEY}": {one}, "{KEY}": {other}}}'))
    assert (found.counts("conversations"), found.counts("messages")) == ((2, 1, 1), (2, 1, 1))
    assert texts() == ["Olá"]


def test_a_conversation_that_was_exported_alone(owner: User, tmp_path: Path) -> None:
    data = {"title": "Avulsa", "createdAt": DAY, "updatedAt": DAY, "messageCount": 1, "messages": [message("só")]}
    path = write(tmp_path, "conversa-avulsa.json", data)
    assert import_legacy(path).counts("messages") == (1, 1, 0)
    assert Conversation.objects.get().title == "Avulsa"
    assert import_legacy(path).counts("conversations") == (1, 0, 1)


# Whose -------------------------------------------------------------------------------------------


def test_what_was_nobodys_is_the_owners_and_nobody_elses(
    bring: Import, owner: User, stranger: User, staff: User
) -> None:
    bring()
    it = Conversation.objects.get()
    assert list(Conversation.objects.for_user(owner)) == [it]
    for somebody in (stranger, staff):
        assert not Conversation.objects.for_user(somebody).exists()
        assert signed_in(somebody).get(f"/conversas/{it.pk}/").status_code == 404


def test_without_an_owner_what_was_nobodys_stays_out(tmp_path: Path) -> None:
    found = import_legacy(write(tmp_path, "conversations.json", {KEY: conversation(KEY)}), owner="")
    assert found.counts("conversations") == (1, 0, 1)
    assert "sem dono" in found.report


def test_an_owner_of_before_is_its_owner_here(owner: User, stranger: User, tmp_path: Path) -> None:
    stranger.metadata = {"legacy_ids": ["user-001"]}
    stranger.save(update_fields=["metadata"])
    data = {"a": conversation("a", userId="user-001"), "b": conversation("b", userId="user-777")}
    found = import_legacy(write(tmp_path, "conversations.json", data))
    assert list(Conversation.objects.order_by("metadata__legacy_id").values_list("user", flat=True)) == [
        stranger.pk, owner.pk,
    ]  # fmt: skip
    assert "pessoa desconhecida" in found.report


def test_what_was_imported_for_somebody_is_never_given_to_another(
    bring: Import, stranger: User, tmp_path: Path
) -> None:
    bring()
    path = write(tmp_path, "conversations.json", {KEY: conversation(KEY, messages=[message(), message("nova")])})
    found = import_legacy(path, owner=stranger.email)
    assert found.counts("messages") == (2, 0, 2)
    assert not Conversation.objects.for_user(stranger).exists()
    assert texts() == ["Olá"]


# In the product ------------------------------------------------------------------------------------


def test_it_opens_is_found_and_goes_on(bring: Import, as_owner: Client) -> None:
    bring(messages=[message("Qual o prazo da apelação?"), message("São **quinze** dias.", "assistant")])
    it = Conversation.objects.get()
    page = as_owner.get(f"/conversas/{it.pk}/").content.decode()
    assert page.index("Qual o prazo da apelação?") < page.index("<strong>quinze</strong>")
    assert "Prazo de exemplo" in as_owner.get("/busca/?q=apelacao").content.decode()
    assert as_owner.post(f"/conversas/{it.pk}/mensagens/", {"content": "E no JEC?"}).status_code == 303
    assert texts()[:3] == ["Qual o prazo da apelação?", "São **quinze** dias.", "E no JEC?"]


def test_one_row_in_the_audit_log_says_how_much(bring: Import, owner: User) -> None:
    bring()
    row = AuditLog.objects.get()
    assert (row.action, row.user) == ("importacao.executar", owner)
    assert row.new_value == {
        "conversations": {"read": 1, "imported": 1, "skipped": 0}, "messages": {"read": 1, "imported": 1, "skipped": 0},
    }  # fmt: skip


def test_a_dry_run_says_the_same_and_keeps_nothing(bring: Import) -> None:
    said = bring("--dry-run")
    assert "nada foi gravado" in said.text
    assert not Conversation.objects.exists()
    assert not AuditLog.objects.exists()
    assert bring().json == said.json
