"""What the tests of the simulated Messages API ask with: by the real `anthropic` SDK, and byte by byte."""

import asyncio
import base64
import http.client
import json
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

import anthropic
import pytest

from romagent.embedded.messages_api.process import SimulatedApi
from tests.client import PATIENCE

OPUS, SONNET, HAIKU, FABLE = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-fable-5-1"
OLD = "claude-haiku-4-5"
QUESTION = "Quais são os riscos da ação de indenização por atraso de voo?"
EPHEMERAL = {"type": "ephemeral"}
TOOL = {
    "name": "buscar_arquivos",
    "description": "Procura um trecho nos arquivos do caso.",
    "input_schema": {
        "type": "object",
        "properties": {"texto": {"type": "string"}, "limite": {"type": "integer"}},
        "required": ["texto"],
    },
}
HEADERS = {"authorization": "Bearer simulated", "anthropic-version": "2026-10-21", "content-type": "application/json"}


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def assistant(content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content}


def body(**changes: Any) -> dict[str, Any]:
    return {"model": OPUS, "max_tokens": 4_000, "messages": [user(QUESTION)]} | changes


def ask(client: anthropic.Anthropic, **changes: Any) -> anthropic.types.Message:
    """A whole message; the body goes out as it is, also what the SDK's own arguments would not let pass."""
    return client.post("/v1/messages", body=body(**changes), cast_to=anthropic.types.Message)


def refusal(client: anthropic.Anthropic, **changes: Any) -> anthropic.APIStatusError:
    with pytest.raises(anthropic.APIStatusError) as caught:
        ask(client, **changes)
    return caught.value


def events(client: anthropic.Anthropic, **changes: Any) -> list[Any]:
    return list(client.messages.create(**body(**changes), stream=True))


def text_of(message: anthropic.types.Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def deltas(stream: list[Any], kind: str = "text_delta") -> list[Any]:
    found = [event.delta for event in stream if event.type == "content_block_delta"]
    return [delta for delta in found if delta.type == kind]


def streamed_text(stream: list[Any]) -> str:
    return "".join(delta.text for delta in deltas(stream))


def with_async_client(api: SimulatedApi, use: Callable[[anthropic.AsyncAnthropic], Awaitable[Any]]) -> Any:
    """Run `use` with the client that the product uses: the aiohttp transport, no tracing."""

    async def run() -> Any:
        async with anthropic.AsyncAnthropic(
            api_key="simulated",
            base_url=api.url,
            http_client=anthropic.DefaultAioHttpClient(),
            open_telemetry=False,
            max_retries=0,
        ) as client:
            return await use(client)

    return asyncio.run(run())


def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def raw(api: SimulatedApi, method: str, path: str, data: bytes = b"", **headers: str | None) -> tuple[int, Any, bytes]:
    """One call without the SDK: status, headers, body. A header of None is left out."""
    given = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=PATIENCE)
    try:
        sent = {name: value for name, value in given.items() if value is not None}
        connection.request(method, path, data or None, sent)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def streaming_request(**changes: Any) -> bytes:
    """The bytes of a request for a stream, for tests that need the bare connection."""
    data = json.dumps(body(stream=True, **changes)).encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    return f"POST /v1/messages HTTP/1.1\r\nhost: x\r\n{head}content-length: {len(data)}\r\n\r\n".encode() + data


def raw_chunks(api: SimulatedApi, **changes: Any) -> list[bytes]:
    """The HTTP chunks of a streamed answer as the server cut them."""
    with socket.create_connection(("127.0.0.1", api.port), timeout=PATIENCE) as connection:
        connection.sendall(streaming_request(**changes))
        with connection.makefile("rb") as received:
            while received.readline() != b"\r\n":
                pass
            chunks = []
            while size := int(received.readline(), 16):
                chunks.append(received.read(size))
                received.readline()
            return chunks


PDF_SOURCE = {"type": "base64", "media_type": "application/pdf", "data": base64.b64encode(b"%PDF-1.7").decode()}
PLAIN = {"type": "text", "media_type": "text/plain", "data": "Olá."}
CITED = {"citations": {"enabled": True}}
CITATION = {"type": "char_location", "cited_text": "Olá.", "document_index": 0, "document_title": None}
RESULT = {"type": "search_result", "source": "peça", "title": "Peça", "content": [{"type": "text", "text": "Olá."}]}
SCHEMA = {"type": "object", "properties": {"nome": {"type": "string"}}, "required": ["nome"]}
FORMAT = {"format": {"type": "json_schema", "schema": SCHEMA}}
CONTRACT = "Este contrato vale por um ano. O atraso na entrega gera multa de dez por cento. Foro de Curitiba."
ATRASO = "Qual é a multa por atraso na entrega?"
CITED_SENTENCE = "O atraso na entrega gera multa de dez por cento."


def citations(client: anthropic.Anthropic, *blocks: dict[str, Any]) -> list[Any]:
    message = ask(client, messages=[user([*blocks, {"type": "text", "text": ATRASO}])])
    return [citation for block in message.content if block.type == "text" for citation in block.citations or []]


LONG = "Instruções do escritório. " * 400  # 10,400 characters: 2,600 tokens by the simulation's rule


def cached(text: str = LONG, ttl: str = "5m") -> list[dict[str, Any]]:
    return [{"type": "text", "text": text, "cache_control": {"type": "ephemeral", "ttl": ttl}}]


def used(client: anthropic.Anthropic, **changes: Any) -> tuple[int, int, int]:
    """Tokens read from the cache, written to it, and neither."""
    usage = ask(client, **changes).usage
    return usage.cache_read_input_tokens, usage.cache_creation_input_tokens, usage.input_tokens


def upload(client: anthropic.Anthropic, data: bytes = CONTRACT.encode(), **more: Any) -> anthropic.types.FileMetadata:
    return client.files.upload(file=("petição.txt", data, "text/plain"), **more)


def arrivals(client: anthropic.Anthropic) -> list[float]:
    """Seconds from the request to each token."""
    begun = time.monotonic()
    stream = client.messages.create(**body(), stream=True)
    return [time.monotonic() - begun for event in stream if deltas([event])]
