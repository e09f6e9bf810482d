"""What every page carries and may not carry: the policy, the headers, no inline code, nothing from elsewhere."""

import re
from collections.abc import Mapping

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from conftest import signed_in
from conversations.tests.making import make_conversation, make_exchange
from tests.matrix import OURS, row_of, table
from tests.walking import Things, closed

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "manifest-src 'self'",
}  # fmt: skip


_kept: dict[str, HttpResponse] = {}  # made once: answers are only looked at


@pytest.fixture
def answers(owner: User, settings: Settings) -> dict[str, HttpResponse]:
    """What every URL answers, to the owner and (the doors) to nobody; some error pages; the administration."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if not _kept:
        _kept.update(all_answers(owner))
    return _kept


def all_answers(owner: User) -> dict[str, HttpResponse]:
    owner.set_password("x")
    owner.save(update_fields=["password"])
    conversation = make_conversation(owner, "Ação <b>")
    make_exchange(conversation, "Pergunta <i>", "# Título\n\n| a | b |\n|--:|:-:|\n| 1 | 2 |\n\n![x](http://y/z.png)")
    things, client = Things(conversation), signed_in(owner)
    rows = table("people")
    seen = [url for url in OURS if not rows[row_of(url)]["owner"].startswith("405/")]
    found = {url.name: closed(client.get(things.path(url))) for url in seen}
    nobody = Client()
    for url in OURS:
        if url.name.startswith("account_"):
            found[f"nobody {url.name}"] = nobody.get(things.path(url))
    found |= {
        "404": client.get("/nada/"),
        "400": client.get("/", headers={"host": "outro.example"}),
        "422": client.post(f"/conversas/{conversation.pk}/mensagens/", {"content": ""}),
        "wrong sign-in": nobody.post("/entrar/", {"login": "x@y.br", "password": "x"}),
        "405": client.post("/conversas/arquivadas/"),
    }
    User.objects.filter(pk=owner.pk).update(role="admin", is_superuser=True)
    found |= {"admin": client.get("/admin/"), "admin add": client.get("/admin/accounts/user/add/")}
    found |= {"costs": client.get("/admin/custos/"), "budgets": client.get("/admin/orcamento/")}
    return found


# What comes out of a file, or as one, may do nothing at all.
CLOSED = {"sandbox", "default-src 'none'"}
FROM_FILES = {
    "uploads:download",
    "uploads:text",
    "documents:checklist",
    "documents:export-comparison",
    "documents:export-project",
}


def test_every_answer_carries_exactly_the_policy(answers: dict[str, HttpResponse]) -> None:
    for name, response in answers.items():
        directives = response["Content-Security-Policy"].split("; ")
        policy = CLOSED if name in FROM_FILES else POLICY
        assert len(directives) == len(policy), name
        assert set(directives) == policy, name


OTHERS = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY",
}  # fmt: skip


def check_headers(name: str, headers: Mapping[str, str]) -> None:
    for header, value in OTHERS.items():
        assert headers.get(header) == value, (name, header)
    policy = CLOSED if name in FROM_FILES else POLICY
    assert set(headers["Content-Security-Policy"].split("; ")) == policy, name
    permissions = headers["Permissions-Policy"].split(", ")
    for wish in ("camera=()", "microphone=()", "geolocation=()", "payment=()", "usb=()"):
        assert wish in permissions, (name, wish)
    assert [wish for wish in permissions if not wish.endswith("=()")] == [
        "publickey-credentials-create=(self)", "publickey-credentials-get=(self)",
    ], name  # fmt: skip


def test_every_answer_carries_the_other_headers(answers: dict[str, HttpResponse]) -> None:
    for name, response in answers.items():
        check_headers(name, response.headers)


def test_answers_that_are_no_pages_carry_them_too(as_owner: Client, owner: User) -> None:
    """Streams, static files, redirects, the prober's page. What is too large to be read: see test_bodies.py."""
    _, reply = make_exchange(make_conversation(owner))
    found = {
        "stream": as_owner.get(f"/mensagens/{reply.pk}/stream/"),
        "static": as_owner.get("/static/css/app.css"),
        "redirect": Client().get("/conversas/"),
        "health": Client().get("/health/", headers={"host": "10.0.0.7:10000"}),
    }
    statuses = {name: response.status_code for name, response in found.items()}
    assert statuses == {"stream": 200, "static": 200, "redirect": 302, "health": 200}
    assert b"".join(found["static"].streaming_content)  # read to its end, it is closed
    for name, response in found.items():
        check_headers(name, response.headers)


def test_a_failure_of_ours_carries_them_too(monkeypatch: pytest.MonkeyPatch, owner: User) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("conversations.views._page", broken)
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    response = client.get("/conversas/")
    assert response.status_code == 500
    check_headers("500", response.headers)


def test_over_https_every_answer_says_to_stay_there(as_owner: Client, settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.SECURE_SSL_REDIRECT = True
    redirect = Client().get("/conversas/")
    assert redirect.status_code == 301
    check_headers("to https", redirect.headers)
    for path in ["/conversas/", "/nada/", "/health/", "/health/database", "/static/css/app.css", "/entrar/"]:
        response = as_owner.get(path, secure=True)
        list(response)
        assert response["Strict-Transport-Security"].startswith("max-age=31536000; includeSubDomains"), path


def html_pages(answers: dict[str, HttpResponse]) -> dict[str, str]:
    return {
        name: response.content.decode()
        for name, response in answers.items()
        if not response.streaming and response.get("Content-Type", "").startswith("text/html") and response.content
    }


def test_no_page_has_code_or_style_of_its_own(answers: dict[str, HttpResponse]) -> None:
    """The policy would refuse it: what a page does is in files."""
    pages = html_pages(answers)
    assert len(pages) > 15
    for name, html in pages.items():
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", html), name
        assert not re.search(r"<style\b", html), name
        assert not re.search(r"<[a-z][^>]*\s(on[a-z]+|style)=", html), name
        assert "javascript:" not in html, name


def test_no_page_loads_or_sends_anything_elsewhere(answers: dict[str, HttpResponse]) -> None:
    for name, html in html_pages(answers).items():
        for address in re.findall(r"\b(?:src|action|formaction|srcset|data)=\"([^\"]*)\"", html):
            assert re.match(r"(/(?!/)|\?|#|$|\.\.?/)", address), (name, address)
        for tag in re.findall(r"<link[^>]*>", html):
            assert 'href="/static/' in tag, (name, tag)


def test_every_page_is_in_portuguese_and_has_a_title(answers: dict[str, HttpResponse]) -> None:
    for name, html in html_pages(answers).items():
        if "<html" not in html:
            continue
        assert re.search(r'<html lang="pt-[Bb][Rr]"', html), name
        assert re.search(r"<title>\s*\S", html), name


def test_no_page_of_a_person_is_kept_by_a_shared_cache(answers: dict[str, HttpResponse]) -> None:
    for name in ["conversations:list", "conversations:detail", "conversations:search"]:
        vary = answers[name].get("Vary", "")
        control = answers[name].get("Cache-Control", "")
        assert "Cookie" in vary or "no-store" in control or "private" in control, name


def test_over_https_browsers_are_told_to_stay_there(client: Client, settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/entrar/", secure=True)
    assert response["Strict-Transport-Security"].startswith("max-age=31536000")
    plain = client.get("/entrar/")
    assert (plain.status_code, plain["Location"]) == (301, "https://testserver/entrar/")


def test_a_stream_is_not_kept_by_anybody(as_owner: Client, owner: User) -> None:
    _, reply = make_exchange(make_conversation(owner))
    response = as_owner.get(f"/mensagens/{reply.pk}/stream/")
    assert (response["Cache-Control"], response["X-Accel-Buffering"]) == ("no-store", "no")
