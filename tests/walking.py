"""The whole URLconf as paths that can be visited: what a guard walks, so that no new URL escapes it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.http import FileResponse, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, Message
from documents.actions import create
from jurisprudence.deadlines.tests.making import make_deadline
from jurisprudence.models import CourtCase
from jurisprudence.precedents.tests.making import make_precedent
from projects.models import Project, ProjectMember
from romagent.models import DataExport
from uploads.actions import receive
from uploads.models import Upload
from uploads.summaries.tests.making import made_summary

# What takes the place of a converter, or of the whole of a regular expression.
CASE_NUMBER = "00000013920248260100"
VALUES = {"str": "x", "int": "1", "slug": "x", "path": "x"}
EXPRESSIONS = {"account_reset_password_from_key": "senha/nova/1a-x-y/", "admin:app_list": "audit/", "admin:": "nada"}


@dataclass(frozen=True)
class Url:
    """One pattern. `route` has `<uuid:…>` where an object is named."""

    name: str
    route: str

    @property
    def names_an_object(self) -> bool:
        return "<uuid:" in self.route

    def path(
        self,
        *,
        conversation: UUID,
        message: UUID,
        upload: UUID,
        export: UUID,
        project: UUID,
        person: UUID,
        summary: UUID,
        document: UUID,
        deadline: UUID,
        precedent: UUID,
        case: UUID,
    ) -> str:
        kinds = {
            "mensagens": message,
            "arquivos": upload,
            "meus-dados": export,
            "projetos": project,
            "resumos": summary,
            "documentos": document,
            "prazos": deadline,
            "jurisprudencia": precedent,
            "processos": case,
        }
        pk = kinds.get(self.route.partition("/")[0], conversation)
        path = self.route if self.name.startswith("admin:") else self.route.replace("<uuid:person>", str(person))
        path = re.sub(r"<uuid:\w+>", str(pk), path)
        return "/" + re.sub(r"<(\w+):\w+>", lambda found: VALUES[found[1]], path)


def urls() -> list[Url]:
    return list(_walk(get_resolver().url_patterns))


def _walk(patterns: list[URLPattern | URLResolver], before: str = "", space: str = "") -> Iterator[Url]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, before + str(pattern.pattern), inner)
        else:
            name = f"{space}{pattern.name or ''}"
            known = isinstance(pattern.pattern, RoutePattern)
            yield Url(name, before + (str(pattern.pattern) if known else EXPRESSIONS[name]))


class Things:
    """A conversation with an exchange, a file with a summary, one being sent, a copy of her data, a document, a precedent, and a project
    with a number, a deadline, an editor and a viewer, for the ids in the paths."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        expires = timezone.now() + timedelta(days=1)
        self.export = DataExport.objects.create(
            user=conversation.user,
            state="done",
            file_path="copias/x.zip",
            finished_at=timezone.now(),
            expires_at=expires,
        )
        self.project = Project.objects.create(user=conversation.user, name="Silva x Souza", case_number=CASE_NUMBER)
        self.case = CourtCase.objects.create(number=CASE_NUMBER)
        self.editor = User.objects.create_user("marta@exemplo.adv.br", name="Marta Reis")
        self.viewer = User.objects.create_user("caio@exemplo.adv.br", name="Caio Lemos")
        for person, role in [(self.editor, "editor"), (self.viewer, "viewer")]:
            ProjectMember.objects.create(project=self.project, user=person, role=role)
        self.question = conversation.messages.get(role=Message.Role.USER)
        self.reply = conversation.messages.get(role=Message.Role.ASSISTANT)
        self.upload = receive(ContentFile(b"%PDF-1.7", "Peticao.pdf"), user=conversation.user)
        self.sending = Upload.objects.create(
            user=conversation.user, file_size=1, file_path="x", metadata={"multipart": {"id": "x", "part_size": 1}}
        )

        self.summary = made_summary(self.upload)
        self.precedent = make_precedent()
        self.document = create("Contestação do caso", "<p>Nega os fatos.</p>", user=conversation.user)
        self.deadline = make_deadline(self.project, "Réplica do caso")

    def path(self, url: Url) -> str:
        message = self.question if url.name == "conversations:edit" else self.reply
        upload = self.sending if url.route.startswith("arquivos/envio/") else self.upload
        return url.path(
            conversation=self.conversation.pk,
            message=message.pk,
            upload=upload.pk,
            export=self.export.pk,
            project=self.project.pk,
            person=self.viewer.pk,
            summary=self.summary.pk,
            document=self.document.pk,
            deadline=self.deadline.pk,
            precedent=self.precedent.pk,
            case=self.case.pk,
        )


def closed(response: HttpResponse) -> HttpResponse:
    """The answer, its file read to the end: that closes it."""
    if isinstance(response, FileResponse):
        list(response)
    return response


def nowhere(url: Url) -> str:
    """The same path with an id that nobody has."""
    kinds = (
        "conversation", "message", "upload", "export", "project", "person", "summary", "document", "deadline",
        "precedent", "case",
    )  # fmt: skip
    return url.path(**{kind: uuid4() for kind in kinds})
