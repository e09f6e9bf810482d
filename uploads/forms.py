from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from uploads.multipart import MAX_PARTS, is_available, part_count


def largest() -> int:
    """Bytes of the largest file that can be sent here."""
    return settings.UPLOAD_MAX_BYTES if is_available() else settings.SERVER_UPLOAD_MAX_BYTES


class FileForm(forms.Form):
    """A file that comes through the server."""

    file = forms.FileField(
        label="Arquivo", error_messages={"required": "Escolha um arquivo.", "empty": "O arquivo está vazio."}
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > settings.SERVER_UPLOAD_MAX_BYTES:
            limit = filesizeformat(settings.SERVER_UPLOAD_MAX_BYTES)
            raise forms.ValidationError(f"O arquivo passa de {limit}, o limite deste envio.")
        return file


class BeginForm(forms.Form):
    """A file that the browser will send to S3 in parts."""

    name = forms.CharField(max_length=500)
    size = forms.IntegerField(min_value=1)
    type = forms.CharField(max_length=100, required=False)

    def clean_size(self) -> int:
        size: int = self.cleaned_data["size"]
        if size > largest() or part_count(size) > MAX_PARTS:
            raise forms.ValidationError(f"O arquivo passa de {filesizeformat(largest())}, o limite.")
        return size


def parts_of(data: Any, count: int) -> list[dict[str, Any]] | None:
    """The list of finished parts that the browser names, in order and complete; None when it is not."""
    if not isinstance(data, list) or len(data) != count:
        return None
    found = [part for part in data if isinstance(part, dict) and isinstance(part.get("etag"), str)]
    numbers = [part.get("number") for part in found]
    return found if numbers == list(range(1, count + 1)) else None
