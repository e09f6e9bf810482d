"""What a person does with files beyond sending and deleting them: the part of `tests/acts.py` that is about it."""

from __future__ import annotations

from tests.scene import Act, call, url
from uploads import actions as files

URLS: dict[str, Act] = {"uploads:text": url("arquivo.baixar-texto", "upload", method="get")}

FUNCTIONS: dict[str, Act] = {
    "uploads.record_text": call("arquivo.baixar-texto", "upload", lambda s: files.record_text(s.upload, user=s.owner)),
}

NOTHING: dict[str, str] = {"uploads:chunk": "a part of a file whose beginning is a row already"}

NO_ACTS: dict[str, str] = {"uploads.settle_hash": "what a file's bytes are: nobody's act"}
