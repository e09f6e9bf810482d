"""`python -m benchmarks.search`: the search over a million pages, and over more.

A PostgreSQL of its own with the product's tables: people with 10,000 pages each, a project with 200,000 pages, and a
partner with 100 projects of 500 pages. Asked are several kinds of questions by each of them, through the product's own
functions, with snippets. The floor, in the same run: one page by its file and number. Then a file of 500 pages is added.

`--kept DIR` leaves the filled database there, and asks the one that is there already: so that it can be filled while
other work goes on, and asked when nothing does. `--short` makes pages of 250 to 450 characters instead of 1,500 to 2,500.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.pages import Pages, case_number
from benchmarks.report import spread
from benchmarks.stack import ROOT, machine, production
from romagent.embedded.kept import free_port
from romagent.embedded.postgres import EmbeddedPostgres

BIG, EACH = 200_000, 10_000  # pages of the big project; of a person
PROJECTS, OF_A_PROJECT = 100, 500  # of the partner
LONG, SHORT = (1500, 2500), (250, 450)  # characters
ASKED = {
    "rare words": "penhora súmula usucapião",
    "one common word": "contrato",
    "two common words": "autor processo",
    "three, everywhere": "artigo não já",
    "phrase": '"direito civil"',
    "exclusion": "prova -contrato",
    "alternatives": "usucapião OU despejo OU herança",
    "case number": "",  # one that is there
}
PARTNER, MEMBER, PEOPLE = 1, 2, 10  # numbers of users; people from the tenth on
INDEX = "upload_pages_search_idx"


def uuid(kind: int, number: int) -> UUID:
    return UUID(int=kind << 96 | 0x7 << 76 | 0x8 << 60 | number)


# The database ----------------------------------------------------------------------------------


def scopes(pages: int) -> Iterator[tuple[int, UUID | None, int]]:
    """Whose, of which project, how many pages."""
    yield MEMBER, uuid(2, 1), BIG
    for number in range(PROJECTS):
        yield PARTNER, uuid(2, 10 + number), OF_A_PROJECT
    for number in range(people(pages)):
        yield PEOPLE + number, None, EACH


def people(pages: int) -> int:
    return (pages - BIG - PROJECTS * OF_A_PROJECT) // EACH


def files(rng: random.Random, pages: int) -> list[tuple[UUID, int, UUID | None, int]]:
    """Of a few pages to 900, those of all people mixed, as they come in time."""
    made = []
    for owner, project, left in scopes(pages):
        while left > 0:
            size = min(left, int(rng.paretovariate(1.1) * 12) % 900 + 1)
            made.append((owner, project, size))
            left -= size
    rng.shuffle(made)
    return [(uuid(3, n), owner, project, size) for n, (owner, project, size) in enumerate(made, 1)]


def fill(url: str, pages: int, size: tuple[int, int]) -> dict[str, Any]:
    rng, texts, began = random.Random(7), Pages(), time.monotonic()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # whose each page is, is said below
        connection.execute("SET synchronous_commit = off")
        (definition,) = connection.execute("SELECT pg_get_indexdef(%s::regclass)", [INDEX]).fetchone() or ("",)
        connection.execute(f"DROP INDEX {INDEX}")
        made = files(rng, pages)
        _fill_people(connection, pages)
        _copy(connection, "uploads", "id, user_id, project_id, original_filename, file_path, stored_filename, file_size, "
              "mime_type, upload_status, sha256, page_count, pages_done, error, created_at, metadata", (
            (pk, uuid(1, owner), project, "autos.pdf", "", "", 1, "application/pdf", "ready", "", n, n, "", "2026-01-05T12:00Z", "{}")
            for pk, owner, project, n in made
        ))  # fmt: skip
        _copy(connection, "upload_pages", "upload_id, number, text, source, scope", _pages(rng, texts, made, size))
        copied = time.monotonic() - began
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute(definition)
        connection.execute("VACUUM (ANALYZE) uploads, upload_pages, users, projects")
        sizes = "SELECT pg_table_size('upload_pages') / 1000000, pg_relation_size(%s::regclass) / 1000000"
        table, index = connection.execute(sizes, [INDEX]).fetchone() or (0, 0)
    took = time.monotonic() - began
    return {"pages": pages, "copied_s": round(copied), "all_s": round(took), "table_mb": table, "index_mb": index}


def _fill_people(connection: psycopg.Connection[Any], pages: int) -> None:
    numbers = [PARTNER, MEMBER, *(PEOPLE + n for n in range(people(pages)))]
    columns = "id, email, password_hash, name, role, oab, is_active, is_superuser, created_at, updated_at, metadata"
    _copy(connection, "users", columns, (
        (uuid(1, n), f"p{n}@exemplo.adv.br", "!", f"Pessoa {n}", "user", "", True, False, "2026-01-05T12:00Z",
         "2026-01-05T12:00Z", "{}") for n in numbers
    ))  # fmt: skip
    columns = "id, user_id, name, description, project_type, status, case_number, client, opposing_party, court, instructions, preservar, created_at, updated_at, metadata"
    owners = [(uuid(2, 1), MEMBER), *((uuid(2, 10 + n), PARTNER) for n in range(PROJECTS))]
    _copy(connection, "projects", columns, (
        (pk, uuid(1, owner), "Caso", "", "", "active", "", "", "", "", "", False, "2026-01-05T12:00Z",
         "2026-01-05T12:00Z", "{}") for pk, owner in owners
    ))  # fmt: skip
    connection.execute(
        "INSERT INTO project_members (project_id, user_id, role) VALUES (%s, %s, 'viewer')",
        [uuid(2, 1), uuid(1, PEOPLE)],
    )


def _pages(
    rng: random.Random, texts: Pages, made: list[tuple[UUID, int, UUID | None, int]], size: tuple[int, int]
) -> Iterator[tuple[Any, ...]]:
    for pk, owner, project, count in made:
        number = case_number(rng)
        for page in range(1, count + 1):
            text = texts.page(rng, *size)
            if page == 1 or rng.random() < 0.05:
                text = f"Processo nº {number}, fls. {page}\n{text}"
            yield pk, page, text, "text", project or uuid(1, owner)


def _copy(connection: psycopg.Connection[Any], table: str, columns: str, rows: Iterator[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


# The questions ---------------------------------------------------------------------------------


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ask(pages: int, times: int) -> dict[str, Any]:
    """Percentiles by kind of question and by who asks, and of all together."""
    from accounts.models import User
    from romagent.base.search import Filters, understand
    from uploads.models import UploadPage
    from uploads.search import search

    rng, numbers = random.Random(5), people(pages)
    everybody = {
        "a person, 10,000 pages": lambda: PEOPLE + 1 + rng.randrange(numbers - 1),
        "and a project of 200,000": lambda: PEOPLE,
        "100 projects": lambda: PARTNER,
    }
    every, found = list[float](), dict[str, Any]()
    for what, text in ASKED.items():
        for who, number in everybody.items():
            waits = []
            for _ in range(times):
                user = User.objects.get(pk=uuid(1, number()))
                asked = text or _a_number(user)
                waits.append(timed(lambda u=user, a=asked: search(u, understand(a), Filters(), 5)))  # type: ignore[misc]
            every += waits
            found[f"{what}; {who}"] = spread(waits)
    floor = [
        timed(
            lambda: UploadPage.objects.filter(upload_id=uuid(3, 1 + rng.randrange(1000)), number=1).values_list("text")[
                0
            ]
        )
        for _ in range(200)
    ]
    return {"all": spread(every), "floor": spread(floor), "by_kind": found, "load": os.getloadavg()}


def _a_number(user: Any) -> str:
    from uploads.models import Upload, UploadPage

    file = Upload.objects.for_user(user).values("pk").first()
    text = UploadPage.objects.filter(upload_id=file["pk"], number=1).values_list("text", flat=True)[0]
    return str(text).split("nº ")[1].split(",")[0]


def add(size: tuple[int, int], fast: bool) -> dict[str, float]:
    """Seconds to add a file of 500 pages, in the order and by the statements of an ORM's bulk insert; its first search."""
    from django.db import connection

    from accounts.models import User
    from romagent.base.search import Filters, understand
    from uploads.models import Upload, UploadPage
    from uploads.search import search

    with connection.cursor() as cursor:
        cursor.execute(f"ALTER INDEX {INDEX} SET (fastupdate = {'on' if fast else 'off'})")
        cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [INDEX])
    texts, rng = Pages(), random.Random(int(fast))
    user = User.objects.get(pk=uuid(1, PEOPLE + 1))
    upload = Upload.objects.create(user=user, original_filename="novo.pdf", upload_status="ready")
    pages = [UploadPage(upload=upload, number=n, text=f"novidade {texts.page(rng, *size)}") for n in range(1, 501)]
    batches = [
        timed(lambda start=n: UploadPage.objects.bulk_create(pages[start : start + 10])) for n in range(0, 500, 10)
    ]  # type: ignore[misc]
    searched = [
        timed(lambda asked=word: search(user, understand(asked), Filters(), 5))
        for word in ("novidade", "contrato", "novidade")
    ]
    return {
        "added_s": round(sum(batches), 2),
        "slowest_batch_ms": round(max(batches) * 1000),
        "searches_ms": [round(s * 1000) for s in searched],
    }  # type: ignore[dict-item]


# The run ---------------------------------------------------------------------------------------


def measure(pages: int, size: tuple[int, int], times: int, url: str) -> dict[str, Any]:
    found: dict[str, Any] = {"filled": fill(url, pages, size) if is_empty(url) else "before"}
    found["first"] = ask(pages, times)  # much of it from the disk
    found["again"] = ask(pages, times)
    found["added"] = {"as it is": add(size, True), "without fastupdate": add(size, False)}
    return found


def is_empty(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return not connection.execute("SELECT count(*) FROM (SELECT FROM upload_pages LIMIT 1) AS page").fetchall()[0][
            0
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1_000_000)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--only-fill", action="store_true")
    options = parser.parse_args()
    parent = ROOT / ".data"
    parent.mkdir(mode=0o711, exist_ok=True)
    if options.kept:
        options.kept.mkdir(mode=0o711, parents=True, exist_ok=True)
        postgres = EmbeddedPostgres(options.kept.resolve() / "postgres")
        try:
            postgres.start()
            inside(postgres.url, options.pages, options)
        finally:
            postgres.stop()
        return
    with tempfile.TemporaryDirectory(prefix="search-", dir=parent) as name:
        directory = Path(name)
        directory.chmod(0o711)
        postgres = EmbeddedPostgres(directory / "postgres")
        try:
            postgres.start()
            inside(postgres.url, options.pages, options)
        finally:
            postgres.remove()


def inside(url: str, pages: int, options: argparse.Namespace) -> None:
    import django

    os.environ |= machine() | production(free_port(), url, "redis://127.0.0.1:1/0", "http://127.0.0.1:9")
    subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    os.environ["DJANGO_SETTINGS_MODULE"] = "romagent.settings"
    django.setup()
    if options.only_fill:
        print(json.dumps(fill(url, pages, SHORT if options.short else LONG)))
        return
    print(json.dumps(measure(pages, SHORT if options.short else LONG, options.times, url), indent=2), flush=True)


if __name__ == "__main__":
    main()
