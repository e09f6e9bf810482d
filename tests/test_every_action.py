"""Whatever changes something or takes something out is one row in the audit log, in the transaction of the act itself."""

import hashlib
import importlib
import inspect
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import DatabaseError, connection, models
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts import presence
from audit.actions import _name_of
from audit.models import AIModel, AuditLog
from audit.staff import AuditedAdmin
from audit.vocabulary import actions as vocabulary
from conversations.tests.making import refusing
from tests.acts import FORMS, FUNCTIONS, NO_ACTS, NOTHING, URLS, Forms
from tests.scene import PATHS, Act, Scene

pytest_plugins = ["tests.bucket"]
# Tables in which rows come and go with every request.
PASSING = {"audit_log", "sessions", "usersessions_usersession", "django_migrations", "procrastinate_events"}
REGISTERED = {model._meta.label_lower: (model, site_admin) for model, site_admin in admin.site._registry.items()}
KNOWN = {code for names in vocabulary().values() for code in names}
CHANGELISTS = {
    f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    for model, _ in REGISTERED.values()
    for page in ("changelist", "add", "change", "delete", "history")
}


@pytest.fixture(autouse=True)
def _world(bucket: str, settings: Settings) -> None:
    """Files lie on S3, passwords are cheap, and nobody has guessed or asked for anything yet."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SITE_URL = "http://testserver"
    cache.clear()
    presence.forget()


@pytest.fixture
def tidied(committed: None) -> Iterator[None]:
    """Real commits; what `committed` does not know is taken back here."""
    yield
    Group.objects.all().delete()
    AIModel.objects.filter(pk="modelo-de-teste").delete()


# What there is -----------------------------------------------------------------------------------


def takes_post(name: str, scene: Scene) -> bool:
    """Whether the URL answers who may use it with anything but 405."""
    who = "staff" if name.startswith("admin:") else "owner"
    return scene.browser(who).post(scene.path(PATHS[name])).status_code != 405


def is_file(response: Any) -> bool:
    if response.streaming and not response.is_async:
        b"".join(response)  # to its end, which closes what it reads from
    return "attachment" in response.get("Content-Disposition", "")


@pytest.mark.django_db
def test_every_url_that_takes_a_form_is_entered() -> None:
    scene = Scene()
    entered = {name.split()[0] for name in URLS} | NOTHING.keys() | CHANGELISTS
    missing = sorted(name for name in PATHS if name not in entered and takes_post(name, scene))
    assert missing == [], "each needs a line in URLS (tests/acts*.py), or in NOTHING with the reason"
    assert sorted({name.split()[0] for name in URLS} - PATHS.keys()) == [], "URLS names what is no URL any more"
    assert sorted(NOTHING.keys() - PATHS.keys()) == [], "NOTHING names what is no URL any more"


@pytest.mark.django_db
def test_every_url_that_gives_a_file_is_entered() -> None:
    scene, entered = Scene(), {name.split()[0] for name in URLS}
    for name in PATHS:
        if "login" in name or "logout" in name:
            continue
        for who in ("owner", "staff"):
            gives_file = name not in entered and is_file(scene.browser(who).get(scene.path(PATHS[name])))
            assert not gives_file, (
                f"{name} takes something out: one row in the log, and a line in URLS (tests/acts*.py)"
            )


def public_functions(path: Path) -> set[str]:
    package = ".".join(path.parent.parts)
    module = importlib.import_module(f"{package}.{path.stem}")
    return {
        f"{package}.{name}"
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


def test_every_public_function_of_the_actions_modules_is_entered() -> None:
    found: set[str] = set()
    for app in {model.__module__.split(".")[0] for model in apps.get_models()}:
        for path in (django_settings.BASE_DIR / app).rglob("*actions.py"):
            if path.parent.name != "tests":
                found |= public_functions(path.relative_to(django_settings.BASE_DIR))
    missing = sorted(found - FUNCTIONS.keys() - NO_ACTS.keys())
    assert missing == [], "each needs a line in FUNCTIONS (tests/acts*.py), or in NO_ACTS with the reason"
    assert sorted((FUNCTIONS.keys() | NO_ACTS.keys()) - found) == [], "entered, and there no more"


def test_every_model_of_the_administration_is_entered_and_audited() -> None:
    assert sorted(REGISTERED) == sorted(FORMS), (
        "each model of the administration needs an entry in FORMS (tests/acts.py)"
    )
    unaudited = [label for label, (_, it) in REGISTERED.items() if not isinstance(it, AuditedAdmin)]
    assert unaudited == [], "an admin class begins with AuditedAdmin or ReadOnlyAdmin (audit/staff.py)"


def test_every_act_here_is_in_the_catalogue() -> None:
    said = {action for act in (*URLS.values(), *FUNCTIONS.values()) for action in act.rows}
    assert sorted(said - KNOWN) == [], "each needs its name in audit/vocabulary.py"


# Requests and functions --------------------------------------------------------------------------

ACTS = {
    **{f"url {name}": act for name, act in URLS.items()},
    **{f"call {name}": act for name, act in FUNCTIONS.items()},
}


def rows_since(before: set[Any]) -> list[AuditLog]:
    return [row for row in AuditLog.objects.order_by("created_at", "pk") if row.pk not in before]


def ids() -> set[Any]:
    return set(AuditLog.objects.values_list("pk", flat=True))


def check(scene: Scene, found: list[AuditLog], expected: dict[str, Any], by: str) -> None:
    """Exactly these rows, each by the right person and about the right thing."""
    person = getattr(scene, by).pk if by else None
    assert sorted(row.action for row in found) == sorted(expected)
    for row in found:
        assert row.user_id == person, row.action
        assert (row.entity_type, row.entity_id) == expected[row.action], row.action
        assert row.action in KNOWN, f"{row.action} needs its name in audit/vocabulary.py"


def things(scene: Scene, act: Act, later: bool) -> dict[str, Any]:
    """What the rows are to be about, as the log names it."""
    return {
        action: _name_of(getattr(scene, on) if on else None)
        for action, on in act.rows.items()
        if (on in Scene.LATER) == later
    }


@pytest.mark.django_db
@pytest.mark.parametrize("key", ACTS)
def test_each_act_leaves_exactly_its_row(key: str) -> None:
    act, scene = ACTS[key], Scene()
    client = act.prepare(scene)
    about, before = things(scene, act, later=False), ids()
    response = act.do(scene, client, key.split()[1])
    status = getattr(response, "status_code", 200)
    assert status < 400 or (status == 403 and "acesso.negado" in act.rows), status
    check(scene, rows_since(before), about | things(scene, act, later=True), act.by)


def state() -> dict[str, str]:
    """Every row of every table that is to stay, in short."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - PASSING):
            cursor.execute(f"SELECT string_agg(it::text, chr(10) ORDER BY it::text) FROM {table} it")
            found[table] = hashlib.sha256((cursor.fetchone()[0] or "").encode()).hexdigest()
    return found


@pytest.mark.usefixtures("tidied")
@pytest.mark.parametrize("key", ACTS)
def test_without_its_row_nothing_of_the_act_happens(key: str) -> None:
    """PostgreSQL refuses the row; then what the act would have changed is as it was."""
    act, scene = ACTS[key], Scene()
    client = act.prepare(scene)
    before, rows = state(), ids()
    with refusing("audit_log"):
        try:
            response = act.do(scene, client, key.split()[1])
            assert response.status_code == 500
        except DatabaseError:
            pass
    assert ids() == rows
    assert [table for table, was in state().items() if was != before[table]] == []


# The administration's forms ----------------------------------------------------------------------


class Fields(HTMLParser):
    """What a browser would send of a page's forms."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.select = self.textarea = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        name, kind = given.get("name") or "", given.get("type", "text")
        is_on = kind not in {"checkbox", "radio", "submit", "button"} or (kind != "submit" and "checked" in given)
        if tag == "input" and name and is_on:
            self.found.setdefault(name, []).append(given.get("value") or ("on" if kind == "checkbox" else ""))
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            self.found.setdefault(self.select, []).append(given.get("value") or "")
        elif tag == "textarea" and name:
            self.textarea = name
            self.found[name] = [""]

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.found[self.textarea][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        if tag == "textarea":
            self.textarea = ""


class Page:
    """One model's pages in the administration, in a superuser's browser."""

    def __init__(self, label: str) -> None:
        self.scene, self.forms = Scene(), FORMS[label]
        self.model, self.admin = REGISTERED[label]
        self.client: Client = self.scene.browser("staff")
        self.thing: models.Model = self.forms.make(self.scene)
        self.name = self.model._meta.model_name

    def path(self, page: str) -> str:
        args = [] if page in {"changelist", "add"} else [self.thing.pk]
        return reverse(f"admin:{self.model._meta.app_label}_{self.name}_{page}", args=args)

    def send(self, page: str, typed: dict[str, Any]) -> Any:
        """The form of that page as it is, with what was typed over it."""
        sent = Fields(self.client.get(self.path(page)).content.decode()).found
        values = {key: self.scene.owner.pk if value == "owner" else value for key, value in typed.items()}
        return self.client.post(self.path(page), sent | values)

    def choose(self, action: str) -> Any:
        chosen = {"action": action, "_selected_action": self.thing.pk, "post": "yes", "confirmed": "1"}
        return self.client.post(self.path("changelist"), chosen)

    def acts(self) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        """The name of each act, how it is done, and the rows it leaves."""
        forms, refused, thing = self.forms, {"acesso.negado": _name_of(None)}, _name_of(self.thing)
        yield (
            "add",
            lambda: self.send("add", forms.add) if forms.add else self.client.post(self.path("add")),
            {f"{self.name}.criar": "made"} | forms.adds_too if forms.add else refused,
        )
        if forms.change:
            yield "change", lambda: self.send("change", forms.change or {}), {f"{self.name}.alterar": thing}
        if forms.listed:
            yield "listed", self.in_list, {f"{self.name}.alterar": thing}
        for action in self.admin.get_actions(self.scene.request):
            names = {"delete_selected": f"{self.name}.excluir"} | forms.actions
            yield action, lambda action=action: self.choose(action), {names[action]: thing}
        yield (
            "delete",
            lambda: self.client.post(self.path("delete"), {"post": "yes"}),
            {f"{self.name}.excluir": thing} if forms.deletes else refused,
        )

    def in_list(self) -> Any:
        sent = Fields(self.client.get(self.path("changelist")).content.decode()).found
        sent.pop("action", None)
        place = next(key for key, value in sent.items() if key.endswith("-id") and value == [str(self.thing.pk)])
        typed = {place.replace("-id", f"-{key}"): value for key, value in self.forms.listed.items()}
        return self.client.post(self.path("changelist"), sent | typed | {"_save": "Salvar"})


def acts_of(label: str, forms: Forms) -> list[str]:
    possible = {"add": True, "change": forms.change, "listed": forms.listed, "delete": True}
    listed = [name for name, there in possible.items() if there]
    return listed + list(forms.actions) + (["delete_selected"] if forms.deletes else [])


EACH = [(label, act) for label, forms in FORMS.items() for act in acts_of(label, forms)]


def prepared(label: str, act: str) -> tuple[Page, Any, dict[str, Any]]:
    page = Page(label)
    if act in page.forms.before:
        page.forms.before[act](page.scene)
    ((do, rows),) = [(do, rows) for name, do, rows in page.acts() if name == act]
    return page, do, rows


@pytest.mark.django_db
@pytest.mark.parametrize("label", FORMS)
def test_every_action_of_a_list_is_entered(label: str) -> None:
    page = Page(label)
    assert {name for name, _, _ in page.acts()} == set(acts_of(label, page.forms))


@pytest.mark.django_db
@pytest.mark.parametrize(("label", "act"), EACH)
def test_each_form_of_the_administration_leaves_exactly_its_row(label: str, act: str) -> None:
    page, do, rows = prepared(label, act)
    before, there = ids(), set(page.model._default_manager.values_list("pk", flat=True))
    response = do()
    assert response.status_code == (403 if "acesso.negado" in rows else 302), response.content.decode()
    made = page.model._default_manager.exclude(pk__in=there).first()
    expected = {
        name: about if isinstance(about, tuple) else _name_of(made if about == "made" else getattr(page.scene, about))
        for name, about in rows.items()
    }
    check(page.scene, rows_since(before), expected, "staff")


@pytest.mark.usefixtures("tidied")
@pytest.mark.parametrize(("label", "act"), EACH)
def test_without_its_row_no_form_of_the_administration_changes_anything(label: str, act: str) -> None:
    _, do, _ = prepared(label, act)
    before, rows = state(), ids()
    with refusing("audit_log"):
        assert do().status_code == 500
    assert ids() == rows
    assert [table for table, was in state().items() if was != before[table]] == []
