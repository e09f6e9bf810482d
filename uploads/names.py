"""Names of files: what a person sees is what she sent, cleaned; where it is kept is ours alone."""

import mimetypes
import re
from pathlib import PurePosixPath
from uuid import UUID

from django.utils import timezone

from uploads.models import FOLDER

LONGEST = 255  # characters; what most file systems can hold
UNNAMED = "arquivo"
INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # also what turns a name's direction


def clean_name(given: str) -> str:
    """The last part of the path that was given, without control characters, its suffix kept when it is too long."""
    name = INVISIBLE.sub("", given.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .") or UNNAMED
    suffix = PurePosixPath(name).suffix[:20]
    return name if len(name) <= LONGEST else name[: LONGEST - len(suffix)] + suffix


def mime_type_of(name: str) -> str:
    """By the name's suffix: nothing that a client says of a file is believed."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def stored_name(pk: UUID, name: str) -> str:
    """The file's name in the storage: its id, and its suffix when that is a plain one."""
    suffix = PurePosixPath(name).suffix.lower()
    return f"{pk}{suffix if re.fullmatch(r'[.][a-z0-9]{1,8}', suffix) else ''}"


def path_for(pk: UUID, name: str) -> str:
    """Where the file is kept: by month, so that no directory grows without end."""
    return f"{FOLDER}/{timezone.now():%Y/%m}/{stored_name(pk, name)}"
