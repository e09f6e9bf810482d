"""Documents that the model writes part by part: ordered, stopped, gone on with, and accounted for part by part."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from documents.from_markdown import blocks_of
from documents.html import write
from romagent.embedded.messages_api import answers
from romagent.embedded.messages_api.prompt import read_prompt
from tests.chaos.clients import Unanswered
from tests.chaos.ledger import MARK, Ledger, Order
from tests.chaos.office import TOKENS, Office, new_mark
from tests.client import letters

if TYPE_CHECKING:
    from tests.chaos.lawyers import Lawyer

KIND = "declaracao"  # the shortest there is: three parts that must be, and one that may
DOCUMENT = re.compile(r"/documentos/([0-9a-f-]{36})/")


async def order(lawyer: Lawyer) -> None:
    """By the form; sent again when there was no answer: it is one document."""
    mark = new_mark(lawyer.number)
    ordered = Order(lawyer.number, str(uuid4()), mark)
    lawyer.ledger.orders.append(ordered)
    form = {"tipo": KIND, "submission_key": ordered.key, "wishes": f"{mark}: o mais breve possível."}
    for _ in range(3):
        try:
            answer = await lawyer.post("/documentos/nova/", form)
            break
        except Unanswered:
            continue
    else:
        raise Unanswered
    found = DOCUMENT.search(answer.headers.get("Location", ""))
    if answer.status != 303 or not found:
        lawyer.ledger.wrong(f"a document was not ordered: {answer.status} {answer.text[:200]}")
        return
    ordered.id = found[1]
    lawyer.ledger.promise(ordered)


async def turn(lawyer: Lawyer) -> None:
    """Looks at one that she has ordered; now and then stops it, and has what stands still gone on with."""
    mine = [one for one in lawyer.ledger.orders if one.id and one.person == lawyer.number]
    if not mine:
        return
    page = f"/documentos/{lawyer.chance.choice(mine).id}/redacao/"
    answer = await lawyer.request("GET", page, headers={"HX-Request": "true"})
    if answer.status != 200:
        lawyer.ledger.wrong(f"{answer.status} for one's own {page}")
    what = lawyer.chance.choices(["", "parar/", "continuar/"], [2, 1, 3])[0]
    if what:
        await lawyer.post(f"{page}{what}", {}, **{"HX-Request": "true"})


# The account ---------------------------------------------------------------------------------------

DRAFTS = """
SELECT drafts.*, documents.content, documents.revision, documents.conversation_id, first.submission_key AS key,
    first.content AS asked
FROM document_drafts AS drafts JOIN documents ON documents.id = drafts.document_id
JOIN LATERAL (
    SELECT * FROM messages WHERE conversation_id = documents.conversation_id ORDER BY created_at, id LIMIT 1
) AS first ON true
"""
REPLIES = """
SELECT replies.*, questions.content AS question FROM messages AS replies
JOIN messages AS questions ON questions.id = replies.reply_to_id
WHERE replies.conversation_id = %s AND replies.role = 'assistant' ORDER BY replies.created_at, replies.id
"""


def check_drafts(office: Office, ledger: Ledger) -> Iterator[str]:
    """Each order is one document; it has each part once, in order and whole, and is done or visibly stands still."""
    by_key = {str(row["key"]): row for row in office.rows(DRAFTS)}
    for ordered in ledger.orders:
        draft = by_key.pop(ordered.key, None)
        if draft is None:
            if ordered.certain:
                yield f"order {ordered.mark} was accepted and is not there"
            continue
        if ordered.id and str(draft["document_id"]) != ordered.id:
            yield f"order {ordered.mark} is another document than was said"
        for words in _check_draft(draft, office.rows(REPLIES, draft["conversation_id"])):
            yield f"order {ordered.mark}: {words}"
    for key in by_key:
        yield f"order {key} was placed by nobody"


def _check_draft(draft: dict[str, Any], replies: list[dict[str, Any]]) -> Iterator[str]:
    count = len(draft["parts"])
    if draft["state"] not in ("done", "stopped", "failed") or (draft["state"] == "failed" and not draft["reason"]):
        yield f"it is {draft['state']} at part {draft['part']} ({draft['reason']})"
    if (draft["state"] == "done") != (draft["part"] == count):
        yield f"it is {draft['state']} with {draft['part']} parts of {count}"
    if draft["revision"] != 1 + draft["part"]:
        yield f"it has {draft['part']} parts and revision {draft['revision']}"
    of_part: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for reply in replies:
        asked = re.search(r"Escreva agora a parte (\d+) de", reply["question"])
        of_part[int(asked[1]) - 1 if asked else -1].append(reply)
        whole = _part(draft["brief"], reply["question"])
        if reply["status"] == "complete" and letters(reply["content"]) != letters(whole):
            yield f"reply {reply['id']} is complete, and another one than the model's"
        elif not letters(whole).startswith(letters(reply["content"])):
            yield f"reply {reply['id']} is {reply['status']}, and is no beginning of the model's"
    text = ""
    for place in range(draft["part"]):
        whole = [one for one in of_part[place] if one["status"] == "complete"]
        if len(whole) != 1:
            yield f"part {place + 1} was written {len(whole)} times"
            return
        text += write(blocks_of(whole[0]["content"], has_title=place > 0))
    if letters(draft["content"]) != letters(text):
        yield f"it says {len(letters(draft['content']))} letters, its {draft['part']} parts {len(letters(text))}"


def _part(brief: str, question: str) -> str:
    """What the simulated model writes for it."""
    said = [{"type": "text", "text": text} for text in (brief, question)]
    prompt = read_prompt({"messages": [{"role": "user", "content": said}]}, lambda _: None)
    return "".join(passage.text for passage in answers.answer(prompt, TOKENS))


def marks_of_drafts(office: Office) -> dict[str, str]:
    """Of each conversation in which a document is written, the order that all its calls are about."""
    found = {}
    for row in office.rows(DRAFTS):
        mark = MARK.search(row["asked"])
        found[str(row["conversation_id"])] = mark[0] if mark else ""
    return found
