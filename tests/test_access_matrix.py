"""Every URL answers each kind of person as the table says, and other methods and forms without a token by one rule.

The table is `tests/access_matrix.md`. What is not in a cell (that a stranger's 404 is the same as nothing's, that nobody
changed anything) is in `test_access.py` and `test_access_projects.py`.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from conversations.models import Conversation, Message
from tests import matrix
from tests.matrix import ALL, HALVES, HARMLESS, OF_OBJECTS, OURS, PUBLIC, Office, Own, row_of, said, table, undone


def agree(wrong: dict[str, str]) -> None:
    """Said line by line: what comparing a hundred rows prints nobody reads."""
    if wrong:
        pytest.fail("\n".join(f"{row}: {what}" for row, what in wrong.items()), pytrace=False)


COLUMNS = [(half, name) for half, (_, columns) in HALVES.items() for name in columns]
FIX = """
{rows}
This is what the product does today, and nobody has said yet that it is right. Read each cell against who may do what,
then put the line into tests/access_matrix.md, under <!-- {half} -->, in the place that the URL has in the URLconf."""


@pytest.fixture(autouse=True)
def _cheap_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.mark.django_db
@pytest.mark.parametrize("half", HALVES)
def test_every_url_has_a_row(half: str) -> None:
    asked, columns = HALVES[half]
    known = table(half)
    missing = [url for url in asked if row_of(url) not in known]
    if missing:
        found = {name: undone(functools.partial(matrix.column_of, columns[name], missing)) for name in columns}
        rows = [matrix.line_of(row_of(url), [found[name][row_of(url)] for name in columns]) for url in missing]
        pytest.fail("No row for:\n" + FIX.format(rows="\n".join(rows), half=half), pytrace=False)
    assert sorted(known.keys() - {row_of(url) for url in asked}) == [], "rows of URLs that there are no more"
    assert [row_of(url) for url in asked] == list(known)


@pytest.mark.django_db
@pytest.mark.parametrize(("half", "name"), COLUMNS, ids=[f"{half}: {name}" for half, name in COLUMNS])
def test_each_kind_of_person_gets_what_the_table_says(half: str, name: str) -> None:
    asked, columns = HALVES[half]
    rows = table(half)
    found = matrix.column_of(columns[name], [url for url in asked if row_of(url) in rows])
    wrong = {
        row: f"the table says {rows[row][name]}, got {got}" for row, got in found.items() if rows[row][name] != got
    }
    agree(wrong)


# What no row may say, whoever wrote it ------------------------------------------------------------


def cells(half: str, column: str) -> dict[str, tuple[str, str]]:
    return {row: tuple(values[column].split("/")) for row, values in table(half).items()}  # type: ignore[misc]


def opened(statuses: Iterable[str]) -> list[bool]:
    return [status not in {"door", "401", "403", "404", "405"} for status in statuses]


def test_no_row_lets_nobody_in() -> None:
    public = {row_of(url) for url in ALL if url.name in PUBLIC | HARMLESS}
    for half in HALVES:
        for row, got in cells(half, "nobody").items():
            assert row in public or set(got) <= {"door", "401"}, row


def test_no_row_says_that_the_product_fails() -> None:
    for half, (_, columns) in HALVES.items():
        for name in columns:
            assert [
                row
                for row, got in cells(half, name).items()
                if any(status >= "5" for status in got if status.isdigit())
            ] == []


@pytest.mark.parametrize("name", ["stranger", "superuser", "former member"])
def test_no_row_shows_an_object_to_who_has_no_part_in_it(name: str) -> None:
    found = cells("people", name)
    hers = {"/meus-dados/<uuid:pk>/cancelar/", "/meus-dados/<uuid:pk>/baixar/"} if name == "former member" else set()
    assert [row_of(url) for url in OF_OBJECTS if set(found[row_of(url)]) - {"404", "405"}] == sorted(
        hers, key=[row_of(url) for url in OF_OBJECTS].index
    )


def test_no_row_gives_a_lesser_role_more() -> None:
    order = ["responsible", "editor", "viewer", "former member"]
    for more, less in itertools.pairwise(order):
        greater, smaller = cells("people", more), cells("people", less)
        for row in (row_of(url) for url in OF_OBJECTS if not url.route.startswith("meus-dados/")):
            for theirs, hers in zip(opened(greater[row]), opened(smaller[row]), strict=True):
                assert theirs or not hers, (row, more, less)


def test_no_row_gives_out_what_is_deleted() -> None:
    back = {row_of(url) for url in OF_OBJECTS if "desfazer-exclusao" in url.route}
    own = {row_of(url) for url in OF_OBJECTS if url.route.startswith("meus-dados/")}
    for name in ("owner, deleted", "editor, project deleted"):
        found = cells("people", name)
        for url in OF_OBJECTS:
            row = row_of(url)
            if row not in back | own:
                assert set(found[row]) <= {"404", "405"}, (row, name)


def test_no_row_of_the_administration_lets_in_who_does_not_work_there() -> None:
    for name in ("person", "right by name"):
        allowed = {"/admin/login/": ("door", "door")}
        for row, got in cells("staff", name).items():
            assert got == allowed.get(row, ("403", "403")), (row, name)


# One rule for all ---------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_no_url_knows_other_methods(method: str) -> None:
    world, wrong = Office(), {}
    browser = world.browser("superuser")
    for url in ALL:
        got = undone(lambda url=url: said(getattr(browser, method)(world.path(url))))
        if got != "405":
            wrong[row_of(url)] = got
    agree(wrong)


@pytest.mark.django_db
def test_looking_at_what_only_changes_is_refused_to_head_too() -> None:
    world, rows = Own(), table("people")
    browser = world.browser("owner")
    only_change = [url for url in OURS if rows[row_of(url)]["owner"].startswith("405/")]
    assert len(only_change) > 40
    assert {url.name: browser.head(world.path(url)).status_code for url in only_change} == dict.fromkeys(
        (url.name for url in only_change), 405
    )


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["", "superuser"])
def test_no_form_without_its_token_reaches_anything(who: str) -> None:
    cache.clear()
    world = Office()
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if who:
        browser.force_login(world.superuser)
    before = list(Message.objects.values()), list(Conversation.objects.values())
    wrong = {}
    for url in ALL:
        got = browser.post(world.path(url), world.form).status_code
        if got != 403:
            wrong[row_of(url)] = got
    assert wrong == {"/health/": 405}  # answered before everything else, and never anything but that it lives
    assert (list(Message.objects.values()), list(Conversation.objects.values())) == before
    assert browser.get("/conversas/").status_code == (200 if who else 302)  # still signed in
