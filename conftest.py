"""What the tests of all apps share: people, their browsers, and a database in which commits are real."""

import functools
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import httpcore2
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import Client, override_settings
from django.test.utils import setup_databases, teardown_databases
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker, Settings

from accounts.models import User
from audit import budgets, catalogue
from jurisprudence.datajud import breaker
from romagent.embedded.datajud.process import SimulatedDataJud
from romagent.embedded.messages_api.process import SimulatedApi

PASSWORD = "uma senha longa e boa"
ROOT = Path(__file__).resolve().parent
# Static files under their plain names and from where they lie, so that no test needs `collectstatic`. Said here, since
# middleware looks for them as soon as an application is made. And a hash that costs nothing: Argon2's quarter of a
# second is tested by itself, and is what the running processes use.
PLAIN = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
CHEAP = ["django.contrib.auth.hashers.MD5PasswordHasher"]
override_settings(
    STATIC_ROOT=ROOT / "static", STATICFILES_DIRS=[], STORAGES=settings.STORAGES | {"staticfiles": PLAIN},
    PASSWORD_HASHERS=CHEAP,
).enable()  # fmt: skip

# The same examples each time, with no clock beside them: a run says the same on a fast and on a slow machine.
hypothesis_settings.register_profile("ours", derandomize=True, deadline=None, database=None)
hypothesis_settings.load_profile("ours")

# Everything that a test may leave behind; CASCADE adds what refers to it. The models and prices, which a migration
# has put there, stay.
LEFT_BEHIND = (
    "users, sessions, audit_log, ai_operations, ai_usage_days, ai_usage_months, ai_usage_office, ai_usage_ranks, "
    "ai_budgets, office_units, cleanup_runs, subject_requests, court_holidays, precedents, precedent_imports, "
    "court_cases, court_sources, procrastinate_jobs, procrastinate_workers"
)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """The test database, also for `committed`, which pytest-django does not know. `--reuse-db` keeps it."""
    keep: bool = request.config.getvalue("reuse_db")
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False, keepdb=keep)
    yield
    if not keep:
        with django_db_blocker.unblock():
            _end_other_sessions()
            teardown_databases(databases, verbosity=0)


def _end_other_sessions() -> None:
    """A thread that some test has left may still be connected: as long as one is, the database cannot be dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


REACHED = """
WITH RECURSIVE reached (oid) AS (
    SELECT name::regclass::oid FROM unnest(string_to_array(%s, ', ')) AS name
    UNION SELECT conrelid FROM pg_constraint JOIN reached ON confrelid = reached.oid WHERE contype = 'f'
)
SELECT string_agg(oid::regclass::text, ', '), sum(pg_relation_size(oid)), current_setting('is_superuser') FROM reached
"""
SMALL = 1_000_000  # bytes that the tables may have altogether before they are made anew


def empty(cursor: CursorWrapper) -> None:
    """TRUNCATE makes new files for all tables and their indexes; a few rows are gone in a twentieth of that time.

    Either waits until nobody is in a transaction that has written there. Only a superuser can put triggers aside.
    """
    cursor.execute(REACHED, [LEFT_BEHIND])
    tables, size, is_superuser = cursor.fetchone()
    if size > SMALL or is_superuser != "on":
        cursor.execute(f"TRUNCATE {LEFT_BEHIND} CASCADE")
        return
    deletions = "; ".join(f"DELETE FROM {table}" for table in tables.split(", "))
    with transaction.atomic():
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(deletions)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database in which what is committed is seen by other threads and connections; emptied afterwards.

    pytest-django's `transactional_db` would also take away the rows that migrations have put there.
    """
    assert connection.settings_dict["NAME"].startswith("test_")
    with django_db_blocker.unblock():
        yield
        connection.close()  # the test may have left it broken or in a transaction
        with connection.cursor() as cursor:
            empty(cursor)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Prices and budgets that an earlier test has made were taken back with its transaction."""
    catalogue.forget()
    budgets.forget()


@pytest.fixture(scope="session")
def _api() -> Iterator[SimulatedApi]:
    # The system's certificates take a tenth of a second to read, for each client; no test speaks TLS.
    context = functools.cache(httpcore2.default_ssl_context)
    with (
        mock.patch.object(httpcore2, "default_ssl_context", context),
        SimulatedApi.start(SIMULATED_FIRST_TOKEN_MS=1, SIMULATED_TOKENS_PER_SECOND=20_000) as api,
    ):
        yield api


@pytest.fixture
def api(_api: SimulatedApi, settings: Settings) -> SimulatedApi:
    """The simulated Messages API in a process of its own, as after its start; the only one that a test may call."""
    _api.reset()
    settings.ANTHROPIC_BASE_URL = _api.url
    return _api


@pytest.fixture(scope="session")
def _datajud() -> Iterator[SimulatedDataJud]:
    with SimulatedDataJud.start() as datajud:
        yield datajud


@pytest.fixture
def datajud(_datajud: SimulatedDataJud, settings: Settings) -> SimulatedDataJud:
    """The simulated DataJud in a process of its own, as after its start; to the product it is the real one."""
    _datajud.reset()
    cache.clear()
    breaker.answered()
    settings.DATAJUD_URL, settings.DATAJUD_API_KEY = _datajud.url, _datajud.key
    return _datajud


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owner() -> User:
    """The lawyer whose conversations the tests are about. Without a password, which would cost 50 ms to hash."""
    return User.objects.create_user("helena@exemplo.adv.br", name="Dra. Helena Prado")


@pytest.fixture
def stranger() -> User:
    """A colleague of the same office, who may see nothing of the owner's."""
    return User.objects.create_user("rui@exemplo.adv.br", name="Rui Matos")


@pytest.fixture
def staff() -> User:
    return User.objects.create_superuser("equipe@exemplo.adv.br", name="Equipe")


@pytest.fixture
def as_owner(owner: User) -> Client:
    return signed_in(owner)


@pytest.fixture
def as_stranger(stranger: User) -> Client:
    return signed_in(stranger)


@pytest.fixture
def as_staff(staff: User) -> Client:
    return signed_in(staff)
