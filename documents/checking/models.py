"""What the checks keep."""

from django.db import models
from django.utils import timezone

from documents.models import Document


class CitationCheck(models.Model):
    """What was found of the citations of a document, in the text with the fingerprint `sha256`; the last check only.

    `items`: as `documents.citing.Placed.kept`. `version`: of the checker. Reached only through its document.
    """

    document = models.OneToOneField(Document, models.CASCADE, primary_key=True, related_name="citation_check")
    sha256 = models.CharField(max_length=64)
    version = models.PositiveSmallIntegerField()
    items = models.JSONField(default=list)
    left_out = models.PositiveIntegerField(default=0)
    is_whole = models.BooleanField(default=True)
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "document_citations"
        verbose_name = "conferência de citações"
        verbose_name_plural = "conferências de citações"

    def __str__(self) -> str:
        return str(self.document_id)
