import pytest
from django.test import Client

from accounts.models import User
from conftest import signed_in


@pytest.fixture
def clerk() -> User:
    """Of the staff, without being a superuser."""
    return User.objects.create_user("atendimento@exemplo.adv.br", name="Atendimento", role=User.Role.STAFF)


@pytest.fixture
def as_clerk(clerk: User) -> Client:
    return signed_in(clerk)
