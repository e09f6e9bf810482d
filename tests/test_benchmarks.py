"""What stands around the measuring: figures that were kept can be drawn, and what a benchmark prints is understood."""

import importlib.util
import json
import os
import sys
from pathlib import Path
from urllib.request import Request, urlopen
from xml.etree import ElementTree

import pytest

from benchmarks.__main__ import RESULTS, choose, printed
from benchmarks.drawing import Bar, Chart, draw
from benchmarks.groups import GROUPS, Group
from benchmarks.history import PEOPLE, owner, place, uuid
from benchmarks.stack import ROOT
from romagent.embedded.kept import free_port
from romagent.embedded.programs import Simulated

SVG = "{http://www.w3.org/2000/svg}"
KEPT = [group for group in GROUPS if (RESULTS / f"{group.name}.json").exists()]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_every_group_has_its_benchmark(group: Group) -> None:
    assert importlib.util.find_spec(f"benchmarks.{group.module}")


@pytest.mark.parametrize("group", KEPT, ids=lambda group: group.name)
def test_figures_that_are_kept_can_be_drawn_and_say_where_they_are_from(group: Group) -> None:
    kept = json.loads((RESULTS / f"{group.name}.json").read_text())
    assert {"date", "commit", "machine", "command", "machine_busy_cores"} <= kept.keys()
    assert sum(len(chart.bars) for chart in group.charts(kept["figures"]))
    assert (RESULTS / f"{group.name}.svg").exists()


def test_a_bar_is_as_long_as_its_value_and_stands_beside_its_floor_and_its_aim() -> None:
    picture = ElementTree.fromstring(draw("A & B", "hoje", [Chart("<t>", "ms", [Bar("a", 20, 10, 30), Bar("b", 10)])]))
    bars = [float(bar.get("width", "")) for bar in picture.iter(f"{SVG}rect") if bar.get("class") == "bar"]
    floors = [float(bar.get("width", "")) for bar in picture.iter(f"{SVG}rect") if bar.get("class") == "floor"]
    assert bars[0] == pytest.approx(2 * bars[1], abs=0.2)
    assert floors == [pytest.approx(bars[1], abs=0.2)]
    assert len(list(picture.iter(f"{SVG}line"))) == 1
    words = [text.text for text in picture.iter(f"{SVG}text")]
    assert "20 (10) ×2" in words
    assert "A & B" in words


def test_what_is_printed_is_found_among_other_lines() -> None:
    assert printed('filled in 3 s\n{\n  "a": {"b": 1}\n}\n12 s\n') == {"a": {"b": 1}}
    assert printed('{"a": 1}\n{"a": 2}\n') == [{"a": 1}, {"a": 2}]
    assert printed("nothing {here} is one\n{broken\n") is None


def test_an_unknown_group_is_refused() -> None:
    assert [group.name for group in choose("pages,live")] == ["pages", "live"]
    with pytest.raises(SystemExit, match="no such group: page"):
        choose("page")


def test_a_project_of_the_generated_past_is_its_conversations_owners() -> None:
    projects = {pk: owner(n) for n in range(5_000) if (pk := place(n))}
    assert len(projects) == 3 * PEOPLE
    assert all(owner(pk.int >> 80) == person for pk, person in projects.items())
    assert uuid(1, 7) < uuid(1, 8)


def test_the_simulated_api_with_a_clock_starts_and_notes_when_tokens_were_sent() -> None:
    port = free_port()
    api = Simulated(
        [sys.executable, "-m", "benchmarks.simulated"], port, env=dict(os.environ), cwd=ROOT, log=Path(os.devnull)
    )
    api.start()
    try:
        ask = {"model": "claude-haiku-5-5", "max_tokens": 50, "stream": True}
        ask["messages"] = [{"role": "user", "content": "marca-teste-1: o que falta?"}]
        headers = {"content-type": "application/json", "x-api-key": "simulada", "anthropic-version": "2023-06-01"}
        with urlopen(Request(f"{api.url}/v1/messages", json.dumps(ask).encode(), headers), timeout=60) as response:
            assert response.read()
        with urlopen(f"{api.url}/_sim/timings", timeout=60) as response:
            assert json.load(response)["marca-teste-1"]["sent"]
    finally:
        api.stop()
