"""What the staff can do for a data subject: each in one transaction, with an audit row about the request."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.sessions import SessionStore
from audit.actions import record
from conversations import actions as conversations
from conversations.models import Conversation, Message
from romagent import runs
from romagent.models import DataExport, SubjectRequest, SubjectRun
from uploads.models import Upload


class Busy(Exception):
    """Something is being done for this request already."""


class NotHer(Exception):
    """This person cannot be anonymised by this person; the message says why."""


def register(subject_request: SubjectRequest, *, user: User, request: HttpRequest | None = None) -> SubjectRequest:
    """Keeps a new request and looks for the subject at once."""
    with transaction.atomic():
        subject_request.user = user
        subject_request.due_on = subject_request.received_on + timedelta(days=SubjectRequest.DAYS)
        subject_request.save()
        record(
            "titular.registrar", user=user, request=request, entity=subject_request, new={"kind": subject_request.kind}
        )
        ask_for(subject_request, SubjectRun.Kind.FIND, user=user, request=request)
    return subject_request


def ask_for(
    subject_request: SubjectRequest,
    kind: str,
    *,
    user: User,
    request: HttpRequest | None = None,
    reason: str = "",
    owners: Iterable[str] = (),
    terms: Iterable[str] = (),
) -> SubjectRun:
    """Queues work on a request. Raises Busy while there is some."""
    from romagent.tasks import serve_subject

    with transaction.atomic():
        SubjectRequest.objects.select_for_update().get(pk=subject_request.pk)
        mine = SubjectRun.objects.filter(subject_request=subject_request)
        runs.bury_the_dead(mine)
        if mine.filter(state__in=SubjectRun.ACTIVE).exists():
            raise Busy
        run: SubjectRun = SubjectRun.objects.create(
            subject_request=subject_request, user=user, kind=kind, reason=reason, owners=list(owners), terms=list(terms)
        )
        serve_subject.defer(run_id=str(run.pk))
        said = {"reason": reason, "owners": run.owners, "terms": run.terms}
        new = {"run": str(run.pk), **{name: value for name, value in said.items() if value}}
        copy_or_change = "titular.exportar" if kind == SubjectRun.Kind.EXPORT else "titular.pedir-anonimizacao"
        action = "titular.buscar" if kind == SubjectRun.Kind.FIND else copy_or_change
        record(action, user=user, request=request, entity=subject_request, new=new)
    return run


def cancel(run: SubjectRun, *, user: User, request: HttpRequest | None = None) -> None:
    with transaction.atomic():
        if runs.ask_to_cancel(run):
            new = {"run": str(run.pk)}
            record("titular.parar", user=user, request=request, entity=run.subject_request, new=new)


def answer(
    subject_request: SubjectRequest, *, state: str, text: str, user: User, request: HttpRequest | None = None
) -> None:
    """Notes what was answered; it can be noted again, and each time is a row."""
    with transaction.atomic():
        old = {"state": subject_request.state}
        subject_request.state, subject_request.answer = state, text
        subject_request.answered_at = timezone.now()
        subject_request.save(update_fields=["state", "answer", "answered_at"])
        record("titular.responder", user=user, request=request, entity=subject_request, old=old, new={"state": state})


def anonymise_person(
    subject_request: SubjectRequest,
    person: User,
    *,
    delete_conversations: bool,
    user: User,
    request: HttpRequest | None = None,
) -> None:
    """A person of the system who asks to be forgotten: she can no longer sign in and nothing names her.

    Her conversations stay with the office or are deleted, but never those of a project that is to be preserved. The
    audit log keeps her e-mail as it was. Raises NotHer.
    """
    if person.pk == user.pk:
        raise NotHer("Ninguém pode anonimizar a própria conta: peça a outra pessoa da administração.")
    if person.is_superuser and not user.is_superuser:
        raise NotHer("Só quem tem todos os direitos pode anonimizar esta pessoa.")
    with transaction.atomic():
        admins = User.objects.select_for_update().filter(role=User.Role.ADMIN, is_active=True)
        if set(admins.values_list("pk", flat=True)) == {person.pk}:
            raise NotHer("É a última conta ativa da administração.")
        person = User.objects.select_for_update().get(pk=person.pk)
        deleted = _delete_conversations(person, user, request) if delete_conversations else 0
        _forget(person)
        new = {"person": str(person.pk), "conversations_deleted": deleted}
        record("titular.anonimizar-pessoa", user=user, request=request, entity=subject_request, new=new)
        keys = list(UserSession.objects.filter(user=person).values_list("session_key", flat=True))
        UserSession.objects.filter(user=person).delete()
    for key in keys:
        SessionStore(key).delete()  # also what Redis remembers


def _forget(person: User) -> None:
    person.email = f"anonimizado-{person.pk.hex}@anonimizado.invalid"
    person.name, person.oab, person.metadata = "Pessoa anonimizada", "", {}
    person.is_active, person.is_superuser, person.role = False, False, User.Role.USER
    person.set_unusable_password()  # which ends her sessions, whoever remembers them
    person.save()
    person.groups.clear()
    person.user_permissions.clear()
    for model in (Authenticator, EmailAddress):
        model.objects.filter(user=person).delete()
    # A copy of all her data is the last thing to be left lying about; the clean-up takes the files.
    DataExport.objects.filter(user=person).update(expires_at=timezone.now(), state=DataExport.State.EXPIRED)


def _delete_conversations(person: User, user: User, request: HttpRequest | None) -> int:
    """As when she deletes them herself: out of sight now, gone when the time for undoing is over."""
    hers = Conversation.objects.filter(user=person, deleted_at=None).exclude(project__preservar=True)
    for reply in Message.objects.filter(conversation__in=hers).unfinished():
        conversations.stop(reply, user=user, request=request)
    now = timezone.now()
    Upload.objects.filter(user=person, deleted_at=None, project=None).exclude(
        conversation__project__preservar=True
    ).update(deleted_at=now)
    count: int = Conversation.objects.filter(pk__in=hers.values("pk")).update(deleted_at=now)
    return count


def record_look(subject_request: SubjectRequest, *, user: Any, request: HttpRequest) -> None:
    """The page of a request holds a CPF: who opens it is in the log."""
    record("titular.consultar", user=user, request=request, entity=subject_request)


def record_download(run: SubjectRun, *, user: Any, request: HttpRequest) -> None:
    new = {"run": str(run.pk)}
    record("titular.baixar", user=user, request=request, entity=run.subject_request, new=new)


def note_missing(run_id: Any) -> None:
    """The storage did not have the file: the page says so from now on."""
    reason = "O arquivo não está mais no servidor. Faça outra cópia."
    done = SubjectRun.objects.filter(pk=run_id, state=SubjectRun.State.DONE)
    done.update(state=SubjectRun.State.FAILED, error=reason, file_path="")
