"""What each role may do in the administration; groups and single permissions come on top.

`user`: nothing there. `staff`: people, projects, costs, the log. `admin`: everything, except reading other people's
conversations, which the office gives by name, and what rights are made of: groups, other people's e-mails, second
factors and sessions as rows. Only `is_superuser` has every right there is.
"""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from accounts.models import User

STAFF = frozenset(
    {
        "accounts.add_user", "accounts.change_user", "accounts.view_user",
        "audit.view_auditlog", "audit.view_aimodel", "audit.view_aiprice", "audit.view_aioperation",
        "audit.view_costs", "audit.change_budget", "audit.view_database",
        "projects.view_project", "projects.change_project", "projects.view_projectmember",
        "conversations.view_conversation", "uploads.view_upload",
        "documents.add_officeunit", "documents.change_officeunit", "documents.view_officeunit",
        "documents.change_documenttypeversion",
        "jurisprudence.add_holiday", "jurisprudence.change_holiday", "jurisprudence.view_holiday",
    }
)  # fmt: skip
BY_NAME_ONLY = frozenset({"conversations.read_contents"})
OF_NO_ROLE = frozenset({"auth", "account", "mfa", "usersessions"})  # apps of which no role has a right


class RolePermissions(BaseBackend):
    """Turns the role into permissions, so that views ask for a right and never for a role."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if obj is not None or not user_obj.is_active:
            return False
        role = getattr(user_obj, "role", "")
        if role == User.Role.ADMIN:
            return perm not in BY_NAME_ONLY and perm.partition(".")[0] not in OF_NO_ROLE
        return role == User.Role.STAFF and perm in STAFF

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether the administration shows the app at all."""
        if not user_obj.is_active:
            return False
        if user_obj.role == User.Role.STAFF:
            return any(perm.startswith(f"{app_label}.") for perm in STAFF)
        return user_obj.role == User.Role.ADMIN and app_label not in OF_NO_ROLE
