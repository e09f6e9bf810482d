"""What is a person's own here: the files she has given, as she gave them. Those of her colleagues are not hers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db.models import Sum

from accounts.models import User
from romagent.base.portability import (
    CAP,
    Number,
    Part,
    Unreadable,
    as_json_line,
    counted,
    in_batches,
    safe_name,
    stored,
)
from uploads import passwords
from uploads.models import Upload
from uploads.summaries import portability as summaries

AT_ONCE = 100  # rows
INNER = {"multipart", "joining", passwords.KEY}  # of `metadata`: how it came here, and what opens it
PACKED = (".zip", ".docx", ".xlsx", ".pptx", ".odt", ".pdf", ".jpg", ".jpeg", ".png", ".heic", ".mp3", ".mp4", ".7z")


def parts(user: User) -> Iterator[Part]:
    for batch in in_batches(_own(user), AT_ONCE):
        for upload in batch:
            name = safe_name(*_split(upload.original_filename), fallback="arquivo")
            yield Part(
                f"arquivos/{name}", _content(upload), counts="files", slow=True, at=upload.created_at,
                packed=name.lower().endswith(PACKED),
            )  # fmt: skip
    yield Part("arquivos.json", _list(user))
    yield from summaries.parts(user)


def _own(user: User) -> Any:
    return Upload.objects.for_user(user).filter(user=user)


def _split(name: str) -> tuple[str, str]:
    """The name without its ending, which has to survive when the name is cut."""
    stem, dot, ending = name.rpartition(".")
    return (
        (stem, safe_name(f"x.{ending}")[1:]) if dot and stem and ending.isalnum() and len(ending) <= 8 else (name, "")
    )


def _content(upload: Upload) -> Iterator[bytes]:
    if upload.being_sent:
        raise Unreadable("o arquivo ainda não chegou inteiro")
    if not upload.file_path:
        raise Unreadable("o arquivo nunca chegou inteiro")
    digest = hashlib.sha256()
    for chunk in stored(upload.file_path):
        digest.update(chunk)
        yield chunk
    if upload.sha256 and digest.hexdigest() != upload.sha256:
        raise Unreadable("o arquivo guardado não é mais igual ao que foi enviado")


def _list(user: User) -> Iterator[bytes]:
    comma = "["
    for batch in in_batches(_own(user), AT_ONCE):
        for upload in batch:
            yield f"{comma}\n  {as_json_line(_described(upload))}".encode()
            comma = ","
    yield b"[]\n" if comma == "[" else b"\n]\n"


def _described(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.pk,
        "nome": upload.original_filename,
        "tipo": upload.mime_type,
        "bytes": upload.file_size,
        "sha256": upload.sha256,
        "situacao": upload.get_upload_status_display(),
        "paginas": upload.page_count,
        "projeto": upload.project_id,
        "conversa": upload.conversation_id,
        "enviado_em": upload.created_at,
        "metadados": {key: value for key, value in upload.metadata.items() if key not in INNER},
    }


def total(user: User) -> int:
    """How many parts will count as `files`."""
    return int(_own(user).count())


def numbers(user: User) -> Iterator[Number]:
    size = _own(user).order_by()[:CAP].aggregate(size=Sum("file_size"))["size"]
    yield Number("arquivos", counted(_own(user)), size or 0)
    yield from summaries.numbers(user)
