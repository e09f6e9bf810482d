"""Who may not see a reply any more is not shown the rest of it: open streams end with the access."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest
from pytest_django import Settings

from accounts import actions as people
from accounts.models import User
from conversations import actions
from conversations.hub import Hub
from conversations.models import Conversation, Message
from conversations.tests.making import ask, make_conversation
from projects import actions as cases
from projects.models import Project, ProjectMember
from romagent.base.slots import Slot
from tests.running import PATIENCE, cancel, eventually, following, some_threads

pytestmark = pytest.mark.usefixtures("committed")
Taking = Callable[[Project, User, User, User], None]


class Stream:
    """An open stream of one person's, read to its end."""

    def __init__(self, hub: Hub, reply: Message, person: User) -> None:
        self.ended_at = 0.0
        slot = Slot(f"rom:teste:{person.pk}", uuid4().hex)
        self.task = asyncio.create_task(self._read(hub.follow(reply.pk, person.pk, slot)))

    async def _read(self, events: AsyncIterator[bytes]) -> None:
        async for _ in events:
            pass
        self.ended_at = time.monotonic()


def leave(project: Project, stranger: User, owner: User, staff: User) -> None:
    cases.remove_member(project, stranger, user=owner)


def deactivate(project: Project, stranger: User, owner: User, staff: User) -> None:
    people.deactivate(stranger, by=staff, request=None)  # type: ignore[arg-type]


def delete(project: Project, stranger: User, owner: User, staff: User) -> None:
    cases.delete(project, user=owner)


def take_out(project: Project, stranger: User, owner: User, staff: User) -> None:
    actions.move(Conversation.objects.get(project=project), None, user=owner)


@pytest.mark.parametrize("how", [leave, deactivate, delete, take_out])
@pytest.mark.parametrize("redis_is_there", [True, False], ids=["with Redis", "without Redis"])
def test_open_streams_end_with_the_access(
    how: Taking, redis_is_there: bool, owner: User, stranger: User, staff: User, settings: Settings
) -> None:
    project = Project.objects.create(user=owner, name="Silva x Souza")
    ProjectMember.objects.create(project=project, user=stranger, role="viewer")
    reply = ask(make_conversation(owner, project=project)).reply
    if not redis_is_there:
        settings.REDIS_URL = ""

    async def run() -> float:
        async with asyncio.timeout(PATIENCE), some_threads(1) as threads, following(threads) as hub:
            await eventually(lambda: hub.connected is redis_is_there)
            hers, owners = Stream(hub, reply, stranger), Stream(hub, reply, owner)
            await eventually(lambda: len(hub.readers.get(reply.pk, ())) == 2)
            await asyncio.sleep(0.2)
            assert not hers.task.done()
            begun = time.monotonic()
            await threads.run(how, project, stranger, owner, staff)
            await hers.task
            assert owners.task.done() is (how is delete)
            await cancel([owners.task])
            return hers.ended_at - begun

    assert asyncio.run(run()) < (1 if redis_is_there else 3)
