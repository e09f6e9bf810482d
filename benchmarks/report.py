"""Figures out of what was seen, and how they stand to the aims."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.load import NUMBERS, Answer

POOL_SIZE = 10  # POSTGRES_POOL_SIZE


def spread(values: Iterable[float]) -> dict[str, float]:
    """Percentiles, in milliseconds, of seconds."""
    ordered = sorted(values)
    if not ordered:
        return {}
    at = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "most": 1.0}
    return {name: round(ordered[round(share * (len(ordered) - 1))] * 1000, 1) for name, share in at.items()}


def waits(answers: list[Answer]) -> dict[str, float]:
    return spread(answer.first - answer.asked for answer in answers if answer.first)


def lags(answers: list[Answer], timings: dict[str, Any]) -> dict[str, float]:
    """Of every token: from the API's sending it to its being there."""
    found = []
    for answer in answers:
        sent = timings.get(answer.mark, {}).get("sent", [])
        found += [answer.seen[n] - sent[n - 1] for n in NUMBERS if n in answer.seen and n <= len(sent)]
    return spread(found)


def stages(answers: list[Answer], timings: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Where the wait for the first word goes: accepted, at the API, and back."""
    known = [(a, timings[a.mark]) for a in answers if a.first and timings.get(a.mark, {}).get("sent")]
    return {
        "asked_to_accepted": spread(a.accepted - a.asked for a, _ in known),
        "asked_to_api": spread(t["begun"] - a.asked for a, t in known),
        "api_to_first_word": spread(a.first - t["sent"][0] for a, t in known if a.first),
    }


def burst(
    answers: list[Answer], floor: list[Answer], timings: dict[str, Any], resources: dict[str, Any]
) -> dict[str, Any]:
    product, least = waits(answers), waits(floor)
    return {
        "asked": len(answers),
        "whole": sum(answer.whole for answer in answers),
        "first_token_ms": product,
        "floor_first_token_ms": least,
        "added_ms": {name: round(product[name] - least[name], 1) for name in product},
        "stages_ms": stages(answers, timings),
        "token_lag_ms": lags(answers, timings),
        "floor_token_lag_ms": lags(floor, timings),
        "events_per_reply": round(sum(answer.events for answer in answers) / len(answers), 1),
        **resources,
    }


# Aims ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Aim:
    what: str
    value: float
    most: float
    failure: float | None = None  # above this it is not merely short

    def __str__(self) -> str:
        verdict = "ok" if self.value <= self.most else "SHORT"
        if self.failure is not None and self.value > self.failure:
            verdict = "FAILURE"
        return f"  {verdict:<8}{self.what}: {self.value:g} (aim: at most {self.most:g})"


FIRST_TOKEN = {"first": (30, None), "1": (30, None), "20": (30, None), "100": (150, 400)}  # ms: aim, failure


def aims(name: str, figures: dict[str, Any]) -> list[Aim]:
    memory, connections = figures["memory_mb"], figures["connections"]
    postgres = connections["postgres"]
    found = [Aim("answers lost", figures["asked"] - figures["whole"], 0, failure=0)]
    if name in FIRST_TOKEN:
        added = figures["added_ms"]["p50"]
        found.append(Aim("first token, ms above the API's own, p50", added, *FIRST_TOKEN[name]))
    if lag := figures.get("token_lag_ms"):
        found.append(Aim("token lag, ms, p95", lag["p95"], 150))
    readers = connections["redis"].get("web for readers", 0)
    web_memory = 250 if name == "idle" else 130
    return [
        *found,
        Aim("PostgreSQL connections of web", postgres.get("web", 0), POOL_SIZE),
        Aim("PostgreSQL connections of worker", postgres.get("worker", 0), POOL_SIZE),
        Aim("Redis connections of web for all its readers", readers, 2),
        Aim("web, MB resident at its peak", memory["web"]["peak_rss"], web_memory),
        Aim("worker, MB resident at its peak", memory["worker"]["peak_rss"], 180),
    ]


# For people ------------------------------------------------------------------------------------


def told(name: str, figures: dict[str, Any]) -> str:
    times = {key: values for key, values in figures.items() if key.endswith("_ms") and key != "stages_ms"}
    times |= figures.get("stages_ms", {})
    lines = [f"\n== {name}: {figures['whole']} of {figures['asked']} answers whole"]
    lines += [row(key, values) for key, values in times.items()]
    if "events_per_reply" in figures:
        lines.append(row("events a reply", {"": figures["events_per_reply"]}))
    lines.append(row("CPU, ms a reply", figures["cpu_ms_per_reply"]))
    lines += [row(f"{process}, MB", values) for process, values in figures["memory_mb"].items()]
    lines += [row(f"{server} connections", counts) for server, counts in figures["connections"].items()]
    others, load = figures["other_programs_cores"], figures["load_average"]
    lines.append(f"  (other programs took {others} cores; load average {load})")
    return "\n".join([*lines, *map(str, aims(name, figures))])


def row(name: str, values: dict[str, Any]) -> str:
    return f"  {name:<24}" + "  ".join(f"{key} {value:g}".strip() for key, value in values.items())
