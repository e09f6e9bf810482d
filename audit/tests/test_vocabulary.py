"""Every action that the code can write has a name in Portuguese: found in the source, not in what some test happens to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from audit.models import READING
from audit.vocabulary import ACTIONS, BY_FORM, FORMS, action_name, actions, entity_name, value_name
from conversations.models import Message
from documents.actions import VERBS
from romagent.retention import KINDS

APPS = ("accounts", "audit", "conversations", "documents", "jurisprudence", "projects", "romagent", "uploads")
# The middle of a name that is put together while the program runs.
FILLED_IN = {
    "documento.": VERBS.values(),
    "limpeza.": [kind.key for kind in KINDS],
    "resposta.": [status for status in Message.Status if status not in Message.UNFINISHED],
}
CONSTANTS = {"READING": READING}
ALL = {code for names in actions().values() for code in names}


def sources() -> Iterator[Path]:
    for app in APPS:
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            if not {"tests", "migrations", "embedded"} & set(path.parts):
                yield path


class Unreadable(Exception):
    """An action that this test cannot find out: to be written so that it can."""


class Module:
    """One source file, with the functions in it that hand an action on to `record`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.functions = [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)]

    def names(self) -> set[str]:
        return {name for call, inside in self.calls("record") for name in self.named(call.args[0], inside)}

    def calls(self, function: str) -> Iterator[tuple[ast.Call, ast.FunctionDef | None]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and function in {
                getattr(node.func, "id", ""),
                getattr(node.func, "attr", ""),
            }:
                around = [f for f in self.functions if f.lineno <= node.lineno <= (f.end_lineno or 0)]
                yield node, max(around, key=lambda f: f.lineno, default=None)

    def named(self, node: ast.expr, inside: ast.FunctionDef | None) -> set[str]:
        """What this expression can be: a name, one of two, one put together, or what the function was called with."""
        match node:
            case ast.Constant(value=str() as name):
                return {name}
            case ast.IfExp(body=one, orelse=other):
                return self.named(one, inside) | self.named(other, inside)
            case ast.JoinedStr(values=[ast.Constant(value=str() as start), ast.FormattedValue()]) if start in FILLED_IN:
                return {f"{start}{middle}" for middle in FILLED_IN[start]}
            case ast.Name(id=name) if name in CONSTANTS:
                return {CONSTANTS[name]}
            case ast.Name(id=name) if inside:
                return self.handed_in(name, inside)
            case ast.Call(func=ast.Attribute(attr="_action"), args=[ast.Constant(value=verb)]) if verb in FORMS:
                return set()  # the administration's forms: named after the model
        raise Unreadable(f"{self.path}:{node.lineno}: {ast.unparse(node)}")

    def handed_in(self, name: str, inside: ast.FunctionDef) -> set[str]:
        assigned = [
            node.value
            for node in ast.walk(inside)
            if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == name for target in node.targets)
        ]
        if assigned:
            return {found for value in assigned for found in self.named(value, inside)}
        place = [argument.arg for argument in inside.args.args].index(name)
        return {found for call, around in self.calls(inside.name) for found in self.named(call.args[place], around)}


def found() -> set[str]:
    return {name for path in sources() for name in Module(path).names()}


def test_the_search_finds_what_there_is() -> None:
    names = found()
    assert {"entrar", "conversa.renomear", "conversa.desafixar", "limpeza.audit", "resposta.failed", READING} <= names
    assert len(names) > 30


def test_every_action_of_the_code_is_in_the_catalogue() -> None:
    assert sorted(found() - ALL) == []


def test_an_action_that_cannot_be_read_from_the_source_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "actions.py"
    source.write_text("def f(x):\n    record(x.name)\n", encoding="utf-8")
    with pytest.raises(Unreadable, match=r"x\.name"):
        Module(source).names()


def test_every_action_stands_in_the_catalogue_once_and_has_a_name_of_its_own() -> None:
    codes = [code for names in actions().values() for code in names]
    said = [name for names in actions().values() for name in names.values()]
    assert len(set(codes)) == len(codes)
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("code", sorted(code for names in ACTIONS.values() for code in names))
def test_codes_and_names_have_one_form(code: str) -> None:
    assert re.fullmatch(r"[a-z_]+(\.[a-z-]+)?", code)
    assert re.match(r"[A-ZÀ-Ú][a-zà-ú]", action_name(code))


def test_what_the_administrations_forms_do_is_in_it_for_every_model() -> None:
    assert actions()[BY_FORM]["user.alterar"] == "Alterou pessoa"
    assert actions()[BY_FORM]["project.criar"] == "Criou projeto"


def test_what_is_not_known_stands_for_itself() -> None:
    assert action_name("coisa.antiga") == "coisa.antiga"
    assert entity_name("tabela_antiga:1") == "tabela_antiga"
    assert value_name("tabela_antiga", "campo") == "campo"


@pytest.mark.parametrize(
    ("table", "name"), [("conversations", "conversa"), ("users", "pessoa"), ("ai_models:claude-opus-5-5", "modelo")]
)
def test_objects_are_called_what_the_office_calls_them(table: str, name: str) -> None:
    assert entity_name(table) == name


@pytest.mark.parametrize(
    ("table", "key", "name"), [("users", "oab", "OAB"), ("conversations", "reason", "motivo"), ("", "path", "página")]
)
def test_values_are_called_what_the_forms_call_them(table: str, key: str, name: str) -> None:
    assert value_name(table, key) == name


def recorded() -> Iterator[tuple[str, Path]]:
    """The keys of the values that the code writes down where it names them."""
    for path in sources():
        for call, _ in Module(path).calls("record"):
            for given in call.keywords:
                if given.arg in {"old", "new"} and isinstance(given.value, ast.Dict):
                    yield from ((key.value, path) for key in given.value.keys if isinstance(key, ast.Constant))


def test_every_value_that_is_written_down_has_a_name_in_portuguese() -> None:
    columns = {field.name for model in apps.get_models() for field in model._meta.fields}
    keys = dict(recorded())
    assert len(keys) > 30
    assert {key: path for key, path in keys.items() if key not in columns and value_name("", key) == key} == {}
