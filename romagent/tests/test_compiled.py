"""Queries put together once: the same rows as the queries they stand for, and never another person's."""

from uuid import UUID

import pytest
from django.http import Http404
from django.test import RequestFactory

from accounts.models import User
from conversations import listing
from conversations.access import MINE, my_conversation
from conversations.models import Conversation
from conversations.tests.making import make_conversation
from documents.models import Document
from documents.views import may_change
from projects.models import Project, ProjectMember
from romagent.base.compiled import Compiled

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague() -> User:
    return User.objects.create_user("colega@exemplo.adv.br", "senha-comprida-5")


@pytest.fixture
def everybody(owner: User, stranger: User, colleague: User) -> list[User]:
    """Three people; what the first has in her project, the third sees too."""
    project = Project.objects.create(user=owner, name="Caso")
    ProjectMember.objects.create(project=project, user=colleague, role="viewer")
    make_conversation(owner, "No projeto", project=project)
    for person in (owner, stranger, colleague):
        make_conversation(person, f"De {person.email}")
    make_conversation(owner, "Excluída", deleted_at=project.created_at)
    return [owner, stranger, colleague]


def test_whoever_asks_first_each_finds_what_the_one_door_shows_her(everybody: list[User]) -> None:
    every = list(Conversation.objects.all())
    found = {(person, one) for person in everybody for one in every if MINE.first(person.pk, one.pk) == one}
    assert found == {(person, one) for person in everybody for one in Conversation.objects.for_user(person)}
    assert len(found) == 5  # each her own, and two the one of the project


def test_what_is_found_is_whole(everybody: list[User]) -> None:
    plain = Conversation.objects.for_user(everybody[0]).get(title="No projeto")
    compiled = MINE.first(everybody[0].pk, plain.pk)
    assert compiled is not None
    names = [field.attname for field in Conversation._meta.concrete_fields if field.attname != "search"]
    assert [getattr(compiled, name) for name in names] == [getattr(plain, name) for name in names]
    assert compiled.get_deferred_fields() == plain.get_deferred_fields() == {"search"}


def test_what_she_may_not_see_is_not_found(everybody: list[User]) -> None:
    owner, stranger, _ = everybody
    request = RequestFactory().get("/")
    request.user = stranger
    with pytest.raises(Http404):
        my_conversation(request, Conversation.objects.for_user(owner)[0].pk)  # type: ignore[arg-type]


def test_each_rail_has_the_rows_of_its_query(everybody: list[User]) -> None:
    for person in everybody:
        for query in (listing.PINNED, listing.OTHERS, listing.CASES):
            assert query.rows(person.pk) == list(query._make(person.pk))
    assert [len(listing.OTHERS.rows(person.pk)) for person in everybody] == [2, 1, 1]


def test_a_query_that_does_not_ask_whose_is_refused(owner: User) -> None:
    def of_everybody(person: UUID, pk: UUID) -> object:
        return Conversation.objects.filter(pk=pk)

    with pytest.raises(ValueError, match="all of the ids"):
        Compiled(of_everybody, ids=2).first(owner.pk, owner.pk)  # type: ignore[arg-type]


def test_the_ids_must_all_be_given(owner: User) -> None:
    with pytest.raises(ValueError, match="shorter"):
        MINE.first(owner.pk)


def test_whom_a_document_may_be_changed_by(everybody: list[User], rf: RequestFactory) -> None:
    owner, _, colleague = everybody
    shared = Document.objects.create(user=owner, title="No projeto", project=Project.objects.get())
    own = Document.objects.create(user=owner, title="Fora de projetos")
    found = set()
    for person in everybody:
        request = rf.get("/")
        request.user = person
        found |= {(person, one) for one in (shared, own) if may_change(request, one)}  # type: ignore[arg-type]
    assert found == {(owner, shared), (owner, own)}
    ProjectMember.objects.filter(user=colleague).update(role="editor")
    assert may_change(request, shared)  # type: ignore[arg-type]
