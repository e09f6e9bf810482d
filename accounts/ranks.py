"""Who may do what to whose account: nobody reaches above herself, and nobody takes over who may see more than she."""

from accounts.models import User


def is_admin(actor: User) -> bool:
    return actor.is_superuser or actor.role == User.Role.ADMIN


def roles_to_give(actor: User) -> list[str]:
    """The roles she may give to others."""
    return list(User.Role.values) if is_admin(actor) else [User.Role.USER]


def may_manage(actor: User, person: User) -> bool:
    """Whether she may change the name, deactivate, and send links: the staff lawyers only, admins everybody but a
    superuser."""
    if actor.is_superuser:
        return True
    return not person.is_superuser and (person.role in roles_to_give(actor))


def may_take_over(actor: User, person: User) -> bool:
    """Whether she may do what would let her become that person: another e-mail, or no second factor.

    Rights given by name count: an administrator may not read conversations by way of somebody who may.
    """
    if actor.is_superuser:
        return True
    rights = User(pk=person.pk).get_all_permissions()  # also of who is deactivated: she may come back
    return may_manage(actor, person) and actor.has_perms(rights)


def may_change_email(actor: User, person: User) -> bool:
    """The staff correct the address of who has not come in yet; afterwards it is a matter for admins."""
    return may_take_over(actor, person) and (is_admin(actor) or not person.has_usable_password())
