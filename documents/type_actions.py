"""What the staff can do to the types of documents: each in one transaction, with its audit row."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Max
from django.http import HttpRequest

from accounts.models import User
from audit.actions import record
from documents import types
from documents.models import DocumentTypeVersion

SHIPPED = 0  # the number of the text that comes with the product
Asking = HttpRequest | None


class Refused(Exception):
    """Not done; the message says why, to the person who asked."""


@transaction.atomic
def adapt(slug: str, text: str, seen: int, *, user: User, request: Asking = None) -> DocumentTypeVersion:
    """Puts a text in the place of the one in use, whose number was `seen` on the screen.

    Raises `Refused` when somebody else has changed it in between, and `documents.types.Invalid`.
    """
    text = text.replace("\r\n", "\n").strip() + "\n"
    types.parse(slug, text)
    active = _replaced(slug, seen)
    if text == (active.text if active else types.shipped_text(slug)):
        raise Refused("O texto é o que já está em uso: nada foi alterado.")
    newest = DocumentTypeVersion.objects.filter(slug=slug).aggregate(newest=Max("number"))["newest"] or SHIPPED
    made = DocumentTypeVersion.objects.create(slug=slug, number=newest + 1, text=text, author=user)
    record("tipo.adaptar", user=user, request=request, entity=made, new={"slug": slug, "number": made.number})
    return made


@transaction.atomic
def go_back(slug: str, seen: int, *, user: User, request: Asking = None) -> None:
    """Puts the type that comes with the product in use again; the adapted ones stay as history. Raises `Refused`."""
    active = _replaced(slug, seen)
    if active is None:
        raise Refused("O texto em uso já é o original.")
    record("tipo.voltar-ao-original", user=user, request=request, entity=active, old={"number": active.number})


def _replaced(slug: str, seen: int) -> DocumentTypeVersion | None:
    """The version in use, which is not in use from here on; none when it is the shipped one."""
    with connection.cursor() as cursor:  # also the first of two for which there is no row to lock yet
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('document_type_versions'), hashtext(%s))", [slug])
    active = DocumentTypeVersion.objects.filter(slug=slug, is_active=True).first()
    if (active.number if active else SHIPPED) != seen:
        raise Refused(
            "Outra pessoa alterou este tipo depois que você abriu a página. Veja o texto em uso e altere de novo."
        )
    if active:
        active.is_active = False
        active.save(update_fields=["is_active"])
    return active
