"""The text of an answer, made from the question alone: the same question gives the same text.

It says of itself that it is a simulation, and names no law, precedent or case number of its own.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from . import drafts
from .prompt import Prompt, Turn, as_blocks, nested

TOKEN = re.compile(r"\s*\S+|\s+")  # a word with the space before it, as tokenizers cut them
PLAIN_WORD = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")
CONTINUE = re.compile(r"\s*continue", re.IGNORECASE)
ASKS_TITLE = re.compile(r"\b(d[êe]|escreva) um t[íi]tulo", re.IGNORECASE)  # instructions that begin like this
MOST_TITLE_WORDS = 8
MOST_CITED = 5
SMALL_WORD = re.compile(r"às?|aos?|[aeo]s?|d[aeo]s?|n[ao]s?|em|ou|para|por|que|se|uma?|com", re.IGNORECASE)

NOTICE = (
    "Esta é uma resposta simulada: nenhum modelo leu a pergunta, e nada aqui é orientação jurídica. "
    "Para receber respostas de verdade, defina a variável `ANTHROPIC_API_KEY` e reinicie o sistema."
)
POINTS = (
    "**Fatos.** Separe o que já está provado do que ainda depende de prova.",
    "**Documentos.** Confira se cada anexo está legível e na ordem em que será citado.",
    "**Prazos.** Anote a data da ciência e quem ficou responsável por ela.",
    "**Partes.** Verifique nomes, qualificação e poderes de representação.",
    "**Pedidos.** Escreva cada pedido em uma frase só, na ordem de importância.",
    "**Riscos.** Diga ao cliente, por escrito, o que pode não dar certo.",
    "**Fontes.** Leia no original toda norma e todo julgado antes de citá-los.",
    "**Revisão.** Peça a outra pessoa que leia a peça antes do protocolo.",
)
TABLE = (
    "| Etapa | Responsável | Situação |\n"
    "| --- | --- | --- |\n"
    "| Leitura dos autos | a definir | não começou |\n"
    "| Conferência das citações | a definir | não começou |\n"
    "| Revisão final | a definir | não começou |"
)
QUOTE = "> Uma simulação não cita leis nem julgados: ela só mostra a tela em funcionamento."
CLOSING = "### Próximo passo\n\nQuando houver uma chave configurada, faça a mesma pergunta outra vez."
COMPLEMENT = (
    "Este parágrafo existe apenas para que a resposta simulada tenha o tamanho pedido na configuração. "
    "Ele não traz informação nova, não analisa o caso e não substitui a leitura dos autos por um advogado."
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the answer; with a citation it becomes a text block of its own."""

    text: str
    citation: dict[str, Any] | None = None


def tokens_of(text: str) -> list[str]:
    return TOKEN.findall(text)


def is_title_request(prompt: Prompt) -> bool:
    return bool(ASKS_TITLE.search(prompt.system))


def title_of(question: str) -> str:
    """At most 8 words of the question, without the small ones at either end."""
    words = PLAIN_WORD.findall(question.partition("\n")[0])
    while words and SMALL_WORD.fullmatch(words[0]):
        words.pop(0)
    words = words[:MOST_TITLE_WORDS]
    while words and SMALL_WORD.fullmatch(words[-1]):
        words.pop()
    title = " ".join(words)[:80]
    return title[:1].upper() + title[1:] if title else "Conversa simulada"


def query_of(question: str) -> str:
    """The longest words of the question's last line, any of which may be on a page."""
    words = {word for word in PLAIN_WORD.findall(question.strip().rpartition("\n")[2]) if len(word) > 4}
    return " or ".join(sorted(words, key=len, reverse=True)[:4]) or title_of(question)


def answer(prompt: Prompt, tokens: int | None) -> list[Passage]:
    """The answer to the last turn. `tokens`: exactly so many, unless it only continues an earlier answer."""
    turns = prompt.turns
    if turns[-1].role == "assistant":  # a paused turn or a prefill: go on from where it stands
        turns = [*turns, Turn("user", [{"type": "text", "text": "Continue"}])]
    start = len(turns)
    while start >= 3 and goes_on(turns[start - 1]) and turns[start - 2].role == "assistant":
        start -= 2
    rest = _fresh(prompt, turns[:start], tokens)
    for position in range(start, len(turns), 2):
        remaining = _after(rest, turns[position].text)
        rest = _fresh(prompt, turns[: position + 2], tokens) if remaining is None else remaining
    return rest


def goes_on(turn: Turn) -> bool:
    return turn.role == "user" and bool(turn.texts) and bool(CONTINUE.match(turn.texts[-1]))


def _after(passages: list[Passage], sent: str) -> list[Passage] | None:
    """What is left after `sent`, perhaps nothing; None when that is not the beginning of the answer."""
    whole = "".join(passage.text for passage in passages)
    for beginning in (sent, sent.rstrip()):
        if beginning and whole.startswith(beginning):
            return list(_without_first(passages, len(beginning)))
    return None


def _without_first(passages: list[Passage], characters: int) -> Iterator[Passage]:
    for passage in passages:
        if characters < len(passage.text):
            yield Passage(passage.text[characters:], passage.citation)
        characters = max(0, characters - len(passage.text))


def _fresh(prompt: Prompt, turns: list[Turn], tokens: int | None) -> list[Passage]:
    question = next((turn.texts[-1] for turn in reversed(turns) if turn.role == "user" and turn.texts), "")
    if part := drafts.part_of(question, prompt):
        passages = [Passage(part), *_cited(prompt, turns, question)]
        return passages if tokens is None else _fitted(passages, tokens)
    passages = [Passage(_opening(question))]
    passages += _tool_results(turns[-1])
    passages += _cited(prompt, turns, question)
    passages.append(Passage(_body(question)))
    return passages if tokens is None else _fitted(passages, tokens)


def _opening(question: str) -> str:
    shown = " ".join(question.split())[:240]
    quoted = f"\n\n### A sua pergunta\n\n> {shown}" if shown else ""
    return f"## {title_of(question)}\n\n{NOTICE}{quoted}"


def _body(question: str) -> str:
    seed = zlib.crc32(question.encode("utf-8", "replace"))
    points = [POINTS[(seed + step * 3) % len(POINTS)] for step in range(4 + seed % 3)]
    parts = ["### Pontos a verificar", "\n".join(f"- {point}" for point in points)]
    if seed % 2:
        parts.append(TABLE)
    if seed % 3:
        parts.append(QUOTE)
    return "\n\n" + "\n\n".join([*parts, CLOSING])


def _tool_results(turn: Turn) -> Iterator[Passage]:
    found = [block for block in turn.blocks if block["type"] == "tool_result"]
    results = [block for block in found if not _has_sources(block)]  # what can be cited is cited
    if not results:
        return
    yield Passage("\n\n### Resultado das ferramentas\n")
    for block in results[:MOST_CITED]:
        inner = as_blocks(block.get("content"))
        text = " ".join(part["text"] for part in inner if part["type"] == "text")
        shown = " ".join(text.split())[:200]
        state = "falhou" if block.get("is_error") else "respondeu"
        yield Passage(f"\n- A ferramenta {state}: {shown}" if shown else f"\n- A ferramenta {state}.")


def _has_sources(result: dict[str, Any]) -> bool:
    return any(part["type"] in ("search_result", "document") for part in as_blocks(result.get("content")))


def _cut(text: str, most: int) -> str:
    """The beginning of a text, to the end of a word: what is quoted is there word for word."""
    return text if len(text) <= most else text[:most].rpartition(" ")[0]


def _cited(prompt: Prompt, turns: list[Turn], question: str) -> Iterator[Passage]:
    """One passage of each citable document and search result, the first few of them."""
    inner = [block for turn in turns for outer in turn.blocks for block in nested(outer)]
    sources = [prompt.documents.get(id(block)) or prompt.results.get(id(block)) for block in inner]
    citations = [found for source in sources if source and (found := source.citation(question))]
    if citations:
        yield Passage("\n\n### O que consta dos documentos\n")
    for citation in citations[:MOST_CITED]:
        name = citation.get("document_title") or citation.get("title") or "Documento sem título"
        shown = " ".join(citation["cited_text"].split())
        yield Passage(f"\n- {name}:")
        yield Passage(f" “{_cut(shown, 300)}”", citation)


def _fitted(passages: list[Passage], tokens: int) -> list[Passage]:
    """The passages cut to, or drawn out to, exactly `tokens` tokens."""
    fitted: list[Passage] = []
    for passage in _endless(passages):
        words = tokens_of(passage.text)[:tokens]
        fitted.append(Passage("".join(words), passage.citation if words else None))
        tokens -= len(words)
        if not tokens:
            break
    return fitted


def _endless(passages: list[Passage]) -> Iterator[Passage]:
    yield from passages
    number = 0
    while True:
        number += 1
        yield Passage(f"\n\n### Complemento {number}\n\n{COMPLEMENT}")
