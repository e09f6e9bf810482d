"""What summaries mention as deadlines: shown, linked to the form with its date, and never a deadline by itself."""

from __future__ import annotations

import html as markup
import json
import re
from urllib.parse import parse_qsl

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from conftest import signed_in
from jurisprudence.models import Deadline
from projects.models import Project
from uploads.actions import receive
from uploads.models import Summary
from uploads.summaries.sections import SECTIONS
from uploads.summaries.tests.making import made_summary

pytestmark = pytest.mark.django_db
TEXT = "Contestação em 15 dias, contados da juntada <b>"


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path: object) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def summary(owner: User) -> Summary:
    """Of a file in a project of hers, with two lines about deadlines."""
    project = Project.objects.create(user=owner, name="Silva x Souza", case_number="12345670320258090051")
    upload = receive(ContentFile(b"%PDF-1.7", "Mandado.pdf"), user=owner)
    type(upload).objects.filter(pk=upload.pk).update(project=project)
    found = made_summary(upload)
    source = [{"upload": str(upload.pk), "page": 1, "passage": ""}]
    lines = [
        {"text": TEXT, "date": "2026-08-03", "checked": True, "sources": source},
        {"text": "Audiência no outono", "date": "2026-04", "checked": False, "sources": source},
    ]
    Summary.objects.filter(pk=found.pk).update(
        result=json.dumps({key: lines if key == "prazos" else [] for key in SECTIONS}), status="complete"
    )
    return Summary.objects.get(pk=found.pk)


def links(client: Client, path: str) -> list[str]:
    html = client.get(path).content.decode()
    return [markup.unescape(link) for link in re.findall(r'href="(/prazos/contar/\?[^"]+)"', html)]


@pytest.mark.parametrize("query", ["", "?resumo={}"])
def test_each_line_leads_to_the_form_with_what_it_says(as_owner: Client, summary: Summary, query: str) -> None:
    first, second = links(as_owner, f"/prazos/sugestoes/{query.format(summary.pk)}")
    page = as_owner.get(first).content.decode()
    assert 'value="2026-08-03"' in page
    assert '<option value="TJGO" selected>' in page
    assert "dia=" not in second  # a month is no day
    assert not Deadline.objects.exists()


def test_what_a_summary_says_is_text_and_its_source_is_named(as_owner: Client, summary: Summary) -> None:
    html = as_owner.get("/prazos/sugestoes/").content.decode()
    assert "juntada &lt;b&gt;" in html
    assert f"/arquivos/{summary.upload_id}/paginas/1/" in html
    assert html.count("não conferido") == 1
    assert "Nada disto é um prazo contado" in html


def test_the_title_and_the_note_come_through_the_count_to_the_form_that_keeps(
    as_owner: Client, summary: Summary
) -> None:
    first, _ = links(as_owner, "/prazos/sugestoes/")
    counted = f"{first}&evento=juntada&quantidade=15&unidade=uteis&regime=civel"
    html = markup.unescape(as_owner.get(counted).content.decode())
    assert f'name="titulo" value="{TEXT}"' in html
    assert "(p.\u00a01)" in html
    assert "Termina em 24/08/2026" in html
    assert not Deadline.objects.exists()


def test_a_long_line_is_cut_at_a_word_and_says_so(as_owner: Client, summary: Summary) -> None:
    long = "A parte ré tem quinze dias úteis para contestar a ação, " * 60
    result = json.loads(summary.result)
    result["prazos"][0]["text"] = long
    Summary.objects.filter(pk=summary.pk).update(result=json.dumps(result))
    first, _ = links(as_owner, "/prazos/sugestoes/")
    asked = dict(parse_qsl(first.partition("?")[2]))
    assert asked["titulo"].endswith("…")
    assert long.startswith(f"{asked['titulo'][:-1]} ")
    assert "… (p.\u00a01)" in asked["observacao"]
    assert len(first) < 2_000


def test_a_stranger_sees_none_of_it(summary: Summary, stranger: User) -> None:
    client = signed_in(stranger)
    for path in ("/prazos/sugestoes/", f"/prazos/sugestoes/?resumo={summary.pk}"):
        assert "Contestação em 15 dias" not in client.get(path).content.decode()


def test_the_summary_leads_there(as_owner: Client, summary: Summary) -> None:
    assert f"/prazos/sugestoes/?resumo={summary.pk}" in as_owner.get(f"/resumos/{summary.pk}/").content.decode()


def test_without_summaries_it_says_so(as_owner: Client) -> None:
    assert "Nenhum resumo menciona prazos." in as_owner.get("/prazos/sugestoes/").content.decode()
    assert as_owner.get("/prazos/sugestoes/?resumo=nada").status_code == 200
