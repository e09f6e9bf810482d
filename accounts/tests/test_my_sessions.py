"""Where one is signed in: the list, and ending one session or all the others, in PostgreSQL and in Redis."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import presence
from accounts.agents import describe
from accounts.models import Session, User
from accounts.sessions import SessionStore
from audit.models import AuditLog
from conftest import PASSWORD

pytestmark = pytest.mark.django_db
LIST = "/conta/seguranca/sessoes/"
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"


def browser(user: User, agent: str = WINDOWS, address: str = "192.0.2.1") -> Client:
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    client.post("/entrar/", {"login": user.email, "password": PASSWORD})
    assert is_signed_in(client)
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/conversas/").status_code == 200


def listed(client: Client) -> str:
    return client.get(LIST).content.decode()


def row_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


def end(client: Client, session: UserSession) -> Any:
    return client.post(f"{LIST}{session.pk}/encerrar/")


@pytest.fixture
def office(helena: User) -> Client:
    return browser(helena)


@pytest.fixture
def phone(helena: User) -> Client:
    return browser(helena, IPHONE, "198.51.100.9")


# The list ----------------------------------------------------------------------------------------


def test_the_list_names_device_address_and_time(office: Client, phone: Client) -> None:
    html = listed(office)
    for words in ["Chrome no Windows", "Safari no iPhone", "192.0.2.1", "198.51.100.9", "(este navegador)"]:
        assert words in html
    today = timezone.localtime().strftime("%d/%m/%Y")
    assert html.count(f"visto em {today}") == 2
    assert html.count("Encerrar esta sessão") == 1
    assert "Sua conta está aberta em 2 navegadores." in office.get("/conta/seguranca/").content.decode()


def test_no_key_of_a_session_is_on_a_page(office: Client, phone: Client) -> None:
    for key in Session.objects.values_list("session_key", flat=True):
        assert key not in listed(office)


def test_a_session_that_has_run_out_is_not_listed(office: Client, phone: Client) -> None:
    Session.objects.filter(pk=phone.session.session_key).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert "Safari no iPhone" not in listed(office)


def test_the_list_costs_the_same_for_ten_and_for_twenty(office: Client, helena: User) -> None:
    def add(number: int) -> None:
        for _ in range(number):
            session = SessionStore()
            session.create()
            UserSession.objects.create(user=helena, session_key=session.session_key, ip="192.0.2.1", user_agent=WINDOWS)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            html = listed(office)
        assert html.count("Encerrar esta sessão") + 1 == UserSession.objects.count()
        return len(captured.captured_queries)

    add(9)
    queries()
    ten = queries()
    add(10)
    assert queries() == ten


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (WINDOWS, "Chrome no Windows"),
        (WINDOWS + " Edg/140.0", "Edge no Windows"),
        (IPHONE, "Safari no iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox no Linux"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome no Android"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
            "Safari no Mac",
        ),
        ("curl/8.5.0", "Aparelho desconhecido"),
        ("", "Aparelho desconhecido"),
    ],
)
def test_a_browser_is_recognised(agent: str, words: str) -> None:
    assert describe(agent) == words


# Ending ------------------------------------------------------------------------------------------


def test_ending_a_session_signs_it_out_at_its_next_request(
    office: Client, phone: Client, helena: User, django_capture_on_commit_callbacks: Any
) -> None:
    session = row_of(phone)
    key = session.session_key
    assert cache.get(f"session.{key}")
    with django_capture_on_commit_callbacks(execute=True):
        response = end(office, session)
    assert (response.status_code, response["Location"]) == (303, LIST)
    assert not Session.objects.filter(pk=key).exists()
    assert cache.get(f"session.{key}") is None
    assert not is_signed_in(phone)
    assert is_signed_in(office)
    row = AuditLog.objects.get(action="sessao.encerrar")
    assert (row.user, row.ip_address) == (helena, "192.0.2.1")
    assert key not in str(AuditLog.objects.values())


def test_ending_the_others_leaves_this_one(
    office: Client, phone: Client, helena: User, django_capture_on_commit_callbacks: Any
) -> None:
    another = browser(helena)
    with django_capture_on_commit_callbacks(execute=True):
        assert office.post(f"{LIST}encerrar-outras/").status_code == 303
    assert "2 sessões encerradas." in listed(office)
    assert [is_signed_in(client) for client in (office, phone, another)] == [True, False, False]
    row = AuditLog.objects.get(action="sessoes.encerrar")
    assert (row.user, row.new_value) == (helena, {"sessions_ended": 2})


def test_ones_own_session_is_ended_by_signing_out(office: Client) -> None:
    assert end(office, row_of(office))["Location"] == "/sair/"
    assert is_signed_in(office)


def test_a_strangers_sessions_do_not_exist(office: Client, as_stranger: Client) -> None:
    session = row_of(office)
    assert end(as_stranger, session).status_code == 404
    session.pk = 987654
    assert end(as_stranger, session).status_code == 404
    assert is_signed_in(office)
    assert "Chrome no Windows" not in listed(as_stranger)
    as_stranger.post(f"{LIST}encerrar-outras/")
    assert is_signed_in(office)


def test_signing_out_takes_it_from_the_list(office: Client, phone: Client) -> None:
    phone.post("/sair/")
    assert "Safari no iPhone" not in listed(office)


def test_a_copy_in_redis_that_outlived_its_session_opens_nothing(office: Client, phone: Client) -> None:
    """As after a time in which Redis could not be told."""
    presence.forget()
    key = phone.session.session_key
    Session.objects.filter(pk=key).delete()
    assert cache.get(f"session.{key}")
    assert not is_signed_in(phone)
    assert cache.get(f"session.{key}") is None
    assert phone.get("/conversas/", headers={"hx-request": "true"}).status_code == 401


# Last seen ---------------------------------------------------------------------------------------


def writes(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert is_signed_in(client)
    return sum(query["sql"].startswith(("UPDATE", "INSERT")) for query in captured.captured_queries)


def seen(session: UserSession, minutes_ago: float) -> None:
    UserSession.objects.filter(pk=session.pk).update(last_seen_at=timezone.now() - timedelta(minutes=minutes_ago))
    presence.forget()  # as in a process that has not seen it, or no longer


def test_the_last_time_is_written_at_most_every_five_minutes(office: Client) -> None:
    session = row_of(office)
    assert [writes(office) for _ in range(3)] == [0, 0, 0]
    seen(session, minutes_ago=6)
    assert [writes(office) for _ in range(3)] == [1, 0, 0]
    session.refresh_from_db()
    assert timezone.now() - session.last_seen_at < timedelta(seconds=5)


def test_another_process_does_not_write_it_again(office: Client) -> None:
    session = row_of(office)
    seen(session, minutes_ago=4)
    before = UserSession.objects.get(pk=session.pk).last_seen_at
    assert is_signed_in(office)
    assert UserSession.objects.get(pk=session.pk).last_seen_at == before


def test_without_redis_it_is_not_written_more_often(office: Client, settings: Settings) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}}
    assert [writes(office) for _ in range(2)] == [0, 0]


def test_the_address_and_browser_are_those_of_the_last_time(office: Client) -> None:
    session = row_of(office)
    seen(session, minutes_ago=6)
    office.get("/conversas/", REMOTE_ADDR="203.0.113.7", headers={"user-agent": IPHONE})
    session.refresh_from_db()
    assert (session.ip, session.user_agent) == ("203.0.113.7", IPHONE)


def test_a_session_from_before_there_was_a_list_is_entered_in_it(helena: User) -> None:
    client = Client(headers={"user-agent": IPHONE})
    client.force_login(helena)
    UserSession.objects.all().delete()
    presence.forget()
    assert "Safari no iPhone" in listed(client)
    assert UserSession.objects.get().session_key == client.session.session_key


def test_what_a_process_remembers_has_an_end(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    presence.forget()
    monkeypatch.setattr(presence, "REMEMBERED", 3)
    presence._looked.update({str(number): 0.0 for number in range(3)})
    assert is_signed_in(office)
    assert list(presence._looked) == [office.session.session_key]


def test_pages_for_nobody_ask_for_no_session(office: Client) -> None:
    presence.forget()
    with CaptureQueriesContext(connection) as captured:
        office.get("/health/")
    assert not captured.captured_queries


def test_no_browser_breaks_the_list(helena: User) -> None:
    client = Client(headers={"user-agent": "<script>" + "x" * 900}, REMOTE_ADDR="")
    client.force_login(helena)
    html = listed(client)
    assert "<script>x" not in html
    assert re.search(r"0\.0\.0\.0", html)
