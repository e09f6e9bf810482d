"""The page of a document's checks: what it leads to, and whose word about which text is kept."""

import random
import re
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import AuditLog
from conftest import signed_in
from documents import actions, checks
from documents.check_pages import anchored
from documents.html import clean, parse
from documents.models import Document
from documents.tests.test_html import BITS, TABLES
from projects.models import Project, ProjectMember

pytestmark = pytest.mark.django_db
FAULTY = (
    "<h2>Fatos</h2><ul><li>um</li><li>pagou R$ 10,00 (vinte reais)</li></ul><blockquote><p>dois</p></blockquote>"
    "<table><tr><td><p>x</p><p>em 31/02/2026</p></td></tr></table><p>Ao senhor [● destinatário] &lt;b&gt;</p>"
)


@pytest.fixture
def document(owner: User) -> Document:
    return actions.create("Notificação <b>", FAULTY, user=owner, document_type="notificacao-extrajudicial")


def path(document: Document) -> str:
    return f"/documentos/{document.pk}/conferir/"


def confirm(client: Client, document: Document, sha256: str) -> str:
    answer = client.post(f"/documentos/{document.pk}/confirmar/", {"sha256": sha256}, follow=True)
    return answer.content.decode()


@pytest.mark.parametrize("seed", range(3))
def test_each_block_of_any_document_can_be_led_to(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(500):
        stored = clean("".join(rng.choice(BITS + TABLES) for _ in range(rng.randint(1, 30))))
        shown = anchored(stored)
        places = [int(place) for place in re.findall(r' id="bloco-(\d+)"', shown)]
        assert places == list(range(len(parse(stored)))), stored
        assert re.sub(r' id="bloco-\d+"', "", shown) == stored


def test_what_cannot_be_right_is_told_from_what_is_to_be_looked_at(as_owner: Client, document: Document) -> None:
    html = as_owner.get(path(document)).content.decode()
    wrong = re.findall(r'<li class="wrong"><p><strong>(\w+):', html)
    look = re.findall(r'<li class="look"><p><strong>(\w+):', html)
    assert set(wrong) == {"Corrija"}
    assert set(look) <= {"Verifique"}


def test_the_page_leads_from_each_finding_to_its_place(as_owner: Client, document: Document) -> None:
    html = as_owner.get(path(document)).content.decode()
    for place, words in ((2, "pagou R$ 10,00"), (4, "em 31/02/2026"), (5, "[● destinatário]")):
        assert f'href="#bloco-{place}"' in html
        assert words in html.split(f'id="bloco-{place}"')[1].split(f'id="bloco-{place + 1}"')[0]
    assert html.count('href="#bloco-') == 3
    assert "<b>" not in html
    assert "Notificação extrajudicial" in html


def test_the_document_leads_to_its_checks(as_owner: Client, document: Document) -> None:
    assert path(document) in as_owner.get(f"/documentos/{document.pk}/").content.decode()


def test_the_page_says_what_could_not_be_checked(as_owner: Client, owner: User) -> None:
    bare = actions.create("Sem tipo", "<p>x</p>", user=owner, document_type="tipo-que-saiu")
    html = as_owner.get(path(bare)).content.decode()
    assert "não tem um tipo de peça" in html
    assert "não está num projeto" in html
    assert "Nenhum apontamento" in html


def test_the_report_counts_all_and_lists_the_first(owner: User) -> None:
    many = actions.create("Muitas", "<p>[● x]</p>" * (checks.MOST + 7), user=owner)
    report = checks.check(many)
    (blanks, *_) = report.results
    assert (len(blanks.findings), blanks.left_out, report.found) == (checks.MOST, 7, checks.MOST + 7)
    assert report.wrong == checks.MOST
    assert "Datas" in report.clear
    assert "Lacunas" not in report.clear


def test_of_a_very_long_document_the_beginning_is_read_and_that_is_said(as_owner: Client, owner: User) -> None:
    long = actions.create("Longa", "<p>" + "a " * 1000 + "</p>" + "<p>[● x]</p>", user=owner)
    with patch.object(checks, "READ", 1500):
        assert "só o começo" in as_owner.get(path(long)).content.decode()
        assert checks.check(long).found == 0
    assert "só o começo" not in as_owner.get(path(long)).content.decode()
    assert checks.check(long).found == 1


def test_a_word_is_kept_for_exactly_the_text_that_was_read(as_owner: Client, document: Document, owner: User) -> None:
    html = as_owner.get(path(document)).content.decode()
    assert f'name="sha256" value="{document.sha256}"' in html
    assert "está anotado" in confirm(as_owner, document, document.sha256).lower()
    html = as_owner.get(path(document)).content.decode()
    assert "O texto não mudou desde então" in html
    assert "Confirmar que li" not in html
    document.refresh_from_db()
    actions.save(document, document.revision, user=owner, content=FAULTY + "<p>Mais.</p>")
    html = as_owner.get(path(document)).content.decode()
    assert "Confirmar que li" in html
    acts = AuditLog.objects.filter(entity_id=document.pk).order_by("pk").values_list("action", flat=True)
    assert [act for act in acts if "confer" in act] == ["documento.conferir", "documento.desfazer-conferencia"]


@pytest.mark.parametrize("sha256", ["", "x", "0" * 64, "A" * 64, "²" * 64])
def test_no_word_is_kept_for_another_text(as_owner: Client, document: Document, sha256: str) -> None:
    html = confirm(as_owner, document, sha256)
    assert "Leia" in html
    document.refresh_from_db()
    assert document.reviewed_sha256 == ""
    assert not AuditLog.objects.filter(action="documento.conferir").exists()


def test_who_only_reads_sees_the_findings_and_confirms_nothing(document: Document, owner: User, stranger: User) -> None:
    project = Project.objects.create(user=owner, name="Souza", client="Maria Souza", case_number="12345670320258090051")
    ProjectMember.objects.create(project=project, user=stranger, role="viewer")
    Document.objects.update(project=project)
    client = signed_in(stranger)
    html = client.get(path(document)).content.decode()
    assert "Maria Souza, não aparece no texto" in html
    assert "Confirmar que li" not in html
    answer = client.post(f"/documentos/{document.pk}/confirmar/", {"sha256": document.sha256})
    assert answer.status_code == 403


def test_a_long_document_asks_the_database_no_more_than_a_short_one(as_owner: Client, owner: User) -> None:
    asked = []
    for times in (1, 1, 40):  # the first fills the caches
        made = actions.create("Peça", FAULTY * times, user=owner, document_type="notificacao-extrajudicial")
        with CaptureQueriesContext(connection) as queries:
            as_owner.get(path(made))
        asked.append(len(queries))
    assert asked[1] == asked[2] < 15
