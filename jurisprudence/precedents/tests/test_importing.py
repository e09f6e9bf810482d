"""Files become rows: once, with their history, and on from where it stopped."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection

from audit.models import AuditLog
from jurisprudence.models import Precedent, PrecedentChange, PrecedentImport
from jurisprudence.precedents import importing
from jurisprudence.precedents.importing import Busy, import_file
from jurisprudence.precedents.reading import Unreadable
from jurisprudence.precedents.search import Filters, find, search
from jurisprudence.precedents.tests.files import array, espelho, lines, orientation, sumula, zipped

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.data_layer]
DATA = next(filter(Path.exists, (parent / "shared/data" for parent in settings.BASE_DIR.parents)), None)
MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


def counts(run: PrecedentImport) -> dict[str, int]:
    names = ("added", "changed", "unchanged", "repeated", "outdated", "refused")
    return {name: getattr(run, name) for name in names if getattr(run, name)}


def one(number: int = 9001) -> Precedent:
    return Precedent.objects.get(number=number)


def command(*arguments: Any) -> tuple[list[dict[str, Any]], str, bool]:
    """The lines of the output, what was said on the side, whether it went well."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_precedents", *map(str, arguments), "--json", stdout=out, stderr=err)
        well = True
    except CommandError as error:
        well = False
        err.write(str(error))
    return [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue(), well


def test_sumulas_orientations_and_decisions(tmp_path: Path) -> None:
    import_file(lines(tmp_path / "s.jsonl", [sumula(9001), sumula(9001, court="TST")]), as_of=MAY)
    import_file(lines(tmp_path / "o.jsonl", [orientation(9001), orientation(9001, "PN")]), as_of=MAY)
    run = import_file(array(tmp_path / "e.json", [espelho(1), espelho(2)]), as_of=MAY)
    assert counts(run) == {"added": 2}
    assert (run.state, run.position, run.file_format) == ("done", 2, "stj")
    assert Precedent.objects.count() == 6
    found = Precedent.objects.get(reference="000000001")
    assert (found.series, found.number, found.as_of, found.details["registro"]) == (
        "RESP", 9000001, MAY, "202400000001",
    )  # fmt: skip


def test_the_same_file_again_changes_nothing_but_the_day(tmp_path: Path) -> None:
    path = lines(tmp_path / "s.jsonl", [sumula(9001), sumula(9002)])
    import_file(path, as_of=MAY)
    before = one().updated_at
    assert counts(import_file(path, as_of=JUNE)) == {"unchanged": 2}
    assert (one().as_of, one().updated_at) == (JUNE, before)
    assert PrecedentChange.objects.count() == 0


def test_a_cancellation_leaves_what_was_said_before(tmp_path: Path) -> None:
    import_file(lines(tmp_path / "a", [sumula(9001), sumula(9002)]), as_of=MAY)
    newer = [sumula(9001, status="cancelada", cancelled=True, note="Cancelada em 2026.", source="outra lista")]
    run = import_file(lines(tmp_path / "b", newer), as_of=JUNE)
    assert counts(run) == {"changed": 1}
    found = one()
    assert (found.status, found.note, found.source, found.as_of) == (
        "cancelada", "Cancelada em 2026.", "outra lista", JUNE,
    )  # fmt: skip
    change = found.changes.get()
    assert change.old == {"status": "em vigor", "note": ""}
    assert (change.source, change.as_of, change.run_id) == ("lista do teste", MAY, run.pk)
    assert one(9002).as_of == MAY  # what the newer file does not have stays, as of when it was last seen


def test_the_words_searched_are_the_new_ones(tmp_path: Path) -> None:
    import_file(lines(tmp_path / "a", [sumula(9001)]), as_of=MAY)
    import_file(lines(tmp_path / "b", [sumula(9001, text="Usucapião especial.")]), as_of=JUNE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT search @@ search_query('usucapiao'), search @@ search_query('dobro') FROM precedents")
        assert cursor.fetchone() == (True, False)


def test_the_words_of_a_long_text_are_kept_uncompressed(tmp_path: Path) -> None:
    text = " ".join(f"palavra{n}" for n in range(2_000))
    import_file(lines(tmp_path / "a", [sumula(9001, text=text)]), as_of=MAY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_column_size(search) > 20000, pg_column_compression(search) FROM precedents")
        assert cursor.fetchone() == (True, None)


def test_what_another_file_wrote_while_a_run_lay_cut_leaves_its_words_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file may have one precedent twice, which is no change; what came from elsewhere between the two is one."""
    monkeypatch.setattr(importing, "ROWS", 1)
    path = lines(tmp_path / "a", [sumula(9001, text="Um."), sumula(9002), sumula(9001, text="Três.")])

    def cut(position: int) -> None:
        if position == 2:
            raise ConnectionError("cut")

    with pytest.raises(ConnectionError):
        import_file(path, as_of=JUNE, writers=1, after_batch=cut)
    assert one().text == "Um."
    import_file(lines(tmp_path / "b", [sumula(9001, text="Dois.")]), as_of=JUNE)
    run = import_file(path, as_of=JUNE)
    assert (one().text, run.state, run.changed, run.repeated) == ("Três.", "done", 1, 0)
    assert [change.old["text"] for change in one().changes.order_by("pk")] == ["Um.", "Dois."]


def test_an_older_file_does_not_take_the_place_of_a_newer_one(tmp_path: Path) -> None:
    import_file(lines(tmp_path / "a", [sumula(9001, status="cancelada")]), as_of=JUNE)
    older = lines(tmp_path / "b", [sumula(9001)])
    assert counts(import_file(older, as_of=MAY)) == {"outdated": 1}
    assert (one().status, one().as_of) == ("cancelada", JUNE)
    assert counts(import_file(older, as_of=MAY, older=True)) == {"changed": 1}
    assert (one().status, one().as_of) == ("em vigor", MAY)


def test_the_source_and_the_day_that_are_given_stand_for_the_files(tmp_path: Path) -> None:
    path = lines(tmp_path / "a", [sumula(9001)])
    os.utime(path, (1_700_000_000, 1_700_000_000))
    import_file(path)
    assert (one().as_of, one().source) == (date(2023, 11, 14), "lista do teste")
    import_file(path, as_of=MAY, source="STJ, página de súmulas", older=True)
    assert one().as_of == MAY


@pytest.mark.parametrize("size", [1, 3, 2_000])
def test_of_several_records_of_one_precedent_in_a_file_the_last_counts(
    tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ROWS", size)
    records = [
        sumula(9001),
        sumula(9002),
        sumula(9001, text="A segunda."),
        sumula(9003),
        sumula(9001, text="A última."),
    ]
    run = import_file(lines(tmp_path / "a", [*records, sumula(9002)]), as_of=MAY)
    assert counts(run) == {"added": 3, "repeated": 3}
    assert one().text == "A última."
    assert PrecedentChange.objects.count() == 0


@pytest.mark.parametrize("writers", [1, 2, 5])
def test_many_batches_by_several_writers(tmp_path: Path, writers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "ROWS", 7)
    seen: list[int] = []
    path = zipped(tmp_path / "a.zip", {f"{n}.json": [espelho(n * 100 + m) for m in range(50)] for n in range(4)})
    run = import_file(path, as_of=MAY, writers=writers, after_batch=seen.append)
    assert counts(run) == {"added": 200}
    assert seen == sorted(seen)
    assert seen[-1] == 200
    assert Precedent.objects.count() == 200


def test_what_is_refused_is_said_by_its_number_and_the_rest_is_kept(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", [sumula(9001), "{", sumula(9002, status="talvez"), sumula(9003)])
    (line,), said, well = command(path, "--as-of", "2026-05-01")
    assert not well
    assert {name: line[name] for name in ("file", "format", "read", "added", "refused", "as_of")} == {
        "file": "a.jsonl", "format": "sumulas", "read": 4, "added": 2, "refused": 2, "as_of": "2026-05-01",
    }  # fmt: skip
    assert line["problems"] == [[2, "não é JSON"], [3, "a situação “talvez” não é conhecida"]]
    assert "a.jsonl, registro 2: não é JSON" in said
    assert Precedent.objects.count() == 2


@pytest.mark.parametrize("text", ["", "a;b;c", '{"nome": "x"}\n', '[{"titulo": 1}]', "[]", '{\n "court": "STJ"\n}'])
def test_what_is_in_no_format_is_refused_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.jsonl").write_text(text)
    (line,), said, well = command(tmp_path / "a.jsonl")
    assert not well
    assert line["error"].startswith(("O arquivo não é JSON", "O arquivo não está em nenhum dos formatos"))
    assert line["error"] in said
    assert not PrecedentImport.objects.exists()


@pytest.mark.parametrize(("day", "why"), [("2999-01-01", "01/01/2999 ainda não chegou"), ("ontem", "não é uma data")])
def test_a_day_that_cannot_be_the_sources_is_refused(tmp_path: Path, day: str, why: str) -> None:
    _, said, well = command(lines(tmp_path / "a.jsonl", [sumula(9001)]), "--as-of", day)
    assert not well
    assert why in said
    assert not Precedent.objects.exists()


def test_one_file_that_cannot_be_read_does_not_stop_the_next(tmp_path: Path) -> None:
    found, _, well = command(tmp_path / "falta.jsonl", lines(tmp_path / "a.jsonl", [sumula(9001)]))
    assert not well
    assert "não pode ser aberto" in found[0]["error"]
    assert found[1]["added"] == 1


def test_a_file_that_breaks_off_keeps_what_came_before_and_goes_on_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([espelho(1), espelho(2)])[:-20])
    with pytest.raises(Unreadable, match="registro 2"):
        import_file(path, as_of=MAY)
    run = PrecedentImport.objects.get()
    assert (run.state, run.position, run.added) == ("failed", 1, 1)
    assert "registro 2" in run.error
    with pytest.raises(Unreadable):  # the same bytes: the same run
        import_file(path, as_of=MAY)
    assert PrecedentImport.objects.count() == 1
    assert counts(import_file(array(path, [espelho(1), espelho(2)]), as_of=MAY)) == {"added": 1, "unchanged": 1}


def in_zip(path: Path, records: list[Any]) -> Path:
    return zipped(path, {f"{n:03}.json": records[n : n + 3] for n in range(0, len(records), 3)})


@pytest.mark.parametrize("make", [array, lines, in_zip])
def test_a_batch_that_fails_takes_nothing_with_it(
    tmp_path: Path, make: Callable[[Path, list[Any]], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ROWS", 10)
    write = importing.write

    def failing(batch: Any, terms: Any) -> Any:
        if batch.number == 3:
            raise RuntimeError("o disco está cheio")
        return write(batch, terms)

    monkeypatch.setattr(importing, "write", failing)
    path = make(tmp_path / "a.json", [espelho(n) for n in range(100)])
    with pytest.raises(RuntimeError, match="disco"):
        import_file(path, as_of=MAY)
    run = PrecedentImport.objects.get()
    assert run.state == "running"
    assert run.position == run.added == Precedent.objects.count() <= 30
    monkeypatch.setattr(importing, "write", write)
    assert counts(import_file(path, as_of=MAY)) == {"added": 100}


def test_two_at_once_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "PATIENCE", 0.3)
    path = lines(tmp_path / "a", [sumula(9001)])
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [importing.LOCK])
    try:
        with pytest.raises(Busy):
            import_file(path)
    finally:
        other.close()
    monkeypatch.undo()
    assert counts(import_file(path)) == {"added": 1}


def test_a_run_is_in_the_audit_log_with_what_came_of_it(tmp_path: Path) -> None:
    run = import_file(lines(tmp_path / "a.jsonl", [sumula(9001), "{"]), as_of=MAY)
    first, last = AuditLog.objects.filter(action__startswith="precedentes.").order_by("created_at", "pk")
    assert (first.action, last.action) == ("precedentes.importar", "precedentes.importado")
    assert (last.entity_type, last.entity_id) == ("precedent_imports", run.pk)
    assert last.new_value == {"file": "a.jsonl", "state": "done", "position": 2, "added": 1, "refused": 1}


def test_no_thread_and_no_connection_is_left(tmp_path: Path) -> None:
    import_file(array(tmp_path / "a", [espelho(1)]))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("precedents")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        assert cursor.fetchone()[0] == 1


def test_an_import_makes_pages_of_results_that_were_kept_worthless(tmp_path: Path) -> None:
    cache.clear()
    import_file(lines(tmp_path / "a", [sumula(9001, text="Prazo.")]), as_of=MAY)
    assert len(search("prazo", Filters(), 5).hits) == 1
    import_file(lines(tmp_path / "b", [sumula(9002, text="Prazo.")]), as_of=MAY)
    assert len(search("prazo", Filters(), 5).hits) == 2
    import_file(lines(tmp_path / "c", [sumula(9002, text="Prazo.", status="cancelada")]), as_of=MAY)
    assert {hit.status for hit in search("prazo", Filters(), 5).hits} == {"em vigor", "cancelada"}


def test_what_is_written_is_found_while_the_import_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "ROWS", 100)
    words = ["penhora", "usucapiao", "despejo", "heranca", "fianca", "hipoteca", "locacao", "seguro"]
    records = [espelho(n, ementa=f"{words[n // 100]} {n}.") for n in range(800)]
    found: dict[int, list[str]] = {}

    def ask(position: int) -> None:
        last = position - 1
        found[last] = [hit.name for hit in find(f"{words[last // 100]} {last}", Filters(), 5).hits]

    import_file(array(tmp_path / "a", records), as_of=MAY, after_batch=ask)
    del found[-1]  # before the first batch
    assert found == {last: [f"AgInt no REsp 9.000.{last:03} (STJ)"] for last in range(99, 800, 100)}


@pytest.mark.parametrize("cut", [0, 5])
def test_afterwards_nothing_is_left_to_be_sorted_into_the_index(tmp_path: Path, cut: int) -> None:
    path = array(tmp_path / "a", [espelho(n) for n in range(50)])
    if cut:
        path.write_text(path.read_text()[:-cut])
    with suppress(Unreadable):
        import_file(path, as_of=MAY)
    assert Precedent.objects.count() >= 49
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('precedents_decisions_idx')")
        assert cursor.fetchone()[0] == 0


# Killed ------------------------------------------------------------------------------------------


def start(path: Path) -> subprocess.Popen[str]:
    url = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + "/" + connection.settings_dict["NAME"]
    argv = [sys.executable, "manage.py", "import_precedents", str(path), "--json", "--as-of", "2026-05-01"]
    return subprocess.Popen(
        argv, cwd=settings.BASE_DIR, env=os.environ | {"DATABASE_URL": url}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.processes
def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    total = 30_000
    path = array(
        tmp_path / "a.json", [espelho(n, ementa=f"Prazo {n}. " + "Recurso especial. " * 60) for n in range(total)]
    )
    process = start(path)
    deadline = time.monotonic() + 120
    while not (reached := PrecedentImport.objects.values_list("position", flat=True).first()) or reached < 4_000:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    run = PrecedentImport.objects.get()
    assert 4_000 <= run.position < total
    assert run.position == run.added  # nothing is counted that is not there
    again = start(path)
    out, err = again.communicate(timeout=300)
    assert again.returncode == 0, err
    line = json.loads(out)
    assert (line["read"], line["added"], line["unchanged"], line["repeated"]) == (total, total, 0, 0)
    assert Precedent.objects.count() == total
    assert PrecedentImport.objects.get().state == "done"


@pytest.mark.skipif(DATA is None, reason="../shared/data is not there")
def test_the_real_lists(tmp_path: Path) -> None:
    assert DATA
    found, said, well = command(DATA / "sumulas.jsonl", DATA / "tst_ojs_pns.jsonl")
    assert well, said
    assert [line["added"] for line in found] == [1939, 823]
    assert Precedent.objects.filter(kind="sumula_vinculante").count() == 64
    assert Precedent.objects.get(kind="sumula_vinculante", number=30).status == "pendente de publicação"
    assert Precedent.objects.get(kind="orientacao", series="SDI-1", number=10).court == "TST"
