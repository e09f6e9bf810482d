"""The old people, projects and documents: both shapes, no secrets, invitations, and files that are only looked for where allowed."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from conversations.models import Conversation
from projects.models import Project, ProjectMember
from romagent.legacy.values import new_id
from romagent.tests.legacy import DAY, conversation, document, import_legacy, message, person, project, write
from uploads.models import Upload, UploadPage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("owner")]


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


# People ------------------------------------------------------------------------------------------


def test_a_person_comes_without_her_password_and_is_invited(tmp_path: Path) -> None:
    found = import_legacy(write(tmp_path, "users.json", [person(oab="GO 12.345", lastLogin=DAY)]))
    assert found.counts("users") == (1, 1, 0)
    it = User.objects.get(email="pessoa@example.com")
    assert (it.pk, it.name, it.role, it.oab) == (new_id("user", "user-900"), "Pessoa Exemplo", "user", "GO 12.345")
    assert not it.has_usable_password()
    assert it.created_at.isoformat() == it.updated_at.isoformat() == "2026-01-05T12:00:00+00:00"
    assert it.last_login
    assert (it.metadata["partner"], it.metadata["legacy_ids"]) == ("escritorio-exemplo", ["user-900"])
    assert it.metadata["invitation"]["state"] == "queued"
    assert ProcrastinateJob.objects.get().args == {"user_id": str(it.pk), "by_office": True}
    assert AuditLog.objects.filter(action="convite.enviar", entity_id=it.pk).count() == 1


def test_both_shapes_of_the_file(tmp_path: Path) -> None:
    other = {
        "id": "user_1700000000000_abcdefghi", "name": "Outra", "email": "p2@example.com", "password": "segredo",
        "role": "operator", "department": "Geral", "phone": "", "oab": "", "active": True, "lastLogin": None,
        "createdAt": DAY, "createdBy": "system", "permissions": {"a": {"b": True}},
    }  # fmt: skip
    found = import_legacy(write(tmp_path, "users.json", {"metadata": {"x": [1]}, "users": [other, person()]}))
    assert found.counts("users") == (2, 2, 0)
    assert User.objects.get(email="p2@example.com").metadata["department"] == "Geral"


@pytest.mark.parametrize("data", [[], {"users": []}, {"metadata": {}}])
def test_a_file_with_nobody(tmp_path: Path, data: Any) -> None:
    assert import_legacy(write(tmp_path, "users.json", data)).counts("users") == (0, 0, 0)


def test_nobody_is_there_twice(tmp_path: Path, owner: User) -> None:
    data = [person(), person("user-901", " Pessoa@Example.com "), person("user-902", owner.email.upper())]
    path = write(tmp_path, "users.json", data)
    assert import_legacy(path).counts("users") == (3, 1, 2)
    assert import_legacy(path).counts("users") == (3, 0, 3)
    it = User.objects.get(email="pessoa@example.com")
    assert it.metadata["legacy_ids"] == ["user-900", "user-901"]
    owner.refresh_from_db()
    assert (owner.name, owner.metadata["legacy_ids"]) == ("Dra. Helena Prado", ["user-902"])
    assert ProcrastinateJob.objects.count() == 1  # invited once


@pytest.mark.parametrize(
    ("role", "arguments", "expected"),
    [
        ("user", [], "user"), ("viewer", [], "user"), ("partner_admin", [], "user"), ("qualquer", [], "user"),
        ("admin", [], "user"), ("master_admin", [], "user"), ("master_admin", ["--allow-admins"], "admin"),
        (["admin"], [], "user"),
    ],
)  # fmt: skip
def test_nobody_becomes_an_administrator_unless_it_is_said(
    tmp_path: Path, role: Any, arguments: list[str], expected: str
) -> None:
    import_legacy(write(tmp_path, "users.json", [person(role=role)]), *arguments)
    it = User.objects.get(email="pessoa@example.com")
    assert (it.role, it.is_superuser) == (expected, False)


def test_who_was_deactivated_stays_so_and_is_not_invited(tmp_path: Path) -> None:
    import_legacy(write(tmp_path, "users.json", [person(active=False)]))
    assert not User.objects.get(email="pessoa@example.com").is_active
    assert not ProcrastinateJob.objects.exists()


def test_people_who_cannot_be_are_named(tmp_path: Path) -> None:
    data = [
        None,
        3,
        {},
        person(email="sem-arroba"),
        person(email=None),
        person(key=None),
        person(email="a" * 300),
        person(),
    ]
    found = import_legacy(write(tmp_path, "users.json", data))
    assert found.counts("users") == (8, 1, 7)
    assert found.json["reasons"] == {"não é um objeto": 2, "sem id": 2, "sem e-mail válido": 3}


def test_no_secret_of_the_old_system_is_anywhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    secrets = {"email": "MARCA-email@alheio.example", "senha": "MARCA-senha", "outros": [{"x": ["MARCA-fundo"]}]}
    people = [person(jusbrasilCredentials=secrets, accessToken="MARCA-token", desconhecido="MARCA-resto")]
    people[0]["passwordHash"] = "MARCA-hash"
    write(tmp_path / "d", "users.json", people)
    talk = conversation(sessionId="MARCA-sessao", desconhecido={"a": "MARCA-resto"})
    write(tmp_path / "d", "conversations.json", {"c": talk})
    write(tmp_path / "d", "sessions.json", [{"accessToken": "MARCA-sessao"}])
    found = import_legacy(tmp_path / "d")
    assert (found.counts("users"), found.counts("conversations")) == ((1, 1, 0), (1, 1, 0))
    assert "sessions.json" in found.text  # named, and not read
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" row WHERE row::text ILIKE %s', ["%MARCA%"])
            assert cursor.fetchone() == (0,), table
    assert "MARCA" not in found.text + found.err + found.report + caplog.text


# Projects ----------------------------------------------------------------------------------------


def test_both_stores_of_projects(tmp_path: Path, owner: User) -> None:
    write(tmp_path / "d", "users.json", [person()])
    write(tmp_path / "d", "projects.json", [project(type="cível", lastModified="2026-01-09T00:00:00Z")])
    index = {
        "acervo-exemplo": {
            "id": "acervo-exemplo", "name": "Acervo", "customInstructions": "x" * 9000, "owner": "default",
            "collaborators": ["user-900", "user-404"], "knowledgeBase": [], "createdAt": DAY, "updatedAt": DAY,
        },
        "padrao": {"id": "padrao", "name": "Padrão", "isDefault": True},
    }  # fmt: skip
    write(tmp_path / "d", "projects/projects-index.json", index)
    write(tmp_path / "d", "conversations.json", {
        "c1": conversation("c1", projectId="7"), "c2": conversation("c2", projectId="acervo-exemplo"),
    })  # fmt: skip
    found = import_legacy(tmp_path / "d")
    assert found.counts("projects") == (3, 2, 1)
    assert found.json["reasons"] == {"projeto de exemplo do sistema antigo": 1}
    one, other = (
        Project.objects.get(pk=new_id("project:json", "7")),
        Project.objects.get(pk=new_id("project:index", "acervo-exemplo")),
    )
    assert (one.user, one.instructions, one.metadata["legacy_type"]) == (owner, "Seja breve.", "cível")
    assert one.updated_at.isoformat() == "2026-01-09T00:00:00+00:00"
    assert len(other.instructions) == 9000
    assert [member.user.email for member in ProjectMember.objects.all()] == ["pessoa@example.com"]
    assert set(Conversation.objects.values_list("project", flat=True)) == {one.pk, other.pk}
    assert import_legacy(tmp_path / "d").counts("projects") == (3, 0, 3)


def test_the_example_project_comes_when_it_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "projects-index.json", {"padrao": {"name": "Padrão", "isDefault": True}})
    assert import_legacy(path, "--keep-default").counts("projects") == (1, 1, 0)


def test_the_echo_that_the_old_projects_kept_as_a_chat_does_not_come(tmp_path: Path) -> None:
    import_legacy(
        write(tmp_path, "projects.json", [project(chatHistory=[message("eco-do-robo")], analysis={"a": "eco"})])
    )
    assert not Conversation.objects.exists()
    assert "eco" not in json.dumps(list(Project.objects.values("description", "instructions", "metadata")))


# Files -------------------------------------------------------------------------------------------


def file(key: str = "file_1700000000000_q1w2e3r4t", path: Any = "uploads/contrato.pdf", **more: Any) -> dict[str, Any]:
    return {"id": key, "name": "contrato.pdf", "path": path, "size": 5, "type": "text/plain", "uploadedAt": DAY} | more


def test_a_file_that_did_not_come_along_is_a_record_that_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, "projects.json", [project(uploadedFiles=[file(), file("file_2"), "x"])])
    found = import_legacy(path)
    assert found.counts("files") == (3, 2, 1)
    it = Upload.objects.get(pk=new_id("file", "file_1700000000000_q1w2e3r4t"))
    assert (it.upload_status, it.file_path, it.project.name) == ("failed", "", "Acervo exemplo")
    assert "não veio" in it.error
    assert import_legacy(path).counts("files") == (3, 0, 3)


def test_a_file_below_the_root_comes_with_its_bytes(tmp_path: Path) -> None:
    root = tmp_path / "raiz"
    write(root, "uploads/contrato.pdf", "%PDF-1.7 conteudo")
    path = write(tmp_path, "projects.json", [project(uploadedFiles=[file(path="/srv/velho /uploads/contrato.pdf")])])
    write(root, "contrato.pdf", "%PDF-1.7 conteudo")
    import_legacy(path, "--files-root", str(root))
    it = Upload.objects.get()
    assert (it.upload_status, it.mime_type, it.file_size) == ("pending", "application/pdf", 17)
    with default_storage.open(it.file_path) as stored:
        assert stored.read() == b"%PDF-1.7 conteudo"


@pytest.mark.parametrize(
    "place", ["../segredo.txt", "/etc/hostname", "uploads/../../segredo.txt", "..\\segredo.txt", "\x00", "", ".", 7]
)
def test_nothing_outside_the_root_is_ever_opened(tmp_path: Path, place: Any) -> None:
    root = tmp_path / "raiz"
    root.mkdir()
    write(tmp_path, "segredo.txt", "MARCA")
    import_legacy(
        write(tmp_path, "projects.json", [project(uploadedFiles=[file(path=place)])]), "--files-root", str(root)
    )
    assert Upload.objects.get().file_path == ""


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "raiz"
    root.mkdir()
    os.symlink(write(tmp_path, "segredo.txt", "MARCA"), root / "contrato.pdf")
    os.symlink(tmp_path, root / "uploads")
    data = [project(uploadedFiles=[file(path="contrato.pdf"), file("file_2", path="uploads/segredo.txt")])]
    import_legacy(write(tmp_path, "projects.json", data), "--files-root", str(root))
    assert set(Upload.objects.values_list("file_path", flat=True)) == {""}


def test_a_dry_run_stores_no_file(tmp_path: Path) -> None:
    root = tmp_path / "raiz"
    write(root, "contrato.pdf", "%PDF-")
    path = write(tmp_path, "projects.json", [project(uploadedFiles=[file(path="contrato.pdf")])])
    import_legacy(path, "--files-root", str(root), "--dry-run")
    assert not (tmp_path / "media").exists()


def test_a_file_of_a_failed_import_is_taken_back(tmp_path: Path) -> None:
    root = tmp_path / "raiz"
    write(root, "contrato.pdf", "%PDF-")
    text = json.dumps([project(uploadedFiles=[file(path="contrato.pdf")])])[:-1] + ", {"
    with pytest.raises(CommandError, match="não é JSON válido"):
        import_legacy(write(tmp_path, "projects.json", text), "--files-root", str(root))
    assert not Project.objects.exists()
    assert [name for _, _, names in os.walk(tmp_path / "media") for name in names] == []


# Documents ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [lambda listed: listed, lambda listed: {"documents": listed}])
def test_a_document_comes_with_its_text(tmp_path: Path, owner: User, wrap: Any) -> None:
    found = import_legacy(write(tmp_path, "kb-documents.json", wrap([document()])))
    assert found.counts("documents") == (1, 1, 0)
    it = Upload.objects.get(pk=new_id("document", "kb-1700000000000-x1y2z3a4b"))
    assert (it.user, it.original_filename, it.upload_status) == (owner, "contrato-exemplo.pdf", "ready")
    assert (it.file_size, it.page_count, it.metadata["file_missing"]) == (0, 1, True)  # its size is not the file's
    assert UploadPage.objects.get().text == "Texto."


def test_a_document_without_text_and_file_is_not_an_empty_one(tmp_path: Path) -> None:
    import_legacy(
        write(tmp_path, "kb-documents.json", [document(extractedText=None), document("kb-2", extractedText="  ")])
    )
    assert set(Upload.objects.values_list("upload_status", flat=True)) == {"failed"}
    assert not UploadPage.objects.exists()


def test_documents_are_their_owners(tmp_path: Path, owner: User) -> None:
    write(tmp_path / "d", "users.json", [person()])
    data = [document("a", userId="user-900", extractedText="um"), document("b", userId="system", extractedText="dois")]
    write(tmp_path / "d", "kb-documents.json", data)
    import_legacy(tmp_path / "d")
    theirs = User.objects.get(email="pessoa@example.com")
    assert [upload.metadata["legacy_id"] for upload in Upload.objects.for_user(theirs)] == ["a"]
    assert [upload.metadata["legacy_id"] for upload in Upload.objects.for_user(owner)] == ["b"]


def test_the_same_text_twice_is_one_document(tmp_path: Path) -> None:
    path = write(tmp_path, "kb-documents.json", [document("a"), document("b"), document("c", extractedText="Outro.")])
    found = import_legacy(path)
    assert found.counts("documents") == (3, 2, 1)
    assert "o mesmo texto de outro documento" in found.report
    assert import_legacy(path).counts("documents") == (3, 0, 3)
    assert Upload.objects.count() == 2


COPY = {"isFullText": True}


@pytest.mark.parametrize("parent", ["kb-pai", "pai.pdf"])
def test_a_copy_in_text_is_its_parents_text(tmp_path: Path, parent: str) -> None:
    copy = document("kb-extracted-kb-pai-1", extractedText="Texto inteiro.", metadata=COPY | {"parentDocument": parent})
    data = [copy, document("kb-pai", name="pai.pdf", extractedText=None)]
    path = write(tmp_path, "kb-documents.json", data)
    assert import_legacy(path).counts("documents") == (2, 2, 0)
    it = Upload.objects.get()
    assert (it.upload_status, it.error, it.pages.get().text) == ("ready", "", "Texto inteiro.")
    assert import_legacy(path).json["reasons"] == {"já importado": 2}


@pytest.mark.parametrize(
    ("copy", "reason"),
    [
        ({"parentDocument": "kb-pai"}, "cópia em texto de quem já tem o seu"),
        ({"parentDocument": "kb-nenhum"}, "cópia em texto de um documento que não se encontra"),
    ],
)
def test_a_copy_that_nobody_needs_is_left_out(tmp_path: Path, copy: dict[str, str], reason: str) -> None:
    data = [document("kb-pai"), document("kb-c", extractedText="Texto inteiro.", metadata=COPY | copy)]
    found = import_legacy(write(tmp_path, "kb-documents.json", data))
    assert (found.counts("documents"), found.json["reasons"]) == ((2, 1, 1), {reason: 1})


def test_a_file_name_that_two_documents_have_names_neither(tmp_path: Path) -> None:
    copy = document("kb-c", extractedText="Texto.", metadata=COPY | {"parentDocument": "x.pdf"})
    data = [document(key, name="x.pdf", extractedText=None) for key in ("a", "b")] + [copy]
    assert import_legacy(write(tmp_path, "kb-documents.json", data)).counts("documents") == (3, 2, 1)
    assert not UploadPage.objects.exists()
