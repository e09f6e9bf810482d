"""The office's units: whose paper a document is written on."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from documents.formats import CHOICES, DEFAULT
from documents.letterhead import Letterhead
from romagent.base.ids import new_id

LARGEST_LOGO = 1024**2  # bytes
MOST_LINES = 10
NO_PAPER = "sem"  # in a document's metadata: on plain paper


class OfficeUnit(models.Model):
    """An office, or a branch of it, and its letterhead. Everybody may use each; the staff keeps them.

    The logo is a column, not a file in the storage: it is small, there are few, and so it is in the same backup and
    the same transaction as the rest, and drawing a document waits for no storage.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("nome", max_length=200, unique=True)
    logo = models.BinaryField("logotipo", null=True, blank=True, editable=False)  # PNG or JPEG (documents/logos.py)
    header_lines = models.TextField(
        "cabeçalho", blank=True, validators=[MaxLengthValidator(1000)], help_text="Uma linha por linha, em cada página."
    )
    footer_lines = models.TextField(
        "rodapé", blank=True, validators=[MaxLengthValidator(1000)],
        help_text="Uma linha por linha, em cada página, acima do número da página.",
    )  # fmt: skip
    signature_lines = models.TextField(
        "assinatura", blank=True, validators=[MaxLengthValidator(1000)],
        help_text="Nome e OAB, uma linha por linha, depois do fim do texto; sai só onde o texto ainda não a traz.",
    )  # fmt: skip
    city = models.CharField("cidade", max_length=100, blank=True, help_text="De onde os documentos são datados.")
    default_format = models.CharField("modelo", max_length=20, choices=CHOICES, default=DEFAULT.key)
    is_default = models.BooleanField(
        "padrão", default=False, help_text="O papel dos documentos para os quais ninguém escolheu outro."
    )
    created_at = models.DateTimeField("criada em", default=timezone.now, editable=False)

    objects: Any = models.Manager()

    class Meta:
        db_table = "office_units"
        verbose_name = "unidade do escritório"
        verbose_name_plural = "unidades do escritório"
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="office_units_one_default",
                violation_error_message="Já há uma unidade padrão. Desmarque-a antes.",
            ),
            models.CheckConstraint(
                condition=Q(default_format__in=["escritorio", "oab", "abnt"]), name="office_units_format"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def letterhead(self) -> Letterhead:
        logo = bytes(self.logo) if self.logo else None
        return Letterhead(logo, *(lines(text) for text in (self.header_lines, self.footer_lines, self.signature_lines)))


def lines(text: str) -> tuple[str, ...]:
    """The lines that say something."""
    return tuple(line for line in (" ".join(one.split()) for one in text.splitlines()) if line)[:MOST_LINES]
