"""What a look-up can come to. There are four ends, and only one of them says that the index lacks the number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jurisprudence.datajud.records import Record


class End(StrEnum):
    FOUND = "found"
    ABSENT = "absent"  # every part of the index has answered, and none has it
    UNAVAILABLE = "unavailable"  # nothing is known
    UNCOVERED = "uncovered"  # DataJud has no index of this court


class Why(StrEnum):
    """Why a source was unavailable."""

    QUEUE = "queue"  # 429
    SATURATED = "saturated"  # 504 and its like, or no answer in time
    RESTING = "resting"  # too many of these in a row: nobody is asked for some minutes
    KEY = "key"  # 401, 403
    NO_KEY = "no_key"
    PARTIAL = "partial"  # some parts of the index did not answer
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    CUT = "cut"
    UNREACHABLE = "unreachable"
    INTERNAL = "internal"  # a fault of ours


BUSY = frozenset({Why.SATURATED, Why.UNREACHABLE, Why.CUT})  # what speaks for a rest

REASONS = {
    Why.QUEUE: "a fila de consultas do DataJud está cheia",
    Why.SATURATED: "o DataJud está sobrecarregado e não respondeu a tempo",
    Why.RESTING: "o DataJud não respondeu às últimas consultas, e as novas esperam alguns minutos",
    Why.KEY: "o DataJud recusou a chave de acesso, e a administração foi avisada",
    Why.NO_KEY: "a chave de acesso ao DataJud não está configurada",
    Why.PARTIAL: "só uma parte do índice do DataJud respondeu",
    Why.MALFORMED: "o DataJud deu uma resposta que não se pode interpretar",
    Why.TOO_LARGE: "o DataJud deu uma resposta grande demais",
    Why.CUT: "a resposta do DataJud foi cortada no meio",
    Why.UNREACHABLE: "não foi possível chegar ao DataJud",
    Why.INTERNAL: "houve uma falha do sistema durante a consulta",
}


def reason(why: str) -> str:
    """Why the source was unavailable, in words that go on a sentence."""
    return REASONS[Why(why)] if why in list(Why) else REASONS[Why.INTERNAL]


@dataclass(frozen=True)
class Outcome:
    """What one look-up came to; `records` is one for each grade in which the process was found."""

    end: End
    why: Why | None = None
    records: tuple[Record, ...] = ()
    at: datetime | None = None  # when the source said so, if that was before now (an answer that was kept)


def unavailable(why: Why) -> Outcome:
    return Outcome(End.UNAVAILABLE, why)
