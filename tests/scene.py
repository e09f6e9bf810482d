"""Acts: what a person does, the rows it has to leave in the audit log, and the people and things it is about."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts import mail
from accounts.models import User
from accounts.tests.factors import SoftKey, code_of, confirm, give_app, give_password, options_in
from conftest import PASSWORD
from conversations.models import Conversation, Message
from conversations.tests.making import ask, make_conversation, make_exchange
from documents.models import Document, DocumentTypeVersion
from jurisprudence.models import CourtCase, Deadline
from projects.models import Project
from romagent.models import CleanupRun, DataExport, SubjectFinding, SubjectRequest, SubjectRun
from tests.walking import Things, Url, urls
from uploads import actions as files
from uploads import multipart
from uploads.models import Summary, Upload

PATHS: dict[str, Url] = {url.name: url for url in urls()}
NEW = "outra senha, também longa"


class Scene(Things):
    """The people and things that acts are about, fresh for each act."""

    def __init__(self) -> None:
        self.owner = User.objects.create_user("helena@exemplo.adv.br", PASSWORD, name="Dra. Helena Prado")
        self.stranger = User.objects.create_user("rui@exemplo.adv.br", PASSWORD, name="Rui Matos")
        self.staff = User.objects.create_superuser("equipe@exemplo.adv.br", PASSWORD, name="Equipe")
        conversation = make_conversation(self.owner)
        make_exchange(conversation, stop_reason="max_tokens")
        super().__init__(conversation)
        self.key = SoftKey()

    LATER = {
        "newest",
        "newest_question",
        "newest_upload",
        "newest_person",
        "newest_export",
        "newest_subject",
        "newest_summary",
        "newest_project",
        "newest_document",
        "newest_deadline",
        "newest_kind",
        "newest_case",
        "run",
    }  # made by the act itself

    def browser(self, who: str) -> Client:
        """Somebody's browser, in which she is signed in; nobody's for ''. Over HTTPS, which passkeys ask for."""
        secure = {"wsgi.url_scheme": "https", "SERVER_PORT": "443"}
        client = Client(raise_request_exception=False, headers={"host": "testserver"}, **secure)
        if who:
            client.force_login(getattr(self, who))
            client.get("/")  # her session is noted; a redirect, which needs no page
        return client

    @functools.cached_property
    def request(self) -> Any:
        """One of the staff's, for functions that want one."""
        request = RequestFactory().get("/")
        request.user, request.session = self.staff, self.browser("staff").session  # type: ignore[assignment]
        return request

    @property
    def newest(self) -> Conversation:
        return Conversation.objects.order_by("-created_at", "-pk")[0]

    @property
    def newest_question(self) -> Message:
        return Message.objects.filter(role=Message.Role.USER).order_by("-created_at", "-pk")[0]

    @property
    def newest_upload(self) -> Upload:
        return Upload.objects.order_by("-created_at", "-pk")[0]

    @functools.cached_property
    def subject(self) -> SubjectRequest:
        """A data subject's request, whose search has found a person and a message of the owner's."""
        today = timezone.localdate()
        made = SubjectRequest.objects.create(
            requester="Ela mesma", name="Maria de Teste", received_on=today, due_on=today
        )
        found = [("person", self.stranger.pk, None), ("message", self.question.pk, self.owner.pk)]
        for place, pk, owner in found:
            SubjectFinding.objects.create(
                subject_request=made, place=place, object_id=str(pk), owner_id=owner, terms=["name"]
            )
        return made

    @property
    def newest_subject(self) -> SubjectRequest:
        return SubjectRequest.objects.order_by("-created_at", "-pk")[0]

    @property
    def newest_export(self) -> DataExport:
        return DataExport.objects.order_by("-created_at", "-pk")[0]

    @property
    def newest_project(self) -> Project:
        found: Project = Project.objects.order_by("-created_at", "-pk")[0]
        return found

    @property
    def newest_document(self) -> Document:
        found: Document = Document.objects.order_by("-created_at", "-pk")[0]
        return found

    @property
    def newest_deadline(self) -> Deadline:
        found: Deadline = Deadline.objects.order_by("-created_at", "-pk")[0]
        return found

    @property
    def newest_case(self) -> CourtCase:
        found: CourtCase = CourtCase.objects.order_by("-created_at", "-pk")[0]
        return found

    @property
    def newest_kind(self) -> DocumentTypeVersion:
        return DocumentTypeVersion.objects.order_by("-created_at", "-pk")[0]

    @property
    def newest_summary(self) -> Summary:
        found: Summary = Summary.objects.order_by("-created_at", "-pk")[0]
        return found

    @property
    def newest_person(self) -> User:
        return User.objects.order_by("-created_at", "-pk")[0]

    @property
    def stopped_reply(self) -> Message:
        return Message.objects.get(status=Message.Status.STOPPED)

    @property
    def waiting(self) -> Message:
        return Message.objects.get(status=Message.Status.QUEUED)

    @property
    def run(self) -> CleanupRun:
        return CleanupRun.objects.get()

    @property
    def passkey(self) -> Authenticator:
        return Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)

    @property
    def elsewhere(self) -> UserSession:
        """Another browser in which the owner is signed in."""
        return UserSession.objects.filter(user=self.owner).order_by("pk")[0]


Step = Callable[[Scene], Any]
Form = dict[str, Any] | Callable[[Scene, Client], Any]


@dataclass(frozen=True)
class Act:
    """`rows`: what it leaves in the log, action by action, and what each is about (an attribute of the scene)."""

    rows: dict[str, str]
    by: str  # whose act it is; '' is nobody's
    do: Callable[[Scene, Client, str], Any]
    browser: str
    before: tuple[Step, ...] = ()
    ready: tuple[Callable[[Scene, Client], Any], ...] = ()  # what the browser has to do first

    def prepare(self, scene: Scene) -> Client:
        for step in self.before:
            step(scene)
        assert scene.request  # her signing in is no part of the act
        client = scene.browser(self.browser)
        for other in self.ready:
            other(scene, client)
        return client


def url(
    rows: str | dict[str, str], on: str = "", *, by: str = "owner", browser: str | None = None, method: str = "post",
    before: tuple[Step, ...] = (), ready: tuple[Any, ...] = (), at: Callable[[Scene], dict[str, Any]] | None = None,
    form: Form | None = None, query: str = "", as_json: bool = False, **fields: Any,
) -> Act:  # fmt: skip
    """A request to the URL of that name; `at` gives what is named in its path."""

    def do(scene: Scene, client: Client, name: str) -> Any:
        path = reverse(name, kwargs=at(scene)) if at else scene.path(PATHS[name])
        data = form(scene, client) if callable(form) else form or fields
        if as_json:
            return client.post(path + query, json.dumps(data), content_type="application/json")
        return getattr(client, method)(path + query, data)

    return Act(_rows(rows, on), by, do, by if browser is None else browser, before, ready)


def call(rows: str | dict[str, str], on: str, do: Step, *, by: str = "owner", before: tuple[Step, ...] = ()) -> Act:
    """A function called as a view would call it."""
    return Act(_rows(rows, on), by, lambda scene, client, name: do(scene), "", before)


def _rows(rows: str | dict[str, str], on: str) -> dict[str, str]:
    return {rows: on} if isinstance(rows, str) else rows


# What has to be so before ------------------------------------------------------------------------


def deleted(scene: Scene) -> None:
    Conversation.objects.update(deleted_at=timezone.now())


def upload_deleted(scene: Scene) -> None:
    Upload.objects.update(deleted_at=timezone.now())


def archived(scene: Scene) -> None:
    Conversation.objects.update(archived_at=timezone.now())


def pinned(scene: Scene) -> None:
    Conversation.objects.update(pinned_at=timezone.now())


def superseded(scene: Scene) -> None:
    Message.objects.filter(pk=scene.reply.pk).update(superseded_at=timezone.now())


def asked(scene: Scene) -> None:
    ask(scene.conversation)


def with_app(scene: Scene) -> None:
    give_app(scene.owner)


def inactive(scene: Scene) -> None:
    User.objects.filter(pk=scene.stranger.pk).update(is_active=False)


def signed_in_elsewhere(scene: Scene) -> None:
    scene.browser("owner")


def begun(scene: Scene) -> None:
    """A file has come to S3 in one part, and is not whole yet."""
    scene.sending = files.begin_sending("V.pdf", 10, user=scene.owner)
    sending = files.sending_of(scene.sending)
    with multipart._s3() as (client, bucket):
        client.upload_part(**multipart._of(sending, bucket), PartNumber=1, Body=b"0123456789")


def copying(scene: Scene) -> None:
    DataExport.objects.create(user=scene.owner)


def with_subject(scene: Scene) -> None:
    assert scene.subject  # made now, so that it is no part of the act


def searching(scene: Scene) -> None:
    SubjectRun.objects.create(subject_request=scene.subject, kind="find", user=scene.staff)


def subject_copied(scene: Scene) -> None:
    """A copy of the passages, ready to be fetched."""
    now = timezone.now()
    place = default_storage.save("copias/titular.zip", ContentFile(b"PK"))
    SubjectRun.objects.create(
        subject_request=scene.subject, kind="export", user=scene.staff, state="done", file_path=place, file_size=2,
        finished_at=now, expires_at=now + timedelta(days=1),
    )  # fmt: skip


def cleaning(scene: Scene) -> None:
    CleanupRun.objects.create(user=scene.staff)


def confirmed(scene: Scene, client: Client) -> None:
    confirm(client)


def password_given(scene: Scene, client: Client) -> None:
    give_password(client, scene.owner)


def new_codes(scene: Scene, client: Client) -> None:
    client.post(reverse("mfa_generate_recovery_codes"))


def made_passkey(scene: Scene, client: Client) -> None:
    client.post(reverse("mfa_add_webauthn"), passkey_form(scene, client))


def passkey_form(scene: Scene, client: Client) -> dict[str, str]:
    options = options_in(client.get(reverse("mfa_add_webauthn")).content.decode())["creation_options"]
    return {"name": "Celular", "credential": scene.key.create(options), "passwordless": "True"}


def app_form(scene: Scene, client: Client) -> dict[str, str]:
    html = client.get(reverse("mfa_activate_totp")).content.decode()
    return {"code": code_of(html.split('<code class="secret">')[1].split("<")[0])}


def has_passkey(scene: Scene) -> None:
    """Made in her own browser."""
    hers = scene.browser("owner")
    confirm(hers)
    made_passkey(scene, hers)


def signing_form(scene: Scene, client: Client) -> dict[str, str]:
    options = client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"}).json()
    return {"credential": scene.key.get(options["request_options"])}


def from_link(scene: Scene, client: Client, name: str) -> Any:
    """A new password by the link in a mail."""
    link = re.search(r"/senha/nova/\S+", str(mail.access_mail(scene.owner, by_office=False).body))
    assert link
    page = client.get(link[0], follow=True)
    return client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
