"""Who gets what from every URL: the kinds of people, the worlds they meet, and the table `tests/access_matrix.md`.

A cell says `GET/POST`: the statuses, or `door` where one is sent to sign in. Each request is undone, so that all of a
column are made in one world.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import models, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, Message
from conversations.tests.making import make_conversation, make_exchange
from documents.models import Document
from jurisprudence.models import Deadline
from projects.actions import remove_member
from projects.models import Project, ProjectMember
from romagent.models import SubjectRequest, SubjectRun
from tests.walking import Things, Url, closed, urls
from uploads.models import Summary, Upload

FILE = Path(__file__).with_name("access_matrix.md")
ALL = urls()
STAFFS = [url for url in ALL if url.name.startswith("admin:")]
OURS = [url for url in ALL if not url.name.startswith("admin:")]
OF_EVERYBODY = {"jurisprudence:precedent"}  # public law
# The administration's own objects are another matter: there a right is asked for, and who has it not gets 403.
OF_OBJECTS = [url for url in OURS if url.names_an_object and url.name not in OF_EVERYBODY]
# What one may see without having signed in: the doors, and what machines ask for.
PUBLIC = {
    "health", "health-database", "account_login", "account_inactive", "account_signup", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done",
    "mfa_authenticate", "mfa_login_webauthn", "admin:login",
}  # fmt: skip
# Answered as if one had signed out already.
HARMLESS = {"account_logout"}
FRAGMENT = {"hx-request": "true"}
STREAM = {"accept": "text/event-stream"}
DELETABLE: tuple[Any, ...] = (Conversation, Upload, Project, Document, Deadline, Summary)


class World(Things):
    """What all of a column's requests meet; `browser` is somebody's who is named here, nobody's for ''."""

    stranger: User

    def browser(self, who: str) -> Client:
        client = Client(raise_request_exception=False)
        if who:
            client.force_login(getattr(self, who))
        return client

    @property
    def form(self) -> dict[str, str]:
        """Enough for most forms, and for a file or a sign-in nothing."""
        return {
            "content": "Pergunta", "title": "Nome", "name": "Nome", "versao": str(self.reply.pk), "role": "editor",
            "email": self.stranger.email, "project": str(self.project.pk), "revision": "1",
        }  # fmt: skip

    def prepare(self, url: Url) -> None:
        """What an URL is for has to be there: something deleted, or an older reply."""
        model = self._undeleted(url.name)
        if model is not None:
            model.objects.update(deleted_at=timezone.now())
        if url.name == "conversations:resume":
            Message.objects.filter(pk=self.reply.pk).update(superseded_at=timezone.now())

    @staticmethod
    def _undeleted(name: str) -> Any:
        """The model of what an URL takes back, if it takes something back."""
        if name in {"jurisprudence:undelete-deadline", "uploads:summary-undelete"}:
            return Deadline if name.startswith("j") else Summary
        kinds = {"conversations": Conversation, "uploads": Upload, "projects": Project, "documents": Document}
        return kinds[name.split(":")[0]] if name.endswith(":undelete") else None


class Own(World):
    """All of it is one person's."""

    def __init__(self) -> None:
        self.owner = User.objects.create_user("helena@exemplo.adv.br", "uma senha", name="Dra. Helena Prado")
        self.stranger = User.objects.create_user("rui@exemplo.adv.br", name="Rui Matos")
        conversation = make_conversation(self.owner)
        make_exchange(conversation, stop_reason="max_tokens")
        super().__init__(conversation)


class Shared(World):
    """A project with its people; all that is in it was made by somebody who has left it since."""

    def __init__(self) -> None:
        self.responsible = User.objects.create_user("helena@exemplo.adv.br", "uma senha", name="Dra. Helena Prado")
        self.former = User.objects.create_user("lia@exemplo.adv.br", name="Lia Torres")
        self.stranger = User.objects.create_user("rui@exemplo.adv.br", name="Rui Matos")
        self.superuser = User.objects.create_superuser("equipe@exemplo.adv.br", name="Equipe")
        conversation = make_conversation(self.former)
        make_exchange(conversation, stop_reason="max_tokens")
        super().__init__(conversation)
        Project.objects.filter(pk=self.project.pk).update(user=self.responsible)
        self.project.user = self.responsible
        ProjectMember.objects.create(project=self.project, user=self.former)
        for model in (Conversation, Upload, Document):
            model._default_manager.update(project=self.project)
        remove_member(self.project, self.former, user=self.responsible)


class Office(Shared):
    """The same, and who works in the administration."""

    def __init__(self) -> None:
        super().__init__()
        make = User.objects.create_user
        self.person = make("ana@exemplo.adv.br", name="Ana Luz")
        self.named = make("iris@exemplo.adv.br", name="Íris Melo")
        self.staff = make("bia@exemplo.adv.br", name="Bia Sales", role="staff")
        self.reader = make("davi@exemplo.adv.br", name="Davi Rocha", role="staff")
        self.admin = make("eva@exemplo.adv.br", name="Eva Pires", role="admin")
        self.named.user_permissions.add(Permission.objects.get(codename="view_auditlog"))
        self.reader.user_permissions.add(Permission.objects.get(codename="read_contents"))
        today = timezone.localdate()
        self.subject = SubjectRequest.objects.create(
            requester="Ela mesma", name="Maria", received_on=today, due_on=today
        )
        self.run = SubjectRun.objects.create(subject_request=self.subject, kind="find", user=self.superuser)

    def path(self, url: Url) -> str:
        """With objects that are there, where the administration's forms have one; `x` is nobody's."""
        objects: dict[str, models.Model] = {
            "admin/titulares/trabalhos/<uuid:pk>": self.run,
            "admin/titulares/<uuid:pk>": self.subject,
            "admin/accounts/user/<path:object_id>": self.person,
            "admin/projects/project/<path:object_id>": self.project,
            "admin/conversations/conversation/<path:object_id>": self.conversation,
        }
        route = url.route.replace("<slug:slug>", "contestacao").replace("<uuid:person>", str(self.person.pk))
        for beginning, thing in objects.items():
            if route.startswith(beginning):
                route = route.replace(beginning, f"{beginning.partition('<')[0]}{thing.pk}")
        return super().path(Url(url.name, route))


def put_away(world: World) -> None:
    Conversation.objects.update(archived_at=timezone.now())
    Project.objects.update(status=Project.Status.CLOSED)


def deleted(world: World) -> None:
    for model in DELETABLE:
        model.objects.update(deleted_at=timezone.now())


def project_deleted(world: World) -> None:
    Project.objects.update(deleted_at=timezone.now())


def as_it_is(world: World) -> None:
    pass


# The columns of the two tables: what they are called, the world, what has befallen it, and who asks.
Column = tuple[type[World], Callable[[Any], None], str]
PEOPLE: dict[str, Column] = {
    "nobody": (Shared, as_it_is, ""),
    "stranger": (Shared, as_it_is, "stranger"),
    "owner": (Own, as_it_is, "owner"),
    "responsible": (Shared, as_it_is, "responsible"),
    "editor": (Shared, as_it_is, "editor"),
    "viewer": (Shared, as_it_is, "viewer"),
    "former member": (Shared, as_it_is, "former"),
    "superuser": (Shared, as_it_is, "superuser"),
    "editor, put away": (Shared, put_away, "editor"),
    "owner, deleted": (Own, deleted, "owner"),
    "editor, project deleted": (Shared, project_deleted, "editor"),
}
STAFF: dict[str, Column] = {
    "nobody": (Office, as_it_is, ""),
    "person": (Office, as_it_is, "person"),
    "right by name": (Office, as_it_is, "named"),
    "staff": (Office, as_it_is, "staff"),
    "staff who reads": (Office, as_it_is, "reader"),
    "administrator": (Office, as_it_is, "admin"),
    "superuser": (Office, as_it_is, "superuser"),
}
HALVES = {"people": (OURS, PEOPLE), "staff": (STAFFS, STAFF)}


def undone(call: Callable[[], Any]) -> Any:
    """What `call` gives, without what it has changed."""
    with transaction.atomic():
        given = call()
        transaction.set_rollback(True)
    return given


def said(response: HttpResponse) -> str:
    to_the_door = response.status_code == 302 and response["Location"].startswith(("/entrar/?next=", "/admin/login/?"))
    return "door" if to_the_door else str(closed(response).status_code)


def column_of(column: Column, asked: Iterable[Url]) -> dict[str, str]:
    """What each URL answers, by its row's name."""
    make, befall, who = column
    cache.clear()
    world = make()
    browser, found = world.browser(who), {}

    def ask(url: Url, method: str) -> str:
        world.prepare(url)
        befall(world)
        data = world.form if method == "post" else {}
        return said(getattr(browser, method)(world.path(url), data))

    for url in asked:
        statuses = []
        for method in ("get", "post"):
            statuses.append(undone(functools.partial(ask, url, method)))
            if ":" not in url.name or url.name == "admin:logout":  # she may have signed out
                browser = world.browser(who)
        found[row_of(url)] = "/".join(statuses)
    return found


def row_of(url: Url) -> str:
    return f"/{url.route}"


def line_of(row: str, cells: Iterable[str]) -> str:
    return f"| `{row}` | {' | '.join(cells)} |"


def table(half: str) -> dict[str, dict[str, str]]:
    """What the file says: by row and column."""
    columns = list(HALVES[half][1])
    part = FILE.read_text(encoding="utf-8").split(f"<!-- {half} -->")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    assert [name.strip() for name in lines[0].split("|")[2:-1]] == columns
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]
    return {cells[0].strip("`"): dict(zip(columns, cells[1:], strict=True)) for cells in rows}


def cell(url: Url, column: str, method: str = "get") -> str:
    """What the table says of one URL."""
    half = "staff" if url.name.startswith("admin:") else "people"
    return table(half)[row_of(url)][column].split("/")[method == "post"]
