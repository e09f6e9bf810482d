"""What goes to Sentry: that and where something failed; never a word that anybody wrote, never a secret."""

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from romagent.sentry import harmless
from tests.sink import Sink

ROOT = Path(__file__).resolve().parents[2]
MARKED = "marcador-da-pergunta"
SECRET = "marcador-do-segredo-0123456789-0123456789-0123456789"

# A process as any other of the product's, in which one thing after the other goes wrong.
PROGRAM = """
import asyncio, logging, os, sys, threading
import django
django.setup()
from django.contrib.auth.decorators import login_not_required
from django.test import Client
from django.urls import path

MARKED = "marcador-da-pergunta"

@login_not_required
def broken(request):
    question = request.POST["content"]
    raise ValueError(f"cannot take {question}")

urlpatterns = [path("quebrado/", broken)]
sys.modules["broken_urls"] = sys.modules["__main__"]
from django.test import override_settings
with override_settings(ROOT_URLCONF="broken_urls", ALLOWED_HOSTS=["*"], MIDDLEWARE=[
    "romagent.base.middleware.request_log", "django.middleware.common.CommonMiddleware"]):
    client = Client(raise_request_exception=False)
    client.cookies["rom.sid"] = MARKED
    client.post(f"/quebrado/?q={MARKED}", {"content": MARKED}, headers={"authorization": MARKED})

try:
    raise RuntimeError(MARKED) from KeyError(MARKED)
except RuntimeError:
    logging.getLogger("romagent.assistant").exception("reply %s failed", MARKED)
logging.getLogger("library").error(f"nobody expected {MARKED}")

async def forgotten():
    async def fails():
        raise ValueError(MARKED)
    task = asyncio.create_task(fails())
    await asyncio.sleep(0.01)
    del task
    import gc; gc.collect()
asyncio.run(forgotten())

threading.excepthook = lambda *_: None
def thread():
    raise OSError(MARKED)
worker = threading.Thread(target=thread); worker.start(); worker.join()
sys.argv.append(MARKED)
raise LookupError(MARKED + os.environ["SESSION_SECRET"])
"""


def run(dsn: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "romagent.settings",
        "PYTHONPATH": str(ROOT),
        "SESSION_SECRET": SECRET,
        "DATABASE_URL": f"postgresql://u:{SECRET}@127.0.0.1:9/rom_staging",
        "REDIS_URL": f"redis://:{SECRET}@127.0.0.1:9/0",
        "ANTHROPIC_API_KEY": SECRET,
        "SENTRY_DSN": dsn,
        "ENVIRONMENT": "staging",
        "RENDER_GIT_COMMIT": "0123abc",
        "PROCESS_NAME": "romagent-teste",
        "HTTPS": "false",
        "COLLECTED_STATIC": "false",  # the page that says sorry must not fail for want of a collected style sheet
    }
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, cwd=ROOT)


@pytest.fixture(scope="module")
def sink() -> Sink:
    with Sink() as found:
        process = run(found.dsn)
        assert process.returncode == 1
        assert MARKED in process.stderr, "the program went wrong as it should"
        return found


def kinds(event: dict[str, Any]) -> list[str]:
    return [thrown["type"] for thrown in event.get("exception", {}).get("values", ())]


def test_everything_that_went_wrong_has_arrived(sink: Sink) -> None:
    found = [kinds(event) for event in sink.events]
    for expected in (["ValueError"], ["KeyError", "RuntimeError"], [], ["OSError"], ["LookupError"]):
        assert expected in found, expected
    assert len(found) == 6


def test_nothing_of_what_was_written_and_no_secret_is_in_it(sink: Sink) -> None:
    assert sink.received
    for word in (MARKED, SECRET, "marcador", "rom.sid", "quebrado", "127.0.0.1:9"):
        assert word not in sink.text, word


def test_what_has_arrived_says_where_it_happened(sink: Sink) -> None:
    (event,) = (
        event for event in sink.events if kinds(event) == ["ValueError"] and event["logger"] == "django.request"
    )
    assert event["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "broken"
    assert (event["environment"], event["release"], event["server_name"]) == ("staging", "0123abc", "romagent-teste")
    assert len(event["tags"]["request_id"]) == 32, "the same as in the logs"
    assert event["logentry"]["message"] == "%s: %s"
    (ours,) = (event for event in sink.events if event.get("logger") == "romagent.assistant")
    assert ours["logentry"]["message"] == "reply %s failed"
    (theirs,) = (event for event in sink.events if event.get("logger") == "library")
    assert theirs["logentry"]["message"] == "library"


def test_without_an_address_nothing_is_sent_and_nothing_is_loaded() -> None:
    code = "import django, sys; django.setup(); sys.exit('sentry_sdk' in sys.modules)"
    environment = {name: os.environ[name] for name in ("PATH", "DATABASE_URL", "SESSION_SECRET")}
    environment["DJANGO_SETTINGS_MODULE"] = "romagent.settings"
    assert subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, timeout=60).returncode == 0


def test_what_is_not_known_to_be_harmless_is_left_behind() -> None:
    everything = {
        "event_id": "1", "level": "error", "logger": "romagent.web", "message": MARKED, "user": {"email": MARKED},
        "request": {"url": MARKED, "data": MARKED, "cookies": MARKED}, "extra": {"sys.argv": [MARKED]},
        "breadcrumbs": {"values": [{"message": MARKED}]}, "contexts": {"trace": MARKED}, "tags": {"x": MARKED},
        "logentry": {"message": "%s failed", "formatted": MARKED, "params": [MARKED]}, "fingerprint": [MARKED],
        "exception": {"values": [{"type": "X", "value": MARKED, "mechanism": {"data": MARKED},
            "stacktrace": {"frames": [{"function": "f", "vars": {"x": MARKED}}]}}]},
        "something new": MARKED,
    }  # fmt: skip
    kept = harmless(everything, {})
    assert MARKED not in str(kept)
    assert kept["logentry"] == {"message": "%s failed"}
    assert kept["exception"]["values"][0]["stacktrace"]["frames"][0]["function"] == "f"


def test_an_event_without_a_log_record_has_a_name() -> None:
    assert harmless({"level": "fatal"}, {})["logentry"] == {"message": "process"}
    assert logging.getLogger("django.request").level == logging.ERROR
