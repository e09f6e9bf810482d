"""What `make bench` runs, each with a short default, and which of its figures are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.drawing import Bar, Chart


@dataclass(frozen=True)
class Group:
    """`python -m benchmarks.<module> <arguments>`; `charts` makes bars out of what it printed."""

    name: str
    what: str
    module: str
    arguments: tuple[str, ...]
    charts: Callable[[Any], list[Chart]]


def bars(*wanted: tuple[str, str]) -> Callable[[dict[str, Any]], list[Bar]]:
    """A bar for each label and path of keys, with dots between them."""
    return lambda figures: [Bar(label, reach(figures, path)) for label, path in wanted]


def reach(figures: Any, path: str) -> float:
    for key in path.split("/"):
        figures = figures[int(key)] if isinstance(figures, list) else figures[key]
    return float(figures)


def one(title: str, unit: str, *wanted: tuple[str, str]) -> Callable[[Any], list[Chart]]:
    return lambda figures: [Chart(title, unit, bars(*wanted)(figures))]


# Live answers ------------------------------------------------------------------------------------

FIRST_TOKEN_AIMS = {"first": 30, "1": 30, "20": 30, "100": 150}
LAG_AIM, WEB_AIM, WORKER_AIM = 150, 130, 180


def live(figures: Any) -> list[Chart]:
    runs = {name: middle(found) for name, found in figures["scenarios"].items()}
    asked = {name: run for name, run in runs.items() if "first_token_ms" in run}
    first = [
        Bar(f"{name} at once" if name.isdigit() else f"the {name} answer", run["first_token_ms"]["p50"],
            run["floor_first_token_ms"]["p50"],
            run["floor_first_token_ms"]["p50"] + FIRST_TOKEN_AIMS[name] if name in FIRST_TOKEN_AIMS else None)
        for name, run in asked.items()
    ]  # fmt: skip
    lag = [
        Bar(label(name), run["token_lag_ms"]["p95"], run["floor_token_lag_ms"]["p95"], LAG_AIM)
        for name, run in asked.items()
    ]
    cpu = [
        Bar(f"{label(name)}, {process}", run["cpu_ms_per_reply"][process])
        for name, run in runs.items()
        for process in ("web", "worker", "postgres")
    ]
    memory = [
        Bar(f"{label(name)}, {process}", run["memory_mb"][process]["peak_rss"], aim=aim if name != "idle" else None)
        for name, run in runs.items()
        for process, aim in (("web", WEB_AIM), ("worker", WORKER_AIM))
    ]
    return [
        Chart("First token, p50, beside the API asked directly", "ms", first),
        Chart("A token behind the API, p95", "ms", lag),
        Chart("Processor for a reply", "ms", cpu),
        Chart("Resident memory at the peak", "MB", memory),
    ]


def label(name: str) -> str:
    return f"{name} at once" if name.isdigit() else name


def middle(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The run in the middle by its first token, not the best one."""
    return sorted(runs, key=lambda run: run.get("first_token_ms", {}).get("p50", 0))[len(runs) // 2]


# Pages -------------------------------------------------------------------------------------------


def pages(figures: Any) -> list[Chart]:
    charts = []
    for page in next(iter(figures.values()))["pages"]:
        found = [(size, each["pages"][page]) for size, each in figures.items()]
        charts.append(
            Chart(
                f"{page}, p50 and p95", "ms",
                [Bar(f"{int(size):,}, {name}", each["ms"][name], each["floor_ms"][name])
                 for size, each in found for name in ("p50", "p95")],
            )
        )  # fmt: skip
    return charts


def start(figures: Any) -> list[Chart]:
    least = figures["import_django_s"]
    seconds = [Bar(name, figures[f"{name}_s"]["median"], least) for name in ("web", "worker")]
    memory = [
        Bar(f"{process}, {when}", held[process], aim={"web": WEB_AIM, "worker": WORKER_AIM}.get(process))
        for when, held in figures["memory_mb"].items()
        for process in ("web", "arbiter", "worker")
    ]
    return [
        Chart("From exec to the first answer, beside `import django`", "s", seconds),
        Chart("Memory (PSS)", "MB", memory),
    ]


def capacity(figures: Any) -> list[Chart]:
    runs = {name: run for name, run in figures.items() if isinstance(run, dict)}
    return [
        Chart("Answers a second, each process held to the same share of a core", "1/s",
              [Bar(f"{name} of web and worker", run["answers_per_second"]) for name, run in runs.items()], True),
        Chart("First token, p50", "ms", [Bar(name, run["first_token_ms"]["p50"]) for name, run in runs.items()]),
        Chart("Processor for a reply", "ms",
              [Bar(f"{name}: {process}", value) for name, run in runs.items()
               for process, value in run["cpu_ms_per_reply"].items() if process.startswith(("web", "worker"))]),
    ]  # fmt: skip


# Files -------------------------------------------------------------------------------------------


def files(figures: Any) -> list[Chart]:
    alone, several = figures["pypdfium2_pages_per_second"], next(key for key in figures if key.endswith("_at_once"))
    rates = [
        Bar(name, figures[key]["pages_per_second"], alone) for name, key in (("one file", "one"), ("several", several))
    ]
    waits = [
        Bar("one file", figures["one"]["seconds_until_found"], aim=10),
        Bar("several", figures[several]["seconds_until_found"]),
    ]
    return [
        Chart("Pages a second, sent until found, beside pypdfium2 alone", "1/s", rates, True),
        Chart("Until the last page is found", "s", waits),
    ]


def uploading(figures: Any) -> list[Chart]:
    return [
        Chart(
            "A large file, beside writing its bytes", "s", [Bar("sent", figures["seconds"], figures["floor_seconds"])]
        )
    ]


def reading(figures: Any) -> list[Chart]:
    rates = [
        Bar(f"round {number}", ours["pages_per_second"], alone["pages_per_second"])
        for number, (ours, alone) in enumerate(zip(figures["read"], figures["floor"], strict=True), 1)
    ]
    return [Chart("Pages read a second, beside pypdfium2 alone", "1/s", rates, True)]


def cleanup(figures: Any) -> list[Chart]:
    rows = [Bar("clean-up", figures["rows_per_second"], figures["floor_delete"]["rows_per_second"], 20_000)]
    waits = [
        Bar(f"{when}, {name}", figures[key][name], aim=100 if name == "p95" else None)
        for when, key in (("at rest", "pages_at_rest_ms"), ("meanwhile", "pages_during_ms"))
        for name in ("p50", "p95")
    ]
    return [
        Chart("Rows taken away a second, beside one DELETE", "1/s", rows, True),
        Chart("Pages meanwhile", "ms", waits),
    ]


def importing(figures: Any) -> list[Chart]:
    found = [Bar("import", figures["import"]["messages_per_second"], figures["floor_messages_per_second"])]
    return [Chart("Messages a second, beside COPY", "1/s", found, True)]


def searching(figures: Any) -> list[Chart]:
    waits = [
        Bar(f"{when}, {name}", figures[when]["all"][name], figures[when]["floor"][name], 150 if name == "p95" else None)
        for when in ("first", "again")
        for name in ("p50", "p95")
    ]
    return [Chart("A search in files, beside one page by its number", "ms", waits)]


def citations(figures: Any) -> list[Chart]:
    found = [
        Bar(
            f"{run['pages']} pages, {'every' if run['citing_sentences'] == 1 else 'one in five'}",
            run["found_ms"] + run["judged_ms"],
            run["floor_ms"],
            1000 if run["pages"] == 100 else None,
        )
        for run in figures
    ]
    return [Chart("Citations found and judged, beside one scan of the text", "ms", found)]


def numbers(figures: Any) -> list[Chart]:
    """All the plain numbers at the top, by their unit (the end of their names)."""
    units: dict[str, list[Bar]] = {}
    for name, value in figures.items() if isinstance(figures, dict) else ():
        if isinstance(value, int | float) and not isinstance(value, bool):
            units.setdefault(name.rpartition("_")[2], []).append(Bar(name.replace("_", " "), value))
    return [Chart(unit, unit, found) for unit, found in units.items()]


GROUPS = (
    Group("live", "live answers at 1, 20, 100, 300 and 1,000", "live", (), live),
    Group("pages", "pages as the office's past grows", "browsing", (), pages),
    Group("start", "cold start, and memory", "start", (), start),
    Group("capacity", "two of each process against one", "capacity", (), capacity),
    Group("files", "a case from its sending to its last page found", "casefiles", ("--pages", "500"), files),
    Group("reading", "PDFs read, beside pypdfium2 alone", "reading", ("--repeat", "3"), reading),
    Group("uploading", "a large file sent", "uploading", ("--megabytes", "256"), uploading),
    Group("search", "search in files", "search", ("--pages", "300000", "--short", "--times", "5"), searching),
    Group("import", "the old system's conversations, beside COPY", "legacy", ("--messages", "30000"), importing),
    Group(
        "cleanup",
        "the clean-up, beside DELETE",
        "retention",
        ("--messages", "100000", "--operations", "100000"),
        cleanup,
    ),
    Group("documents", "documents as files", "documents", ("--times", "3", "--versions", "50"), numbers),
    Group(
        "precedents",
        "the courts' decisions",
        "precedents",
        ("--decisions", "20000", "--floor", "5000", "--times", "5"),
        numbers,
    ),
    Group("citations", "citations found and judged", "citations", ("--pages", "1", "100"), citations),
)
