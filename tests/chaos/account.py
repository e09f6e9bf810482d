"""The account at the end: what the ledger says was promised against what is there, and whether all is well again.

Each check gives sentences; none of them means that it holds.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from documents import versions
from documents.html import clean
from documents.models import fingerprint
from romagent.embedded.messages_api import answers
from romagent.embedded.messages_api.prompt import read_prompt
from tests.chaos.ledger import Ledger
from tests.chaos.office import LEASE_SECONDS, TOKENS, Office
from tests.chaos.orders import marks_of_drafts
from tests.client import letters
from tests.stack import difference

ENDED = ("complete", "stopped", "interrupted", "failed")
MORE_MEGABYTES, MORE_FILES = 120, 40  # than at the beginning
POOL = 10  # connections of one process, by default


def answer_to(question: str) -> str:
    prompt = read_prompt({"messages": [{"role": "user", "content": question}]}, lambda _: None)
    return "".join(passage.text for passage in answers.answer(prompt, TOKENS))


# Quiet -------------------------------------------------------------------------------------------

OPEN = """
SELECT 'reply ' || id || ' ' || status AS what FROM messages WHERE status IN ('queued', 'streaming')
UNION ALL SELECT 'file ' || id || ' ' || upload_status FROM uploads
    WHERE upload_status IN ('pending', 'processing') AND NOT metadata ? 'multipart' AND deleted_at IS NULL
UNION ALL SELECT 'draft ' || document_id || ' part ' || part FROM document_drafts WHERE state = 'writing'
UNION ALL SELECT 'summary ' || id || ' ' || status FROM summaries WHERE status IN ('queued', 'working')
UNION ALL SELECT 'job ' || task_name || ' ' || status || ' ' || coalesce(scheduled_at::text, '') || ' ' || args::text
    FROM procrastinate_jobs WHERE status IN ('todo', 'doing')
"""


def still_open(office: Office) -> list[str]:
    return [row["what"] for row in office.rows(OPEN)]


def is_quiet(office: Office) -> bool:
    """For some seconds on end."""
    for _ in range(4):
        if still_open(office):
            return False
        time.sleep(1)
    return True


def is_served(office: Office, cookie: str, web: int) -> bool:
    try:
        return fetch(office, "/conversas/", cookie, web)[0] == 200
    except OSError:
        return False


# Questions and replies ---------------------------------------------------------------------------


def check_questions(office: Office, ledger: Ledger) -> Iterator[str]:
    drafts = "SELECT id FROM conversations WHERE metadata ? 'draft'"  # what is asked there: `orders.check_drafts`
    rows = office.rows(f"SELECT * FROM messages WHERE conversation_id NOT IN ({drafts})")
    by_key = {str(row["submission_key"]): row for row in rows if row["submission_key"]}
    replies = defaultdict(list)
    for row in rows:
        if row["role"] == "assistant":
            replies[row["reply_to_id"]].append(row)
    for asked in ledger.asked:
        question = by_key.pop(asked.key, None)
        if question is None:
            if asked.certain:
                yield f"question {asked.mark} was accepted and is not there"
            continue
        if question["content"] != asked.content:
            yield f"question {asked.mark} says something else"
        if asked.conversation and str(question["conversation_id"]) != asked.conversation:
            yield f"question {asked.mark} is in another conversation"
        found = replies.pop(question["id"], [])
        least = 1 + asked.others
        if not least <= len(found) <= least + asked.doubtful:
            yield f"question {asked.mark} has {len(found)} replies, of {least} to {least + asked.doubtful}"
        for reply in found:
            yield from _check_reply(reply, asked.content)
        last = next((reply for reply in found if str(reply["id"]) == asked.reply), None)
        if asked.reply and last is None:
            yield f"the reply that was shown to {asked.mark} is not there"
        if last and asked.endings:
            status, shown = asked.endings[-1]
            if status == "complete" and letters(last["content"]) not in shown:
                yield f"{asked.mark} was shown a whole reply, and another one is kept"
            if last["status"] != status:
                yield f"{asked.mark} was shown a reply that is {status}, and it is {last['status']}"
    for key in by_key:
        yield f"question {key} was asked by nobody"
    for question in replies:
        yield f"there are replies to {question}, which nobody asked"


def _check_reply(reply: dict[str, Any], content: str) -> Iterator[str]:
    whole = answer_to(content)
    if reply["status"] not in ENDED:
        yield f"reply {reply['id']} is {reply['status']}"
    elif reply["status"] == "complete" and reply["content"] != whole:
        yield f"reply {reply['id']} is complete, and is {difference(reply['content'], whole)}"
    elif not whole.startswith(reply["content"].rstrip()):
        yield f"reply {reply['id']} is {reply['status']}, and is {difference(reply['content'], whole)}"


def check_pens(office: Office, ledger: Ledger) -> Iterator[str]:
    """No two wrote the same reply, as PostgreSQL saw it: each turn has one writer, and nobody takes what is not left."""
    writers = defaultdict(set)
    for row in office.rows("SELECT * FROM chaos.writes ORDER BY number"):
        name, reply = row["application"], row["reply"]
        if row["attempt"] < row["before_attempt"] or row["attempt"] > row["before_attempt"] + 1:
            yield f"reply {reply}: {name} went from turn {row['before_attempt']} to {row['attempt']}"
        if row["shrinks"]:
            yield f"reply {reply}: {name} took away what was written"
        if row["grows"] or row["attempt"] > row["before_attempt"]:
            if not name.startswith("worker-"):
                yield f"reply {reply}: {name} wrote into it"
            writers[reply, row["attempt"]].add(name)
        is_takeover = row["attempt"] > row["before_attempt"] and row["before_status"] in ("streaming", "working")
        if is_takeover and row["silence"].total_seconds() < LEASE_SECONDS:
            yield f"reply {reply}: {name} took it after {row['silence']} of silence"
    for (reply, turn), names in writers.items():
        if len(names) > 1:
            yield f"reply {reply}: in turn {turn} it was written by {', '.join(sorted(names))}"


def check_durability(office: Office) -> Iterator[str]:
    """Every session that has written waits until what it has written is on disk, as it saw the setting itself."""
    query = "SELECT application, count(*) AS times, min(action) AS action FROM chaos.hasty GROUP BY 1"
    for row in office.rows(query):
        yield f"{row['application']} did not wait for the disk at {row['times']} acts, as {row['action']}"


def check_calls(office: Office, ledger: Ledger) -> Iterator[str]:
    """What the API has answered against what was noted of it: no call that nobody knows of, none that nobody made."""
    made = Counter(call["mark"] for call in office.calls() if call["kind"] == "answer")
    drafts = marks_of_drafts(office)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    query = """
        SELECT questions.conversation_id::text AS conversation, questions.content,
            sum((SELECT count(*) FROM ai_operations WHERE message_id = messages.id AND operation_type = 'answer')) AS noted,
            sum((SELECT count(*) FROM ai_operations WHERE message_id = messages.id AND operation_type = 'answer'
                AND status = 'complete')) AS whole,
            sum(greatest(messages.attempts - 1, 0)) AS takings, count(*) FILTER (WHERE messages.status = 'complete') AS complete
        FROM messages JOIN messages AS questions ON questions.id = messages.reply_to_id
        WHERE messages.role = 'assistant' GROUP BY 1, 2
    """
    for row in office.rows(query):
        mark = drafts.get(row["conversation"]) or row["content"].partition(":")[0]
        found[mark].update({name: int(row[name]) for name in ("noted", "whole", "takings", "complete")})
    for mark, sums in found.items():
        calls = made.pop(mark, 0)
        # A call whose writer has died or was frozen is noted by who takes over; the thawed one may have called once more.
        if calls > sums["noted"] + sums["takings"]:
            yield f"{mark}: {calls} calls to the API, and {sums['noted']} are noted"
        if sums["whole"] > calls:
            yield f"{mark}: {sums['whole']} whole calls are noted, and the API knows of {calls}"
        if sums["complete"] > sums["whole"]:
            yield f"{mark}: complete, without a whole call"
    for mark, calls in made.items():
        yield f"the API was asked {calls} times about {mark or 'nothing'}, which nobody asked"


# Documents and files -----------------------------------------------------------------------------


def check_documents(office: Office, ledger: Ledger) -> Iterator[str]:
    texts: dict[str, dict[int, tuple[str, str, bool]]] = defaultdict(dict)
    before = ""
    query = "SELECT * FROM document_versions ORDER BY document_id, number"
    for row in office.rows(query):
        kept = texts[str(row["document_id"])]
        before = row["content"] if row["content"] is not None else versions.apply(before, row["delta"])
        if fingerprint(row["title"], before) != row["sha256"]:
            yield f"version {row['number']} of document {row['document_id']} is damaged"
        if row["number"] != len(kept) + 1:
            yield f"document {row['document_id']} has no version {len(kept) + 1}"
        kept[row["number"]] = (row["title"], before, row["is_aside"])
    ours = "SELECT * FROM documents WHERE id NOT IN (SELECT document_id FROM document_drafts)"
    documents = {str(row["id"]): row for row in office.rows(ours)}
    for paper in ledger.papers:
        if paper.id not in documents:
            yield f"document {paper.id} was made and is not there"
            continue
        for save in paper.saves:
            found = texts[paper.id].get(save.version)
            if save.certain and found != (save.title, clean(save.content), save.is_aside):
                yield f"version {save.version} of document {paper.id} was kept and is {'another' if found else 'gone'}"
        row = documents[paper.id]
        sent = {(save.title, clean(save.content)) for save in paper.saves}
        if (row["title"], row["content"]) not in sent and row["revision"] > 1:
            yield f"document {paper.id} says what nobody wrote"
        newest = max((save.became for save in paper.saves), default=1)
        if row["revision"] < newest:
            yield f"document {paper.id} is back at {row['revision']}, from {newest}"
    if not 0 <= len(documents) - len(ledger.papers) <= ledger.unsure_papers:
        yield f"{len(documents)} documents, of {len(ledger.papers)} that were made"


def check_files(office: Office, ledger: Ledger, cookies: list[str]) -> Iterator[str]:
    rows = {row["original_filename"]: row for row in office.rows("SELECT * FROM uploads")}
    for sent in ledger.sent:
        row = rows.pop(sent.name, None)
        if row is None or "multipart" in row["metadata"]:
            if sent.certain:
                yield f"file {sent.name} was taken and is not there"
            continue
        if row["upload_status"] != "ready" or row["sha256"] != sent.sha256 or row["file_size"] != sent.size:
            yield f"file {sent.name} is {row['upload_status']} ({row['error']}), {row['file_size']} of {sent.size} bytes"
        stored = office.directory / "media" / row["file_path"]
        if not stored.is_file() or hashlib.sha256(stored.read_bytes()).hexdigest() != sent.sha256:
            yield f"the bytes of file {sent.name} are not those that were sent"
        if sent.certain:
            status, body = fetch(office, f"/arquivos/{row['id']}/baixar/", cookies[sent.person])
            if status != 200 or hashlib.sha256(body).hexdigest() != sent.sha256:
                yield f"file {sent.name} does not come back: {status}"
        pages = office.value("SELECT count(*) FROM upload_pages WHERE upload_id = %s", row["id"])
        if pages != row["page_count"]:
            yield f"file {sent.name} has {pages} pages of {row['page_count']}"
    for name in rows:
        yield f"nobody has sent the file {name}"


def check_names(office: Office, ledger: Ledger) -> Iterator[str]:
    """The title is the last one that was accepted, or one that got no answer."""
    titles = {str(row["id"]): row["title"] for row in office.rows("SELECT id, title FROM conversations")}
    for conversation, person in ledger.conversations.items():
        if conversation not in titles:
            yield f"conversation {conversation} of person {person} was begun and is not there"
    by_conversation = defaultdict(list)
    for renaming in ledger.renamings:
        by_conversation[renaming.conversation].append(renaming)
    for conversation, renamings in by_conversation.items():
        last = max((place for place, one in enumerate(renamings) if one.certain), default=-1)
        if last >= 0 and titles.get(conversation) not in {one.title for one in renamings if not one.certain} | {
            renamings[last].title
        }:
            yield f"conversation {conversation} is not called {renamings[last].title}"


# Health ------------------------------------------------------------------------------------------


def fetch(office: Office, path: str, cookie: str = "", web: int = 0) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", office.webs[web].port, timeout=60)
    try:
        connection.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def check_health(office: Office) -> Iterator[str]:
    for number in range(len(office.webs)):
        for path in ("/health/", "/health/database"):
            status, body = fetch(office, path, web=number)
            told = json.loads(body)
            if status != 200 or not all(told[name]["available"] for name in ("postgres", "redis") if name in told):
                yield f"web {number + 1}, {path}: {status} {told}"


def check_resources(office: Office, before: dict[str, dict[str, int]]) -> Iterator[str]:
    """Connections, memory, sockets and processes are what they were."""
    running = {f"{name}.{run}" for name, run in office.runs.items()}
    by_process: Counter[str] = Counter()
    for row in office.connections():
        by_process[row["name"]] += row["count"]
        if row["name"] not in running:
            yield f"{row['count']} connections of {row['name']}, which is dead"
        if row["state"] != "idle" and row["state"] != "active":
            yield f"{row['name']} holds a connection that is {row['state']}"
    for name, count in by_process.items():
        if count > POOL:
            yield f"{name} has {count} connections"
    for name, used in office.usage().items():
        for what, more in (("megabytes", MORE_MEGABYTES), ("files", MORE_FILES), ("processes", 0)):
            if used[what] > before[name][what] + more:
                yield f"{name} has {used[what]} {what}, from {before[name][what]}"
