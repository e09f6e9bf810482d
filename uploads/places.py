"""Where a file belongs that is sent from inside a project or a conversation: what the form says, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import User
from projects.models import Project


@dataclass(frozen=True)
class Place:
    """A file sent into a conversation belongs to that conversation's project, if it has one."""

    project: UUID | None = None
    conversation: UUID | None = None

    @property
    def fields(self) -> dict[str, UUID]:
        """What a form has to repeat, so that what is sent with it comes here."""
        said = {"conversa": self.conversation, "projeto": None if self.conversation else self.project}
        return {name: value for name, value in said.items() if value}


NOWHERE = Place()


def place_in(fields: Mapping[str, Any], user: User, *, to_see: bool = False) -> Place:
    """`conversa` or `projeto` of a form or an address. 404 for who may not see it, 403 for who may not add to it."""
    if conversation := fields.get("conversa"):
        # By the registry: conversations are a layer above.
        found: Any = _of(apps.get_model("conversations", "Conversation").objects, conversation, user, to_see)
        return Place(found.project_id, found.pk)
    if project := fields.get("projeto"):
        return Place(_of(Project.objects, project, user, to_see).pk)
    return NOWHERE


def is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _of(objects: Any, pk: str, user: User, to_see: bool) -> Any:
    found = objects.for_user(user).filter(pk=pk).first() if is_uuid(pk) else None
    if found is None:
        raise Http404
    if not to_see and not objects.for_editor(user).filter(pk=pk).exists():
        raise PermissionDenied
    return found
