"""Accounts, sessions and conversations, made through Django in a process of their own.

`python -m benchmarks.people <conversations> <people> [<mark>]` prints one JSON object a line: the cookie of the
conversation's owner and the conversation's id; with a mark, also the id of a reply that is owed in it.
"""

import json
import sys

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from accounts.models import User
from accounts.sessions import RENEWED, SessionStore
from conversations import actions
from conversations.forms import default_model
from conversations.models import Conversation


def person(number: int) -> User:
    email = f"pessoa{number:04}@exemplo.adv.br"
    known = User.objects.filter(email=email).first()
    return known or User.objects.create_user(email, name=f"Pessoa {number}")


def cookie(user: User) -> str:
    """As signing in leaves it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[RENEWED] = int(timezone.now().timestamp())
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def main(count: int, people: int, mark: str = "") -> None:
    model = default_model()
    owners = [(user, cookie(user)) for user in map(person, range(people))]
    for number in range(count):
        user, session = owners[number % people]
        conversation = Conversation.objects.create(user=user, mode=Conversation.Mode.JURIDICO, model=model)
        made = {"cookie": session, "conversation": str(conversation.pk)}
        if mark:
            asked = actions.ask(conversation, content=f"marca-{mark}-{number}: o que falta?", user=user)
            made["reply"] = str(asked.reply.pk)
        print(json.dumps(made))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
