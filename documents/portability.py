"""What is a person's own here: the documents she has made, as text and with all their versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.models import User
from documents.drafting.models import Draft, Proposal
from documents.models import Document, DocumentVersion
from documents.versions import told_by
from romagent.base.portability import Number, Part, as_json_with, counted, in_batches, safe_name, stored

AT_ONCE = 20  # documents, with all their words


def parts(user: User) -> Iterator[Part]:
    for document in _own(user).order_by("pk").iterator(AT_ONCE):
        title, at = document.title, document.updated_at
        yield Part(f"documentos/{safe_name(title, '.txt')}", [document.text.encode()], counts="documents", at=at)
        yield Part(f"documentos/{safe_name(title, '.json')}", _described(document), at=at)
    yield from _files(user)


def _files(user: User) -> Iterator[Part]:
    """The Word files they came from."""
    imported = _own(user).exclude(file_path="").only("title", "file_path", "created_at")
    for batch in in_batches(imported, AT_ONCE):
        for document in batch:
            name = f"documentos/originais/{safe_name(document.title, '.docx')}"
            yield Part(name, stored(document.file_path), slow=True, at=document.created_at, packed=True)


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
    yield from as_json_with(head, "versoes", (_version(version, text) for version, text in told_by(document)))


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
