"""What an answer of DataJud means. The whole of it is read with one question in mind: is absence proved?

Only an answer in which every part of the index took part, in time, and which says itself that there is nothing, is
*não localizado*. Everything that cannot be understood is *fonte indisponível*.
"""

from __future__ import annotations

import json
from typing import Any

from jurisprudence.datajud.outcomes import End, Outcome, Why, unavailable
from jurisprudence.datajud.records import number_in, read, text

MOST_RECORDS = 50  # of one process, asked for and read; by itself the index shows ten


def understand(status: int, body: bytes, number: str) -> Outcome:
    """`number`: the twenty digits that were asked about."""
    if status != 200:
        return unavailable(_of_status(status))
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return unavailable(Why.MALFORMED)
    if not isinstance(answer, dict) or not isinstance(answer.get("hits"), dict):
        return unavailable(_of_error(answer))
    hits = answer["hits"].get("hits")
    if not isinstance(hits, list):
        return unavailable(Why.MALFORMED)
    records = [record for hit in hits[:MOST_RECORDS] if (record := _ours(hit, number))]
    if records:
        return Outcome(End.FOUND, records=tuple({record.key: record for record in records}.values()))
    if hits or _total(answer["hits"]) != 0:
        return unavailable(Why.MALFORMED)  # it has something, but not what was asked for
    return _empty(answer)


def _of_status(status: int) -> Why:
    if status in (401, 403):
        return Why.KEY
    if status == 429:
        return Why.QUEUE
    return Why.SATURATED if status in (408, 500, 502, 503, 504) else Why.MALFORMED


def _of_error(answer: Any) -> Why:
    """An error that came with status 200: Elasticsearch says its own status inside."""
    status = answer.get("status") if isinstance(answer, dict) else None
    return _of_status(status) if isinstance(status, int) and status >= 400 else Why.MALFORMED


def _ours(hit: Any, number: str) -> Any:
    """The record of a hit, if it is of the process that was asked about."""
    if not isinstance(hit, dict):
        return None
    said = number_in(hit)
    named = text(hit.get("_id"), 300)  # which ends in the number
    return read(hit) if said == number or (not said and named.endswith(number)) else None


def _empty(answer: dict[str, Any]) -> Outcome:
    """No hit: absent only when nobody was missing."""
    shards = answer.get("_shards")
    if not isinstance(shards, dict):
        return unavailable(Why.MALFORMED)
    total, successful, failed = (shards.get(name) for name in ("total", "successful", "failed"))
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in (total, successful, failed)):
        return unavailable(Why.MALFORMED)
    if failed != 0 or successful != total or answer.get("timed_out") is not False:
        return unavailable(Why.PARTIAL)
    return Outcome(End.ABSENT) if total else unavailable(Why.MALFORMED)


def _total(hits: dict[str, Any]) -> int | None:
    """How many hits the answer says there are; None when it does not say."""
    total = hits.get("total")
    value = total.get("value") if isinstance(total, dict) else total
    return value if isinstance(value, int) and not isinstance(value, bool) else None
