"""Summaries of files: asked for, stopped, gone on with, and compared with the pages they are of."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.chaos.clients import Unanswered
from tests.chaos.ledger import Ledger, Wanted
from tests.chaos.office import Office
from tests.client import letters

if TYPE_CHECKING:
    from tests.chaos.lawyers import Lawyer


async def summarise(lawyer: Lawyer) -> None:
    """A file of hers; or she stops one that is being made, or has it gone on with."""
    mine = [one.id for one in lawyer.ledger.wanted if one.person == lawyer.number]
    if mine and lawyer.chance.random() < 0.3:
        what = lawyer.chance.choice(["parar", "continuar", "continuar"])
        await lawyer.post(f"/resumos/{lawyer.chance.choice(mine)}/{what}/", {})
        return
    files = [one.id for one in lawyer.ledger.sent if one.certain and one.person == lawyer.number]
    if not files:
        await lawyer.send()
        files = [one.id for one in lawyer.ledger.sent if one.certain and one.person == lawyer.number]
    if not files:
        return
    file = lawyer.chance.choice(files)
    for _ in range(5):
        try:
            answer = await lawyer.post(f"/arquivos/{file}/resumo/", {"confirmed": "on"})
        except Unanswered:
            lawyer.ledger.unsure_summaries += 1
            raise
        if answer.status != 422:
            break
        await asyncio.sleep(lawyer.chance.uniform(1, 3))  # it is not read yet
    else:
        lawyer.ledger.count("summary, 422")
        return
    pk = answer.headers.get("Location", "").removeprefix("/resumos/").rstrip("/")
    if answer.status != 303 or not pk:
        lawyer.ledger.wrong(f"a summary was not begun: {answer.status} {answer.text[:200]}")
        return
    if all(one.id != pk for one in lawyer.ledger.wanted):  # else: the one that is being made
        lawyer.ledger.wanted.append(Wanted(lawyer.number, file, pk))
    answer = await lawyer.request("GET", f"/resumos/{pk}/")
    if answer.status != 200:
        lawyer.ledger.wrong(f"{answer.status} for one's own summary {pk}")


# The account ---------------------------------------------------------------------------------------


def check_summaries(office: Office, ledger: Ledger) -> Iterator[str]:
    """Each that was asked for is there, once; it is of all pages, or visibly stands still; its lines are on them."""
    rows = {str(row["id"]): row for row in office.rows("SELECT * FROM summaries")}
    left = len(rows)
    for wanted in ledger.wanted:
        summary = rows.get(wanted.id)
        if summary is None:
            yield f"summary {wanted.id} was begun and is not there"
            continue
        left -= 1
        if str(summary["upload_id"]) != wanted.file:
            yield f"summary {wanted.id} is of another file"
    if not 0 <= left <= ledger.unsure_summaries:
        yield f"{left} more summaries than were asked for, of at most {ledger.unsure_summaries}"
    for pk, summary in rows.items():
        parts = office.value("SELECT count(*) FROM summary_parts WHERE summary_id = %s", pk)
        if summary["status"] == "complete":
            yield from (f"summary {pk}: {words}" for words in _check_complete(office, summary, parts))
        elif summary["status"] not in ("failed", "stopped") or (summary["status"] == "failed" and not summary["error"]):
            yield f"summary {pk} is {summary['status']} ({summary['error']})"
    yield from _check_calls(office)


def _check_complete(office: Office, summary: dict[str, Any], parts: int) -> Iterator[str]:
    query = "SELECT number, text FROM upload_pages WHERE upload_id = %s"
    pages = {row["number"]: letters(row["text"]) for row in office.rows(query, summary["upload_id"])}
    read: list[int] = []
    for part in summary["coverage"]["parts"]:
        if part["error"]:
            yield f"a part was left out: {part['error']}"
        for stretch in part["covers"]:
            read += range(stretch["first"], stretch["last"] + 1)
    if sorted(read) != sorted(pages):
        yield f"it has read {len(read)} pages of {len(pages)}"
    if parts:
        yield f"{parts} parts are left of it"
    lines = [line for found in json.loads(summary["result"]).values() for line in found]
    if not lines:
        yield "it says nothing"
    for line in lines:
        for source in line["sources"]:
            if not line["checked"] or letters(source["passage"]) not in pages.get(source["page"], ""):
                yield f"a line is not on page {source['page']}"


def _check_calls(office: Office) -> Iterator[str]:
    made = sum(call["kind"] == "summary" for call in office.calls())
    noted = office.rows("SELECT status FROM ai_operations WHERE operation_type = 'summary'")
    again = office.value("SELECT coalesce(sum(attempts - 1), 0) FROM summaries")
    if made > len(noted) + again:
        yield f"{made} calls to the API about summaries, and {len(noted)} are noted"
    if (whole := sum(row["status"] == "complete" for row in noted)) > made:
        yield f"{whole} whole calls about summaries are noted, and the API knows of {made}"
