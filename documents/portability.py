"""What is a person's own here: the documents she has made, as text and with all their versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage

from accounts.models import User
from documents.drafting.models import Draft, Proposal
from documents.models import Document, DocumentVersion
from documents.versions import told_by
from romagent.base.portability import Number, Part, Unreadable, as_json, as_json_line, counted, safe_name

AT_ONCE = 20  # documents, with all their words
CHUNK = 1024 * 1024  # bytes


def parts(user: User) -> Iterator[Part]:
    for document in _own(user).order_by("pk").iterator(AT_ONCE):
        title, at = document.title, document.updated_at
        yield Part(f"documentos/{safe_name(title, '.txt')}", [document.text.encode()], counts="documents", at=at)
        yield Part(f"documentos/{safe_name(title, '.json')}", _described(document), at=at)
    yield from _files(user)


def _files(user: User) -> Iterator[Part]:
    """The Word files they came from. Each query by itself: the connection is closed while a file is on its way."""
    last: Any = None
    imported = _own(user).exclude(file_path="").order_by("pk").only("title", "file_path", "created_at")
    while batch := list(imported.filter(**({"pk__gt": last} if last else {}))[:AT_ONCE]):
        for document in batch:
            name = f"documentos/originais/{safe_name(document.title, '.docx')}"
            yield Part(name, _content(document.file_path), slow=True, at=document.created_at, packed=True)
        last = batch[-1].pk


def _content(file_path: str) -> Iterator[bytes]:
    try:
        with default_storage.open(file_path) as stored:
            yield from iter(lambda: stored.read(CHUNK), b"")
    except FileNotFoundError as error:
        raise Unreadable("o arquivo não está mais no armazenamento") from error
    except Exception as error:  # each storage has errors of its own
        raise Unreadable("o armazenamento não deu o arquivo inteiro") from error


def _own(user: User) -> Any:
    return Document.objects.for_user(user).filter(user=user)


def _described(document: Document) -> Iterator[bytes]:
    head: dict[str, Any] = {
        "formato": "romagent.documento/1",
        "id": document.pk,
        "titulo": document.title,
        "tipo": document.document_type,
        "projeto": document.project_id,
        "conversa": document.conversation_id,
        "texto": document.content,
        "conferido_em": document.reviewed_at,
        "criado_em": document.created_at,
        "alterado_em": document.updated_at,
        "metadados": document.metadata,
        "pedido": Draft.objects.filter(pk=document.pk).values_list("brief", flat=True).first() or "",
        "propostas": [_proposal(one) for one in Proposal.objects.filter(document=document).order_by("pk")],
    }
    yield as_json(head).rstrip()[:-1].rstrip() + b',\n  "versoes": ['
    for place, (version, text) in enumerate(told_by(document)):
        yield f"{',' if place else ''}\n    {as_json_line(_version(version, text))}".encode()
    yield b"\n  ]\n}\n"


def _version(version: DocumentVersion, text: str | None) -> dict[str, Any]:
    return {
        "numero": version.number,
        "titulo": version.title,
        "texto": text,
        "danificada": text is None,
        "origem": version.source,
        "autor": version.author_id,
        "a_parte": version.is_aside,
        "observacao": version.note,
        "quando": version.created_at,
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "paragrafo": proposal.number,
        "acao": proposal.action,
        "antes": proposal.before,
        "depois": proposal.after,
        "situacao": proposal.state,
        "quando": proposal.created_at,
    }


def total(user: User) -> int:
    """How many parts will count as `documents`."""
    return int(_own(user).count())


def numbers(user: User) -> Iterator[Number]:
    yield Number("documentos", counted(_own(user)))
