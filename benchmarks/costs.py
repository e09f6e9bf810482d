"""Costs and budgets with an office's worth of rows: `python -m benchmarks.costs [--people 100000] [--rows 5000000]`.

Fills the tables of a PostgreSQL of its own, as `make run` has it, and measures the pages through all of Django, the
budget's check, and what the sums cost those who write calls, alone and many at once.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from romagent.embedded.postgres import EmbeddedPostgres
from romagent.embedded.valkey import EmbeddedValkey

ROOT = Path(__file__).resolve().parents[1]
MODELS = "ARRAY['claude-opus-5-5','claude-sonnet-5-5','claude-haiku-5-5','claude-fable-5-1']"
PEOPLE = """
INSERT INTO users (id, email, password_hash, name, role, oab, is_active, is_superuser, created_at, updated_at, metadata)
SELECT md5(n::text)::uuid, 'pessoa' || n || '@exemplo.adv.br', '!', 'Pessoa ' || n, 'user', '', true, false, now(), now(), '{}'
FROM generate_series(1, %(people)s) AS n
"""
# Each person has a model and a habit of her own; some use a hundred times what others do.
DAYS = f"""
INSERT INTO ai_usage_days (day, user_id, model, operation_type, calls, failed, unpriced, tokens_input, tokens_output,
    cache_read_tokens, cache_write_tokens, cost_usd, cache_saved_usd, ttft_calls, ttft_ms, ttft_slow)
SELECT %(today)s::date - day, md5(n::text)::uuid, ({MODELS})[1 + n %% 4], kind, 10, (random() < .1)::int, 0, 9000, 5000,
    40000, 3000, round((random() * 100 / (1 + n %% 1000))::numeric, 6), 0.1, 10, 6000, (random() < .2)::int
FROM generate_series(1, %(people)s) AS n, generate_series(0, 89) AS day, unnest(ARRAY['answer','title']) AS kind
WHERE random() < %(share)s
"""
SUMS = (
    "calls, failed, unpriced, tokens_input, tokens_output, cache_read_tokens, cache_write_tokens, cost_usd, "
    "cache_saved_usd, ttft_calls, ttft_ms, ttft_slow"
)
OFFICE = f"""
INSERT INTO ai_usage_office (day, model, operation_type, shard, {SUMS})
SELECT day, model, operation_type, get_byte(uuid_send(user_id), 0) %% 16,
    {", ".join(f"sum({column})" for column in SUMS.split(", "))}
FROM ai_usage_days GROUP BY 1, 2, 3, 4
"""
MONTHS = """
INSERT INTO ai_usage_months (user_id, month, calls, unpriced, cost_usd)
SELECT user_id, date_trunc('month', day)::date, sum(calls), sum(unpriced), sum(cost_usd) FROM ai_usage_days GROUP BY 1, 2
"""
CALLS = f"""
INSERT INTO ai_operations (id, user_id, conversation_id, operation_type, model, tokens_input, tokens_output,
    cache_read_tokens, cache_write_tokens, latency_ms, ttft_ms, cost_usd, cache_saved_usd, status, error_message,
    created_at, metadata)
SELECT gen_random_uuid(), md5((1 + n %% %(people)s)::text)::uuid, gen_random_uuid(),
    CASE WHEN n %% 4 = 0 THEN 'title' ELSE 'answer' END, ({MODELS})[1 + n %% 4], 900, 500, 4000, 300, 5000, 600, 0.01, 0.01,
    CASE WHEN n %% 200 = 0 THEN 'failed' ELSE 'complete' END, '', now() - n * interval '4 seconds', '{{}}'
FROM generate_series(1, %(calls)s) AS n
"""


@contextmanager
def database() -> Iterator[None]:
    """PostgreSQL and Valkey in a new directory, with Django ready to use them."""
    parent = ROOT / ".data"
    parent.mkdir(mode=0o711, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="benchmark-", dir=parent))
    directory.chmod(0o711)
    postgres, valkey = EmbeddedPostgres(directory / "postgres"), EmbeddedValkey(directory / "valkey")
    try:
        os.environ |= {
            "DATABASE_URL": postgres.start().url, "REDIS_URL": valkey.start().url, "DEBUG": "false", "HTTPS": "false",
            "SESSION_SECRET": secrets.token_hex(32), "COLLECTED_STATIC": "false", "ALLOWED_HOSTS": "testserver",
            "DJANGO_SETTINGS_MODULE": "romagent.settings", "LOG_LEVEL": "ERROR",
            "MONTHLY_BUDGET_PERSON_USD": "5000", "MONTHLY_BUDGET_OFFICE_USD": "100000000", "USD_BRL_RATE": "5.43",
        }  # fmt: skip
        subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, check=True)
        import django

        django.setup()
        yield
    finally:
        valkey.kill()
        postgres.remove()
        shutil.rmtree(directory, ignore_errors=True)


def fill(people: int, rows: int, calls: int) -> None:
    from django.db import connection
    from django.utils import timezone

    share = min(1.0, rows / (people * 90 * 2))
    values = {"people": people, "share": share, "calls": calls, "today": timezone.localdate()}
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ai_operations DISABLE TRIGGER USER")
        for statement in (PEOPLE, DAYS, OFFICE, MONTHS, CALLS):
            began = time.perf_counter()
            cursor.execute(statement, values)
            print(f"  {cursor.rowcount:,} rows in {time.perf_counter() - began:.0f} s", flush=True)
        cursor.execute("ALTER TABLE ai_operations ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE")


def timed(what: str, call: Callable[[], Any], times: int) -> None:
    """Prints p50, p95 and the longest of so many calls; the first one, which warms up, does not count."""
    call()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    p95 = statistics.quantiles(taken, n=20)[-1]
    print(
        f"{what}: p50 {statistics.median(taken):.1f}, p95 {p95:.1f}, longest {max(taken):.1f} ms ({times} times)",
        flush=True,
    )


def measure_pages() -> None:
    from django.test import Client

    from accounts.models import User
    from audit import budgets, costs

    staff = User.objects.create_superuser("chefia@exemplo.adv.br", name="Chefia")
    somebody = User.objects.get(email="pessoa1000@exemplo.adv.br")
    client, own = Client(), Client()
    client.force_login(staff)
    own.force_login(somebody)

    def page(path: str, who: Client = client) -> Callable[[], None]:
        def get() -> None:
            assert who.get(path).status_code == 200, path

        return get

    began = time.perf_counter()
    costs.rank_people()
    print(f"rank_people, in the worker every five minutes: {time.perf_counter() - began:.1f} s")
    for days in (7, 30, 90):
        timed(f"/admin/custos/?periodo={days}", page(f"/admin/custos/?periodo={days}"), 60)
    timed("/admin/custos/?pessoa=", page(f"/admin/custos/?periodo=90&pessoa={somebody.pk}"), 60)
    timed("/admin/custos/exportar/?tabela=pessoas", page("/admin/custos/exportar/?periodo=90&tabela=pessoas"), 30)
    timed("/admin/orcamento/", page("/admin/orcamento/"), 60)
    timed("/admin/orcamento/?email=", page("/admin/orcamento/?email=pessoa99"), 60)
    timed("/meu-uso/", page("/meu-uso/", own), 60)
    calls = "/admin/audit/aioperation/"
    for query in (
        "",
        "?status__exact=failed",
        "?model=claude-opus-5-5&kind=title",
        "?q=pessoa7@exemplo.adv.br",
        "?p=150",
    ):
        timed(calls + query, page(calls + query), 30)
    timed("budget check, remembered", lambda: budgets.standing(somebody.pk), 2000)

    def afresh() -> None:
        budgets.forget()
        budgets.standing(somebody.pk)

    timed("budget check, the office added up", afresh, 200)


def measure_pricing(count: int = 10_000) -> None:
    """Calls without a price, of a model that has one by now."""
    from django.db import connection

    from accounts.models import User
    from audit import repricing

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ai_operations SET cost_usd = NULL, cache_saved_usd = NULL WHERE id IN "
            "(SELECT id FROM ai_operations WHERE model = 'claude-opus-5-5' ORDER BY created_at DESC LIMIT %s)",
            [count],
        )
    began = time.perf_counter()
    priced = repricing.price_all(User.objects.get(email="chefia@exemplo.adv.br").pk)
    print(f"pricing {priced:,} calls later, sums included: {time.perf_counter() - began:.1f} s", flush=True)


def write_calls(count: int, others: int) -> float:
    """Milliseconds a call, of `others` writers at once, each call in a transaction as the end of an answer is."""
    from django.db import connection, transaction

    from audit.actions import record
    from audit.models import AIOperation
    from romagent.base.ids import new_id

    def write() -> None:
        for _ in range(count):
            with transaction.atomic():
                AIOperation.objects.create(
                    user_id=new_id(), operation_type="answer", model="claude-opus-5-5", status="complete",
                    tokens_input=10, tokens_output=20, cost_usd=1, cache_saved_usd=0, ttft_ms=400,
                )  # fmt: skip
                record("resposta.complete")
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(others)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - began) * 1000 / (count * others)


def measure_writing() -> None:
    from django.db import connection

    def variant(name: str, *statements: str) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        figures = [f"{writers} at once {write_calls(400, writers):.2f}" for writers in (1, 8)]
        print(f"ms a call, {name}: {', '.join(figures)}", flush=True)

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('ai_operations_add_up'::regproc)")
        (ours,) = cursor.fetchone()
    write_calls(100, 2)
    for _ in range(2):
        variant("as it is, 16 rows for the office", ours)
        variant("one row for the office", ours.replace("pg_backend_pid() % 16", "0"))
        variant("no sums at all", "ALTER TABLE ai_operations DISABLE TRIGGER USER")
        variant("as it is again", "ALTER TABLE ai_operations ENABLE TRIGGER USER", ours)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=5_000_000, help="of ai_usage_days, in 90 days")
    parser.add_argument("--calls", type=int, default=2_000_000, help="of ai_operations")
    given = parser.parse_args()
    with database():
        fill(given.people, given.rows, given.calls)
        measure_pages()
        measure_pricing()
        measure_writing()


if __name__ == "__main__":
    main()
