"""What the model may do with the files: list them, search in them, read pages. Nothing here changes anything.

Each call looks anew at what the asker may see. The results are citable blocks, one a page; whatever a limit cuts is
said in the result and in the note under the answer. https://docs.anthropic.com/en/docs/build-with-claude/search-results
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from conversations.assistant import law, shelf
from conversations.assistant.offers import Offer, Slow
from conversations.assistant.shelf import File, Reader, Sources
from conversations.reading import Covered, Reading
from romagent.base.search import TooSlow
from uploads.search import find_pages

MOST_CALLS = 30  # in one reply
MOST_ROUNDS = 15
PAGES_A_CALL = 40
PAGES_FOUND = 8  # whole, for one search; more are named
PAGES_NAMED = 30
READ_BYTES = 400_000  # of text in one reply: some 150,000 tokens
CALL_BYTES = 120_000
QUERY_CHARACTERS = 500
LIMIT = "O limite de leitura de uma resposta foi atingido"
EXHAUSTED = "Limite de leitura desta resposta atingido. Responda com o que já leu e diga que não leu tudo."
Block = dict[str, Any]

SEARCH, READ, LIST = "procurar_nos_arquivos", "ler_paginas", "listar_arquivos"


def _tool(name: str, description: str, **properties: Block) -> Block:
    schema = {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}
    return {"name": name, "description": description, "input_schema": schema, "strict": True}


TOOLS: tuple[Block, ...] = (
    _tool(
        LIST,
        "Lista os arquivos que você pode ler nesta conversa, com o código de cada um (a1, a2…) e o número de páginas.",
    ),
    _tool(
        SEARCH,
        "Procura palavras no texto das páginas dos arquivos e devolve as páginas mais próximas. Use poucas palavras, "
        "que devam estar na página; aspas para uma expressão exata; - antes de uma palavra para excluí-la. Acentos são "
        "opcionais.",
        consulta={"type": "string", "description": "O que procurar."},
        arquivos={
            "type": "array",
            "items": {"type": "string"},
            "description": "Códigos dos arquivos em que procurar; lista vazia para procurar em todos.",
        },
    ),
    _tool(
        READ,
        f"Lê páginas de um arquivo, por inteiro e em ordem, até {PAGES_A_CALL} de cada vez.",
        arquivo={"type": "string", "description": "Código do arquivo, como a1."},
        de={"type": "integer", "description": "Primeira página, a partir de 1."},
        ate={"type": "integer", "description": "Última página, incluída."},
    ),
)


@dataclass
class Desk:
    """What the tools of one reply have in hand."""

    reader: Reader
    sources: Sources
    reading: Reading
    offers: tuple[Offer, ...] = ()  # of other apps
    has_files: bool = True
    has_law: bool = False  # whether there are precedents to search
    calls: int = 0
    bytes_left: int = READ_BYTES

    @property
    def is_exhausted(self) -> bool:
        return self.calls >= MOST_CALLS or self.bytes_left <= 0

    @property
    def offered(self) -> tuple[Block, ...]:
        """The tools of other apps, and those of precedents."""
        return (*(tool for offer in self.offers for tool in offer.tools), *(law.TOOLS if self.has_law else ()))

    def offer_of(self, name: str) -> Offer | None:
        """Whose tool it is."""
        return next((one for one in self.offers if any(tool["name"] == name for tool in one.tools)), None)


def announcement(desk: Desk, call: Block, files: Sequence[File]) -> str:
    """What the person is shown before a call is done."""
    if offer := desk.offer_of(call["name"]):
        return offer.announcement(call)
    if call["name"] in law.NAMES:
        return law.announcement(call, desk.sources)
    given = call["input"]
    if call["name"] == SEARCH:
        count = len(_chosen(desk, files, given.get("arquivos")))
        where = "1 arquivo" if count == 1 else f"{count} arquivos"
        return f"Procurando “{_short(given.get('consulta'))}” em {where}"
    if call["name"] == READ:
        file = _file(desk, files, given.get("arquivo"))
        first, last = _number(given.get("de")), _number(given.get("ate"))
        pages = f"página {first}" if first == last else f"páginas {first} a {last}"
        return f"Lendo {file.name}, {pages}" if file else "Lendo um arquivo"
    return "Vendo que arquivos há"


async def fetch(desk: Desk, call: Block, database: Callable[..., Awaitable[Any]]) -> None:
    """Waits for what a call needs from elsewhere; most need nothing."""
    offer = desk.offer_of(call["name"])
    if isinstance(offer, Slow):
        await offer.fetch(call, database)


def run(desk: Desk, call: Block, files: Sequence[File]) -> Block:
    """The result of one call, as the block to be sent back. Database work."""
    if offer := desk.offer_of(call["name"]):  # it has limits of its own: these are of reading
        words, is_error = offer.run(call)
        return _result(call, [_text(words)], error=is_error)
    desk.calls += 1
    if desk.is_exhausted:
        desk.reading.limit(f"{LIMIT}: nem tudo o que se procurou foi lido.")
        return _result(call, [_text(EXHAUSTED)], error=True)
    if call["name"] in law.NAMES and desk.has_law:
        return _of_the_law(desk, call)
    given = call["input"]
    if call["name"] == SEARCH:
        return _result(call, _search(desk, files, _query(given.get("consulta")), given.get("arquivos")))
    if call["name"] == READ:
        return _result(call, _read(desk, files, given))
    if call["name"] == LIST:
        return _result(call, [_text(listing(desk, files))])
    return _result(call, [_text("Esta ferramenta não existe.")], error=True)


def _of_the_law(desk: Desk, call: Block) -> Block:
    content, is_error = law.run(call, desk.sources)
    sizes = (len(part["text"].encode()) for block in content for part in block.get("content", [block]))
    desk.bytes_left -= sum(sizes)
    return _result(call, content, error=is_error)


def listing(desk: Desk, files: Sequence[File], most: int = 200) -> str:
    """The files as the model is told of them: names are data, in quotes, one a line."""
    lines = [f"{desk.sources.handle(file.id)}: “{_short(file.name, 200)}”, {_pages(file)}" for file in files[:most]]
    if len(files) > most:
        lines.append(f"… e mais {len(files) - most} arquivos; use {SEARCH} para encontrá-los.")
    return "\n".join(lines) or "Não há arquivos que possam ser lidos."


def _pages(file: File) -> str:
    words = "1 página" if file.pages == 1 else f"{file.pages} páginas"
    if file.known < file.pages:
        words += f", {file.known} lidas até agora"
    if file.empty:
        words += f", {file.empty} sem texto"
    return words + (", não pôde ser lido" if file.state == "failed" else "")


# Searching -----------------------------------------------------------------------------------------


def _search(desk: Desk, files: Sequence[File], query: str, wanted: Any) -> list[Block]:
    chosen = {file.id: file for file in _chosen(desk, files, wanted)}
    if not query or not chosen:
        return [_text("Diga o que procurar." if chosen else "Nenhum desses arquivos pode ser lido.")]
    try:
        hits = find_pages(list(chosen), query, PAGES_NAMED)
    except TooSlow:
        return [_text("A busca demorou demais e foi interrompida. Use palavras mais raras.")]
    if not hits:
        return [_text("Nenhuma página encontrada. Tente outras palavras, ou leia as páginas.")]
    named = [(hit.upload_id, hit.number) for hit in hits[:PAGES_FOUND]]
    found = shelf.pages_named(desk.reader, named)
    blocks: list[Block] = []
    for upload, number in named:
        if (upload, number) in found:
            blocks += _page(desk, chosen[upload], number, found[upload, number])
    rest = [f"{desk.sources.handle(hit.upload_id)}, p. {hit.number}" for hit in hits[PAGES_FOUND:]]
    if rest:
        blocks.append(_text(f"Também em: {'; '.join(rest)}. Leia-as com {READ} se forem necessárias."))
    return blocks or [_text("As páginas encontradas não cabem no que ainda pode ser lido nesta resposta.")]


def _query(given: Any) -> str:
    return str(given or "").replace("\x00", "").encode("utf-8", "replace").decode().strip()[:QUERY_CHARACTERS]


# Reading -------------------------------------------------------------------------------------------


def _read(desk: Desk, files: Sequence[File], given: Block) -> list[Block]:
    file = _file(desk, files, given.get("arquivo"))
    if file is None:
        return [_text(f"Não há arquivo com este código. Veja os códigos com {LIST}.")]
    first = max(1, _number(given.get("de")))
    last = max(first, _number(given.get("ate")))
    most = min(last, first + PAGES_A_CALL - 1)
    blocks, left = [], CALL_BYTES
    done = first - 1
    for number, text in shelf.texts(desk.reader, file.id, first, most):
        if left <= 0 or desk.bytes_left <= 0:
            break
        blocks += _page(desk, file, number, text)
        left -= len(text.encode())
        done = number
    if done < min(last, file.pages):
        why = "é o limite desta resposta" if desk.bytes_left <= 0 else "é o limite de uma leitura"
        why = why if done == most or left <= 0 or desk.bytes_left <= 0 else "do que falta ainda não há texto"
        read = f"Foram lidas as páginas até {done}" if done >= first else "Nenhuma dessas páginas foi lida"
        blocks.append(_text(f"{read}: {why}. O arquivo tem {file.pages}."))
        if desk.bytes_left <= 0:
            desk.reading.limit(f"{LIMIT}: nem todas as páginas pedidas foram lidas.")
    return blocks or [_text(f"Não há texto nessas páginas. O arquivo tem {file.pages} páginas.")]


def _page(desk: Desk, file: File, number: int, text: str) -> list[Block]:
    """The page as a citable block, as far as it fits; it counts as read."""
    covered = cover(desk.reading, file)
    if not text.strip():
        _read_now(covered, number, is_empty=True)
        return [_text(f"{desk.sources.handle(file.id)}, p. {number}: página sem texto.")]
    kept = text.encode()[: max(0, desk.bytes_left)].decode("utf-8", "ignore")
    desk.bytes_left -= len(kept.encode())
    if not kept.strip():
        return []
    _read_now(covered, number)
    blocks = [desk.sources.result(file, number, kept)]
    if len(kept) < len(text):
        covered.cut.append(number)
        desk.reading.limit(f"{LIMIT}: uma página foi lida só em parte.")
        blocks.append(_text(f"A página {number} foi lida só em parte: {len(kept)} de {len(text)} caracteres."))
    return blocks


def cover(reading: Reading, file: File) -> Covered:
    covered = reading.covered(file.id, file.name, file.pages)
    covered.state = file.state
    return covered


def _read_now(covered: Covered, number: int, *, is_empty: bool = False) -> None:
    if number not in covered.read:
        covered.read.append(number)
        covered.empty += is_empty


# What the model wrote, as it is meant --------------------------------------------------------------


def _chosen(desk: Desk, files: Sequence[File], wanted: Any) -> list[File]:
    """The files of these short names; all of them when none is given."""
    names = {str(name).strip().lower() for name in wanted} if isinstance(wanted, list) else set()
    return [file for file in files if not names or desk.sources.handle(file.id) in names]


def _file(desk: Desk, files: Sequence[File], wanted: Any) -> File | None:
    chosen = _chosen(desk, files, [wanted])
    return chosen[0] if len(chosen) == 1 else None


def _number(given: Any) -> int:
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 < given < 10_000_000 else 1


def _short(given: Any, most: int = 80) -> str:
    words = " ".join(str(given or "").replace("\x00", "").encode("utf-8", "replace").decode().split())
    return words if len(words) <= most else words[:most].rstrip() + "…"


def _text(text: str) -> Block:
    return {"type": "text", "text": text}


def _result(call: Block, content: list[Block], *, error: bool = False) -> Block:
    result: Block = {"type": "tool_result", "tool_use_id": call["id"], "content": content}
    return result | ({"is_error": True} if error else {})
