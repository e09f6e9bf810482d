"""The client of this process; only a worker has one. Kept apart so that a web process never loads the SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audit.calls.client import Client

_client: Client | None = None


def install(client: Client) -> None:
    global _client
    _client = client


def client() -> Client:
    if _client is None:
        raise RuntimeError("only the worker command calls the model")
    return _client
