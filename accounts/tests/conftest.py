import asyncio
from collections.abc import Callable

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from procrastinate.contrib.django import app
from pytest_django import Settings

from accounts import presence
from accounts.models import User
from conftest import PASSWORD
from romagent.worker import make_connector


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    """A hash that costs nothing: Argon2's quarter of a second is tested by itself. And no attempts counted so far:
    they are counted by address too, and all tests come from one."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SITE_URL = "http://testserver"
    cache.clear()
    presence.forget()


@pytest.fixture
def helena(owner: User) -> User:
    """The owner, with a password."""
    owner.set_password(PASSWORD)
    owner.save(update_fields=["password"])
    return owner


Deliver = Callable[[], list[EmailMessage]]


@pytest.fixture
def deliver(committed: None) -> Deliver:
    """Lets a real worker do the jobs that are due; all mails that have gone out so far."""
    mail.outbox = []

    def run() -> list[EmailMessage]:
        asyncio.run(do_jobs())
        return list(mail.outbox)

    return run


async def do_jobs() -> None:
    with app.replace_connector(make_connector()):
        async with app.open_async():
            await app.run_worker_async(queues=["mail"], wait=False, install_signal_handlers=False)
