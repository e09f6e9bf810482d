"""A stand-in for Amazon Bedrock's door: it asks for Bedrock's keys and names of models, and hands on to the simulated
Messages API what it finds in order. `requests` is what has come to it."""

from __future__ import annotations

import http.client
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

PREFIX = "anthropic."


@dataclass(frozen=True)
class Asked:
    path: str
    model: str
    authorization: str


class Bedrock:
    """`with Bedrock(api.url) as bedrock`, then `bedrock.url`."""

    def __init__(self, behind: str) -> None:
        self.requests: list[Asked] = []
        bedrock, target = self, urlsplit(behind)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                authorization = self.headers.get("Authorization", "")
                bedrock.requests.append(Asked(self.path, body["model"], authorization))
                known = self.path.startswith("/anthropic/v1/") and body["model"].startswith(PREFIX)
                if not known or not authorization.startswith(("Bearer ", "AWS4-HMAC-SHA256 Credential=")):
                    self.send_error(404 if authorization else 403)
                    return
                body["model"] = body["model"].removeprefix(PREFIX)
                self._hand_on(self.path.removeprefix("/anthropic"), json.dumps(body).encode())

            def _hand_on(self, path: str, body: bytes) -> None:
                assert target.hostname
                connection = http.client.HTTPConnection(target.hostname, target.port, timeout=60)
                headers = {
                    "Authorization": "Bearer x",
                    "Content-Type": "application/json",
                    "anthropic-version": self.headers["anthropic-version"],
                }
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                self.send_response(answer.status)
                for name in ("Content-Type", "request-id"):
                    self.send_header(name, answer.headers.get(name, ""))
                self.end_headers()
                while data := answer.read1(65536):
                    self.wfile.write(data)
                connection.close()

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/anthropic"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
