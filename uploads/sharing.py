"""The same bytes are stored once for each person, or project: rows of their own, one file in the storage.

A file is shared only by way of a row that has it, locked meanwhile: so the clean-up, which deletes a file with the last
row that has it, cannot pull it away from under a new one.
"""

from __future__ import annotations

from uploads.models import Upload


def twin_of(upload: Upload) -> Upload | None:
    """A file with the same bytes, kept under another name in the storage, that the same people may see."""
    same = Upload.objects.twins_of(upload).filter(file_size=upload.file_size).exclude(metadata__has_key="multipart")
    found: Upload | None = same.exclude(file_path__in=["", upload.file_path]).order_by("pk").first()
    return found


def share(upload: Upload, twin: Upload) -> str:
    """Within the caller's transaction: `upload` has the twin's file from now on; the name of its own, which nothing
    needs any more. "" when the twin's is gone, or they share it already: then nothing has changed.
    """
    # In one order, so that two that would share each other's file do not wait for each other.
    both = Upload.objects.select_for_update(no_key=True).filter(pk__in=[upload.pk, twin.pk]).order_by("pk")
    rows = {row.pk: row for row in both}
    there = rows.get(twin.pk)
    if there is None or there.file_path != twin.file_path:
        return ""
    own: str = upload.file_path
    upload.file_path, upload.stored_filename = there.file_path, there.stored_filename
    return own
