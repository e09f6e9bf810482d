"""What is done to people's accounts: one transaction each, with its row in the audit log."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.http import HttpRequest

from accounts.models import Session, User
from accounts.sessions import SessionStore
from audit.actions import record
from romagent.base import access


class Refused(Exception):
    """Not done; the message says why, to the person who asked."""


# Mails -------------------------------------------------------------------------------------------


@transaction.atomic
def invite(user: User, *, by: Any = None, request: HttpRequest | None = None) -> None:
    """Sends `user` a link to choose her password: an invitation when she has none, otherwise a link for a new one.

    `by` is who invites (nobody: a command). Whether the mail went out is noted in `metadata["invitation"]`.
    """
    if not user.is_active:
        raise Refused("Quem está desativado não recebe convite.")
    action = "senha.link" if user.has_usable_password() else "convite.enviar"
    _queue_link(user, by_office=True)
    record(action, user=by, request=request, entity=user)


@transaction.atomic
def send_link(user: User, *, request: HttpRequest) -> None:
    """Sends the link that somebody asked for who has forgotten her password."""
    _queue_link(user, by_office=False)
    record("senha.esquecer", user=request.user, request=request, entity=user, email=user.email)


def send_notice(template: str, *, to: str, name: str = "") -> None:
    """Queues a mail without secrets, within the caller's transaction."""
    from accounts import tasks

    tasks.send_notice.configure(lock="avisos").defer(template=template, to=to, name=name)


def _queue_link(user: User, *, by_office: bool) -> None:
    """One after the other, so that many invitations take no room from answers; who has forgotten waits for none."""
    from accounts import tasks

    user.note_invitation("queued")
    lock = "convites" if by_office else "senhas"
    tasks.send_access_link.configure(lock=lock).defer(user_id=str(user.pk), by_office=by_office)


# The account -------------------------------------------------------------------------------------


@transaction.atomic
def set_password(user: User, password: str, *, request: HttpRequest | None) -> None:
    """The new password; all sessions but the one in which it is changed end."""
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    here = request.session.session_key if request and request.user == user else None
    ended = _end(UserSession.objects.filter(user=user).exclude(session_key=here or ""))
    UserSession.objects.filter(session_key=here or "").delete()  # goes on under another key, which allauth enters
    record("senha.alterar", user=user, request=request, entity=user, new={"sessions_ended": ended})


@transaction.atomic
def deactivate(user: User, *, by: User, request: HttpRequest) -> None:
    """Keeps her out at once, everywhere; nothing of hers is deleted."""
    if user.pk == by.pk:
        raise Refused("Ninguém desativa a própria conta.")
    admins = set(
        User.objects.select_for_update().filter(role=User.Role.ADMIN, is_active=True).values_list("pk", flat=True)
    )
    if admins == {user.pk}:
        raise Refused("É a última conta ativa da administração.")
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        raise Refused("A conta já estava desativada.")
    ended = _end(UserSession.objects.filter(user=user))
    record("user.desativar", user=by, request=request, entity=user, new={"sessions_ended": ended})
    access.changed(user.pk)


@transaction.atomic
def reactivate(user: User, *, by: User, request: HttpRequest) -> None:
    if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        raise Refused("A conta já estava ativa.")
    record("user.reativar", user=by, request=request, entity=user)


@transaction.atomic
def remove_second_factor(user: User, *, by: Any = None, request: HttpRequest | None = None) -> None:
    """For who has lost everything: the password alone is enough again, and she is told by mail."""
    removed, _ = Authenticator.objects.filter(user=user).delete()
    if not removed:
        raise Refused("A conta não tem segundo fator.")
    send_notice("second_factor_removed", to=user.email, name=user.name)
    record("segundo_fator.remover", user=by, request=request, entity=user)


# Sessions ----------------------------------------------------------------------------------------


@transaction.atomic
def end_session(session: UserSession, *, by: User, request: HttpRequest) -> None:
    _end(UserSession.objects.filter(pk=session.pk))
    record("sessao.encerrar", user=by, request=request, entity=session)


@transaction.atomic
def end_sessions(user: User, *, by: User, request: HttpRequest, but: str = "") -> int:
    """Ends all of the person's sessions except the one with the key `but`; how many there were."""
    ended = _end(UserSession.objects.filter(user=user).exclude(session_key=but))
    record("sessoes.encerrar", user=by, request=request, entity=user, new={"sessions_ended": ended})
    return ended


def _end(listed: Any) -> int:
    """The next request in each of them is signed out: gone from PostgreSQL, and after the commit from Redis."""
    keys = list(listed.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    listed.delete()
    transaction.on_commit(lambda: _forget(keys))
    return len(keys)


def _forget(keys: Collection[str]) -> None:
    cache = caches[settings.SESSION_CACHE_ALIAS]
    cache.delete_many([SessionStore.cache_key_prefix + key for key in keys])
