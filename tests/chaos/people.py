"""Who works, made through Django in a process of its own: `python -m tests.chaos.people <count>`.

One JSON object a line: the cookie of somebody who has signed in, a conversation of hers, a document of hers.
"""

import json
import sys

from benchmarks.people import cookie, person  # first: it makes Django ready
from conversations import actions as talk
from conversations.forms import default_model
from documents import actions as papers


def main(count: int) -> None:
    model = default_model()
    for user in map(person, range(count)):
        conversation = talk.start(user=user, mode="juridico", model=model)
        document = papers.create("Minuta", "<p>Por escrever.</p>", user=user)
        said = {"cookie": cookie(user), "conversation": str(conversation.pk), "document": str(document.pk)}
        print(json.dumps(said))


if __name__ == "__main__":
    main(int(sys.argv[1]))
