"""The pages of projects: the list, the form with its checked number, and what is done to a project."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from conversations.tests.making import make_conversation
from projects import views
from projects.models import Project, ProjectMember
from uploads.models import Upload

pytestmark = pytest.mark.django_db
NUMBER = "1234567-03.2025.8.09.0051"
DIGITS = "12345670320258090051"


def titles(html: str) -> list[str]:
    return re.findall(r'<span class="title" dir="auto">([^<]*)</span>', html)


def make_projects(owner: User, count: int, **fields: object) -> None:
    now = timezone.now()
    for number in range(count):
        Project.objects.create(
            user=owner, name=f"Caso {number:02}", updated_at=now - timedelta(minutes=number), **fields
        )


# The form ----------------------------------------------------------------------------------------


def test_a_project_is_made_with_its_number_kept_as_digits_and_shown_with_its_mask(
    as_owner: Client, owner: User
) -> None:
    form = {"name": "Silva × Souza", "case_number": DIGITS, "client": "Ana", "court": "2ª Vara Cível"}
    response = as_owner.post("/projetos/novo/", form)
    project = Project.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/projetos/{project.pk}/")
    assert (project.user, project.case_number, project.client) == (owner, DIGITS, "Ana")
    html = as_owner.get(response["Location"]).content.decode()
    assert NUMBER in html
    assert "TJGO · Tribunal de Justiça de Goiás" in html
    assert f'value="{NUMBER}"' in as_owner.get(f"/projetos/{project.pk}/editar/").content.decode()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": ""}, "Dê um nome ao projeto."),
        ({"name": "X", "case_number": "0000001-23.2026.8.26.0100"}, "o dígito verificador deveria ser 68"),
        ({"name": "X", "case_number": "123"}, "aqui há 3 algarismos"),
        ({"name": "x" * 256}, "no máximo 255"),
        ({"name": "X", "instructions": "x" * 20_001}, "no máximo 20000"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(as_owner: Client, form: dict[str, str], words: str) -> None:
    response = as_owner.post("/projetos/novo/", form)
    assert response.status_code == 422
    assert words in response.content.decode().replace("20.000", "20000")
    assert not Project.objects.exists()


def test_the_administration_keeps_the_number_as_digits_too(as_staff: Client, owner: User) -> None:
    data = {
        "name": "Caso", "status": "active", "user": str(owner.pk), "case_number": NUMBER,
        "members-TOTAL_FORMS": "0", "members-INITIAL_FORMS": "0",
    }  # fmt: skip
    as_staff.post("/admin/projects/project/add/", data)
    assert Project.objects.get().case_number == DIGITS
    wrong = as_staff.post("/admin/projects/project/add/", data | {"case_number": "0000001-23.2026.8.26.0100"})
    assert "o dígito verificador deveria ser 68" in wrong.content.decode()


def test_the_administration_deletes_no_project(as_staff: Client, project: Project) -> None:
    """It would go at once, held or not, and its conversations to who began them, with what colleagues have asked."""
    assert as_staff.post(f"/admin/projects/project/{project.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Project.objects.filter(pk=project.pk).exists()


def test_the_administration_finds_a_project_by_its_number_in_any_form(as_staff: Client, owner: User) -> None:
    Project.objects.create(user=owner, name="Caso procurado", case_number=DIGITS)
    for typed in [NUMBER, DIGITS, "1234567-03"]:
        assert "Caso procurado" in as_staff.get("/admin/projects/project/", {"q": typed}).content.decode()
    assert "Caso procurado" not in as_staff.get("/admin/projects/project/", {"q": "7654321"}).content.decode()


def test_a_page_that_knows_less_than_the_form_takes_nothing_away(as_owner: Client, project: Project) -> None:
    """It was open when a new release brought the field."""
    Project.objects.update(court="2ª Vara", instructions="Seja breve.")
    assert as_owner.post(f"/projetos/{project.pk}/editar/", {"name": "Outro"}).status_code == 303
    now = Project.objects.get()
    assert (now.name, now.court, now.instructions) == ("Outro", "2ª Vara", "Seja breve.")
    assert AuditLog.objects.get(action="projeto.alterar").new_value == {"fields": ["name"]}


def test_the_log_names_the_fields_that_changed_and_not_what_was_written(as_owner: Client, project: Project) -> None:
    as_owner.post(f"/projetos/{project.pk}/editar/", {"name": "Outro nome", "client": "Cliente secreto"})
    row = AuditLog.objects.get(action="projeto.alterar")
    assert row.new_value == {"fields": ["name", "client"]}
    as_owner.post(f"/projetos/{project.pk}/editar/", {"name": "Outro nome", "client": "Cliente secreto"})
    assert AuditLog.objects.filter(action="projeto.alterar").count() == 1  # nothing was changed


def test_a_form_that_stayed_open_takes_nothing_back_that_a_colleague_has_changed_since(
    as_owner: Client, as_editor: Client, project: Project
) -> None:
    path = f"/projetos/{project.pk}/editar/"
    Project.objects.update(client="Maria", description="Primeira linha\r\nsegunda")
    stale = dict(re.findall(r'<input type="hidden" name="(initial-\w+)"(?: value="([^"]*)")?', shown(as_owner, path)))
    assert stale["initial-client"] == "Maria"
    as_editor.post(path, {"name": project.name, "client": "Maria da Silva", "court": "2ª Vara", "description": "Outra"})
    as_owner.post(path, {"name": "Nome novo", "client": "Maria", "description": "Primeira linha\r\nsegunda", **stale})
    now = Project.objects.get()
    assert (now.name, now.client, now.court, now.description) == ("Nome novo", "Maria da Silva", "2ª Vara", "Outra")
    as_owner.post(path, {"name": "Nome novo", "client": "", **stale})
    assert Project.objects.get().client == ""


def shown(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_an_old_number_that_no_form_would_take_is_shown_as_it_is(as_owner: Client, project: Project) -> None:
    Project.objects.update(case_number="2009.0001234-5")
    assert "2009.0001234-5" in as_owner.get(f"/projetos/{project.pk}/").content.decode()


def test_a_number_is_answered_while_it_is_typed(as_owner: Client, as_stranger: Client, project: Project) -> None:
    Project.objects.update(case_number=DIGITS)
    html = as_owner.get("/projetos/numero/", {"numero": DIGITS}).content.decode()
    assert f'data-masked="{NUMBER}"' in html
    assert "TJGO" in html
    assert "Já há um projeto com este número" in html
    own = as_owner.get("/projetos/numero/", {"numero": DIGITS, "projeto": str(project.pk)}).content.decode()
    assert "Já há um projeto" not in own  # it is this one
    assert "Já há um projeto" not in as_stranger.get("/projetos/numero/", {"numero": DIGITS}).content.decode()
    for typed in ["", "1", "\x00", "9" * 20, "x" * 5000]:
        html = as_owner.get("/projetos/numero/", {"numero": typed}).content.decode()
        assert "field-error" in html
        assert "data-masked" not in html


# The list ----------------------------------------------------------------------------------------


def test_the_list_goes_from_page_to_page_without_gaps(as_owner: Client, owner: User) -> None:
    make_projects(owner, views.LIST_SIZE + 5)
    first = as_owner.get("/projetos/").content.decode()
    following = re.search(r'href="(\?[^"]*depois=[^"]*)">Mais antigos', first)
    assert following
    second = as_owner.get("/projetos/" + following[1].replace("&amp;", "&")).content.decode()
    assert titles(first) + titles(second) == [f"Caso {number:02}" for number in range(views.LIST_SIZE + 5)]


def test_closed_projects_are_listed_apart(as_owner: Client, owner: User) -> None:
    make_projects(owner, views.LIST_SIZE + 1, status="closed")
    Project.objects.create(user=owner, name="Ativo")
    assert titles(as_owner.get("/projetos/").content.decode()) == ["Ativo"]
    html = as_owner.get("/projetos/?situacao=encerrados").content.decode()
    assert titles(html)[:2] == ["Caso 00", "Caso 01"]
    assert "?situacao=encerrados&amp;depois=" in html


def test_the_left_column_shows_the_last_changed_active_ones(as_owner: Client, owner: User) -> None:
    make_projects(owner, 7)
    Project.objects.filter(name="Caso 01").update(status="closed")
    html = as_owner.get("/conversas/lateral/").content.decode()
    shown = re.findall(r'title="(Caso \d\d)"', html)
    assert shown == ["Caso 00", "Caso 02", "Caso 03", "Caso 04", "Caso 05"]


def queries(client: Client, path: str) -> list[str]:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def fill(project: Project, owner: User, count: int) -> None:
    make_projects(owner, count)
    for number in range(count):
        someone = User.objects.create_user(f"p{project.members.count()}@exemplo.adv.br", name=f"Pessoa {number}")
        ProjectMember.objects.create(project=project, user=someone)
        make_conversation(someone, project=project)
        Upload.objects.create(user=someone, project=project, original_filename="a.pdf", upload_status="ready")


@pytest.mark.parametrize("page", ["/projetos/", "/projetos/{}/", "/conversas/lateral/"])
def test_a_page_asks_as_many_questions_with_twenty_rows_as_with_ten(
    as_owner: Client, owner: User, project: Project, page: str
) -> None:
    path = page.format(project.pk)
    fill(project, owner, 10)
    ten = queries(as_owner, path)
    fill(project, owner, 10)
    twenty = queries(as_owner, path)
    assert len(ten) == len(twenty) <= 16, "\n".join(twenty)


def test_lists_read_no_bodies(as_owner: Client, owner: User, project: Project) -> None:
    fill(project, owner, 3)
    for path in ["/projetos/", f"/projetos/{project.pk}/"]:
        for sql in queries(as_owner, path):
            columns = sql.partition(" FROM ")[0]
            assert '"search"' not in columns
            assert path != "/projetos/" or '"instructions"' not in columns


def test_the_projects_page_goes_on_in_each_of_its_lists(as_owner: Client, owner: User, project: Project) -> None:
    now = timezone.now()
    for number in range(45):
        make_conversation(owner, f"Conversa {number:02}", project=project, updated_at=now - timedelta(minutes=number))
    path, found = f"/projetos/{project.pk}/", []
    while path:
        html = as_owner.get(path).content.decode()
        found += re.findall(r">(Conversa \d\d)</span> <span class=\"meta\">", html)
        following = re.search(r'href="(\?conversas=[^"#]*)[^"]*">Conversas mais antigas', html)
        path = f"/projetos/{project.pk}/{following[1]}".replace("&amp;", "&") if following else ""
    assert found == [f"Conversa {number:02}" for number in range(45)]


# What is done to one -----------------------------------------------------------------------------


def test_a_held_project_is_not_deleted_and_says_why(as_owner: Client, project: Project) -> None:
    as_owner.post(f"/projetos/{project.pk}/preservar/", {"preservar": "1"})
    page = as_owner.post(f"/projetos/{project.pk}/excluir/", follow=True).content.decode()
    assert "Este projeto está preservado e não pode ser excluído" in page
    assert f"/projetos/{project.pk}/excluir/" not in page  # no button for it
    assert Project.objects.get().deleted_at is None
    as_owner.post(f"/projetos/{project.pk}/preservar/", {})
    as_owner.post(f"/projetos/{project.pk}/excluir/")
    assert Project.objects.get().deleted_at


def test_a_deleted_project_comes_back(as_owner: Client, project: Project) -> None:
    page = as_owner.post(f"/projetos/{project.pk}/excluir/", follow=True).content.decode()
    undo = f"/projetos/{project.pk}/desfazer-exclusao/"
    assert undo in page
    assert as_owner.get(f"/projetos/{project.pk}/").status_code == 404
    as_owner.post(undo)
    assert as_owner.get(f"/projetos/{project.pk}/").status_code == 200


def test_closing_and_reopening(as_editor: Client, project: Project) -> None:
    as_editor.post(f"/projetos/{project.pk}/encerrar/")
    assert Project.objects.get().is_closed
    as_editor.post(f"/projetos/{project.pk}/reabrir/")
    assert not Project.objects.get().is_closed
