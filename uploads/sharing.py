"""The same bytes are stored once for each person, or project: rows of their own, one file in the storage.

A file is shared only by way of a row that has it, locked meanwhile: so the clean-up, which deletes a file with the last
row that has it, cannot pull it away from under a new one.
"""

from __future__ import annotations

from django.db.models import Q

from uploads.models import Upload


def twin_of(upload: Upload) -> Upload | None:
    """A file with the same bytes that belongs to the same project, or outside of projects to the same person."""
    if not upload.sha256:
        return None
    same = Upload.objects.filter(_scope(upload), sha256=upload.sha256, file_size=upload.file_size)
    whole = same.exclude(metadata__has_key="multipart").exclude(file_path__in=["", upload.file_path])
    found: Upload | None = whole.exclude(pk=upload.pk).order_by("pk").first()
    return found


def share(upload: Upload, twin: Upload) -> bool:
    """Within the caller's transaction: `upload` has the twin's file from now on. False when that is gone."""
    there = Upload.objects.select_for_update(no_key=True).filter(pk=twin.pk, file_path=twin.file_path)
    if not there.exists():
        return False
    upload.file_path, upload.stored_filename = twin.file_path, twin.stored_filename
    return True


def _scope(upload: Upload) -> Q:
    if upload.project_id:
        return Q(project=upload.project_id)
    return Q(user=upload.user_id, project=None)
