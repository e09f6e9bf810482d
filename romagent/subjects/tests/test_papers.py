"""A data subject in documents: found in every version, replaced in all of them, and what is held stays as it is."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from conversations import citing
from conversations.tests.making import make_conversation, make_exchange
from documents import actions
from documents.checking.tasks import check_now
from documents.models import CitationCheck, Document, DocumentVersion
from documents.versions import content_of
from jurisprudence.precedents.tests.making import make_precedent
from projects.models import Project
from romagent import runs
from romagent.models import SubjectFinding, SubjectRequest, SubjectRun
from romagent.subjects import papers, work
from romagent.subjects.terms import REPLACEMENT, name_pattern

pytestmark = pytest.mark.usefixtures("committed")
NAME = "Márcia Regina Tavares"
FORM = {"kind": "access", "requester": "A própria", "contact": "", "received_on": "2026-11-02", "name": NAME,
        "email": "", "document": "", "case_number": "", "notes": ""}  # fmt: skip
FILLER = "".join(f"<p>Parágrafo {number}, sempre igual.</p>" for number in range(40))


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    monkeypatch.setattr(work, "REST_SHARE", 0)
    monkeypatch.setattr(runs, "EVERY", 0.0)


def written(owner: User, *texts: str, project: Project | None = None) -> Document:
    """A document that has said each of these texts, one version after the other."""
    document = actions.create("Contrato", FILLER + texts[0], user=owner, project=project)
    for text in texts[1:]:
        document = actions.save(document, document.revision, user=owner, content=FILLER + text, is_kept=True)
    return document


def served(client: Client, owner: User) -> SubjectRequest:
    """Found, and anonymised in what is the owner's."""
    client.post("/admin/titulares/novo/", FORM)
    request: SubjectRequest = SubjectRequest.objects.get()
    work.perform(SubjectRun.objects.get().pk)
    run = SubjectRun.objects.create(
        subject_request=request, kind="anonymise", user=request.user if hasattr(request, "user") else None,
        terms=["name"], owners=[str(owner.pk)],
    )  # fmt: skip
    work.perform(run.pk)
    return request


def test_a_name_of_an_old_version_is_found_and_goes_from_all_of_them(as_staff: Client, owner: User) -> None:
    document = written(
        owner, f"<p>Eu, {NAME}, declaro.</p>", "<p>Eu, a autora, declaro.</p>",
        "<p>Eu, <strong>Márcia</strong> Regina <em>Tavares</em>, volto.</p>", "<p>Fim.</p>",
    )  # fmt: skip
    kinds = [version.content is None for version in document.versions.order_by("number")]
    assert kinds == [False, True, True, True]  # the others are kept as changes
    served(as_staff, owner)
    finding = SubjectFinding.objects.get(place="paper")
    assert (finding.object_id, finding.hits, finding.preserved) == (str(document.pk), 2, False)
    texts = [content_of(version) for version in document.versions.order_by("number")]  # each is what was kept
    filler = FILLER.replace("</p><p>", "</p>\n<p>")
    assert texts == [
        f"{filler}\n<p>Eu, {REPLACEMENT}, declaro.</p>", f"{filler}\n<p>Eu, a autora, declaro.</p>",
        f"{filler}\n<p>Eu, <strong>{REPLACEMENT}</strong>, volto.</p>", f"{filler}\n<p>Fim.</p>",
    ]  # fmt: skip
    document.refresh_from_db()
    assert document.revision == 5  # whoever has it open is told
    later = actions.save(document, 5, user=owner, content=FILLER + "<p>Outro.</p>", is_kept=True)
    assert content_of(later.versions.get(number=5)).endswith("<p>Outro.</p>")


def test_the_title_the_text_and_the_file_it_came_from(as_staff: Client, owner: User) -> None:
    place = default_storage.save("documentos/x.docx", ContentFile(b"PK"))
    actions.create(
        f"Contrato de {NAME}", f"<table><tr><td>{NAME}</td></tr></table>", user=owner, source="import", file_path=place,
        note=f"Importada de “{NAME}.docx”", metadata={"file": f"{NAME}.docx", "left": []},
    )  # fmt: skip
    served(as_staff, owner)
    document = Document.objects.get()
    assert (document.title, document.file_path) == (f"Contrato de {REPLACEMENT}", "")
    assert document.content == f"<table><tbody><tr><td><p>{REPLACEMENT}</p></td></tr></tbody></table>"
    assert document.text == REPLACEMENT
    everything = [document.metadata, *Document.objects.values(), *DocumentVersion.objects.values()]
    assert "Tavares" not in str(everything)
    assert content_of(document.versions.get()) == document.content


def test_what_is_held_stays_and_what_is_others_too(as_staff: Client, owner: User, stranger: User) -> None:
    held = Project.objects.create(user=owner, name="Guardado", preservar=True)
    kept = [written(owner, f"<p>{NAME}</p>", project=held), written(stranger, f"<p>{NAME}</p>")]
    before = list(Document.objects.order_by("pk").values()), list(DocumentVersion.objects.order_by("pk").values())
    served(as_staff, owner)
    assert SubjectFinding.objects.filter(place="paper").count() == len(kept)
    assert (
        list(Document.objects.order_by("pk").values()),
        list(DocumentVersion.objects.order_by("pk").values()),
    ) == before


def test_what_does_not_name_her_is_not_touched(owner: User) -> None:
    document = written(owner, "<p>Nada aqui.</p>", "<p>Nem aqui.</p>")
    assert papers.anonymise(document, {"name": name_pattern(NAME)}) is False
    document.refresh_from_db()
    assert document.revision == 2


def test_a_damaged_version_stays_known_as_such(owner: User) -> None:
    document = written(owner, f"<p>{NAME}</p>")
    document.versions.update(sha256="0" * 64)
    papers.anonymise(document, {"name": name_pattern(NAME)})
    version = document.versions.get()
    assert version.sha256 == "0" * 64
    assert NAME not in str(version.content)


def test_what_is_kept_of_the_citations_of_a_text_does_not_name_her_any_more(as_staff: Client, owner: User) -> None:
    make_precedent(number=9041, text="O prazo é contado em dobro.")
    said = f"Diz a Súmula 9.041 do STJ: “A autora {NAME} tem direito ao prazo simples”."
    document = written(owner, f"<p>{said}</p>")
    check_now(document.pk)
    _, reply = make_exchange(make_conversation(owner), "Cabe?", f"{NAME} pergunta. {said}")
    reply.metadata = {citing.KEY: citing.check(reply.content).kept()}
    reply.save(update_fields=["metadata"])
    assert NAME in str(CitationCheck.objects.get().items)
    assert NAME in str(reply.metadata)
    served(as_staff, owner)
    reply.refresh_from_db()
    assert not CitationCheck.objects.filter(items__icontains="Márcia").exists()
    assert NAME not in str(reply.metadata)
    (one,) = citing.Citing.of(reply.metadata).items
    assert reply.content[one.start : one.end] == one.text == "Súmula 9.041 do STJ"
    assert REPLACEMENT in one.quoted
