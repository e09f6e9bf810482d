"""Sizes and states of files, as people speak of them."""

from datetime import timedelta

from django import template
from django.utils import timezone

from uploads.forms import in_words
from uploads.models import Upload

STILL = timedelta(hours=1)  # a part's link is worth as long; then nothing of it can be arriving any more
WORDS = {"no_text": "Esta página não tem texto: é uma imagem."}
register = template.Library()
register.filter("size_in_words", in_words)


@register.filter
def state_in_words(upload: Upload) -> str:
    if not upload.being_sent:
        return Upload.Status(upload.upload_status).label
    if upload.created_at > timezone.now() - STILL:
        return "sendo enviado"
    return "envio interrompido: escolha o mesmo arquivo para continuar"


@register.filter
def why(code: str) -> str:
    """What is to be said of a page, or a file, that could not be read."""
    return WORDS.get(code, "Não foi possível ler esta página.")
