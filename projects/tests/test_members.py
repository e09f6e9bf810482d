"""Who works on a project: added, given a role, removed, leaving, and taking over."""

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from conftest import signed_in
from projects import actions
from projects.models import Project, ProjectMember

pytestmark = pytest.mark.django_db


def roles(project: Project) -> dict[str, str]:
    return {member.user.email.split("@")[0]: member.role for member in project.members.select_related("user")}


def post(client: Client, project: Project, path: str, **form: str) -> str:
    return client.post(f"/projetos/{project.pk}/{path}", form, follow=True).content.decode()


@pytest.mark.parametrize("email", ["rui@exemplo.adv.br", " RUI@Exemplo.adv.br "])
def test_somebody_is_added_by_e_mail(as_owner: Client, project: Project, stranger: User, email: str) -> None:
    page = post(as_owner, project, "participantes/", email=email, role="viewer")
    assert "Rui Matos participa do projeto." in page
    assert roles(project) == {"rui": "viewer"}
    row = AuditLog.objects.get(action="projeto.adicionar-pessoa")
    assert row.new_value == {"person": str(stranger.pk), "role": "viewer"}


@pytest.mark.parametrize(
    ("email", "role", "words"),
    [
        ("ninguem@exemplo.adv.br", "viewer", "Não há conta ativa com este e-mail"),
        ("rui", "viewer", "e-mail"),
        ("", "viewer", "Escreva o e-mail"),
        ("rui@exemplo.adv.br", "dona", "dona"),
        ("helena@exemplo.adv.br", "editor", "já responde por este projeto"),
        ("marta@exemplo.adv.br", "viewer", "já participa deste projeto"),
    ],
)
def test_who_cannot_be_added_is_said(
    as_owner: Client, project: Project, stranger: User, editor: User, email: str, role: str, words: str
) -> None:
    assert words in post(as_owner, project, "participantes/", email=email, role=role)
    assert roles(project) == {"marta": "editor"}


def test_a_deactivated_account_is_not_added(as_owner: Client, project: Project, stranger: User) -> None:
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    assert "Não há conta ativa" in post(as_owner, project, "participantes/", email=stranger.email, role="viewer")


def test_a_role_is_changed_at_once(as_owner: Client, project: Project, viewer: User) -> None:
    client = signed_in(viewer)
    assert client.get(f"/projetos/{project.pk}/editar/").status_code == 403
    post(as_owner, project, f"participantes/{viewer.pk}/papel/", role="editor")
    assert client.get(f"/projetos/{project.pk}/editar/").status_code == 200
    post(as_owner, project, f"participantes/{viewer.pk}/papel/", role="editor")
    assert AuditLog.objects.filter(action="projeto.alterar-papel").count() == 1  # the second changed nothing


def test_who_is_removed_sees_nothing_from_the_next_request_on(
    as_owner: Client, project: Project, editor: User, as_editor: Client
) -> None:
    assert as_editor.get(f"/projetos/{project.pk}/").status_code == 200
    post(as_owner, project, f"participantes/{editor.pk}/remover/")
    assert as_editor.get(f"/projetos/{project.pk}/").status_code == 404
    assert roles(project) == {}


def test_a_member_leaves_by_herself(as_viewer: Client, project: Project) -> None:
    assert "Você saiu do projeto" in post(as_viewer, project, "sair/")
    assert roles(project) == {}
    assert as_viewer.get(f"/projetos/{project.pk}/").status_code == 404


def test_who_answers_for_it_cannot_leave_before_handing_over(as_owner: Client, project: Project, editor: User) -> None:
    assert "Passe a responsabilidade" in post(as_owner, project, "sair/")
    page = post(as_owner, project, f"participantes/{editor.pk}/responsavel/")
    assert "Marta Reis responde agora pelo projeto" in page
    project.refresh_from_db()
    assert (project.user, roles(project)) == (editor, {"helena": "editor"})
    assert as_owner.post(f"/projetos/{project.pk}/excluir/").status_code == 403
    assert "Você saiu do projeto" in post(as_owner, project, "sair/")


@pytest.mark.parametrize("path", ["papel", "remover", "responsavel"])
def test_who_is_no_member_is_not_found_among_them(
    as_owner: Client, project: Project, stranger: User, path: str
) -> None:
    other = Project.objects.create(user=stranger, name="Outro")
    ProjectMember.objects.create(project=other, user=stranger)
    response = as_owner.post(f"/projetos/{project.pk}/participantes/{stranger.pk}/{path}/", {"role": "editor"})
    assert response.status_code == 404


def test_a_responsibility_that_was_handed_over_meanwhile_is_not_handed_over_again(
    project: Project, owner: User, editor: User, viewer: User
) -> None:
    actions.hand_over(Project.objects.get(), editor, user=owner)
    with pytest.raises(actions.Refused, match="já mudou"):
        actions.hand_over(project, viewer, user=owner)
    assert Project.objects.get().user == editor


def test_nobody_who_is_deactivated_takes_over(project: Project, owner: User, editor: User) -> None:
    editor.is_active = False
    editor.save(update_fields=["is_active"])
    with pytest.raises(actions.Refused, match="não participa"):
        actions.hand_over(project, editor, user=owner)
    assert project.role_of(editor) == "editor"
