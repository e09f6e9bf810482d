"""A stand-in for Sentry: takes what is sent to it, and shows it."""

from __future__ import annotations

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import brotli

UNPACK = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


class Sink:
    """`with Sink() as sink`, then `sink.dsn`; `sink.text` is every byte that came, `sink.events` what they say."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.received.append(UNPACK[self.headers.get("Content-Encoding", "")](body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.dsn = f"http://chave@127.0.0.1:{self._server.server_address[1]}/1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def text(self) -> str:
        return "\n".join(body.decode() for body in self.received)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of all envelopes. https://develop.sentry.dev/sdk/data-model/envelopes/"""
        found = []
        for envelope in self.received:
            lines = envelope.decode().splitlines()[1:]
            for header, payload in zip(lines[::2], lines[1::2], strict=False):
                if json.loads(header).get("type") == "event":
                    found.append(json.loads(payload))
        return found
