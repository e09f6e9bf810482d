"""Who works, made through Django in a process of its own: `python -m tests.chaos.people <count>`.

One JSON object a line: the cookie of somebody who has signed in, a conversation of hers, a document of hers; and then
the cases that some of them work on together.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks.people import cookie, person  # first: it makes Django ready
from conversations import actions as talk
from conversations.forms import default_model
from documents import actions as papers
from projects import actions as projects
from projects.models import Project, ProjectMember
from tests.chaos.ledger import SHARED

OF_A_CASE, BETWEEN = 4, 10  # people of a case, its owner first; persons from one owner to the next


def somebody(user: Any, model: str) -> dict[str, Any]:
    conversation = talk.start(user=user, mode="juridico", model=model)
    document = papers.create("Minuta", "<p>Por escrever.</p>", user=user)
    return {"cookie": cookie(user), "conversation": str(conversation.pk), "document": str(document.pk)}


def cases(people: list[Any], model: str) -> Iterator[dict[str, Any]]:
    for first in range(0, len(people) - OF_A_CASE + 1, BETWEEN):
        owner, *others = people[first : first + OF_A_CASE]
        number = SHARED + first
        project = projects.create(Project(name=f"Caso {number}"), user=owner)
        for other in others:
            projects.add_member(project, other, ProjectMember.Role.EDITOR, user=owner)
        conversation = talk.start(user=owner, mode="juridico", model=model, project=project)
        known = {first + place: {"id": str(one.pk), "email": one.email} for place, one in enumerate(others, 1)}
        said = {"number": number, "owner": first, "people": known}
        yield said | {"id": str(project.pk), "conversation": str(conversation.pk)}


def main(count: int) -> None:
    model = default_model()
    people = [person(number) for number in range(count)]
    for user in people:
        print(json.dumps(somebody(user, model)))
    for case in cases(people, model):
        print(json.dumps(case))


if __name__ == "__main__":
    main(int(sys.argv[1]))
