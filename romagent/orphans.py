"""Files in the storage that no row knows: left by a crash between the row's end and the file's, or by a broken upload.

Only what is older than a day counts: an upload's file is there a moment before its row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from django.core.files.storage import default_storage

from documents import importing
from documents import retention as documents
from romagent import copies
from romagent.base.retention import Batch, Kind, Policy
from uploads import parts
from uploads import retention as uploads
from uploads.models import FOLDER

YOUNG = timedelta(days=1)
LOOK_AT = 500  # names asked about at once

# The folders that are ours, and who says which names in each belong to something. Nothing else is ever touched.
FOLDERS: dict[str, Callable[[Sequence[str]], set[str]]] = {
    FOLDER: uploads.referred_to,
    copies.FOLDER: copies.referred_to,
    parts.FOLDER: parts.referred_to,
    importing.FOLDER: documents.referred_to,
}


def stored_files(directory: str) -> Iterator[str]:
    """Every name in that folder of the storage and below."""
    try:
        directories, files = default_storage.listdir(directory)
    except FileNotFoundError:
        return  # nothing has been stored yet
    yield from (f"{directory}/{name}" for name in sorted(files) if name)
    for name in sorted(directories):
        yield from stored_files(f"{directory}/{name}")


def find(policy: Policy) -> Iterator[str]:
    """The orphans' names; each folder is listed once, the database asked about 500 names at a time."""
    for folder, belonging in FOLDERS.items():
        names = stored_files(folder)
        while some := list(islice(names, LOOK_AT)):
            known = belonging(some)
            yield from (name for name in some if name not in known and _is_old(name, policy))


def _is_old(name: str, policy: Policy) -> bool:
    try:
        return bool(default_storage.get_modified_time(name) < policy.now - YOUNG)
    except FileNotFoundError:
        return False  # gone in the meantime


def _count(policy: Policy, cap: int | None) -> dict[str, int]:
    return {"files": sum(1 for _ in islice(find(policy), cap))}


def _remove(policy: Policy, size: int, after: Any) -> Batch:
    """`after` is the search itself, which goes on where it was."""
    search = after or find(policy)
    names = list(islice(search, min(size, LOOK_AT)))
    return Batch({"files": len(names)}, after=search if names else None, named={"files": names}, files=names)


KINDS = (Kind("orphans", "Arquivos sem dono no armazenamento", _count, _remove),)
