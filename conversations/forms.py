"""The question box and the other small forms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings

from accounts.models import User
from audit.budgets import standing
from audit.models import AIModel
from conversations.models import Conversation
from projects.forms import first_error
from romagent.base.ids import new_id
from uploads.forms import IN_PARTS_FROM, SUFFIXES, largest, largest_at_once
from uploads.models import Upload

MOST_FILES = 50  # that come with one question
NO_FILE = "Um dos arquivos anexados não foi encontrado. Retire-o da pergunta e envie-o de novo."


class QuestionField(forms.CharField):
    """A question as it was typed: white space at its ends and direction marks are the person's own business."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, max_length=settings.MESSAGE_MAX_CHARACTERS, **options)

    def to_python(self, value: Any) -> str:
        # U+0000 comes along when text is copied out of some PDF files, and PostgreSQL cannot hold it.
        return (super().to_python(value) or "").replace("\x00", "").replace("\r\n", "\n")

    def validate(self, value: str) -> None:
        if self.required and not value.strip():
            raise forms.ValidationError("Escreva a pergunta antes de enviar.")

    def run_validators(self, value: str) -> None:
        if len(value) > settings.MESSAGE_MAX_CHARACTERS:
            most, size = (f"{n:,}".replace(",", ".") for n in (settings.MESSAGE_MAX_CHARACTERS, len(value)))
            raise forms.ValidationError(
                f"O texto tem {size} caracteres, e o limite é {most}. Divida-o em partes; o rascunho foi mantido."
            )


class FilesField(forms.Field):
    """The ids of files that have been sent for the question."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[UUID]:
        try:
            return [UUID(one) for one in value or []]
        except (ValueError, TypeError, AttributeError) as error:
            raise forms.ValidationError(NO_FILE) from error


class AskForm(forms.Form):
    """A question, with the mode and the model it is asked in; what is left out stays as it is."""

    content = QuestionField()
    mode = forms.ChoiceField(choices=Conversation.Mode.choices, required=False)
    model = forms.CharField(required=False, max_length=100)
    submission_key = forms.UUIDField(required=False)
    arquivo = FilesField(required=False)

    def __init__(self, *args: Any, user: User, current_model: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.current_model, self.user = current_model, user

    def clean_arquivo(self) -> list[Upload]:
        wanted: list[UUID] = self.cleaned_data["arquivo"]
        if len(wanted) > MOST_FILES:
            raise forms.ValidationError(f"São arquivos demais para uma pergunta: o limite é {MOST_FILES}.")
        found = list(Upload.objects.for_user(self.user).filter(pk__in=wanted)) if wanted else []
        if len(found) < len(set(wanted)):
            raise forms.ValidationError(NO_FILE)
        return found

    def clean_model(self) -> str:
        model: str = self.cleaned_data["model"]
        if model and model != self.current_model and not AIModel.objects.filter(pk=model, offered=True).exists():
            raise forms.ValidationError("Este modelo não está disponível. Escolha outro.")
        return model

    def values(self) -> dict[str, Any]:
        """What `actions.ask` takes."""
        data = self.cleaned_data
        key: UUID | None = data["submission_key"]
        said = {"content": data["content"], "mode": data["mode"], "model": data["model"], "key": key}
        return said | {"files": data["arquivo"]}


class StartForm(AskForm):
    """The first question of a new conversation; without one the conversation starts empty."""

    content = QuestionField(required=False)

    def clean_content(self) -> str:
        content: str = self.cleaned_data["content"]
        return content if content.strip() else ""

    def clean(self) -> None:
        if self.cleaned_data.get("arquivo") and not self.cleaned_data.get("content") and "content" not in self.errors:
            self.add_error("content", "Escreva o que quer saber dos arquivos.")


class EditForm(forms.Form):
    content = QuestionField()


class RenameForm(forms.Form):
    title = forms.CharField(
        max_length=500,
        error_messages={"required": "Escreva um nome para a conversa.", "max_length": "O nome é longo demais."},
    )


def ask_context(user: User, conversation: Conversation | None, form: AskForm | None = None) -> dict[str, Any]:
    """What the question box's template needs, for this person."""
    models = list(AIModel.objects.filter(offered=True).order_by("position"))
    known = {model.pk for model in models}
    current = conversation.model if conversation else ""
    return {
        "modes": Conversation.Mode.choices,
        "models": models,
        "mode": conversation.mode if conversation else Conversation.Mode.JURIDICO,
        "model": current if current in known else (models[0].pk if models else ""),
        "limit": settings.MESSAGE_MAX_CHARACTERS,
        "submission_key": new_id(),
        "content": form.data.get("content", "") if form else "",
        "error": first_error(form) if form else "",
        "budget": standing(user.pk).notice,
        "sending": {"largest": largest(), "in_parts_from": min(IN_PARTS_FROM, largest_at_once()), "suffixes": SUFFIXES},
        "attached": form.cleaned_data.get("arquivo") or [] if form and hasattr(form, "cleaned_data") else [],
    }


def default_model() -> str:
    """The first of the models on offer."""
    return AIModel.objects.filter(offered=True).order_by("position").values_list("pk", flat=True).first() or ""
