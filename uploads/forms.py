"""The two ways of sending a file: whole, through the server; or its name and size first, and its bytes to S3."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from uploads import multipart

EMPTY = "Este arquivo está vazio. Escolha outro."
MOST_NAMED = 500  # characters of a name


def largest() -> int:
    """Bytes of the largest file that can be sent."""
    limit: int = settings.UPLOAD_MAX_BYTES
    return limit if multipart.is_available() else min(limit, settings.SERVER_UPLOAD_MAX_BYTES)


def in_words(size: int) -> str:
    """`850 kB`, `12,3 MB`, `2 GB`: as people speak of files."""
    for unit, name in ((1024**3, "GB"), (1024**2, "MB")):
        if size >= unit:
            return f"{size / unit:.1f}".replace(".", ",").removesuffix(",0") + f" {name}"
    return f"{max(1, round(size / 1024))} kB"


def too_large() -> str:
    return f"O arquivo é grande demais: o limite é {in_words(largest())}. Nada foi enviado."


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
        if file.size > min(largest(), settings.SERVER_UPLOAD_MAX_BYTES):
            raise forms.ValidationError(too_large())
        return file


class BeginForm(forms.Form):
    name = forms.CharField(max_length=MOST_NAMED)
    size = forms.IntegerField(min_value=0)

    def clean_size(self) -> int:
        size: int = self.cleaned_data["size"]
        if not size:
            raise forms.ValidationError(EMPTY)
        if size > largest():
            raise forms.ValidationError(too_large())
        return size


class PartForm(forms.Form):
    part = forms.IntegerField(min_value=1)

    def __init__(self, *args: Any, parts: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["part"] = forms.IntegerField(min_value=1, max_value=parts)


def first_error(form: forms.Form) -> str:
    return next((str(error) for errors in form.errors.values() for error in errors), "")
