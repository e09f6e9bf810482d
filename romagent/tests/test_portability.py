"""What is in a person's copy of her own data: everything of hers, nothing of anybody else's, readable anywhere."""

import csv
import io
import json
import random
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from audit.models import AIOperation, AuditLog
from conversations import actions
from conversations.models import Conversation, Message
from conversations.portability import beginning_of, messages_of
from conversations.tests.making import make_conversation, make_exchange
from projects.models import Project, ProjectMember
from romagent import portability
from romagent.tests.exported import archive_of, at_noon, make_upload, media

__all__ = ["media"]  # fixtures
pytestmark = pytest.mark.usefixtures("committed")


# Conversations -----------------------------------------------------------------------------------


def test_a_conversation_is_there_as_text_and_as_json(owner: User) -> None:
    project = Project.objects.create(user=owner, name="Caso Souza")
    conversation = make_conversation(
        owner, "Ação de cobrança", created_at=at_noon(22), project=project, metadata={"titled": "person"}
    )
    question, reply = make_exchange(conversation, "Qual o prazo?", "**Quinze** dias.", tokens_input=7, latency_ms=900)
    found = archive_of(owner)
    text = found["conversas/2026-11-22 Ação de cobrança.md"].decode()
    assert text.startswith("# Ação de cobrança\n")
    assert text.index("Qual o prazo?") < text.index("**Quinze** dias.")
    data = json.loads(found["conversas/2026-11-22 Ação de cobrança.json"])
    assert data["formato"] == "romagent.conversa/1"
    assert data["criada_em"] == "2026-11-22T12:00:00-03:00"
    assert data["projeto"] == {"id": str(project.pk), "nome": "Caso Souza"}
    assert data["metadados"] == {"titled": "person"}
    assert [(said["id"], said["papel"], said["conteudo"]) for said in data["mensagens"]] == [
        (str(question.pk), "user", "Qual o prazo?"),
        (str(reply.pk), "assistant", "**Quinze** dias."),
    ]
    assert data["mensagens"][1]["tokens_de_entrada"] == 7
    assert data["mensagens"][1]["responde_a"] == str(question.pk)
    assert datetime.fromisoformat(data["mensagens"][0]["criada_em"]) == question.created_at


def test_the_json_has_every_version_and_the_text_the_present_one(owner: User) -> None:
    conversation = make_conversation(owner, created_at=at_noon(1))
    _, old = make_exchange(conversation, "P", "Resposta antiga")
    fresh = actions.redo(old, user=owner)
    Message.objects.filter(pk=fresh.pk).update(content="Resposta nova", status="complete")
    found = archive_of(owner)
    text = found["conversas/2026-11-01 Ação de cobrança.md"].decode()
    assert "Resposta nova" in text
    assert "Resposta antiga" not in text
    said = json.loads(found["conversas/2026-11-01 Ação de cobrança.json"])["mensagens"]
    assert [(message["conteudo"], bool(message["fora_do_fio_desde"])) for message in said] == [
        ("P", False), ("Resposta antiga", True), ("Resposta nova", False),
    ]  # fmt: skip
    assert "job" not in said[2]["metadados"]


def test_a_long_conversation_is_whole_and_in_order(owner: User) -> None:
    conversation = make_conversation(owner)
    moment = timezone.now()
    rows = [
        Message(
            conversation=conversation,
            user=owner,
            role="user",
            content=f"m{n}",
            created_at=moment + timedelta(0, n // 3),
        )
        for n in range(175)
    ]
    random.shuffle(rows)
    Message.objects.bulk_create(rows)
    found = [message.content for message in messages_of(conversation, beginning_of(conversation))]
    assert len(found) == len(set(found)) == 175
    assert [int(text[1:]) // 3 for text in found] == sorted(int(text[1:]) // 3 for text in found)


def test_archived_ones_are_there_and_deleted_ones_are_not(owner: User) -> None:
    make_conversation(owner, "Arquivada", created_at=at_noon(2), archived_at=timezone.now())
    make_conversation(owner, "Excluída", created_at=at_noon(2), deleted_at=timezone.now())
    found = [name for name in archive_of(owner) if name.startswith("conversas/")]
    assert found == ["conversas/2026-11-02 Arquivada.md", "conversas/2026-11-02 Arquivada.json"]


def test_the_same_title_on_the_same_day_is_numbered(owner: User) -> None:
    for title in ("Contrato", "CONTRATO", "Contrato"):
        make_conversation(owner, title, created_at=at_noon(2))
    assert sorted(name for name in archive_of(owner) if name.endswith(".md")) == [
        "conversas/2026-11-02 CONTRATO (2).md",
        "conversas/2026-11-02 Contrato (3).md",
        "conversas/2026-11-02 Contrato.md",
    ]


# Nobody else's -----------------------------------------------------------------------------------


def test_nothing_of_anybody_else_is_there(owner: User, stranger: User) -> None:
    shared = Project.objects.create(user=stranger, name="Do colega", client="Cliente do colega", instructions="Segredo")
    ProjectMember.objects.create(project=shared, user=owner)
    make_exchange(make_conversation(stranger, "Conversa do colega", project=shared), "Palavra do colega")
    make_upload(stranger, "do-colega.pdf", b"conteudo do colega", project=shared)
    record("conversa.criar", user=stranger, new={"title": "Ato do colega"})
    found = archive_of(owner)
    everything = b"".join(found.values()) + "".join(found).encode()
    for words in (
        "Cliente do colega",
        "Segredo",
        "Conversa do colega",
        "Palavra",
        "do-colega",
        "conteudo do colega",
        "Ato do",
    ):
        assert words.encode() not in everything, words
    assert json.loads(found["projetos-de-outros.json"]) == [
        {"id": str(shared.pk), "nome": "Do colega", "numero_cnj": "", "papel": "edita"}
    ]


def test_no_secret_is_there(owner: User, as_owner: Any) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=owner, type="totp", data={"secret": "segredo-do-totp"})
    owner.set_password("senha-da-helena")
    owner.save()
    found = archive_of(owner)["perfil.json"].decode()
    for words in ("segredo-do-totp", owner.password, as_owner.cookies["rom.sid"].value):
        assert words not in found
    profile = json.loads(found)
    assert (profile["email"], profile["segundo_fator"][0]["tipo"]) == (owner.email, "totp")


# Files -------------------------------------------------------------------------------------------


def test_files_come_as_they_were_given_under_their_names(owner: User) -> None:
    upload = make_upload(owner, "petição inicial.pdf", b"%PDF ...", mime_type="application/pdf", page_count=3)
    make_upload(owner, "Petição inicial.PDF", b"outro")
    make_upload(owner, "sem ponto", b"terceiro")
    found = archive_of(owner)
    assert found["arquivos/petição inicial.pdf"] == b"%PDF ..."
    assert found["arquivos/Petição inicial (2).PDF"] == b"outro"
    assert found["arquivos/sem ponto"] == b"terceiro"
    listed = json.loads(found["arquivos.json"])
    assert [row["nome"] for row in listed] == ["petição inicial.pdf", "Petição inicial.PDF", "sem ponto"]
    assert (listed[0]["id"], listed[0]["paginas"]) == (str(upload.pk), 3)


def test_what_is_missing_or_broken_is_listed_and_stops_nothing(owner: User, tmp_path: Path) -> None:
    gone = make_upload(owner, "sumiu.pdf")
    default_storage.delete(gone.file_path)
    make_upload(owner, "nunca.pdf", None)
    make_upload(owner, "mudou.pdf", b"outra coisa", sha256="0" * 64)
    make_upload(owner, "chegando.pdf", b"me", metadata={"multipart": {"id": "segredo-do-envio"}})
    make_upload(owner, "bom.pdf", b"inteiro")
    found = archive_of(owner)
    assert "segredo-do-envio" not in found["arquivos.json"].decode()
    assert found["faltou.txt"].decode().splitlines() == [
        "arquivos/sumiu.pdf: o arquivo não está mais no armazenamento",
        "arquivos/nunca.pdf: o arquivo nunca chegou inteiro",
        "arquivos/mudou.pdf: o arquivo guardado não é mais igual ao que foi enviado",
        "arquivos/chegando.pdf: o arquivo ainda não chegou inteiro",
    ]
    assert [name for name in found if name.startswith("arquivos/")] == ["arquivos/bom.pdf"]
    assert "1 arquivos" in found["LEIA-ME.txt"].decode()
    assert "faltou.txt" in found["LEIA-ME.txt"].decode()


def test_a_storage_that_breaks_off_half_way_leaves_no_half_of_a_file(owner: User) -> None:
    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionError("gone")
            return super().read(10)

    make_upload(owner, "metade.pdf", b"x" * 100)
    with mock.patch.object(type(default_storage._wrapped), "_open", side_effect=lambda *_: Breaking(b"x" * 100)):
        found = archive_of(owner)
    assert "o armazenamento não deu o arquivo inteiro" in found["faltou.txt"].decode()
    assert "arquivos/metade.pdf" not in found


def test_no_database_connection_waits_for_the_storage(owner: User) -> None:
    seen = []
    make_upload(owner, "a.pdf", b"x" * 3_000_000)
    read = type(default_storage._wrapped)._open

    def watched(self: Any, *args: Any) -> Any:
        seen.append(connection.connection)
        return read(self, *args)

    with mock.patch.object(type(default_storage._wrapped), "_open", watched):
        archive_of(owner)
    assert seen == [None]


# The rest ----------------------------------------------------------------------------------------


def rows_of(content: bytes) -> list[dict[str, str]]:
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_her_own_acts_and_her_use_are_tables_for_a_spreadsheet(owner: User) -> None:
    record("conversa.renomear", user=owner, old={"title": "=cmd|' /C calc'!A0"}, new={"title": "Ação; nova"})
    AuditLog.objects.create(user_id=owner.pk, action="entrar", user_agent="=HYPERLINK(1)", ip_address="10.0.0.1")
    AIOperation.objects.create(
        user=owner, operation_type="answer", model="claude", status="complete", tokens_input=5, cost_usd="0.25"
    )
    found = archive_of(owner)
    acts = rows_of(found["auditoria.csv"])
    assert [row["ato"] for row in acts] == ["conversa.renomear", "entrar"]
    assert json.loads(acts[0]["depois"]) == {"title": "Ação; nova"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+-03:00", acts[0]["quando"])
    assert acts[1]["navegador"] == "'=HYPERLINK(1)"
    (use,) = rows_of(found["uso.csv"])
    assert (use["modelo"], use["chamadas"], use["custo em US$"]) == ("claude", "1", "0.250000")


def test_a_project_is_there_with_its_people(owner: User, stranger: User) -> None:
    project = Project.objects.create(
        user=owner, name="Caso: Souza/Lima", client="Souza", case_number="0001234-56.2024.8.26.0100", preservar=True
    )
    ProjectMember.objects.create(project=project, user=stranger, role="viewer")
    Project.objects.create(user=owner, name="Excluído", deleted_at=timezone.now())
    found = archive_of(owner)
    assert [name for name in found if name.startswith("projetos/")] == ["projetos/Caso Souza Lima.json"]
    data = json.loads(found["projetos/Caso Souza Lima.json"])
    assert (data["nome"], data["cliente"], data["preservar"]) == ("Caso: Souza/Lima", "Souza", True)
    assert data["participantes"] == [{"nome": "Rui Matos", "papel": "só lê"}]


def test_a_person_with_nothing_gets_a_whole_archive_too(owner: User) -> None:
    found = archive_of(owner)
    assert sorted(found) == [
        "LEIA-ME.txt", "arquivos.json", "auditoria.csv", "perfil.json", "prazos.json", "projetos-de-outros.json",
        "uso.csv",
    ]  # fmt: skip
    assert json.loads(found["arquivos.json"]) == []
    about = found["LEIA-ME.txt"].decode()
    assert "0 conversas, 0 documentos e 0 arquivos" in about
    assert owner.email in about
    assert "faltou" not in about


def test_the_readme_names_every_field_of_the_schema(owner: User) -> None:
    make_exchange(make_conversation(owner))
    found = archive_of(owner)
    data = json.loads(next(content for name, content in found.items() if re.match("conversas/.*json", name)))
    about = found["LEIA-ME.txt"].decode()
    for name in [*data, *data["mensagens"][0]]:
        if name not in {"formato", "id"}:
            assert name in about, name


def test_numbers_say_what_is_kept(owner: User, stranger: User) -> None:
    make_exchange(make_conversation(owner))
    make_conversation(stranger)
    make_upload(owner, "a.pdf", b"12345")
    found = {number.label: (number.count, number.size) for number in portability.numbers(owner)}
    assert found["conversas"] == (1, None)
    assert found["mensagens"] == (2, None)
    assert found["arquivos"] == (1, 5)


def test_what_holds_odd_signs_comes_back_word_for_word(owner: User) -> None:
    content = "  <b>\u202e “x” \t 👩🏽‍⚖️ \\n } ] \u2028 fim  "
    make_exchange(make_conversation(owner), content)
    found = archive_of(owner)
    data = json.loads(next(value for name, value in found.items() if name.startswith("conversas/") and "json" in name))
    assert data["mensagens"][0]["conteudo"] == content
    assert Conversation.objects.count() == 1
