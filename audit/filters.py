"""What the staff looks for in the audit log, as a form and as a query that an index answers."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import validate_email
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.actions import valid_address
from audit.models import AuditLog
from audit.vocabulary import actions, entity_kinds, tables_with_uuids

FEW = 1_000  # rows
LEAST_OF_A_NAME = 3  # characters, before they are looked for in the names of actions
DATE: dict[str, Any] = {"input_formats": ["%Y-%m-%d", "%d/%m/%Y"]}


class LogFilter(forms.Form):
    """Every field narrows the log down; the names are those of the columns, so that other pages can link here."""

    q = forms.CharField(label="Buscar", required=False, max_length=255)
    user_email = forms.CharField(
        label="Pessoa", required=False, max_length=255, help_text="O e-mail inteiro, ou só o começo."
    )
    action = forms.ChoiceField(label="Ação", required=False)
    entity_type = forms.ChoiceField(label="Objeto", required=False)
    entity_id = forms.CharField(label="Identificação do objeto", required=False, max_length=100)
    ip_address = forms.GenericIPAddressField(label="Endereço IP", required=False)
    since = forms.DateField(label="De", required=False, **DATE)
    until = forms.DateField(label="Até", required=False, **DATE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(group, list(names.items())) for group, names in actions().items()]
        self.fields["action"].choices = [("", "Todas"), *groups]  # type: ignore[attr-defined]
        self.fields["entity_type"].choices = [("", "Todos"), *entity_kinds().items()]  # type: ignore[attr-defined]
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error("until", "O último dia vem antes do primeiro.")
        if given.get("entity_id") and not given.get("entity_type") and not as_uuid(given["entity_id"]):
            self.add_error("entity_id", "Escolha também o objeto, ou informe a identificação completa.")
        return given

    def given(self) -> dict[str, str]:
        """What is filled in, for links and for the row of an export."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    def rows(self) -> QuerySet[AuditLog]:
        """The rows that are wanted, in no order yet."""
        given = self.cleaned_data
        found = AuditLog.objects.filter(_on_days(given["since"], given["until"]))
        if given["q"]:
            found = found.filter(recognised(given["q"])[1]())
        if given["user_email"]:
            found = found.filter(of_person(given["user_email"]))
        if given["action"]:
            found = found.filter(action=given["action"])
        if given["entity_type"] or given["entity_id"]:
            found = found.filter(_of_entity(given["entity_type"], given["entity_id"]))
        return found.filter(ip_address=given["ip_address"]) if given["ip_address"] else found

    def understood(self) -> str:
        """How the search box was read, in words; empty when nothing was searched for."""
        return recognised(self.cleaned_data["q"])[0] if self.cleaned_data["q"] else ""


def recognised(text: str) -> tuple[str, Callable[[], Q]]:
    """What was typed, by its looks: an id, an address, an action's name, or else an e-mail or its beginning."""
    text = text.strip()
    if pk := as_uuid(text):
        ids = _of_id(pk) | Q(user_id=pk) | Q(pk=pk)
        return "a identificação de um objeto, de uma pessoa ou de um registro", lambda: ids
    if address := valid_address(text):
        return f"o endereço {address}", lambda: Q(ip_address=address)
    if "@" not in text and (codes := _called(text)):
        return "ações com este nome", lambda: Q(action__in=codes)
    whole = "o e-mail" if _is_email(text) else "e-mails que começam por"
    return f"{whole} {text.lower()}", lambda: of_person(text)


def of_person(text: str) -> Q:
    """Rows of exactly this e-mail; of what is none yet, rows of e-mails that begin so.

    When those are few they are looked up first: otherwise the planner may walk through the whole log for them.
    """
    text = text.strip().lower()
    if _is_email(text):
        return Q(user_email=text)
    begin_so = Q(user_email__startswith=text)
    few = list(AuditLog.objects.filter(begin_so).values_list("pk", flat=True)[:FEW])
    return Q(pk__in=few) if len(few) < FEW else begin_so


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except forms.ValidationError:
        return False
    return True


def _called(text: str) -> list[str]:
    """Actions whose code begins like this or whose name has all of these words in it, whatever the accents."""
    wanted = _plain(text)
    if len(wanted) < LEAST_OF_A_NAME:
        return []
    return [
        code
        for names in actions().values()
        for code, name in names.items()
        if _plain(code).startswith(wanted) or all(word in _plain(name) for word in wanted.split())
    ]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFD", text.lower()).encode("ascii", "ignore").decode()


def _on_days(since: date | None, until: date | None) -> Q:
    """From the first moment of one day to the last of another, by the office's clock."""
    wanted = Q()
    if since:
        wanted &= Q(created_at__gte=_midnight(since))
    if until and until < date.max:
        wanted &= Q(created_at__lt=_midnight(until + timedelta(days=1)))
    return wanted


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _of_entity(table: str, text: str) -> Q:
    """Rows about one object, or about all of a kind."""
    if text and (pk := as_uuid(text)):
        return Q(entity_type=table, entity_id=pk) if table else _of_id(pk)
    if text:
        return Q(entity_type=f"{table}:{text}"[:100])
    if table in tables_with_uuids():
        return Q(entity_type=table)
    return Q(entity_id=None, entity_type__startswith=f"{table}:") & ~Q(entity_type="")


def _of_id(pk: UUID) -> Q:
    """Through the index on (entity_type, entity_id): an id alone has none of its own."""
    return Q(entity_type__in=tables_with_uuids(), entity_id=pk)
