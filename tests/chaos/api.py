"""The simulated Messages API with a journal that outlives it: `python -m tests.chaos.api --port 8765`.

The same server as ever. On top, each call that is answered leaves a line in the file `CHAOS_JOURNAL`, as soon as it is
taken: whose question it is about, by the last mark in it, and whether it asks for an answer, a title or a summary.
Counters would die with it.
"""

import json
import os
import runpy
import time
from typing import Any

from romagent.embedded.messages_api import server
from romagent.embedded.messages_api.answers import is_title_request
from tests.chaos.ledger import MARK

_build_reply = server.build_reply
_journal = open(os.environ["CHAOS_JOURNAL"], "a", buffering=1, encoding="utf-8")  # noqa: SIM115 - for ever


def kind_of(prompt: Any) -> str:
    if (prompt.body.get("output_config") or {}).get("format"):
        return "summary"
    return "title" if is_title_request(prompt) else "answer"


def build_reply(prompt: Any, *rest: Any) -> Any:
    marks = [mark for turn in prompt.turns for mark in MARK.findall(turn.text)]
    line = {
        "mark": marks[-1] if marks else "",
        "kind": kind_of(prompt),
        "model": prompt.body["model"],
        "at": time.time(),
    }
    _journal.write(json.dumps(line) + "\n")
    return _build_reply(prompt, *rest)


if __name__ == "__main__":
    server.build_reply = build_reply
    runpy.run_module("romagent.embedded.messages_api", run_name="__main__")
