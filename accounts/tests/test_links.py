"""Links by mail: for who has forgotten her password, and for who is invited. They go out by the worker."""

import re
import smtplib
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends import locmem
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job
from pytest_django import Settings

from accounts import actions, tasks
from accounts.models import User
from accounts.tests.conftest import Deliver
from audit.models import AuditLog
from conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("committed")
NEW = "outra senha, também longa"
BOTH = {"password1": NEW, "password2": NEW}


def mails() -> Any:
    """The jobs that send mail; a worker queues others by the clock."""
    return ProcrastinateJob.objects.filter(queue_name="mail")


def can_sign_in(password: str) -> bool:
    client = Client()
    client.post("/entrar/", {"login": "helena@exemplo.adv.br", "password": password})
    return client.get("/conversas/").status_code == 200


def link_in(message: EmailMessage) -> str:
    found = re.search(r"http://testserver(/senha/nova/\S+)", str(message.body))
    assert found
    return found[1]


def forget(client: Client, email: str = "helena@exemplo.adv.br") -> None:
    response = client.post("/senha/esqueci/", {"email": email})
    assert (response.status_code, response["Location"]) == (302, "/senha/esqueci/enviado/")


def choose(client: Client, link: str) -> Any:
    page = client.get(link, follow=True)
    return client.post(page.request["PATH_INFO"], BOTH)


def state_of(user: User) -> str:
    user.refresh_from_db()
    return str(user.metadata["invitation"]["state"])


# Forgotten ---------------------------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_by_mail(client: Client, helena: User, deliver: Deliver) -> None:
    forget(client)
    assert mail.outbox == []  # nobody's request waits for a mail server
    (message,) = deliver()
    assert message.to == ["helena@exemplo.adv.br"]
    assert "Escolher uma senha nova no ROM Agent" in message.subject
    assert "alguém, provavelmente você, pediu para escolher uma senha nova" in message.body
    assert "Ele vale por 3 dias" in message.body
    page = client.get(link_in(message), follow=True)
    assert "Escolher senha nova" in page.content.decode()
    response = client.post(page.request["PATH_INFO"], BOTH)
    assert response["Location"] == "/senha/nova/pronto/"
    assert "A senha nova já vale." in client.get("/senha/nova/pronto/").content.decode()
    assert can_sign_in(NEW)
    assert not can_sign_in(PASSWORD)


def test_no_link_is_kept_in_a_job(client: Client, helena: User, deliver: Deliver) -> None:
    forget(client)
    job = mails().get()
    assert job.args == {"user_id": str(helena.pk), "by_office": False}
    deliver()
    assert not mails().filter(status="todo").exists()


def test_the_link_works_once(client: Client, helena: User, deliver: Deliver) -> None:
    forget(client)
    link = link_in(deliver()[0])
    choose(client, link)
    assert "Este link não vale mais" in Client().get(link, follow=True).content.decode()


def test_a_link_that_was_made_up_opens_nothing(client: Client, helena: User) -> None:
    for link in [
        "/senha/nova/1-set-password/",
        "/senha/nova/abc-123-456/",
        "/senha/nova/zzzzzzzzzzzzzzzzzzzzzzzzzz-x/",
    ]:
        html = client.get(link, follow=True).content.decode()
        assert "Este link não vale mais" in html
        client.post(link, BOTH)
    assert can_sign_in(PASSWORD)


def test_the_page_does_not_tell_whose_address_is_known(client: Client, helena: User, deliver: Deliver) -> None:
    forget(client, "ninguem@exemplo.adv.br")
    (message,) = deliver()
    assert message.to == ["ninguem@exemplo.adv.br"]
    assert "não há conta com este endereço" in message.body


def test_the_case_of_the_email_does_not_matter(client: Client, helena: User, deliver: Deliver) -> None:
    forget(client, "HELENA@exemplo.adv.br")
    assert link_in(deliver()[0])


def test_a_deactivated_person_gets_no_link(client: Client, helena: User, deliver: Deliver) -> None:
    User.objects.filter(pk=helena.pk).update(is_active=False)
    forget(client)
    assert not any("/senha/nova/" in str(message.body) for message in deliver())


def test_who_is_deactivated_before_the_mail_goes_out_gets_none(client: Client, helena: User, deliver: Deliver) -> None:
    forget(client)
    User.objects.filter(pk=helena.pk).update(is_active=False)
    assert deliver() == []


def test_a_new_password_ends_the_sessions_that_used_the_old_one(client: Client, helena: User, deliver: Deliver) -> None:
    elsewhere = Client()
    elsewhere.force_login(helena)
    forget(client)
    choose(client, link_in(deliver()[0]))
    assert elsewhere.get("/conversas/").status_code == 302


def test_asking_for_a_link_is_in_the_log_when_there_is_somebody(client: Client, helena: User) -> None:
    forget(client, "ninguem@exemplo.adv.br")
    assert not AuditLog.objects.exists()
    forget(client)
    row = AuditLog.objects.get()
    assert (row.action, row.user, row.user_email, row.entity_id) == ("senha.esquecer", None, helena.email, helena.pk)


@pytest.mark.parametrize("email", ["helena@exemplo.adv.br", "ninguem@exemplo.adv.br"])
def test_many_links_are_refused_alike_whether_or_not_there_is_an_account(
    client: Client, helena: User, email: str, deliver: Deliver
) -> None:
    for _ in range(5):
        forget(client, email)
    response = client.post("/senha/esqueci/", {"email": email})
    assert (response.status_code, int(response["Retry-After"]) > 3000) == (429, True)
    assert "Tente de novo" in response.content.decode()
    assert len(deliver()) == 5


def test_a_stranger_who_asks_for_links_does_not_keep_her_from_asking(helena: User) -> None:
    hers = Client()
    hers.post("/entrar/", {"login": helena.email, "password": PASSWORD})
    hers.post("/sair/")
    for number in range(20):
        Client(REMOTE_ADDR=f"192.0.2.{number}").post("/senha/esqueci/", {"email": helena.email})
    assert Client(REMOTE_ADDR="198.51.100.1").post("/senha/esqueci/", {"email": helena.email}).status_code == 429
    forget(hers)


def test_the_log_keeps_no_link(
    client: Client, helena: User, deliver: Deliver, caplog: pytest.LogCaptureFixture
) -> None:
    forget(client)
    link = link_in(deliver()[0])
    choose(client, link)
    key = link.split("-", 1)[1].strip("/")
    assert "/senha/nova/" in caplog.text
    assert key not in caplog.text


# Invited -----------------------------------------------------------------------------------------


@pytest.fixture
def nova() -> User:
    return User.objects.create_user("nova@exemplo.adv.br", name="Nova Lima")


def test_who_is_invited_chooses_a_password_and_comes_in(staff: User, nova: User, deliver: Deliver) -> None:
    actions.invite(nova, by=staff)
    assert state_of(nova) == "queued"
    (message,) = deliver()
    assert (message.to, message.subject) == (["nova@exemplo.adv.br"], "Convite para o ROM Agent")
    for words in ["Olá, Nova Lima,", "Ele vale por 3 dias", "http://testserver/senha/esqueci/", nova.email]:
        assert words in message.body
    assert state_of(nova) == "sent"
    client = Client()
    page = client.get(link_in(message), follow=True)
    assert "Boas-vindas ao ROM Agent" in page.content.decode()
    assert "nova@exemplo.adv.br" in page.content.decode()
    assert choose(client, link_in(message))["Location"] == "/senha/nova/pronto/"
    client.post("/entrar/", {"login": nova.email, "password": NEW})
    assert client.get("/conversas/").status_code == 200


def test_an_invitation_is_one_row_in_the_log(staff: User, nova: User) -> None:
    actions.invite(nova, by=staff)
    row = AuditLog.objects.get()
    assert (row.action, row.user, row.entity_id) == ("convite.enviar", staff, nova.pk)


def test_a_command_may_invite_many(deliver: Deliver) -> None:
    people = [User.objects.create_user(f"p{number}@exemplo.adv.br") for number in range(12)]
    for person in people:
        actions.invite(person)
    assert sorted(message.to[0] for message in deliver()) == sorted(person.email for person in people)
    assert {state_of(person) for person in people} == {"sent"}
    assert AuditLog.objects.filter(action="convite.enviar", user=None).count() == 12


def test_who_has_a_password_gets_a_link_for_a_new_one(staff: User, helena: User, deliver: Deliver) -> None:
    actions.invite(helena, by=staff)
    (message,) = deliver()
    assert "a administração do escritório enviou este link" in message.body
    assert AuditLog.objects.get().action == "senha.link"


def test_who_is_deactivated_is_not_invited(nova: User, staff: User) -> None:
    nova.is_active = False
    with pytest.raises(actions.Refused, match="desativado"):
        actions.invite(nova, by=staff)
    assert not mails().exists()


def test_an_invitation_that_has_expired_opens_nothing_and_another_can_be_asked_for(
    nova: User, deliver: Deliver, settings: Settings, client: Client
) -> None:
    actions.invite(nova)
    link = link_in(deliver()[0])
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "Este link não vale mais" in client.get(link, follow=True).content.decode()
    settings.PASSWORD_RESET_TIMEOUT = 7 * 24 * 3600
    forget(client, nova.email)
    message = deliver()[-1]
    assert message.subject == "Convite para o ROM Agent"
    assert "Ele vale por 7 dias" in message.body
    assert choose(client, link_in(message))["Location"] == "/senha/nova/pronto/"


def test_a_corrected_address_makes_the_earlier_link_worthless(nova: User, deliver: Deliver, client: Client) -> None:
    actions.invite(nova)
    link = link_in(deliver()[0])
    User.objects.filter(pk=nova.pk).update(email="certa@exemplo.adv.br")
    assert "Este link não vale mais" in client.get(link, follow=True).content.decode()


def test_an_invitation_that_is_undone_with_its_transaction_goes_out_to_nobody(nova: User, deliver: Deliver) -> None:
    with transaction.atomic():
        actions.invite(nova)
        transaction.set_rollback(True)
    assert deliver() == []
    assert not AuditLog.objects.exists()


# A mail server that is away ----------------------------------------------------------------------


def change_jobs(change: str) -> None:
    """The models of the queue can only be read."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE procrastinate_jobs SET {change}")


class Away(locmem.EmailBackend):
    """As smtplib says it when nobody listens, or the server is too busy."""

    error: Exception = ConnectionRefusedError()

    def send_messages(self, messages: Any) -> int:
        raise self.error


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError(), smtplib.SMTPServerDisconnected("x")])
def test_a_mail_server_that_is_away_is_tried_again_and_the_staff_see_it(
    nova: User, staff: User, deliver: Deliver, settings: Settings, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "accounts.tests.test_links.Away"
    monkeypatch.setattr(Away, "error", error)
    actions.invite(nova, by=staff)
    deliver()
    assert state_of(nova) == "retrying"
    job = mails().get()
    assert (job.status, job.attempts) == ("todo", 1)
    assert timedelta(seconds=20) < job.scheduled_at - timezone.now() < timedelta(seconds=60)
    browser = Client()
    browser.force_login(staff)
    page = browser.get(f"/admin/accounts/user/{nova.pk}/change/").content.decode()
    assert "não saiu ainda; nova tentativa marcada" in page
    settings.EMAIL_BACKEND = backend
    change_jobs("scheduled_at = NULL")
    assert len(deliver()) == 1
    assert state_of(nova) == "sent"
    assert "enviado, " in browser.get(f"/admin/accounts/user/{nova.pk}/change/").content.decode()


def test_one_mail_that_does_not_go_out_keeps_back_no_other(
    nova: User, helena: User, deliver: Deliver, settings: Settings
) -> None:
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "accounts.tests.test_links.Away"
    actions.invite(nova)
    deliver()
    settings.EMAIL_BACKEND = backend
    actions.invite(helena)
    assert [message.to for message in deliver()] == [["helena@exemplo.adv.br"]]


def test_after_a_day_it_is_given_up_and_the_staff_see_that_too(
    nova: User, deliver: Deliver, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "accounts.tests.test_links.Away"
    actions.invite(nova)
    change_jobs(f"attempts = {len(tasks.PAUSES)}")
    deliver()
    assert state_of(nova) == "failed"
    assert mails().get().status == "failed"


def test_the_pauses_grow_and_end_after_about_a_day() -> None:
    def pause(attempts: int) -> float | None:
        job = Job(
            id=7, queue="mail", lock=None, queueing_lock=None, task_name="x", attempts=attempts, task_kwargs={},
            scheduled_at=None, priority=0, status="doing", abort_requested=False, worker_id=None,
        )  # fmt: skip
        decision = tasks.GrowingPauses().get_retry_decision(exception=OSError(), job=job)
        return (decision.retry_at - timezone.now()).total_seconds() if decision and decision.retry_at else None

    pauses = [pause(attempts) for attempts in range(len(tasks.PAUSES) + 1)]
    assert pauses[-1] is None
    found = [seconds for seconds in pauses if seconds]
    assert found == sorted(found)
    assert 20 * 3600 < sum(found) < 36 * 3600


def test_a_mistake_of_ours_is_not_tried_again(
    nova: User, deliver: Deliver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "accounts.tests.test_links.Away"
    monkeypatch.setattr(Away, "error", KeyError("x"))
    actions.invite(nova)
    deliver()
    assert mails().get().status == "failed"


def test_while_a_mail_is_being_sent_no_connection_waits(
    nova: User, deliver: Deliver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the threads that talk to PostgreSQL none sends."""
    seen: list[str] = []

    class Noting(locmem.EmailBackend):
        def send_messages(self, messages: Any) -> int:
            seen.append(threading.current_thread().name)
            return super().send_messages(messages)

    monkeypatch.setattr(locmem, "EmailBackend", Noting)
    actions.invite(nova)
    deliver()
    assert [name.split("_")[0] for name in seen] == ["mail"]
