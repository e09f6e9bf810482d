"""The files themselves: which is what, what is not JSON, hostile ones, and records bent at random."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from conversations.models import Conversation, Message
from projects.models import Project
from romagent.legacy import reading
from romagent.tests.legacy import conversation, document, import_legacy, message, person, project, write
from uploads.models import Upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("owner")]
ALL = {
    "users.json": [person(), person("user-2", "p2@example.com")],
    "projects.json": [project(uploadedFiles=[{"id": "file_1", "name": "a.pdf", "path": "a.pdf"}])],
    "projects/projects-index.json": {
        "slug": project("slug", collaborators=["user-900"], knowledgeBase=[{"id": "f" * 32}])
    },
    "kb-documents.json": [document(), document("kb-2", extractedText="Outro.")],
    "conversations.json": {
        "c1": conversation("c1", userId="user-900", projectId="7", messages=[message(), message("b", "assistant")]),
        "c2": conversation("c2", projectId="slug"),
    },
}


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


def write_all(directory: Path, data: dict[str, Any]) -> Path:
    for name, content in data.items():
        write(directory, name, content)
    return directory


def test_a_folder_is_imported_in_the_order_that_things_need(tmp_path: Path) -> None:
    write(tmp_path / "d", "kb-documents.json.corrupted.1700000000000", "{")
    found = import_legacy(write_all(tmp_path / "d", ALL))
    assert {kind: found.counts(kind) for kind in ("users", "projects", "documents", "files", "conversations", "messages")} == {
        "users": (2, 2, 0), "projects": (2, 2, 0), "documents": (2, 2, 0), "files": (2, 2, 0),
        "conversations": (2, 2, 0), "messages": (3, 3, 0),
    }  # fmt: skip
    assert "kb-documents.json.corrupted.1700000000000" in found.text
    assert set(Conversation.objects.exclude(project=None).values_list("user__email", flat=True)) == {
        "pessoa@example.com", "helena@exemplo.adv.br",
    }  # fmt: skip
    again = import_legacy(tmp_path / "d")
    assert (
        sum(again.counts(kind)[1] for kind in ("users", "projects", "documents", "files", "conversations", "messages"))
        == 0
    )
    assert AuditLog.objects.filter(action="importacao.executar").count() == 2


@pytest.mark.parametrize("name", ALL)
def test_a_file_of_another_name_is_known_by_what_is_in_it(tmp_path: Path, name: str) -> None:
    found = import_legacy(write(tmp_path, "copia.json", ALL[name]))
    kind = {"users": "users", "projects": "projects", "kb-documents": "documents", "conversations": "conversations"}
    expected = kind[name.split(".")[0].split("/")[0]]
    assert found.counts(expected)[1] == len(ALL[name])


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("users.json", '[\n  {"id": 1},\n  {"id": }\n]', "linha 3, coluna 10"),
        ("users.json", "", "linha 1, coluna 1"),
        ("conversations.json", '{"a": {"messages": []}', "linha 1, coluna 2"),
        ("conversations.json", "{'a': 1}", "linha 1, coluna 2"),
        ("conversations.json", '{"a": 1} x', "linha 1, coluna 10"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(tmp_path: Path, name: str, text: str, where: str) -> None:
    with pytest.raises(CommandError, match="não é JSON válido") as refused:
        import_legacy(write(tmp_path, name, text))
    assert where in str(refused.value)
    assert "Nada deste arquivo foi importado" in str(refused.value)


def test_the_place_is_right_far_into_a_large_file(tmp_path: Path) -> None:
    lines = ["{"] + [f'"c{number}": {json.dumps(conversation(f"c{number}"))},' for number in range(2_000)] + ["x}"]
    with pytest.raises(CommandError, match="linha 2002, coluna 1"):
        import_legacy(write(tmp_path, "conversations.json", "\n".join(lines)))
    assert not Conversation.objects.exists()


def test_a_file_that_breaks_off_leaves_nothing_and_the_ones_before_it_stay(tmp_path: Path) -> None:
    write(tmp_path / "d", "users.json", [person()])
    write(tmp_path / "d", "conversations.json", json.dumps({"a": conversation("a"), "b": conversation("b")})[:-20])
    with pytest.raises(CommandError):
        import_legacy(tmp_path / "d")
    assert User.objects.filter(email="pessoa@example.com").exists()
    assert not Conversation.objects.exists()
    assert AuditLog.objects.get(action="importacao.executar").new_value == {
        "users": {"read": 1, "imported": 1, "skipped": 0},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "data"), [("conversations.json", []), ("projects.json", {}), ("projects-index.json", [])]
)
def test_a_wrong_top_level_is_refused(tmp_path: Path, name: str, data: Any) -> None:
    with pytest.raises(CommandError, match="esperava"):
        import_legacy(write(tmp_path, name, data))


@pytest.mark.parametrize("text", ["3", '"x"', "null"])
def test_a_single_value_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(CommandError, match="objeto ou uma lista"):
        import_legacy(write(tmp_path, "conversations.json", text))


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"a": conversation("a")}).encode())
    assert import_legacy(path).counts("conversations") == (1, 1, 0)


@pytest.mark.parametrize(("source", "words"), [("nada", "não existe"), ("vazia", "não tem nenhum")])
def test_nothing_to_import_is_said(tmp_path: Path, source: str, words: str) -> None:
    (tmp_path / "vazia").mkdir()
    with pytest.raises(CommandError, match=words):
        import_legacy(tmp_path / source)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="não se parece"):
        import_legacy(write(tmp_path, "package.json", {"name": "x", "version": "1"}))


def test_an_owner_who_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="não há pessoa ativa"):
        import_legacy(write(tmp_path, "conversations.json", {}), owner="ninguem@example.com")


def test_a_report_that_cannot_be_written_is_said_before_anything_is_done(tmp_path: Path) -> None:
    path = write(tmp_path, "conversations.json", {"a": conversation("a")})
    with pytest.raises(CommandError, match="não foi possível escrever"):
        import_legacy(path, "--report", str(tmp_path / "pasta" / "r.csv"))
    assert not Conversation.objects.exists()


def test_a_record_that_is_too_deep_is_left_out_and_the_next_is_read(tmp_path: Path) -> None:
    deep = "[" * 5_000 + "]" * 5_000
    text = f'{{"a": {{"messages": {deep}}}, "b": {json.dumps(conversation("b"))}}}'
    found = import_legacy(write(tmp_path, "conversations.json", text))
    assert (found.counts("conversations"), found.json["reasons"]) == ((2, 1, 1), {"estrutura profunda demais": 1})


def test_a_record_that_is_too_large_is_left_out_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_RECORD", 10_000)
    data = {"a": conversation("a", messages=[message("x" * 3_000)] * 5), "b": conversation("b")}
    found = import_legacy(write(tmp_path, "conversations.json", data))
    assert (found.counts("conversations"), found.json["reasons"]) == ((2, 1, 1), {"registro grande demais": 1})


def test_names_and_texts_are_not_in_the_report(tmp_path: Path) -> None:
    data = {
        "a": conversation(
            "a", title="MARCA título", messages=[message("MARCA texto", "robô"), message("MARCA", timestamp=1)]
        )
    }
    write(tmp_path / "d", "conversations.json", data)
    write(tmp_path / "d", "users.json", [person(name="MARCA nome", email="marca sem arroba")])
    found = import_legacy(tmp_path / "d")
    assert "MARCA" not in (found.report + found.text + found.err).replace("marca", "MARCA").replace("MARCAs", "")


def test_a_cell_that_a_spreadsheet_would_run_is_text(tmp_path: Path) -> None:
    found = import_legacy(write(tmp_path, "conversations.json", {"=cmd|' /C calc'!A0": {}}))
    assert ";'=cmd" in found.report


def test_more_messages_than_are_written_at_once(tmp_path: Path) -> None:
    data = {f"c{n}": conversation(f"c{n}", messages=[message(f"{m}") for m in range(400)]) for n in range(30)}
    assert import_legacy(write(tmp_path, "conversations.json", data)).counts("messages") == (12_000, 12_000, 0)
    for it in Conversation.objects.all()[:3]:
        assert list(it.messages.in_order().values_list("content", flat=True)) == [str(m) for m in range(400)]


# Records bent at random --------------------------------------------------------------------------

ODD: list[Any] = [
    None, True, False, 0, -1, 10**25, 1.5, "", " ", "\x00", "\ud83d", "x" * 1_000, [], {}, [None], {"a": []}, "1970",
    "2026-13-45", "<script>", "'; DROP TABLE users; --", "=1+1", ["user-900"], [{"type": "text"}], "user-900", "7",
]  # fmt: skip


def bend(data: Any, chance: random.Random) -> Any:
    """One place in it, anywhere, has something else in it, or is gone."""
    data = copy.deepcopy(data)
    place = data
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return data
        key = chance.choice(keys)
        if isinstance(place[key], dict | list) and place[key] and chance.random() < 0.8:
            place = place[key]
        elif chance.random() < 0.2:
            del place[key]
            return data
        else:
            place[key] = chance.choice(ODD)
            return data


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_wrong_with_it_the_counts_add_up_and_twice_is_once(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = copy.deepcopy(ALL)
    for name in data:
        for _ in range(chance.randint(0, 6)):
            data[name] = bend(data[name], chance)
    directory = write_all(tmp_path / "d", data)
    kinds = ("users", "projects", "documents", "files", "conversations", "messages")
    first = import_legacy(directory, "--keep-empty")
    for kind in kinds:
        first.counts(kind)
    state = [list(model.objects.order_by("pk").values()) for model in (Conversation, Message, Project, Upload)]
    second = import_legacy(directory, "--keep-empty")
    assert sum(second.counts(kind)[1] for kind in kinds) == 0
    assert [list(model.objects.order_by("pk").values()) for model in (Conversation, Message, Project, Upload)] == state
