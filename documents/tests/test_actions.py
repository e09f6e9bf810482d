"""Nobody's work is overwritten, every state that mattered is kept, and none of it costs much."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from documents import actions, versions
from documents.models import Document, DocumentVersion
from projects.models import Project, ProjectMember

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(owner: User) -> Document:
    return actions.create("Contestação", "<p>Um.</p><p>Dois.</p>", user=owner)


def numbers(document: Document) -> list[tuple[int, str, bool]]:
    return list(document.versions.order_by("number").values_list("number", "source", "is_aside"))


def later(document: Document, minutes: int) -> None:
    Document.objects.update(updated_at=timezone.now() - timedelta(minutes=minutes))
    DocumentVersion.objects.update(created_at=timezone.now() - timedelta(minutes=minutes))


def test_a_new_document_is_its_first_version(document: Document) -> None:
    document.refresh_from_db()
    assert (document.version, document.revision, document.text) == (1, 1, "Um.\nDois.")
    assert versions.content_of(document.versions.get()) == document.content == "<p>Um.</p>\n<p>Dois.</p>"


def test_typing_is_one_stretch_and_one_audit_row(document: Document, owner: User) -> None:
    for turn in range(1, 6):
        saved = actions.save(document, turn, user=owner, content=f"<p>Um {turn}.</p>")
        assert saved.revision == turn + 1
    assert numbers(document) == [(1, "edit", False)]
    assert AuditLog.objects.filter(action="documento.editar").count() == 0  # it goes on from its making
    later(document, 11)
    actions.save(document, 6, user=owner, content="<p>Depois.</p>")
    assert numbers(document) == [(1, "edit", False), (2, "edit", False)]
    assert versions.content_of(document.versions.get(number=2)) == "<p>Depois.</p>"
    assert AuditLog.objects.filter(action="documento.editar").count() == 1


def test_what_somebody_else_wrote_is_kept_before_it_is_changed(document: Document, owner: User, stranger: User) -> None:
    actions.save(document, 1, user=owner, content="<p>Da Helena, sem versão.</p>")
    actions.save(document, 2, user=stranger, content="<p>Do Rui.</p>")
    kept = document.versions.get(number=2)
    assert (kept.author, versions.content_of(kept)) == (owner, "<p>Da Helena, sem versão.</p>")


def test_the_second_of_two_is_told_and_loses_nothing(document: Document, owner: User, stranger: User) -> None:
    actions.save(document, 1, user=owner, content="<p>Da primeira.</p>")
    with pytest.raises(actions.Conflict) as told:
        actions.save(document, 1, user=stranger, title="Outro", content="<p>Da segunda.</p>")
    document.refresh_from_db()
    assert (document.title, document.content) == ("Contestação", "<p>Da primeira.</p>")
    aside = told.value.aside
    assert (aside.is_aside, aside.author, aside.title) == (True, stranger, "Outro")
    assert versions.content_of(aside) == "<p>Da segunda.</p>"
    assert AuditLog.objects.filter(action="documento.guardar-a-parte", user_id=stranger.pk).exists()
    with pytest.raises(actions.Conflict) as again:  # an autosave that tries the same once more adds nothing
        actions.save(document, 1, user=stranger, title="Outro", content="<p>Da segunda.</p>")
    assert again.value.aside == aside


def test_the_same_text_twice_is_no_conflict(document: Document, owner: User) -> None:
    actions.save(document, 1, user=owner, content="<p>Novo.</p>")
    again = actions.save(document, 1, user=owner, content="<p>Novo.</p>")  # the answer to the first was lost
    assert again.revision == 2
    assert numbers(document) == [(1, "edit", False)]


def test_the_assistants_text_is_a_version_of_its_own(document: Document, owner: User) -> None:
    actions.save(document, 1, user=owner, content="<p>Meu.</p>")
    actions.save(document, 2, user=owner, content="<p>Dela.</p>", source=Document.Source.AI, note="Reforça a tutela")
    actions.save(document, 3, user=owner, content="<p>Meu outra vez.</p>", is_kept=True)
    assert numbers(document) == [(1, "edit", False), (2, "edit", False), (3, "ai", False), (4, "edit", False)]
    assert document.versions.get(number=3).note == "Reforça a tutela"


def test_restoring_keeps_what_was_there(document: Document, owner: User) -> None:
    actions.save(document, 1, user=owner, content="<p>Novo.</p>")
    actions.restore(document, document.versions.get(number=1), 2, user=owner)
    document.refresh_from_db()
    assert document.content == "<p>Um.</p>\n<p>Dois.</p>"
    assert versions.content_of(document.versions.get(number=2)) == "<p>Novo.</p>"
    assert numbers(document)[-1] == (3, "restore", False)


def test_a_review_is_of_exactly_this_text(document: Document, owner: User) -> None:
    actions.confirm_review(document, document.sha256, user=owner)
    document.refresh_from_db()
    assert document.is_reviewed
    actions.save(document, 1, user=owner, title="Contestação.")
    document.refresh_from_db()
    assert not document.is_reviewed
    assert AuditLog.objects.filter(action="documento.desfazer-conferencia").count() == 1


def test_a_review_of_what_has_changed_is_refused(document: Document, owner: User) -> None:
    seen = document.sha256
    actions.save(document, 1, user=owner, content="<p>Outro.</p>")
    with pytest.raises(actions.Refused, match="mudou depois"):
        actions.confirm_review(document, seen, user=owner)


def test_nothing_leaves_a_project_that_is_held(owner: User) -> None:
    held = Project.objects.create(user=owner, name="Silva x Souza", preservar=True)
    document = actions.create("Contestação", "<p>Um.</p>", user=owner, project=held)
    for place in (None, Project.objects.create(user=owner, name="Outro")):
        with pytest.raises(actions.Refused, match="preservado"):
            actions.move(document, place, user=owner)
    document.refresh_from_db()
    assert document.project == held


def test_who_has_left_moves_nothing_any_more(owner: User, stranger: User) -> None:
    project = Project.objects.create(user=owner, name="Silva x Souza")
    member = ProjectMember.objects.create(project=project, user=stranger, role="editor")
    document = actions.create("Contestação", "<p>Um.</p>", user=stranger, project=project)
    member.delete()  # after the page has asked whether she may
    with pytest.raises(actions.Refused, match="já não pode movê-lo"):
        actions.move(document, None, user=stranger)


def test_a_damaged_version_is_not_shown_as_if_it_were_whole(document: Document) -> None:
    DocumentVersion.objects.update(content="<p>Outra coisa.</p>")
    with pytest.raises(versions.Damaged):
        versions.content_of(document.versions.get())


def test_two_hundred_versions_of_sixty_pages_cost_less_than_five_times_the_text(owner: User) -> None:
    paragraphs = [
        f"<p>{n} {'Do contrato celebrado entre as partes resulta a obrigação de pagar. ' * 6}</p>" for n in range(450)
    ]
    document = actions.create("Apelação", "".join(paragraphs), user=owner)
    for turn in range(1, 200):
        paragraphs[turn * 7 % 450] = f"<p>Alterado {turn}: {'o apelado não fez prova do pagamento. ' * 8}</p>"
        actions.save(document, turn, user=owner, content="".join(paragraphs), is_kept=True)
    assert document.versions.count() == 200
    for number in (1, 50, 51, 137, 200):
        assert versions.content_of(document.versions.get(number=number))
    assert versions.content_of(document.versions.get(number=200)) == Document.objects.get().content
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('document_versions')")
        assert cursor.fetchone()[0] < 5 * len(Document.objects.get().content.encode())
