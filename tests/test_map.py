"""The map of the code and the recipes say what there is: every name in them exists, and nothing of the map's is left out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands
from procrastinate.contrib.django import app as queue

ROOT = Path(__file__).resolve().parents[1]
MAP, RECIPES = ROOT / "docs" / "arquitetura.md", ROOT / "docs" / "como-fazer.md"
README = ROOT / "README.md"
ENDINGS = "py|md|toml|html|css|js|yaml|yml|example|in|txt"
MADE = {".data/"}  # by `make run`
MADE_FOLDERS = {"staticfiles", "artefacts"}
MOST_LINES = 400
DJANGOS = {"tests", "migrations", "management", "templatetags"}  # packages that every app may have
each_text = pytest.mark.parametrize("path", [MAP, RECIPES, README], ids=lambda path: path.stem)


@cache
def text_of(path: Path) -> str:
    return re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def quoted(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`\n]+)`", text)


def rows(heading: str) -> dict[str, str]:
    """The table under that heading of the map: what its first cell quotes, and the rest of the row."""
    section = re.split(rf"^#+ {re.escape(heading)}$", text_of(MAP), flags=re.MULTILINE)[1]
    section = re.split(r"^#", section, flags=re.MULTILINE)[0]
    cells = [line.strip("|").split(" | ", 1) for line in section.replace(r"\|", "/").splitlines() if line[:3] == "| `"]
    return {" / ".join(quoted(first)): rest for first, rest in cells}


def paths_in(text: str) -> Iterator[str]:
    """Quoted names of files and folders; not those of pages (`/busca/`), commands, or with a blank to fill in."""
    for name in quoted(text):
        is_path = re.fullmatch(rf"[\w.-]+(?:/[\w.-]+)+/?|[\w.-]+/|[\w-]*\.?[\w-]+\.(?:{ENDINGS})", name)
        if is_path and name not in MADE:
            yield name


def is_there(name: str) -> bool:
    """From the root; a bare name may be in an app, or in several, each with its own: `tasks.py`."""
    at_root = (ROOT / name).is_dir() if name.endswith("/") else (ROOT / name).exists()
    return at_root or ("/" not in name.rstrip("/") and any(ROOT.glob(f"*/{name}")))


def packages() -> set[str]:
    """Folders of Python at the top and in an app, from the root: `uploads`, `uploads/reading`."""
    found = [
        path.parent.relative_to(ROOT) for pattern in ("*/__init__.py", "*/*/__init__.py") for path in ROOT.glob(pattern)
    ]
    return {path.as_posix() for path in found if path.parts[0][0] != "." and not DJANGOS & set(path.parts[1:])}


def own_apps() -> list[str]:
    return [config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT]


# What is named exists ----------------------------------------------------------------------------


@each_text
def test_every_file_and_folder_that_is_named_exists(path: Path) -> None:
    named = set(paths_in(text_of(path)))
    assert len(named) > 8
    assert sorted(name for name in named if not is_there(name)) == [], f"{path.name} names what is not there"


@each_text
def test_every_module_that_is_named_exists(path: Path) -> None:
    tops = {name.split("/")[0] for name in packages()}
    named = {name for name in quoted(text_of(path)) if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", name)}
    modules = {name for name in named if name.split(".")[0] in tops and not re.search(rf"\.(?:{ENDINGS})$", name)}
    assert sorted(name for name in modules if find_spec(name) is None) == []


@each_text
def test_every_link_and_every_decision_that_is_named_exists(path: Path) -> None:
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text_of(path)) if "://" not in link]
    assert links
    assert [link for link in links if not (path.parent / link).exists()] == []
    decisions = {
        number
        for said in re.findall(r"decis(?:ão|ões) ([\d, e]+)", text_of(path))
        for number in re.findall(r"\d+", said)
    }
    assert [one for one in decisions if not list(ROOT.glob(f"docs/decisions/{int(one):04}-*.md"))] == []


# Nothing is left out of the map ------------------------------------------------------------------


def test_every_app_and_package_is_named() -> None:
    named = {name.rstrip("/").replace(".", "/") for name in quoted(text_of(MAP))}
    missing = {name for name in packages() if not any(one == name or one.startswith(f"{name}/") for one in named)}
    assert missing == set(), f"each needs its place in {MAP.name}"
    assert len(packages()) > 20


def test_the_layers_are_those_that_are_checked() -> None:
    """In the order of pyproject.toml, where the roof's modules are listed one by one."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    roof, *below = next(one["layers"] for one in tools["contracts"] if one["type"] == "layers")
    assert {module.strip().split(".")[0] for module in roof.split(":")} == {"romagent"}
    assert list(rows("As camadas")) == ["romagent", *(layer.replace("|", "/") for layer in below)]


def test_every_queue_is_told() -> None:
    own = [task.queue for task in queue.tasks.values() if not task.name.startswith(("builtin:", "procrastinate."))]
    assert set(rows("As filas")) == set(own), f"a queue is a row of {MAP.name}, under “As filas”"


def test_every_table_is_told_where_it_belongs() -> None:
    told = {app: set(quoted(rest)) for app, rest in rows("As tabelas").items()}
    ours = {label: {model._meta.db_table for model in apps.get_app_config(label).get_models()} for label in own_apps()}
    assert told == {label: tables for label, tables in ours.items() if tables}, f"{MAP.name}, under “As tabelas”"


def test_every_command_is_told() -> None:
    section = text_of(MAP).split("### Os comandos")[1]
    own = {name for name, label in get_commands().items() if label in own_apps()}
    assert set(quoted(section)) - {"python manage.py", "make run", "--help"} == own, f"{MAP.name}, under “Os comandos”"


@pytest.mark.parametrize("part", ["retention", "search", "portability"])
def test_what_the_roof_puts_together_is_every_apps(part: str) -> None:
    """An app that has such a module is asked for it: a part that nobody asks for would be kept or missed for ever."""
    roof = (ROOT / "romagent" / f"{part}.py").read_text("utf-8")
    own = [label for label in own_apps() if label != "romagent" and find_spec(f"{label}.{part}")]
    assert len(own) >= 5
    assert [label for label in own if not re.search(rf"from {label}(?:\.{part})? import (?:{part}|search)", roof)] == []


def test_no_file_is_longer_than_is_read_at_once() -> None:
    """A migration that was made, and what a lawyer reads, may be."""
    files = [path for ending in ("py", "html", "css", "js") for path in ROOT.glob(f"[!.]*/**/*.{ending}")]
    own = [path for path in files if "migrations" not in path.parts]
    own = [path for path in own if path.relative_to(ROOT).parts[0] not in MADE_FOLDERS]
    assert len(own) > 800
    too_long = {path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in own}
    assert {name: lines for name, lines in too_long.items() if lines > MOST_LINES} == {}, (
        "divide each by what it is about"
    )


def test_the_readme_leads_to_both() -> None:
    for path in (MAP, RECIPES):
        assert f"(docs/{path.name})" in README.read_text("utf-8")
