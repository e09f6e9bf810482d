"""The tests' own servers: started for a run, gone after it, however it ends; nothing of the developer's is used."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
WAITS = """
import os, time
def test_it():
    print("AT", os.environ["DATABASE_URL"], os.environ["REDIS_URL"], os.environ["ANTHROPIC_API_KEY"], flush=True)
    time.sleep(60)
"""


def answers(url: str) -> bool:
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname or "", address.port or 0), timeout=1).close()
    except OSError:
        return False
    return True


def test_after_ctrl_c_no_server_is_left(tmp_path: Path) -> None:
    (tmp_path / "test_waits.py").write_text(WAITS)
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-s",
        "-p",
        "no:cacheprovider",
        "-c",
        "pyproject.toml",
        str(tmp_path),
    ]
    environment |= {"ANTHROPIC_API_KEY": "a-do-desenvolvedor", "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    line = next(line for line in process.stdout if "AT " in line)
    database, redis, key = line.partition("AT ")[2].split()
    assert answers(database)
    assert answers(redis)
    assert key == settings.ANTHROPIC_API_KEY != "a-do-desenvolvedor"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    time.sleep(0.1)
    assert not answers(database)
    assert not answers(redis)
    assert not list(tmp_path.glob("romagent-tests-*"))


def test_the_tests_never_speak_to_the_real_service() -> None:
    assert urlsplit(settings.ANTHROPIC_BASE_URL).hostname == "127.0.0.1"
    assert settings.EMAIL_BACKEND == "django.core.mail.backends.locmem.EmailBackend"
    assert not settings.DEBUG
