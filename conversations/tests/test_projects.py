"""Conversations in a project: seen by its members, asked in by its editors, moved in and out, paid for by who asks."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditLog
from conftest import signed_in
from conversations import actions
from conversations.access import lost
from conversations.models import Conversation, Message
from conversations.tests.making import MODEL, ask, make_conversation, make_exchange
from projects import actions as cases
from projects.models import Project, ProjectMember
from uploads.models import Upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(owner: User, stranger: User) -> Project:
    """Of the owner's; her colleague edits it."""
    found: Project = Project.objects.create(user=owner, name="Silva x Souza")
    ProjectMember.objects.create(project=found, user=stranger)
    return found


@pytest.fixture
def conversation(project: Project, owner: User) -> Conversation:
    return make_conversation(owner, project=project)


# Asking ------------------------------------------------------------------------------------------


def test_who_asks_is_who_pays(conversation: Conversation, stranger: User, as_stranger: Client) -> None:
    make_exchange(conversation)
    as_stranger.post(f"/conversas/{conversation.pk}/mensagens/", {"content": "E o recurso?"})
    asked = list(Message.objects.filter(content="E o recurso?")) + list(Message.objects.unfinished())
    assert [message.user for message in asked] == [stranger, stranger]


@pytest.mark.parametrize("what", ["refazer", "editar", "continuar"])
def test_an_answer_is_paid_for_by_who_wanted_it(
    conversation: Conversation, stranger: User, as_stranger: Client, what: str
) -> None:
    question, reply = make_exchange(conversation, stop_reason="max_tokens")
    on = question if what == "editar" else reply
    as_stranger.post(f"/mensagens/{on.pk}/{what}/", {"content": "Em outras palavras?"})
    assert Message.objects.get(status="queued").user == stranger
    assert Message.objects.get(pk=question.pk).user == conversation.user


def test_who_asked_is_shown_when_it_was_somebody_else(
    conversation: Conversation, stranger: User, as_owner: Client, as_stranger: Client
) -> None:
    make_exchange(conversation, "Pergunta da dona")
    Message.objects.update(status="complete")
    actions.ask(conversation, content="Pergunta do colega", user=stranger)
    page = f"/conversas/{conversation.pk}/"
    names = re.compile(r'<h2 class="asker">([^<]+)</h2>')
    assert names.findall(as_owner.get(page).content.decode()) == ["Rui Matos"]
    assert names.findall(as_stranger.get(page).content.decode()) == ["Dra. Helena Prado"]
    exported = as_owner.get(f"{page}exportar/").content.decode()
    assert re.findall(r"^## ([^,]+), ", exported, re.MULTILINE) == ["Você", "ROM Agent", "Rui Matos", "ROM Agent"]


def test_a_new_conversation_from_a_projects_page_belongs_to_it(as_stranger: Client, project: Project) -> None:
    page = as_stranger.get("/conversas/", {"projeto": str(project.pk)}).content.decode()
    assert f'<input type="hidden" name="projeto" value="{project.pk}">' in page
    form = {"content": "Qual o prazo?", "mode": "juridico", "model": MODEL, "projeto": str(project.pk)}
    assert as_stranger.post("/conversas/", form).status_code == 303
    assert Conversation.objects.get().project == project
    assert Message.objects.exclude(project=project).count() == 0


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), (None, 404)])
def test_nobody_begins_a_conversation_where_she_may_not_write(
    as_stranger: Client, project: Project, role: str | None, status: int
) -> None:
    ProjectMember.objects.update(role=role) if role else ProjectMember.objects.all().delete()
    form = {"content": "Qual o prazo?", "projeto": str(project.pk)}
    assert as_stranger.post("/conversas/", form).status_code == status
    assert as_stranger.get("/conversas/", {"projeto": str(project.pk)}).status_code == status
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("named", ["x", pytest.param(str(uuid4()), id="unknown"), "\x00"])
def test_a_project_that_is_not_there_begins_nothing(as_owner: Client, named: str) -> None:
    assert as_owner.post("/conversas/", {"content": "Qual o prazo?", "projeto": named}).status_code == 404
    assert not Conversation.objects.exists()


def test_her_own_list_has_what_she_began_where_she_still_is(
    conversation: Conversation, project: Project, as_owner: Client, as_stranger: Client, stranger: User
) -> None:
    make_conversation(stranger, "Do colega, no projeto", project=project)
    make_conversation(stranger, "Do colega, fora")

    def listed(client: Client) -> list[str]:
        return re.findall(r'class="name" dir="auto">([^<]+)<', client.get("/conversas/lateral/").content.decode())

    assert listed(as_owner) == ["Silva x Souza", "Ação de cobrança"]
    assert listed(as_stranger) == ["Silva x Souza", "Do colega, fora", "Do colega, no projeto"]
    ProjectMember.objects.all().delete()
    assert listed(as_stranger) == ["Do colega, fora"]


def test_a_form_sent_again_elsewhere_shows_nothing_of_what_was_lost(
    conversation: Conversation, stranger: User, as_stranger: Client
) -> None:
    """The answer to a form that was accepted before is what came of it: also to who has been taken out since?"""
    key = uuid4()
    asked = actions.ask(conversation, content="Pergunta do colega", user=stranger, key=key)
    Message.objects.filter(pk=asked.reply.pk).update(content="Segredo do caso", status="complete")
    ProjectMember.objects.all().delete()
    own = make_conversation(stranger)
    form = {"content": "Pergunta do colega", "submission_key": str(key)}
    response = as_stranger.post(f"/conversas/{own.pk}/mensagens/", form, headers={"hx-request": "true"})
    assert response.status_code == 409
    assert response.json() == {"error": "Esta pergunta já foi enviada, em outra conversa."}
    assert "já foi enviada" in as_stranger.post(f"/conversas/{own.pk}/mensagens/", form).content.decode()


# Moving ------------------------------------------------------------------------------------------


def move(client: Client, conversation: Conversation, project: Project | None) -> int:
    form = {"project": str(project.pk) if project else ""}
    return client.post(f"/conversas/{conversation.pk}/projeto/", form).status_code


def test_a_conversation_and_what_was_given_in_it_goes_into_a_project(
    as_owner: Client, as_stranger: Client, owner: User, project: Project
) -> None:
    conversation = make_conversation(owner)
    make_exchange(conversation)
    mine = Upload.objects.create(user=owner, conversation=conversation, original_filename="a.pdf", file_path="x")
    assert as_stranger.get(f"/conversas/{conversation.pk}/").status_code == 404
    assert move(as_owner, conversation, project) == 303
    assert as_stranger.get(f"/conversas/{conversation.pk}/").status_code == 200
    assert set(Message.objects.values_list("project", flat=True)) == {project.pk}
    mine.refresh_from_db()
    assert (mine.project, mine.conversation) == (project, conversation)
    row = AuditLog.objects.get(action="conversa.mover")
    assert (row.old_value, row.new_value) == ({"project": None}, {"project": str(project.pk), "uploads": 1})
    assert move(as_owner, conversation, None) == 303
    assert as_stranger.get(f"/conversas/{conversation.pk}/").status_code == 404
    assert set(Message.objects.values_list("project", flat=True)) == {None}
    mine.refresh_from_db()
    assert (mine.project, mine.conversation) == (None, conversation)


def test_only_who_began_it_takes_it_out_of_the_project(as_stranger: Client, conversation: Conversation) -> None:
    assert move(as_stranger, conversation, None) == 422
    conversation.refresh_from_db()
    assert conversation.project


def test_what_others_have_written_in_stays_in_the_project(
    as_owner: Client, conversation: Conversation, stranger: User
) -> None:
    actions.ask(conversation, content="Do colega", user=stranger)
    response = as_owner.post(f"/conversas/{conversation.pk}/projeto/", {"project": ""})
    assert response.status_code == 422
    assert "Outras pessoas escreveram nesta conversa" in response.content.decode()


def test_it_takes_an_editor_of_both_projects(
    as_stranger: Client, conversation: Conversation, stranger: User, owner: User
) -> None:
    other = Project.objects.create(user=owner, name="Outro")
    assert move(as_stranger, conversation, other) == 422  # she does not see it
    member = ProjectMember.objects.create(project=other, user=stranger, role="viewer")
    assert move(as_stranger, conversation, other) == 422
    member.role = "editor"
    member.save()
    assert move(as_stranger, conversation, other) == 303
    conversation.refresh_from_db()
    assert conversation.project == other


def test_nothing_leaves_a_held_project(
    as_owner: Client, conversation: Conversation, project: Project, owner: User
) -> None:
    """Outside of it the clean-up would take what is deleted."""
    upload = Upload.objects.create(user=owner, original_filename="a.pdf", file_path="x", project=project)
    other = Project.objects.create(user=owner, name="Outro")
    Project.objects.filter(pk=project.pk).update(preservar=True)
    for path in (f"/conversas/{conversation.pk}/projeto/", f"/arquivos/{upload.pk}/projeto/"):
        for to in ("", str(other.pk)):
            response = as_owner.post(path, {"project": to})
            assert response.status_code == 422
            assert "O projeto está preservado" in response.content.decode()
    assert move(as_owner, make_conversation(owner), project) == 303


def test_moving_to_where_it_is_changes_nothing(as_owner: Client, conversation: Conversation, project: Project) -> None:
    assert move(as_owner, conversation, project) == 303
    assert not AuditLog.objects.filter(action="conversa.mover").exists()


def test_the_page_offers_what_she_may_change(as_stranger: Client, conversation: Conversation, owner: User) -> None:
    hidden = Project.objects.create(user=owner, name="Só da dona")
    html = as_stranger.get(f"/conversas/{conversation.pk}/projeto/").content.decode()
    assert f'value="{conversation.project_id}" selected' in html
    assert str(hidden.pk) not in html


@pytest.fixture
def upload(owner: User, project: Project) -> Upload:
    found: Upload = Upload.objects.create(user=owner, original_filename="Laudo.pdf", file_path="x", project=project)
    return found


def test_a_file_goes_into_a_project_and_out_again_by_who_gave_it(
    as_owner: Client, as_stranger: Client, upload: Upload, conversation: Conversation
) -> None:
    Upload.objects.update(conversation=conversation)
    path = f"/arquivos/{upload.pk}/projeto/"
    assert as_stranger.post(path, {"project": ""}).status_code == 422
    assert as_owner.post(path, {"project": ""}).status_code == 303
    upload.refresh_from_db()
    assert (upload.project, upload.conversation) == (None, None)  # the conversation stays in the project
    assert as_stranger.get(path).status_code == 404
    assert as_owner.post(path, {"project": str(conversation.project_id)}).status_code == 303
    upload.refresh_from_db()
    assert upload.project_id == conversation.project_id
    assert as_stranger.get(path).status_code == 200


def test_a_file_that_is_still_being_sent_is_not_moved(as_owner: Client, upload: Upload) -> None:
    Upload.objects.update(metadata={"multipart": {"id": "x", "part_size": 1}})
    response = as_owner.post(f"/arquivos/{upload.pk}/projeto/", {"project": ""})
    assert "ainda está sendo enviado" in response.content.decode()


# Who has lost it ---------------------------------------------------------------------------------


def test_who_has_lost_a_reply_is_found_among_many(conversation: Conversation, stranger: User, owner: User) -> None:
    inside = ask(conversation).reply
    outside = ask(make_conversation(owner)).reply
    everybody = {(person.pk, reply.pk) for person in (owner, stranger) for reply in (inside, outside)}
    assert lost(everybody) == {(stranger.pk, outside.pk)}
    ProjectMember.objects.all().delete()
    assert lost(everybody) == {(stranger.pk, outside.pk), (stranger.pk, inside.pk)}
    assert lost({(owner.pk, uuid4())}) == set()  # a reply that nobody knows is nobody's loss
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert lost(everybody) == everybody


def test_a_former_members_stream_is_not_found(conversation: Conversation, project: Project, stranger: User) -> None:
    reply = ask(conversation).reply
    cases.remove_member(project, stranger, user=project.user)
    assert signed_in(stranger).get(reverse("conversations:stream", args=[reply.pk])).status_code == 404
