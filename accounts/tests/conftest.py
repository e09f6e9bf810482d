import pytest
from django.core.cache import cache
from pytest_django import Settings

from accounts.models import User
from conftest import PASSWORD


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    """A hash that costs nothing: Argon2's quarter of a second is tested by itself. And no attempts counted so far:
    allauth counts them by address, and all tests come from one."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def helena(owner: User) -> User:
    """The owner, with a password."""
    owner.set_password(PASSWORD)
    owner.save(update_fields=["password"])
    return owner
