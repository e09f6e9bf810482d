"""The two ways of sending a file: whole, in one form; or its name and size first, and its bytes in parts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

EMPTY = "Este arquivo está vazio. Escolha outro."
MOST_NAMED = 10_000  # characters of a name, which is cut; what is longer is none
IN_PARTS_FROM = 16 * 1024**2  # bytes: what is larger can be gone on with after the line was cut
SUFFIXES = ".pdf,.docx,.odt,.rtf,.txt,.md,.html,.htm,.eml,.xlsx,.csv,.jpg,.jpeg,.png,.tif,.tiff,.webp,.heic"


def largest() -> int:
    """Bytes of the largest file that can be sent: in parts, which a page with its script does."""
    limit: int = settings.UPLOAD_MAX_BYTES
    return limit


def largest_at_once() -> int:
    """Bytes of the largest file that one form takes."""
    return min(largest(), int(settings.SERVER_UPLOAD_MAX_BYTES))


def in_words(size: int) -> str:
    """`850 kB`, `12,3 MB`, `2 GB`: as people speak of files."""
    for unit, name in ((1024**3, "GB"), (1024**2, "MB")):
        if size >= unit:
            return f"{size / unit:.1f}".replace(".", ",").removesuffix(",0") + f" {name}"
    return f"{max(1, round(size / 1024))} kB"


def too_large(limit: int) -> str:
    return f"O arquivo é grande demais: o limite é {in_words(limit)}. Nada foi enviado."


class FileForm(forms.Form):
    file = forms.FileField(
        label="Arquivo",
        allow_empty_file=True,
        error_messages={"required": "Escolha um arquivo antes de enviar."},
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if not file.size:
            raise forms.ValidationError(EMPTY)
        if file.size > largest_at_once():
            raise forms.ValidationError(too_large(largest_at_once()))
        return file


class BeginForm(forms.Form):
    name = forms.CharField(max_length=MOST_NAMED)
    size = forms.IntegerField(min_value=0)

    def clean_size(self) -> int:
        size: int = self.cleaned_data["size"]
        if not size:
            raise forms.ValidationError(EMPTY)
        if size > largest():
            raise forms.ValidationError(too_large(largest()))
        return size


class PartForm(forms.Form):
    part = forms.IntegerField(min_value=1)

    def __init__(self, *args: Any, parts: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["part"] = forms.IntegerField(min_value=1, max_value=parts)
