"""What is known of a file from another with the same bytes, which the same people may see: nothing is read twice."""

from __future__ import annotations

from django.db import connection

from uploads import passwords
from uploads.models import Upload, UploadPage

COPY = """
INSERT INTO upload_pages (upload_id, number, text, source, error)
SELECT %s, number, text, source, error FROM upload_pages WHERE upload_id = %s
ON CONFLICT (upload_id, number) DO NOTHING
"""
COPY_TRANSCRIPT = """
UPDATE upload_pages SET text = twin.text, source = twin.source, error = twin.error
FROM upload_pages AS twin
WHERE upload_pages.upload_id = %s AND upload_pages.error = 'no_text' AND twin.upload_id = %s
    AND twin.number = upload_pages.number AND twin.source = 'vision'
"""


def pages_of_twin(upload: Upload) -> bool:
    """Takes the pages of a twin that is read, and says whether there is one. Who protects a file shows it herself."""
    read = Upload.objects.twins_of(upload).filter(upload_status=Upload.Status.READY, processed_at__isnull=False)
    twin = read.exclude(metadata__has_key=passwords.KEY).exclude(page_count=None).order_by("pk").first()
    if twin is None or UploadPage.objects.filter(upload=twin).count() != twin.page_count:
        return False
    _execute(COPY, upload, twin)
    pages = twin.page_count or 0
    upload.mime_type, upload.page_count, upload.pages_done = twin.mime_type, pages, pages
    upload.save(update_fields=["mime_type", "page_count", "pages_done"])
    return True


def being_transcribed(upload: Upload) -> bool:
    """Whether a twin that came before is being transcribed."""
    working = Upload.objects.twins_of(upload).filter(transcription=Upload.Transcription.WORKING, pk__lt=upload.pk)
    return bool(working.exists())


def transcript_of_twin(upload: Upload) -> None:
    """Takes what was transcribed of twins."""
    transcribed = Upload.objects.twins_of(upload).filter(pages__source=UploadPage.Source.VISION)
    for twin in transcribed.exclude(metadata__has_key=passwords.KEY).order_by("pk").distinct()[:5]:
        _execute(COPY_TRANSCRIPT, upload, twin)


def _execute(statement: str, upload: Upload, twin: Upload) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [upload.pk, twin.pk])
