"""What is run on the command line."""

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import User

pytestmark = pytest.mark.django_db
PEOPLE = ["advogada@exemplo.adv.br", "colega@exemplo.adv.br", "equipe@exemplo.adv.br"]


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_preparing_a_real_database_makes_no_accounts() -> None:
    call_command("prepare")
    assert not User.objects.exists()


@pytest.mark.parametrize("value", ["false", "1", ""])
def test_nothing_but_the_embedded_database_gets_them(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("EMBEDDED_POSTGRES", value)
    call_command("prepare")
    assert not User.objects.exists()


def test_preparing_the_embedded_database_twice_makes_three_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDDED_POSTGRES", "true")
    call_command("prepare")
    changed = User.objects.get(email="advogada@exemplo.adv.br")
    changed.name = "Outro nome"
    changed.save(update_fields=["name"])
    call_command("prepare")
    assert sorted(User.objects.values_list("email", flat=True)) == PEOPLE
    changed.refresh_from_db()
    assert changed.name == "Outro nome"
    assert authenticate(None, email=PEOPLE[0], password="demonstracao") == changed
    assert [user.is_superuser for user in User.objects.order_by("email")] == [False, False, True]


def test_no_migration_is_missing() -> None:
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    except SystemExit:
        pytest.fail("the models have changed: python manage.py makemigrations")


def test_djangos_own_checks_find_nothing() -> None:
    try:
        call_command("check", fail_level="WARNING")
    except CommandError as error:
        pytest.fail(str(error))
