"""Word files as documents: the product's side of `word_child.py`, and what it says of what could not come along."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from uploads.reading.found import Limits

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-B", "-m", "documents.word_child"]
ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
LIMITS = Limits(open_cpu=60, unpacked=64 * 1024**2, text_bytes=3_000_000)  # what one saving can send
FOLDER = "documentos"  # of the storage, where the files are kept as they came
SECONDS = 120  # on the clock
AT_ONCE = threading.BoundedSemaphore(2)  # children of one process: what they may take together has to be there
PATIENCE = 20  # seconds that one waits for a child to be free: who waits holds a thread that serves other people
LARGEST = 50 * 1024**2  # bytes of a file

LEFT = {
    "pictures": "As imagens não vieram: o documento só tem texto e tabelas.",
    "headers": "O cabeçalho e o rodapé não vieram: o papel timbrado é o da exportação.",
    "changes": "As alterações controladas foram aceitas: o que estava excluído não veio, o incluído ficou.",
    "comments": "Os comentários não vieram.",
    "notes": "As notas de rodapé foram para o fim do texto.",
    "formulas": "As fórmulas não vieram, ou vieram só como texto: confira.",
    "numbers": "Numerações como 1.1 ou “Cláusula 5ª” vieram como texto: não mudam sozinhas.",
    "headings": "Os títulos do Word receberam a numeração das peças: I, 1, a.",
}
REFUSED = {
    "type": "Este arquivo não é um documento do Word (.docx). Um .doc antigo precisa ser salvo como .docx antes.",
    "damaged": "O arquivo está danificado ou não é um documento do Word (.docx).",
    "locked": "O arquivo está protegido por senha. Tire a senha no Word e tente de novo.",
    "too_large": "O documento é grande demais para o editor.",
    "memory": "O documento é grande demais para o editor.",
    "time": "O documento é complicado demais: a leitura passou do tempo.",
}


class NotRead(Exception):
    """No document came of the file; the message says why, to the person who sent it."""


class Busy(Exception):
    """Others' files are being read, and have been for too long to wait for."""


@dataclass(frozen=True)
class Word:
    """What was read: stored HTML, the title that stands in it, and sentences on what could not come along."""

    html: str
    title: str
    left: list[str]


def read(path: str | os.PathLike[str]) -> Word:
    """Reads a Word file, in a process with little memory and time. Raises `NotRead` and `Busy`."""
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise Busy
    try:
        said = _ask({"path": os.path.abspath(path), "limits": asdict(LIMITS)})
    finally:
        AT_ONCE.release()
    if "fail" in said:
        raise NotRead(REFUSED.get(said["fail"], REFUSED["damaged"]))
    return Word(said["html"], said["title"], [LEFT[code] for code in said["left"]])


def _ask(asked: dict[str, Any]) -> dict[str, Any]:
    process = subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, env=ENVIRONMENT,
        start_new_session=True,
    )  # fmt: skip
    try:
        out, _ = process.communicate(json.dumps(asked).encode() + b"\n", timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return {"fail": "time"}
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
    if process.returncode == -signal.SIGXCPU:
        return {"fail": "time"}
    if not out.endswith(b"\n"):
        return {"fail": "memory"}
    said: dict[str, Any] = json.loads(out)
    return said
