"""What is answered to one prompt: text, tool calls, thinking, and where it stops."""

import json
import re
from typing import Any
from uuid import uuid4

from . import answers, drafts, summaries, transcripts
from .catalogue import Model
from .documents import Document, SearchResult
from .errors import ApiError
from .faults import Effects, Fault
from .prompt import Prompt
from .reply import Reply, Text, Thinking, ToolUse
from .schema import value_for
from .signatures import sign
from .usage import Usage

THINKING_TOKENS = 16
FRAGMENT_CHARACTERS = 12
OF_THE_LAW = re.compile(r"jurisprud|precedente|súmula|sumula|julgado", re.IGNORECASE)
WRONG_SCHEMA = (ValueError, TypeError, AttributeError, LookupError)  # a schema is whatever the caller wrote


def build_reply(prompt: Prompt, model: Model, usage: Usage, effects: Effects, answer_tokens: int | None) -> Reply:
    """What the model says to this prompt, with the script's changes. Raises ApiError."""
    reply = Reply(model, usage)
    max_tokens = prompt.body["max_tokens"]
    if max_tokens == 0:  # only fills the cache
        reply.stop_reason = "max_tokens"
        return reply
    calls = _calls(prompt, effects)
    _think(reply, prompt, max_tokens, calls)
    scripted = effects.find("tool_use")
    before = scripted.get("text", "") if scripted else ""
    if calls and (before or reply.thinking is None):
        reply.blocks.append(Text(answers.tokens_of(before or "Vou consultar as ferramentas.")))
    if calls:
        reply.blocks += calls
        reply.stop_reason = "tool_use"
    else:
        reply.blocks += _texts(prompt, effects, answer_tokens)
    _stop_at_sequence(reply, prompt.body.get("stop_sequences") or [])
    if scripted := effects.find("stop_reason"):
        _stop_as_scripted(reply, scripted)
    _stop_at_limit(reply, max_tokens, model.max_input_tokens - usage.whole_prompt)
    return reply


def _think(reply: Reply, prompt: Prompt, max_tokens: int, calls: list[ToolUse]) -> None:
    thinking = prompt.body.get("thinking")
    kind = thinking["type"] if thinking else ("adaptive" if reply.model.thinks_unasked else "disabled")
    if kind in ("disabled", "between_tools"):
        return
    text = ""
    if thinking and thinking.get("display") == "summarized":
        doing = f"Vou usar a ferramenta {calls[0].name}." if calls else "Vou montar uma resposta simulada."
        text = f"Simulação: {doing}"
    reply.thinking = Thinking(text, sign(prompt.body, 0, text))
    reply.thinking_tokens = min(THINKING_TOKENS, max_tokens // 4)


def _texts(prompt: Prompt, effects: Effects, answer_tokens: int | None) -> list[Text | ToolUse]:
    if scripted := effects.find("answer"):
        given = scripted.get("passages") or [[scripted.get("text")]]
        passages = [answers.Passage(str(text), _citation(prompt, *about)) for text, *about in given]
    elif transcripts.is_transcript_request(prompt):
        passages = [answers.Passage(transcripts.transcript_of(prompt))]
    elif schema := _wanted_schema(prompt):
        passages = [answers.Passage(_structured(schema, prompt))]
    elif answers.is_title_request(prompt):
        passages = [answers.Passage(answers.title_of(prompt.last_user_text))]
    else:
        passages = answers.answer(prompt, answer_tokens)
    return _merged(passages)


def _citation(prompt: Prompt, wanted: str = "", quoted: str = "") -> dict[str, Any] | None:
    """A scripted citation: of the first source that has the words `wanted`, as if it said `quoted`."""
    if not wanted:
        return None
    sources: list[Document | SearchResult] = [*prompt.documents.values(), *prompt.results.values()]
    found = next((source for source in sources if any(wanted in part for part in source.parts)), None)
    if found is None or not (citation := found.citation_of(wanted)):
        raise ApiError(f"script: no citable source has {wanted!r}")
    return citation | ({"cited_text": quoted} if quoted else {})


def _merged(passages: list[answers.Passage]) -> list[Text | ToolUse]:
    """Uncited neighbours share one text block, as in the API."""
    texts: list[Text | ToolUse] = []
    previous: Text | None = None
    for passage in passages:
        words = answers.tokens_of(passage.text)
        if previous and not previous.citation and not passage.citation:
            previous.tokens += words
        elif words:
            previous = Text(words, passage.citation)
            texts.append(previous)
    return texts


def _wanted_schema(prompt: Prompt) -> dict[str, Any] | None:
    wanted = (prompt.body.get("output_config") or {}).get("format") or {}
    return wanted.get("schema") if wanted.get("type") == "json_schema" else None


def _structured(schema: dict[str, Any], prompt: Prompt) -> str:
    text = f"Resposta simulada: {answers.title_of(prompt.last_user_text)}"
    try:
        found = summaries.structured(schema, prompt.last_user_text) or value_for(schema, text)
        return json.dumps(found, ensure_ascii=False)
    except WRONG_SCHEMA as error:
        raise ApiError(f"output_config.format.schema: {error}") from error


def _calls(prompt: Prompt, effects: Effects) -> list[ToolUse]:
    """The tool calls of this reply: scripted, forced, or asked for in words ("use a ferramenta NOME")."""
    tools = prompt.body.get("tools") or []
    choice = {"type": "auto"} | (prompt.body.get("tool_choice") or {})
    offered = {tool["name"]: tool for tool in tools if (tool.get("type") or "custom") == "custom"}
    if choice["type"] == "none":
        return []
    scripted = effects.find("tool_use")
    if scripted is None:
        forced = {"any": [*offered][:1], "tool": [choice.get("name")]}.get(choice["type"], [])
        asked_for = [tool for name, tool in offered.items() if name in forced or _asked_for(name, prompt)]
        search = None if asked_for or effects.find("answer") else _search_to_begin_with(offered, prompt)
        changes = [] if asked_for or effects.find("answer") else _changes(offered, prompt)
        if search or changes:
            return [*([search] if search else []), *changes]
        return [_call(tool["name"], _input_for(tool, prompt)) for tool in asked_for]
    wanted = scripted.get("calls") or [{"name": scripted.get("name"), "input": scripted.get("input")}]
    for call in wanted:
        if call["name"] not in offered:
            raise ApiError(f"script: the tool {call['name']!r} is not offered by this request")
    return [_call(call["name"], call.get("input") or {}) for call in wanted]


def _asked_for(name: str, prompt: Prompt) -> bool:
    last = prompt.turns[-1]
    answered = any(block["type"] == "tool_result" for block in last.blocks)
    return not answered and f"use a ferramenta {name.lower()}" in last.text.lower()


def _search_to_begin_with(offered: dict[str, dict[str, Any]], prompt: Prompt) -> ToolUse | None:
    """Whoever has files to look into looks first: a tool that takes a query is called once for each question."""
    last = prompt.turns[-1]
    if last.role != "user" or not last.texts or answers.goes_on(last):
        return None
    for name, tool in offered.items():
        properties = (tool.get("input_schema") or {}).get("properties") or {}
        query = answers.query_of(prompt.last_user_text)
        if "consulta" in properties:
            return _call(name, {other: query if other == "consulta" else [] for other in properties})
        if "query" in properties and OF_THE_LAW.search(prompt.last_user_text):
            return _call(name, {other: query if other == "query" else "" for other in properties})
    return None


def _changes(offered: dict[str, dict[str, Any]], prompt: Prompt) -> list[ToolUse]:
    """Whoever has a document to change and was told what for proposes something; a question is only answered."""
    last = prompt.turns[-1]
    if last.role != "user" or not last.texts or answers.goes_on(last) or last.texts[-1].rstrip().endswith("?"):
        return []
    return [_call(name, given) for name, tool in offered.items() for given in drafts.changes(tool, prompt)]


def _input_for(tool: dict[str, Any], prompt: Prompt) -> dict[str, Any]:
    try:
        value = value_for(tool.get("input_schema") or {}, answers.title_of(prompt.last_user_text))
    except WRONG_SCHEMA as error:
        raise ApiError(f"tools: {error}") from error
    return value if isinstance(value, dict) else {}


def _call(name: str, input: dict[str, Any]) -> ToolUse:
    text, length = json.dumps(input, ensure_ascii=False), FRAGMENT_CHARACTERS
    fragments = [text[start : start + length] for start in range(0, len(text), length)]
    return ToolUse(f"toolu_{uuid4().hex[:24]}", name, input, fragments)


def _stop_at_sequence(reply: Reply, sequences: list[str]) -> None:
    text = reply.text
    found = [(text.index(sequence), sequence) for sequence in sequences if sequence in text]
    if not found:
        return
    left, reply.stop_sequence = min(found)
    reply.stop_reason = "stop_sequence"
    kept: list[Text | ToolUse] = []
    for block in reply.blocks:
        if isinstance(block, Text) and left:
            words = answers.tokens_of("".join(block.tokens)[:left])
            left -= sum(map(len, words))
            kept.append(Text(words, block.citation))
    reply.blocks = kept


def _stop_as_scripted(reply: Reply, fault: Fault) -> None:
    reply.stop_reason = fault.get("stop_reason")
    reply.stop_sequence = fault.get("stop_sequence")
    if (after := fault.get("after_tokens")) is not None:
        reply.keep_tokens(after)
    if reply.stop_reason == "refusal":
        reply.stop_details = {
            "type": "refusal",
            "category": fault.get("category"),
            "explanation": fault.get("explanation"),
        }


def _stop_at_limit(reply: Reply, max_tokens: int, window_left: int) -> None:
    budget = min(max_tokens, window_left) - reply.thinking_tokens
    if reply.token_count <= budget:
        return
    reply.keep_tokens(max(0, budget))
    reply.stop_reason = "max_tokens" if max_tokens <= window_left else "model_context_window_exceeded"
