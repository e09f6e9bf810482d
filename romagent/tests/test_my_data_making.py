"""A copy of somebody's own data while it is made: shown, cancelled, given back, taken over, failed."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from romagent import exports, portability, runs
from romagent.base import chores
from romagent.models import DataExport
from romagent.tests.my_data import State, acts, asked_by, fill, made_for, media, page

__all__ = ["media"]  # fixtures
pytestmark = pytest.mark.usefixtures("committed")


# While it is made --------------------------------------------------------------------------------


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Calls what is put in the list, once each, whenever the work says how far it is."""
    calls: list[Any] = []
    note = runs.Pen.note

    def noting(self: runs.Pen, progress: Mapping[str, Any]) -> None:
        note(self, progress)
        if calls and progress["conversations"][0]:
            calls.pop()()

    monkeypatch.setattr(runs.Pen, "note", noting)
    return calls  # type: ignore[return-value]


def test_the_page_shows_how_far_it_is(owner: User, as_owner: Client, watched: list[Any]) -> None:
    fill(owner)
    export = asked_by(as_owner)
    seen: list[str] = []
    watched.append(lambda: seen.append(as_owner.get("/meus-dados/andamento/").content.decode()))
    exports.perform(export.pk)
    assert "1 de 3 conversas" in seen[0]
    assert "0 de 3 arquivos" in seen[0]
    assert "data-active" in seen[0]
    assert "<html" not in seen[0]
    assert "data-active" not in as_owner.get("/meus-dados/andamento/").content.decode()


def test_one_that_waits_is_cancelled_and_never_begins(owner: User, as_owner: Client) -> None:
    export = asked_by(as_owner)
    as_owner.post(f"/meus-dados/{export.pk}/cancelar/")
    as_owner.post(f"/meus-dados/{export.pk}/cancelar/")
    exports.perform(export.pk)
    export.refresh_from_db()
    assert (export.state, export.file_path) == (State.CANCELLED, "")
    assert acts() == ["dados.preparar", "dados.cancelar"]
    assert "cancelada" in page(as_owner)


def test_one_being_made_is_cancelled_and_leaves_nothing(
    owner: User, as_owner: Client, watched: list[Any], media: Path
) -> None:
    fill(owner)
    export = asked_by(as_owner)
    watched.append(lambda: as_owner.post(f"/meus-dados/{export.pk}/cancelar/"))
    exports.perform(export.pk)
    export.refresh_from_db()
    assert export.state == State.CANCELLED
    assert not (media / "copias").exists()
    assert acts() == ["dados.preparar", "dados.cancelar"]


def test_a_worker_that_is_told_to_stop_gives_it_back(owner: User, as_owner: Client, watched: list[Any]) -> None:
    fill(owner)
    export = asked_by(as_owner)
    watched.append(chores.stopping.set)
    try:
        exports.perform(export.pk)
    finally:
        chores.stopping.clear()
    export.refresh_from_db()
    assert (export.state, export.attempts, export.progress) == (State.QUEUED, 0, {})
    assert ProcrastinateJob.objects.count() == 2
    exports.perform(export.pk)
    export.refresh_from_db()
    assert export.state == State.DONE


def test_a_dead_workers_copy_is_made_by_another(owner: User, as_owner: Client) -> None:
    """Its job comes again; what the dead one may still write finds no row."""
    fill(owner)
    export = asked_by(as_owner)
    dead = runs.take(DataExport, export.pk, lambda run: None)
    assert dead is not None
    exports.perform(export.pk)
    export.refresh_from_db()
    assert (export.state, export.attempts) == (State.DONE, 2)
    with pytest.raises(runs.Lost):
        dead.say({})
    with pytest.raises(runs.Lost):
        dead.end(State.FAILED)


def test_one_that_was_taken_over_meanwhile_leaves_no_file(
    owner: User, as_owner: Client, watched: list[Any], media: Path
) -> None:
    fill(owner)
    export = asked_by(as_owner)
    watched.append(lambda: DataExport.objects.update(attempts=2))
    exports.perform(export.pk)
    export.refresh_from_db()
    assert (export.state, export.attempts) == (State.RUNNING, 2)
    assert not list(media.rglob("*.zip"))


def test_a_worker_that_dies_of_it_each_time_ends_it(owner: User, as_owner: Client) -> None:
    export = asked_by(as_owner)
    for _ in range(runs.MOST_ATTEMPTS):
        runs.take(DataExport, export.pk, lambda run: None)
    exports.perform(export.pk)
    export.refresh_from_db()
    assert export.state == State.FAILED
    assert "Foi tentado 3 vezes" in page(as_owner)
    assert acts()[-1] == "dados.falhar"


def test_one_that_nobody_goes_on_with_is_said_and_asked_for_again(owner: User, as_owner: Client) -> None:
    export = asked_by(as_owner)
    runs.take(DataExport, export.pk, lambda run: None)
    DataExport.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=4))
    html = page(as_owner)
    assert "O processo terminou no meio." in html
    assert "Tentar de novo" in html
    assert made_for(as_owner).pk != export.pk


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "Faltou espaço em disco"),
        (RuntimeError("segredo"), "Algo falhou do nosso lado"),
    ],
)
def test_a_failure_has_a_reason_in_words(
    owner: User, as_owner: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def failing(*args: Any) -> None:
        raise error

    monkeypatch.setattr(portability, "write_archive", failing)
    export = asked_by(as_owner)
    with pytest.raises(type(error)):
        exports.perform(export.pk)
    html = page(as_owner)
    assert words in html
    assert "segredo" not in html
    assert acts() == ["dados.preparar", "dados.falhar"]


def test_a_storage_that_takes_no_file_is_a_failure_and_nothing_is_left(
    owner: User, as_owner: Client, monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    def refusing(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(default_storage._wrapped), "_save", refusing)
    export = asked_by(as_owner)
    with pytest.raises(OSError, match="No space"):
        exports.perform(export.pk)
    export.refresh_from_db()
    assert export.state == State.FAILED


def test_who_may_see_nothing_of_it_sees_no_page(client: Client) -> None:
    assert client.get("/meus-dados/")["Location"].startswith("/entrar/")
    assert client.get("/meus-dados/andamento/", headers={"hx-request": "true"}).status_code == 401
