"""Figures out of what was seen, and how they stand to the aims."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.load import NUMBERS, Answer

POOL_SIZE = 10  # POSTGRES_POOL_SIZE
SHOWN = ("p50", "p95", "p99", "most")


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


def aims(name: str, figures: dict[str, Any]) -> list[Aim]:
    found = [Aim("answers lost", figures["asked"] - figures["whole"], 0, failure=0)]
    if name in ("first", "20"):
        found.append(Aim("first token, ms above the API's own, p50", figures["added_ms"]["p50"], 30))
    if name == "100":
        found.append(Aim("first token, ms above the API's own, p50", figures["added_ms"]["p50"], 150, failure=400))
    if lag := figures.get("token_lag_ms"):
        found.append(Aim("token lag, ms, p95", lag["p95"], 150))
    connections = figures["connections"]
    for process in ("web", "worker"):
        found.append(Aim(f"PostgreSQL connections of {process}", connections["postgres"].get(process, 0), POOL_SIZE))
    readers = connections["redis"].get("web for readers", 0)
    found.append(Aim("Redis connections of web for all its readers", readers, 2))
    memory = figures["memory_mb"]
    found.append(Aim("web, MB resident at its peak", memory["web"]["peak_rss"], 250 if name == "idle" else 130))
    found.append(Aim("worker, MB resident at its peak", memory["worker"]["peak_rss"], 180))
    return found


# For people ------------------------------------------------------------------------------------


def told(name: str, figures: dict[str, Any]) -> str:
    lines = [f"\n== {name}: {figures['whole']} of {figures['asked']} answers whole"]
    lines += [
        row(key, figures[key]) for key in ("first_token_ms", "floor_first_token_ms", "added_ms") if key in figures
    ]
    lines += [row(key, values) for key, values in figures.get("stages_ms", {}).items()]
    lines += [row(key, figures[key]) for key in ("token_lag_ms", "floor_token_lag_ms") if key in figures]
    lines += [f"  {'CPU ms a reply':<24}" + pairs(figures["cpu_ms_per_reply"])]
    lines += [f"  {f'{process}, MB':<24}" + pairs(values) for process, values in figures["memory_mb"].items()]
    lines += [f"  {f'{server} connections':<24}" + pairs(counts) for server, counts in figures["connections"].items()]
    lines += [f"  {'events a reply':<24}{figures['events_per_reply']}"] if "events_per_reply" in figures else []
    busy = f"other programs took {figures['other_programs_cores']} cores, load average {figures['load_average']}"
    return "\n".join([*lines, f"  ({busy})", *map(str, aims(name, figures))])


def row(name: str, values: dict[str, float]) -> str:
    return f"  {name:<24}" + "  ".join(f"{key} {values[key]:7.1f}" for key in SHOWN if key in values)


def pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in values.items())
