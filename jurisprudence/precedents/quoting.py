"""A precedent as the beginning of a question."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from jurisprudence.precedents.models import Precedent
from jurisprudence.precedents.naming import name_of

QUOTED = 2_000  # characters: the rest is read by the assistant itself


def as_question(pk: str, user: User) -> str:
    """What the question box holds when a precedent is to be used; "" for what is no precedent."""
    try:
        found = Precedent.objects.for_user(user).filter(pk=UUID(pk)).first()
    except ValueError:
        return ""
    if found is None:
        return ""
    text = found.text or found.title
    only = "" if found.text else "A fonte só traz o título: "
    text = text if len(text) <= QUOTED else text[:QUOTED].rstrip() + " […]"
    standing = f", {found.status}" if found.status else ""
    return f"Considere: {name_of(found)}{standing} (conferido em {found.as_of:%d/%m/%Y}).\n\n{only}“{text}”\n\n"
