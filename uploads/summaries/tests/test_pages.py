"""The pages of summaries: asked for, watched, read, taken along, stopped, deleted."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from audit import budgets
from audit.models import AIBudget, AuditLog
from conftest import signed_in
from projects.models import Project, ProjectMember
from uploads.models import Summary, SummaryPart, Upload, UploadPage
from uploads.summaries.tests.making import made_summary, make_file, make_project, make_summary

pytestmark = pytest.mark.django_db


def text_of(client: Client, path: str, **options: Any) -> str:
    response = client.get(path, **options)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def queries(client: Client, path: str) -> list[str]:
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


# Asking ------------------------------------------------------------------------------------------


def test_a_file_is_summarised_with_one_click(as_owner: Client, owner: User) -> None:
    upload = make_file(owner)
    path = f"/arquivos/{upload.pk}/resumo/"
    html = text_of(as_owner, path)
    assert "3 páginas com texto." in html
    assert "Nenhum resumo ainda." in html
    response = as_owner.post(path, {"model": "claude-haiku-5-5"})
    summary = Summary.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/resumos/{summary.pk}/")
    assert (summary.user, summary.upload, summary.model) == (owner, upload, "claude-haiku-5-5")
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_name, args FROM procrastinate_jobs WHERE task_name = 'uploads.make_summary'")
        (queue, arguments) = cursor.fetchone()
    assert queue == "summaries"
    assert str(summary.pk) in str(arguments)


def test_asked_for_twice_it_is_one_summary(as_owner: Client, owner: User) -> None:
    path = f"/arquivos/{make_file(owner).pk}/resumo/"
    assert as_owner.post(path)["Location"] == as_owner.post(path)["Location"]
    assert AuditLog.objects.filter(action="resumo.pedir").count() == 1


def test_without_a_choice_the_offices_first_model_is_taken(as_owner: Client, owner: User) -> None:
    as_owner.post(f"/arquivos/{make_file(owner).pk}/resumo/")
    assert Summary.objects.get().model == "claude-opus-5-5"


@pytest.mark.parametrize("model", ["claude-fable-5", "outro"])
def test_a_model_that_is_not_on_offer_is_refused(as_owner: Client, owner: User, model: str) -> None:
    response = as_owner.post(f"/arquivos/{make_file(owner).pk}/resumo/", {"model": model})
    assert response.status_code == 422
    assert "Este modelo não está disponível." in response.content.decode()
    assert not Summary.objects.exists()


def test_what_has_no_text_is_refused_in_words(as_owner: Client, owner: User) -> None:
    response = as_owner.post(f"/arquivos/{make_file(owner, ['']).pk}/resumo/")
    assert response.status_code == 422
    assert "Ainda não há páginas com texto para resumir." in response.content.decode()


def test_who_has_used_up_the_budget_is_told_so(as_owner: Client, owner: User) -> None:
    AIBudget.objects.create(user=owner, amount=Decimal(0))
    budgets.forget()
    response = as_owner.post(f"/arquivos/{make_file(owner).pk}/resumo/")
    assert response.status_code == 429
    assert "foi todo usado" in response.content.decode()
    assert not Summary.objects.exists()


def test_the_cost_of_more_than_a_hundred_pages_is_shown_before(
    as_owner: Client, owner: User, settings: Settings
) -> None:
    settings.USD_BRL_RATE = Decimal("5.00")
    upload = make_file(owner, 101)
    path = f"/arquivos/{upload.pk}/resumo/"
    assert "Antes de começar, o custo é mostrado." in text_of(as_owner, path)
    response = as_owner.post(path, {"model": "claude-opus-5-5"})
    html = response.content.decode()
    assert response.status_code == 200
    assert not Summary.objects.exists()
    assert "101 páginas" in html
    assert re.search(r"até cerca de US\$ \d+,\d\d \(≈ R\$ \d+,\d\d\)", html)
    assert 'name="model" value="claude-opus-5-5"' in html
    assert as_owner.post(path, {"model": "claude-opus-5-5", "confirmed": "1"}).status_code == 303
    assert Summary.objects.get().model == "claude-opus-5-5"


def test_a_hundred_pages_need_no_confirmation(as_owner: Client, owner: User) -> None:
    assert as_owner.post(f"/arquivos/{make_file(owner, 100).pk}/resumo/").status_code == 303


def test_the_form_of_a_project_counts_its_files_and_says_which_wait(as_owner: Client, owner: User) -> None:
    project = make_project(owner)
    make_file(owner, project=project)
    make_file(owner, project=project)
    waiting = make_file(owner, project=project)
    Upload.objects.filter(pk=waiting.pk).update(upload_status="processing")
    html = text_of(as_owner, f"/projetos/{project.pk}/resumo/")
    assert "6 páginas com texto em 2 arquivos." in html
    assert "1 arquivo ainda não foi lido e fica de fora." in html


# Being made --------------------------------------------------------------------------------------


@pytest.fixture
def under_way(owner: User) -> Summary:
    summary = make_summary(owner, 10)
    upload = str(summary.upload_id)
    for number, (first, last, result) in enumerate([(1, 4, "{}"), (5, 8, ""), (9, 10, "")], start=1):
        covers = [{"upload": upload, "first": first, "last": last}]
        SummaryPart.objects.create(summary=summary, number=number, covers=covers, result=result)
    coverage = {"files": [{"upload": upload, "pages": 10, "as_of": [], "empty": [], "partial": [], "unread": []}]}
    Summary.objects.update(status="working", parts_total=3, parts_done=1, page_count=10, coverage=coverage)
    summary.refresh_from_db()
    return summary


def test_the_page_says_which_part_of_which_pages_is_read(as_owner: Client, under_way: Summary) -> None:
    html = text_of(as_owner, f"/resumos/{under_way.pk}/")
    assert "Parte 2 de 3: páginas 5–8 de 10" in html
    assert '<progress id="partes" max="3" value="1">' in html
    assert "data-active" in html
    assert "Parar" in html


def test_code_gets_the_part_that_changes(as_owner: Client, under_way: Summary) -> None:
    html = text_of(as_owner, f"/resumos/{under_way.pk}/", headers={"hx-request": "true"})
    assert html.strip().startswith("<section")
    assert "Parte 2 de 3" in html


def test_stop_ends_it_at_once_and_it_can_go_on(as_owner: Client, under_way: Summary) -> None:
    path = f"/resumos/{under_way.pk}/"
    assert as_owner.post(f"{path}parar/")["Location"] == path
    html = text_of(as_owner, path)
    assert "Este resumo foi parado. O que já foi lido está guardado." in html
    assert "1 de 3 partes lidas." in html
    assert as_owner.post(f"{path}continuar/").status_code == 303
    assert Summary.objects.get().status == "queued"
    as_owner.post(f"{path}continuar/")  # is not stopped any more
    assert AuditLog.objects.filter(action="resumo.continuar").count() == 1


def test_a_failure_is_said_in_words_with_what_is_kept(as_owner: Client, under_way: Summary) -> None:
    Summary.objects.update(status="failed", error="overloaded")
    html = text_of(as_owner, f"/resumos/{under_way.pk}/")
    assert "O serviço está sobrecarregado. O que já foi lido está guardado" in html
    assert "Continuar" in html


# Read --------------------------------------------------------------------------------------------


@pytest.fixture
def done(owner: User) -> Summary:
    return made_summary(make_file(owner, ["O réu foi citado."]))


def test_each_line_leads_to_its_page_with_the_passage(as_owner: Client, done: Summary) -> None:
    html = text_of(as_owner, f"/resumos/{done.pk}/")
    assert "<time>02/03/2021</time>" in html
    assert f'href="/arquivos/{done.upload_id}/paginas/1/?trecho=O+r%C3%A9u+foi+citado."' in html
    assert as_owner.get(f"/arquivos/{done.upload_id}/paginas/1/?trecho=O+r%C3%A9u+foi+citado.").status_code == 200
    assert "autos.pdf</span>: 1 de 1 página" in html
    assert "não conferido" not in html
    assert "data-active" not in html


def test_a_line_that_was_not_found_says_so_and_one_without_a_page_has_no_link(as_owner: Client, done: Summary) -> None:
    done.result = done.result.replace('"checked": true', '"checked": false').replace(f'"{done.upload_id}"', "null")
    done.result = done.result.replace('"page": 1', '"page": 999')
    done.save(update_fields=["result"])
    html = text_of(as_owner, f"/resumos/{done.pk}/")
    assert "p. 999, que não existe" in html
    assert '<strong class="summary-unchecked">não conferido</strong>' in html
    assert "1 linha não pôde ser conferida" in html
    assert "/paginas/999/" not in html


def test_what_a_model_writes_is_text_and_nothing_else(as_owner: Client, done: Summary) -> None:
    done.result = done.result.replace(
        "O réu foi citado.", "<img src=https://fora.example/?x=1><script>alert(1)</script>"
    )
    done.save(update_fields=["result"])
    html = text_of(as_owner, f"/resumos/{done.pk}/")
    assert "<img src=https" not in html
    assert "<script>alert" not in html


def test_it_says_what_has_come_changed_and_gone_since(as_owner: Client, owner: User) -> None:
    project = make_project(owner)
    first = make_file(owner, project=project)
    summary = made_summary(first)
    Summary.objects.update(upload=None, project=project)
    path = f"/resumos/{summary.pk}/"
    assert "desde este resumo" not in text_of(as_owner, path)
    make_file(owner, project=project)
    make_file(owner, project=project)
    assert "Há 2 arquivos novos desde este resumo." in text_of(as_owner, path)
    Upload.objects.filter(pk=first.pk).update(transcription="done")
    assert "Há 2 arquivos novos e 1 arquivo lido de novo desde este resumo." in text_of(as_owner, path)
    Upload.objects.filter(pk=first.pk).update(deleted_at=timezone.now())
    html = text_of(as_owner, path)
    assert "Há 2 arquivos novos e 1 arquivo a menos desde este resumo." in html
    assert "autos.pdf" not in html.partition("<main")[2].partition("O que foi lido")[0], "its name goes with it"


def test_older_summaries_stay_in_the_list(as_owner: Client, owner: User, done: Summary) -> None:
    newer = made_summary(done.upload)
    html = text_of(as_owner, f"/arquivos/{done.upload_id}/resumo/")
    assert html.index(str(newer.pk)) < html.index(str(done.pk))
    assert "Dra. Helena Prado" in html


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("md", "- 02/03/2021: O réu foi citado. (p.\u00a01)"),
        ("txt", "- 02/03/2021: O réu foi citado. (p.\u00a01)"),
    ],
)
def test_it_is_taken_along_as_a_file(as_owner: Client, done: Summary, kind: str, line: str) -> None:
    response = as_owner.get(f"/resumos/{done.pk}/exportar/?formato={kind}")
    assert f"autos.pdf.{kind}" in response["Content-Disposition"]
    assert response["Content-Disposition"].startswith("attachment")
    text = response.content.decode()
    assert line in text
    assert "autos.pdf: 1 de 1 páginas" in text
    assert AuditLog.objects.get(action="resumo.exportar").new_value == {"type": kind}


def test_signs_of_markdown_in_a_line_stay_signs(as_owner: Client, done: Summary) -> None:
    done.result = done.result.replace("O réu foi citado.", "![x](https://fora.example/) *a*")
    done.save(update_fields=["result"])
    assert "\\!\\[x\\](https://fora.example/) \\*a\\*" in as_owner.get(f"/resumos/{done.pk}/exportar/").content.decode()


def test_what_is_not_ready_is_not_exported(as_owner: Client, under_way: Summary) -> None:
    assert as_owner.get(f"/resumos/{under_way.pk}/exportar/").status_code == 303
    assert not AuditLog.objects.filter(action="resumo.exportar").exists()


def test_it_is_deleted_and_taken_back(as_owner: Client, done: Summary) -> None:
    response = as_owner.post(f"/resumos/{done.pk}/excluir/", follow=True)
    assert "Desfazer" in response.content.decode()
    assert as_owner.get(f"/resumos/{done.pk}/").status_code == 404
    assert str(done.pk) not in text_of(as_owner, f"/arquivos/{done.upload_id}/resumo/").replace("desfazer-exclusao", "")
    assert as_owner.post(f"/resumos/{done.pk}/desfazer-exclusao/").status_code == 303
    assert as_owner.get(f"/resumos/{done.pk}/").status_code == 200


# Who ---------------------------------------------------------------------------------------------

READ = ["/resumos/{summary}/", "/resumos/{summary}/exportar/", "/{kind}/{pk}/resumo/"]
CHANGE = [
    "/resumos/{summary}/parar/",
    "/resumos/{summary}/continuar/",
    "/{kind}/{pk}/resumo/",
    "/resumos/{summary}/excluir/",
]


@pytest.fixture
def people(owner: User, stranger: User) -> dict[str, User]:
    found = {"responsible": owner, "stranger": stranger}
    return found | {name: User.objects.create_user(f"{name}@exemplo.adv.br") for name in ("editor", "viewer", "former")}


@pytest.fixture
def project(people: dict[str, User]) -> Project:
    project = make_project(people["responsible"])
    for role in ("editor", "viewer"):
        ProjectMember.objects.create(project=project, user=people[role], role=role)
    return project


@pytest.mark.parametrize("kind", ["arquivos", "projetos"])
@pytest.mark.parametrize(
    ("who", "read", "change"),
    [
        ("responsible", 200, 303), ("editor", 200, 303), ("viewer", 200, 403), ("former", 404, 404),
        ("stranger", 404, 404),
    ],
)  # fmt: skip
def test_members_read_editors_change_and_nobody_else_gets_in(
    people: dict[str, User], project: Project, kind: str, who: str, read: int, change: int
) -> None:
    """The file and its summary are by the former member, who gets in no more than a stranger."""
    upload = make_file(people["former"], project=project)
    summary = made_summary(upload)
    if kind == "projetos":
        Summary.objects.update(upload=None, project=project)
    names = {"summary": summary.pk, "kind": kind, "pk": project.pk if kind == "projetos" else upload.pk}
    client = signed_in(people[who])
    assert {path: client.get(path.format(**names)).status_code for path in READ} == dict.fromkeys(READ, read)
    assert {path: client.post(path.format(**names)).status_code for path in CHANGE} == dict.fromkeys(CHANGE, change)
    Summary.objects.filter(pk=summary.pk).update(deleted_at=timezone.now())
    undone = client.post(f"/resumos/{summary.pk}/desfazer-exclusao/").status_code
    assert undone == (303 if change == 303 else 404)


def test_a_viewer_sees_no_button_that_would_be_refused(people: dict[str, User], project: Project) -> None:
    summary = made_summary(make_file(people["responsible"], project=project))
    html = text_of(signed_in(people["viewer"]), f"/resumos/{summary.pk}/")
    assert "/excluir/" not in html
    assert "Baixar em texto" in html
    assert "Resumir</button>" not in text_of(signed_in(people["viewer"]), f"/projetos/{project.pk}/resumo/")


def test_the_database_holds_one_summary_under_way_of_one_thing(owner: User) -> None:
    upload, project = make_file(owner), make_project(owner)
    for wrong in ({}, {"upload": upload, "project": project}, {"upload": upload, "status": "talvez"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Summary.objects.create(user=owner, model="m", **wrong)
    Summary.objects.create(user=owner, model="m", upload=upload)
    Summary.objects.create(user=owner, model="m", upload=upload, status="complete")
    with pytest.raises(IntegrityError), transaction.atomic():
        Summary.objects.create(user=owner, model="m", upload=upload, status="working")


# How many queries --------------------------------------------------------------------------------


def test_the_list_asks_as_much_for_twenty_as_for_ten_and_never_for_bodies(as_owner: Client, owner: User) -> None:
    upload = make_file(owner)
    for _ in range(10):
        made_summary(upload)
    ten = queries(as_owner, f"/arquivos/{upload.pk}/resumo/")
    for _ in range(10):
        made_summary(upload)
    twenty = queries(as_owner, f"/arquivos/{upload.pk}/resumo/")
    assert len(ten) == len(twenty)
    assert not any('"summaries"."result"' in sql or '"summaries"."coverage"' in sql for sql in twenty)


def test_a_summary_of_twenty_files_asks_as_much_as_one_of_ten(as_owner: Client, owner: User) -> None:
    def asked(count: int) -> int:
        project = make_project(owner)
        uploads = [make_file(owner, 1, project=project) for _ in range(count)]
        summary = made_summary(uploads[0])
        files = [made_summary(upload).coverage["files"][0] for upload in uploads]
        Summary.objects.filter(pk=summary.pk).update(
            upload=None, project=project, coverage={"files": files, "left_out": [], "parts": []}
        )
        return len(queries(as_owner, f"/resumos/{summary.pk}/"))

    assert asked(10) == asked(20)
    assert not UploadPage.objects.filter(text="").exists()
