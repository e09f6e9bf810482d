"""`python -m benchmarks.legacy`: the import of the old system's conversations, its speed and its memory.

The floor, in the same run: COPY of the same messages into a table with the same columns and indexes, by psycopg. A
second file of the size given by `--gigabytes` shows whether memory grows with the file.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from benchmarks.stack import ROOT, machine, production
from romagent.embedded.kept import free_port
from romagent.embedded.postgres import EmbeddedPostgres

EACH = 20  # messages of a conversation
OWNER = "dona@exemplo.adv.br"
TEXT = (
    "O prazo para contestar é de quinze dias úteis, contados da juntada do mandado aos autos, e a parte autora sustenta "
    "que a dívida está prescrita conforme o contrato de locação que instrui a inicial; parágrafo "
)


def write(path: Path, messages: int, length: int = 1) -> int:
    """A file of so many messages; each text is `length` times the sample. Bytes written."""
    with path.open("w", encoding="utf-8") as file:
        file.write("{")
        for number in range(messages // EACH):
            key = f"conv_{1700000000000 + number}_ab12cd"
            listed = [
                {"role": "assistant" if n % 2 else "user", "content": f"{TEXT * length}{number}-{n}",
                 "timestamp": f"2026-01-05T12:{n:02}:00.000Z"} for n in range(EACH)
            ]  # fmt: skip
            record = {
                "id": key, "userId": "anonymous", "sessionId": "x" * 32, "projectId": None, "title": f"Conversa {number}",
                "titleGenerated": True, "messages": listed, "messageCount": EACH,
                "createdAt": "2026-01-05T12:00:00.000Z", "updatedAt": "2026-01-05T12:30:00.000Z",
            }  # fmt: skip
            file.write(f'{"," if number else ""}"{key}": {json.dumps(record)}')
        file.write("}")
    return path.stat().st_size


def floor(url: str, messages: int) -> float:
    """Messages a second of a plain COPY, the search column and all indexes included."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE floor_messages (LIKE messages INCLUDING ALL)")
        rows = [(uuid4(), uuid4(), uuid4(), f"{TEXT}{number}") for number in range(messages)]
        columns = (
            "id, conversation_id, user_id, content, role, model, status, stop_reason, attempts, created_at, metadata"
        )
        started = time.monotonic()
        with connection.cursor().copy(f"COPY floor_messages ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, "user", "", "complete", "", 0, "2026-01-05T12:00:00Z", "{}"))
        took = time.monotonic() - started
        connection.execute("DROP TABLE floor_messages")
    return messages / took


def run(environment: dict[str, str], path: Path, *arguments: str) -> dict[str, Any]:
    """The command: seconds, the most memory it had (MB), its last line."""
    command = [sys.executable, "manage.py", "import_legacy", str(path), "--owner", OWNER, "--json", *arguments]
    started = time.monotonic()
    process = subprocess.Popen(
        [*command, "--report", str(path.with_suffix(".csv"))],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    out = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(out)
    return {
        "seconds": round(time.monotonic() - started, 1),
        "memory_mb": round(usage.ru_maxrss / 1024),
        **json.loads(out.strip().splitlines()[-1])["messages"],
    }


def measure(messages: int, gigabytes: float) -> dict[str, Any]:
    parent = ROOT / ".data"
    parent.mkdir(mode=0o711, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="legacy-", dir=parent) as name:
        directory = Path(name)
        directory.chmod(0o711)
        postgres = EmbeddedPostgres(directory / "postgres")
        try:
            postgres.start()
            return _measure(directory, postgres.url, messages, gigabytes)
        finally:
            postgres.remove()


def _measure(directory: Path, url: str, messages: int, gigabytes: float) -> dict[str, Any]:
    environment = machine() | production(free_port(), url, "redis://127.0.0.1:1/0", "http://127.0.0.1:9")
    for command in (["prepare"], ["createsuperuser", "--noinput", "--email", OWNER]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment | {"DJANGO_SUPERUSER_PASSWORD": "x"},
                       check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    path = directory / "conversations.json"
    size = write(path, messages)
    found: dict[str, Any] = {"floor_messages_per_second": round(floor(url, messages)), "file_mb": round(size / 1e6)}
    found["import"] = run(environment, path)
    found["import"]["messages_per_second"] = round(messages / found["import"]["seconds"])
    found["again"] = run(environment, path)
    if gigabytes:
        size = write(path, int(gigabytes * 1e9 / 4_300), length=20)
        found["large_file_mb"] = round(size / 1e6)
        found["large"] = run(environment, path, "--dry-run")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--gigabytes", type=float, default=0.0)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(json.dumps(measure(options.messages, options.gigabytes), indent=2))


if __name__ == "__main__":
    main()
