"""Server-sent events of one reply, each with the moment it is due, and the faults that bend them.

Source of the shapes and the order: https://docs.anthropic.com/en/docs/build-with-claude/streaming.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from .errors import ApiError
from .faults import Effects, Fault
from .reply import Reply, Text, ToolUse
from .settings import Settings

PING_EVERY = 10.0  # seconds of silence between two events before a ping is sent
SPLIT_SECONDS = 0.05  # between the two halves of a letter
PING = b'event: ping\ndata: {"type": "ping"}\n\n'


class Frame(NamedTuple):
    """One event. `due`: seconds after the request came. `block`: index of the open block, or -1."""

    due: float
    data: bytes
    block: int = -1
    is_token: bool = False


@dataclass(slots=True)
class Timeline:
    """What is sent, when it ends, and how."""

    frames: Iterable[Frame]
    ends_at: float
    lingers: bool = False  # the connection stays open and silent after the last frame, until `ends_at`
    cut: bool = False  # the connection is dropped at the end, not closed
    error: ApiError | None = None  # what a request without `stream` gets in place of the message


@dataclass(slots=True)
class Draft(Timeline):
    """A timeline whose frames are all there, so that faults can bend it."""

    frames: list[Frame]


def event(name: str, data: dict[str, Any]) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\ndata: {text}\n\n".encode("utf-8", "replace")


def timeline(reply: Reply, pace: Settings, effects: Effects, request_id: str) -> Timeline:
    """Every event of the reply in order, bent by the script.

    Without faults each event is made when it is due: 300 answers that begin together cost no burst of work.
    """
    frames = _frames(reply, pace)
    if max(pace.first_token_ms / 1000, 1 / pace.tokens_per_second) > PING_EVERY:
        frames = _with_pings(frames)
    if not effects.all:
        return Timeline(frames, _end_of(reply, pace))
    draft = Draft(list(frames), _end_of(reply, pace))
    for fault in effects.all:
        _bend(draft, fault, request_id)
    return draft


def chunk(data: bytes) -> bytes:
    """One event as one HTTP chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def _end_of(reply: Reply, pace: Settings) -> float:
    return pace.first_token_ms / 1000 + max(reply.token_count - 1, 0) / pace.tokens_per_second


def _frames(reply: Reply, pace: Settings) -> Iterator[Frame]:
    first, step = pace.first_token_ms / 1000, 1 / pace.tokens_per_second
    yield Frame(0.0, event("message_start", {"type": "message_start", "message": reply.beginning()}))
    index, ping_sent = 0, False
    if thinking := reply.thinking:
        block = {"type": "thinking", "thinking": "", "signature": ""}
        yield Frame(0.0, _start(0, block), 0)
        yield Frame(0.0, PING, 0)
        if thinking.text:
            yield Frame(first, _delta(0, {"type": "thinking_delta", "thinking": thinking.text}), 0)
        yield Frame(first, _delta(0, {"type": "signature_delta", "signature": thinking.signature}), 0)
        yield Frame(first, _stop(0))
        index, ping_sent = 1, True
    token = 0
    for part in reply.blocks:
        yield Frame(first + token * step, _start(index, _opened(part)), index)
        if not ping_sent:
            yield Frame(first + token * step, PING, index)
            ping_sent = True
        yield from _deltas(part, index, first + token * step, step)
        token += len(part.tokens)
        yield Frame(first + max(token - 1, 0) * step, _stop(index))
        index += 1
    last = _end_of(reply, pace)
    delta, usage = reply.ending()
    yield Frame(last, event("message_delta", {"type": "message_delta", "delta": delta, "usage": usage}))
    yield Frame(last, event("message_stop", {"type": "message_stop"}))


def _opened(part: Text | ToolUse) -> dict[str, Any]:
    if isinstance(part, ToolUse):
        return {"type": "tool_use", "id": part.id, "name": part.name, "input": {}}
    return {"type": "text", "text": ""} | ({"citations": []} if part.citation else {})


def _deltas(part: Text | ToolUse, index: int, due: float, step: float) -> Iterator[Frame]:
    kind, name = ("input_json_delta", "partial_json") if isinstance(part, ToolUse) else ("text_delta", "text")
    if isinstance(part, ToolUse):  # the API's first fragment is always empty
        yield Frame(due, _delta(index, {"type": kind, name: ""}), index)
    # Everything but the token is the same for the whole block: encoded once.
    before = (
        f'event: content_block_delta\ndata: {{"type":"content_block_delta","index":{index},'
        f'"delta":{{"type":"{kind}","{name}":'
    )
    for number, token in enumerate(part.tokens):
        data = f"{before}{encode_basestring(token)}}}}}\n\n".encode("utf-8", "replace")
        yield Frame(due + number * step, data, index, is_token=True)
    if isinstance(part, Text) and part.citation:
        late = due + max(len(part.tokens) - 1, 0) * step
        yield Frame(late, _delta(index, {"type": "citations_delta", "citation": part.citation}), index)


def _start(index: int, block: dict[str, Any]) -> bytes:
    data = {"type": "content_block_start", "index": index, "content_block": block}
    return event("content_block_start", data)


def _delta(index: int, delta: dict[str, Any]) -> bytes:
    return event("content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta})


def _stop(index: int) -> bytes:
    return event("content_block_stop", {"type": "content_block_stop", "index": index})


def _with_pings(frames: Iterator[Frame]) -> Iterator[Frame]:
    previous = 0.0
    for frame in frames:
        while frame.due - previous > PING_EVERY:
            previous += PING_EVERY
            yield Frame(previous, PING, frame.block)
        previous = frame.due
        yield frame


# The faults ----------------------------------------------------------------------------------------


def _bend(line: Draft, fault: Fault, request_id: str) -> None:
    match fault.kind:
        case "error_event":
            _break_with_error(line, fault, request_id)
        case "cut":
            _truncate(line, fault)
            line.cut = True
        case "end_without_stop":
            _truncate(line, fault, default=None)
        case "silence":
            _fall_silent(line, fault)
        case "unknown_event":
            data = {"type": "future_event", "future": {"anything": True}}
            _insert(line, fault, event("future_event", data))
        case "unknown_delta":
            place = _place(line, fault)
            index = line.frames[place - 1].block if place else 0
            _insert(line, fault, _delta(index, {"type": "future_delta", "future": "anything"}))
        case "ping":
            _insert(line, fault, PING)
        case "burst":
            _burst(line, fault)
        case "split_utf8":
            _split_letter(line, fault)


def _place(line: Draft, fault: Fault, default: int | None = 0) -> int:
    """The place in the frames just after the `after_tokens`-th token; None or too many: after the last."""
    wanted = fault.get("after_tokens", default)
    tokens = [index for index, frame in enumerate(line.frames) if frame.is_token]
    if not tokens:
        return max(len(line.frames) - 2, 0)  # before message_delta and message_stop
    if wanted is None or wanted >= len(tokens):
        return tokens[-1] + 1
    return tokens[wanted - 1] + 1 if wanted else tokens[0]


def _truncate(line: Draft, fault: Fault, default: int | None = 0) -> None:
    place = _place(line, fault, default)
    line.ends_at = line.frames[place - 1].due if place else 0.0
    del line.frames[place:]


def _break_with_error(line: Draft, fault: Fault, request_id: str) -> None:
    kind = fault.get("type", "overloaded_error")
    status = 529 if kind == "overloaded_error" else 500
    line.error = ApiError(fault.get("message", "Overloaded"), status=status, type=kind)
    _truncate(line, fault)
    line.frames.append(Frame(line.ends_at, event("error", line.error.body(request_id))))


def _fall_silent(line: Draft, fault: Fault) -> None:
    seconds, then = fault.get("seconds"), fault.get("then", "continue")
    if then == "continue":
        place = _place(line, fault)
        line.frames[place:] = [frame._replace(due=frame.due + seconds) for frame in line.frames[place:]]
        line.ends_at += seconds
        return
    _truncate(line, fault)
    line.ends_at += seconds
    line.lingers = True
    line.cut = then == "cut"


def _insert(line: Draft, fault: Fault, data: bytes) -> None:
    place = _place(line, fault)
    before = line.frames[place - 1]
    line.frames.insert(place, Frame(before.due, data, before.block))


def _burst(line: Draft, fault: Fault) -> None:
    """So many tokens at the moment of the first of them, as after a stall in the network."""
    place = _place(line, fault)
    left = fault.get("tokens")
    due = next((frame.due for frame in line.frames[place:] if frame.is_token), None)
    for index in range(place, len(line.frames)):
        frame = line.frames[index]
        if not left or due is None:
            break
        line.frames[index] = frame._replace(due=due)
        left -= frame.is_token


def _split_letter(line: Draft, fault: Fault) -> None:
    """Cut the bytes of a token between the two bytes of an accented letter."""
    place = _place(line, fault)
    for index in range(place, len(line.frames)):
        frame = line.frames[index]
        if not frame.is_token or frame.data.isascii():
            continue
        letter = next(position for position, byte in enumerate(frame.data) if byte >= 0xC0)
        first = frame._replace(data=frame.data[: letter + 1])
        second = Frame(frame.due + SPLIT_SECONDS, frame.data[letter + 1 :], frame.block)
        line.frames[index : index + 1] = [first, second]
        line.frames[index + 2 :] = [f._replace(due=max(f.due, second.due)) for f in line.frames[index + 2 :]]
        line.ends_at = max(line.ends_at, second.due)
        return
    raise ApiError("script: split_utf8 found no accented letter in this answer")
