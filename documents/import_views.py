"""The page on which a Word file becomes a document."""

from __future__ import annotations

from django import forms
from django.contrib import messages as notes
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from documents import import_actions, importing
from documents.html import TooLarge
from documents.views import project_to_add_to
from projects.forms import first_error
from projects.models import Project
from projects.views import see
from uploads.forms import in_words
from uploads.multipart import StorageAway
from uploads.views import too_many_files

AWAY = "O armazenamento de arquivos não respondeu. Nada foi gravado; tente de novo em instantes."
BUSY = "Há muitas importações em andamento. Nada foi gravado; tente de novo em um minuto."
TOO_MUCH = f"O arquivo é grande demais: o limite é {in_words(importing.LARGEST)}."


class ImportForm(forms.Form):
    file = forms.FileField(
        label="Arquivo do Word",
        error_messages={"required": "Escolha um arquivo do Word.", "empty": "Este arquivo está vazio. Escolha outro."},
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > importing.LARGEST:
            raise forms.ValidationError(TOO_MUCH)
        return file


@require_http_methods(["GET", "POST"])
def import_word(request: SignedInRequest) -> HttpResponse:
    if request.method == "GET":
        return _page(request, project_to_add_to(request, request.GET.get("projeto", "")))
    project = project_to_add_to(request, request.POST.get("project", ""))
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, project, first_error(form))
    if wait := too_many_files(request):
        return _page(request, project, wait, status=429)
    try:
        made = import_actions.import_word(
            form.cleaned_data["file"], user=request.user, project=project, request=request
        )
    except importing.NotRead as refused:
        return _page(request, project, str(refused))
    except importing.Busy:
        return _page(request, project, BUSY, status=503)
    except TooLarge:
        return _page(request, project, importing.REFUSED["too_large"])
    except StorageAway:
        return _page(request, project, AWAY, status=503)
    notes.success(request, f"O documento “{made.title}” foi importado. Confira o texto com o original.")
    return see("documents:detail", made.pk)


def _page(request: SignedInRequest, project: Project | None, error: str = "", status: int = 422) -> HttpResponse:
    context = {"project": project, "error": error, "largest": in_words(importing.LARGEST)}
    return render(request, "documents/import.html", context, status=status if error else 200)
