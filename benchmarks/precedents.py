"""`python -m benchmarks.precedents`: a million decisions imported, and searched.

A PostgreSQL of its own, durable, with the product's tables and all their indexes; a file of decisions in the shape of
the court's open data, made up, as long as its ementas are (median 1,450 characters, some over ten thousand). The
command is run as people run it, in a process of its own, and its memory is watched. Then questions of several kinds are
asked through the product's own functions, without the cache and with it.

Floors, in the same run, of the first `--floor` decisions: COPY alone, into a table without index; plain SQL, which is
COPY into the product's table with all its indexes by one connection.

Processor time (the command's, and that of all PostgreSQL processes together) says what the clock can't on a machine
that others use too: two cores have 400 µs a record at 5,000 a second.

`--searching` asks all the while the import goes on, which takes some of the machine from it.
`--kept DIR` leaves the file and the filled database there, and asks what is there already.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.pages import Pages
from benchmarks.report import spread
from benchmarks.stack import ROOT, machine, production
from romagent.embedded.kept import free_port
from romagent.embedded.postgres import EmbeddedPostgres
from romagent.embedded.valkey import EmbeddedValkey

MEDIAN, SPREAD, LONGEST = 1_450, 0.6, 12_000  # characters of an ementa
# Of a text, what says something new; the rest repeats sentences of it. So it has 68 different words per 1,000
# characters, as the courts' own longer súmulas and orientations have.
NEW = 0.76
DAYS = (date(1990, 1, 2), date(2026, 10, 30))
CLASSES = ("REsp", "AgInt no AREsp", "AgRg no AREsp", "HC", "RHC", "AgInt no REsp", "EDcl no REsp", "RMS", "CC")
BODIES = ("PRIMEIRA TURMA", "SEGUNDA TURMA", "TERCEIRA TURMA", "QUARTA TURMA", "QUINTA TURMA", "SEXTA TURMA")
HEADS = (
    "PROCESSUAL CIVIL. AGRAVO INTERNO NO AGRAVO EM RECURSO ESPECIAL. ", "TRIBUTÁRIO. RECURSO ESPECIAL. ",
    "RECURSO ESPECIAL. DIREITO CIVIL. RESPONSABILIDADE CIVIL. ", "HABEAS CORPUS. TRÁFICO DE DROGAS. ",
    "CONSUMIDOR. CONTRATO BANCÁRIO. RECURSO ESPECIAL. ",
)  # fmt: skip
ASKED = {
    "rare words": "penhora súmula usucapião",
    "one common word": "recurso",
    "two common words": "recurso especial",
    "three, everywhere": "artigo não já",
    "phrase": '"direito civil"',
    "exclusion": "prova -contrato",
    "alternatives": "usucapião OU despejo OU herança",
    "number of a case": "REsp 1.000.123",
    "with a year": "contrato",
    "with a court that has none": "contrato",
}


def record(number: int, rng: random.Random, texts: Pages) -> dict[str, Any]:
    size = min(LONGEST, int(MEDIAN * math.exp(rng.gauss(0, SPREAD))))
    day = DAYS[0] + timedelta(days=int((DAYS[1] - DAYS[0]).days * rng.random() ** 0.6))  # more of the newer ones
    return {
        "id": f"{number:09}", "numeroProcesso": str(rng.randrange(200_000, 2_900_000)),
        "numeroRegistro": f"{day.year}{number:08}", "siglaClasse": rng.choice(CLASSES), "descricaoClasse": "",
        "nomeOrgaoJulgador": rng.choice(BODIES), "ministroRelator": f"RELATOR {rng.randrange(60)}",
        "dataPublicacao": f"DJE        DATA:{day + timedelta(days=9):%d/%m/%Y}",
        "ementa": rng.choice(HEADS) + repeating(texts.page(rng, size, size), rng), "tipoDeDecisao": "ACÓRDÃO",
        "dataDecisao": f"{day:%Y%m%d}",
        "decisao": "Vistos e relatados estes autos em que são partes as acima indicadas, acordam os Ministros, por "
        "unanimidade, negar provimento ao recurso, nos termos do voto do relator.",
        "jurisprudenciaCitada": None, "notas": None, "informacoesComplementares": None, "termosAuxiliares": None,
        "teseJuridica": None, "tema": None, "acordaosSimilares": [],
        "referenciasLegislativas": [f"LEG:FED LEI:013105 ANO:2015\n ART:{rng.randrange(1, 1072):05}"],
    }  # fmt: skip


def repeating(text: str, rng: random.Random) -> str:
    new = text[: int(len(text) * NEW)]
    parts, size = new.split(", "), len(new)
    said = [new]
    while size < len(text):
        said.append(rng.choice(parts))
        size += len(said[-1]) + 2
    return ". ".join(said)[: len(text)]


def make(path: Path, count: int) -> None:
    rng, texts = random.Random(11), Pages()
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write("[\n" if number == 0 else ",\n")
            json.dump(record(number, rng, texts), file, ensure_ascii=False)
        file.write("\n]\n")


# Importing ---------------------------------------------------------------------------------------


class Watch(threading.Thread):
    """How much memory a process takes, and how long it and PostgreSQL's have worked, until it ends."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak_mb = pid, 0.0
        self.start()

    def run(self) -> None:
        while True:
            try:
                status = Path(f"/proc/{self.pid}/status").read_text()
            except OSError:
                return
            found = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")]
            self.peak_mb = max([self.peak_mb, *(kb / 1000 for kb in found)])
            time.sleep(0.2)


class Searches(threading.Thread):
    """Two words, others each time, asked twice a second until the end; those that were given up count as that long."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.waits = list[float]()
        self.given_up = 0
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        from django.db import connection

        from jurisprudence.precedents.search import Filters, find
        from romagent.base.search import TooSlow

        for text in random_words(1_000_000):
            began = time.perf_counter()
            try:
                find(text, Filters(), 20)
            except TooSlow:
                self.given_up += 1
            self.waits.append(time.perf_counter() - began)
            if self._over.wait(0.5):
                break
        connection.close()

    def figures(self) -> dict[str, Any]:
        self._over.set()
        self.join()
        return spread(self.waits) | {"asked": len(self.waits), "given_up": self.given_up}


def cpu_seconds(postmaster: int) -> float:
    """Processor time of a PostgreSQL server so far: its processes, and those that have ended."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, _, rest = stat.read_text().partition(" (")
        except OSError:
            continue
        fields = rest.rpartition(")")[2].split()
        if int(pid) == postmaster:
            ticks += sum(map(int, fields[11:15]))  # its own, and of children it has waited for
        elif int(fields[1]) == postmaster:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def run_command(path: Path, server: EmbeddedPostgres, *, searching: bool = False) -> dict[str, Any]:
    argv = [sys.executable, "manage.py", "import_precedents", str(path), "--json", "--as-of", "2026-11-01"]
    before, worked, logged = os.times(), cpu_seconds(server.pid), wal_bytes(server.url)
    process = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    watch, searches = Watch(process.pid), Searches() if searching else None
    out, _ = process.communicate()
    asked = {"searches_meanwhile": searches.figures()} if searches else {}
    after = os.times()
    if process.returncode:
        raise SystemExit(out)
    line = json.loads(out)
    kept = {name: line[name] for name in ("read", "added", "unchanged", "refused", "seconds", "per_second")}
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return kept | asked | {
        "peak_mb": round(watch.peak_mb), "command_cpu_us": round(1e6 * cpu / line["read"]),
        "postgres_cpu_us": round(1e6 * (cpu_seconds(server.pid) - worked) / line["read"]),
        "wal_bytes": round((wal_bytes(server.url) - logged) / line["read"]), "load": os.getloadavg(),
    }  # fmt: skip


def wal_bytes(url: str) -> int:
    with psycopg.connect(url) as connection:
        (written,) = connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone() or (0,)
    return int(written)


def floors(path: Path, url: str, count: int) -> dict[str, float]:
    """Rows a second of the same rows: COPY alone, and into the product's table with its indexes."""
    from itertools import islice

    from jurisprudence.precedents.reading import Source
    from jurisprudence.precedents.records import row_of
    from jurisprudence.precedents.writing import COLUMNS
    from romagent.base.ids import new_id

    day, now = date(2026, 11, 1), "2026-11-01T12:00Z"
    rows = [(new_id(), *row_of(raw.record), day, now, now, None) for raw in islice(Source(path).records(), count)]
    found = {}
    with psycopg.connect(url) as connection:
        plain = f"CREATE TEMPORARY TABLE alone AS SELECT {', '.join(COLUMNS)} FROM precedents WITH NO DATA"
        connection.execute(plain)
        for name, table in (("copy_alone", "alone"), ("with_all_indexes_one_connection", "precedents")):
            began = time.perf_counter()
            with connection.cursor().copy(f"COPY {table} ({', '.join(COLUMNS)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            found[name] = round(count / (time.perf_counter() - began))
        connection.rollback()
        connection.autocommit = True
        connection.execute("VACUUM precedents")
    return found


# Searching ---------------------------------------------------------------------------------------


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ask(times: int) -> dict[str, Any]:
    from django.core.cache import cache

    from jurisprudence.precedents.search import Filters, find, search

    filters = {
        "with a year": Filters(since=2019, until=2019), "with a court that has none": Filters(court="TJSP"),
    }  # fmt: skip
    every, found = list[float](), dict[str, Any]()
    for what, text in ASKED.items():
        chosen = filters.get(what, Filters())
        waits = [timed(lambda t=text, f=chosen: find(t, f, 20)) for _ in range(times)]  # type: ignore[misc]
        every += waits
        found[what] = spread(waits)
    words = random_words(times * 5)
    waits = [timed(lambda t=text: find(t, Filters(), 20)) for text in words]  # type: ignore[misc]
    found["two words, others each time"] = spread(waits)
    cache.clear()
    search("recurso especial", Filters(), 20)
    kept = [timed(lambda: search("recurso especial", Filters(), 20)) for _ in range(times)]
    return {"all": spread(every + waits), "kept": spread(kept), "by_kind": found, "load": os.getloadavg()}


def random_words(count: int) -> Iterator[str]:
    from benchmarks.pages import OF_THE_LAW

    rng, words = random.Random(3), OF_THE_LAW.split()
    for _ in range(count):
        yield " ".join(rng.sample(words, 2))


# The run -----------------------------------------------------------------------------------------


def measure(directory: Path, server: EmbeddedPostgres, options: argparse.Namespace) -> dict[str, Any]:
    url = server.url
    path, found = directory / "decisions.json", dict[str, Any]()
    if not path.exists():
        make(path, options.decisions)
    found["file_mb"] = round(path.stat().st_size / 1e6)
    with psycopg.connect(url, autocommit=True) as connection:
        (is_empty,) = connection.execute("SELECT NOT EXISTS (SELECT FROM precedents)").fetchone() or (True,)
        if is_empty:
            if options.floor:
                found["floor_per_second"] = floors(path, url, options.floor)
            found["import"] = run_command(path, server, searching=options.searching)
            connection.execute("VACUUM (ANALYZE) precedents")
        sizes = "SELECT pg_table_size('precedents') / 1000000, pg_indexes_size('precedents') / 1000000"
        found["table_mb"], found["indexes_mb"] = connection.execute(sizes).fetchone() or (0, 0)
    found["search_first"] = ask(options.times)  # much of it from the disk
    found["search_again"] = ask(options.times)
    if options.again:
        found["import_again"] = run_command(path, server)
    return found


def inside(directory: Path, options: argparse.Namespace) -> None:
    import django

    postgres, valkey = EmbeddedPostgres(directory / "postgres"), EmbeddedValkey(directory / "valkey")
    try:
        postgres.start()
        valkey.start()
        os.environ |= machine() | production(free_port(), postgres.url, valkey.url, "http://127.0.0.1:9")
        subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        os.environ["DJANGO_SETTINGS_MODULE"] = "romagent.settings"
        django.setup()
        print(json.dumps(measure(directory, postgres, options), indent=2), flush=True)
    finally:
        valkey.stop()
        if options.kept:
            postgres.stop()
        else:
            postgres.remove()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--floor", type=int, default=20_000, help="decisions by which the floors are measured")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--again", action="store_true", help="import the same file once more")
    parser.add_argument("--searching", action="store_true", help="search all the while the import goes on")
    parser.add_argument("--kept", type=Path)
    options = parser.parse_args()
    parent = ROOT / ".data"
    parent.mkdir(mode=0o711, exist_ok=True)
    if options.kept:
        options.kept.mkdir(mode=0o711, parents=True, exist_ok=True)
        inside(options.kept.resolve(), options)
        return
    with tempfile.TemporaryDirectory(prefix="precedents-", dir=parent) as name:
        Path(name).chmod(0o711)
        inside(Path(name), options)


if __name__ == "__main__":
    main()
