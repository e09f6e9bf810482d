"""Whether everything that its type asks for is there, and nothing that does not belong in a *peça*."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from documents.blocks import HEADINGS, Block, Kind, Paragraph
from documents.checking.names import SMALL_WORDS
from documents.checking.paper import Finding, Level, Paper, around, tokens
from documents.types import Part, unaccented

WORDS_A_PAGE = 330  # about; Calibri 12, one and a half lines, margins of 2.5 and 3 cm
LONGEST_HEADING = 15  # words
COUNTERS = re.compile(r"[ivxlcdm]+|\d+[ao]?|[a-z]")


# Parts -------------------------------------------------------------------------------------------


def parts(paper: Paper) -> Iterator[Finding]:
    """Parts that the type asks for and the document has not."""
    if paper.kind is None:
        return
    headings = [heading_words(text) for block, text in zip(paper.blocks, paper.texts, strict=True) if heads(block)]
    whole = unaccented("\n".join([paper.title, *paper.texts]))
    for part in paper.kind.parts:
        if part.is_required and not is_there(part, headings, whole):
            how = "não há um título com este nome" if not part.signs else "o texto não a mostra"
            yield Finding(Level.LOOK, f"Falta a parte “{part.name}”: {how}.")


def is_there(part: Part, headings: Sequence[set[str]], whole: str) -> bool:
    if part.signs:
        return any(unaccented(sign) in whole for sign in part.signs)
    wanted = [heading_words(name) for name in (part.name, *part.headings)]
    return any(one and one <= words for one in wanted for words in headings)


def heads(block: Block) -> bool:
    """A heading, or a paragraph that looks like one: short, and all bold, all capitals, centred, or a clause."""
    if not isinstance(block, Paragraph):
        return False
    text = block.text
    if block.kind in HEADINGS or block.kind == Kind.TITLE or tokens(text[:20])[:1] == ["clausula"]:
        return True
    is_bold = all(run.bold for run in block.runs if run.text.strip())
    return len(text.split()) <= LONGEST_HEADING and (is_bold or text.isupper() or block.kind == Kind.CENTRE)


def heading_words(text: str) -> set[str]:
    """ "II – DOS PEDIDOS" → pedido."""
    words = tokens(text)[: LONGEST_HEADING + 5]
    while len(words) > 1 and COUNTERS.fullmatch(words[0]):
        words.pop(0)
    return {singular(word) for word in words} - SMALL_WORDS


def singular(word: str) -> str:
    """As far as two spellings of a heading have to meet: not a grammar."""
    for end, instead in (
        ("oes", "ao"),
        ("res", "r"),
        ("zes", "z"),
        ("ais", "al"),
        ("eis", "el"),
        ("ns", "m"),
        ("s", ""),
    ):
        if len(word) > 3 and word.endswith(end):
            return word[: -len(end)] + instead
    return word


def size(paper: Paper) -> Iterator[Finding]:
    """Much shorter or longer than its type should be, by the number of its words."""
    words = sum(map(len, paper.folded))
    if paper.kind is None or not words:
        return
    pages, wanted = max(1, round(words / WORDS_A_PAGE)), paper.kind.size
    if pages > wanted.most:
        text = f"O texto tem cerca de {pages} páginas; para {paper.kind.name} o máximo é {wanted.most}."
        yield Finding(Level.LOOK, text)
    elif pages < wanted.least:
        short = f"cerca de {pages} páginas" if pages > 1 else "cerca de 1 página"
        text = f"O texto tem {short}; para {paper.kind.name} o usual são {wanted}."
        yield Finding(Level.LOOK, text)


# Blanks and remains ------------------------------------------------------------------------------

# Whatever follows the sign, closed or not: "[● valor [em reais]]" has to be filled in, too. The bound keeps it quick.
BLANK = re.compile(r"\[●([^\[\]]{0,300})\]?")
OTHER_BLANK = re.compile(
    r"\[\s{0,3}(?:verificar|inserir|preencher|completar|confirmar|informar|indicar|nome|data|valor|endereço|número|cidade)\b"
    r"[^\[\]\n]{0,200}\]|\[\s{0,3}(?:\.{2,}|…)\s{0,3}\]|\bX{4,}\b",
    re.I,
)
MARKDOWN = re.compile(
    r"\*\*[^\s*][^*\n]*\*\*|(?<!\w)__[^\s_][^_\n]*__(?!\w)|^#{1,6}\s|```|^\*\s|\[[^\[\]\n]{1,300}\]\(https?://"
    r"|^\|?(?:[ \t]*:?-{3,}:?[ \t]*\|)+",
    re.M,
)
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\ufe0f\u200d]+")
# What somebody who was asked says, and no *peça*.
OF_THE_TOOL = re.compile(
    r"modelo de linguagem|\bcomo (?:uma )?(?:ia|inteligência artificial)\b|^[ \t]*(?:claro|certamente|com certeza)[!,.]"
    r"\s{1,3}(?:segue|aqui|vou)|^[ \t]*(?:segue|aqui está) (?:abaixo )?(?:a|o) (?:minuta|peça|texto|documento|versão)\b"
    r"|espero (?:que (?:isso )?|ter )ajud|posso ajudar (?:com|em) (?:mais|algo)|se (?:quiser|desejar), posso",
    re.I | re.M,
)


def blanks(paper: Paper) -> Iterator[Finding]:
    """What has still to be filled in."""
    for place, match in paper.found(BLANK):
        wanted = " ".join(match[1].split())
        yield Finding(
            Level.WRONG, f"Falta preencher: {wanted}." if wanted else "Falta preencher.", place, around(match)
        )
    for place, match in paper.found(OTHER_BLANK):
        yield Finding(Level.WRONG, f"Falta preencher ou verificar: “{match[0]}”.", place, around(match))


def remains(paper: Paper) -> Iterator[Finding]:
    """Signs that belong to another program, and words of who was asked to write."""
    for place, match in paper.found(MARKDOWN):
        yield Finding(
            Level.WRONG, f"“{_short(match[0])}”: sinais de formatação que sobraram no texto.", place, around(match)
        )
    for place, match in paper.found(EMOJI):
        yield Finding(Level.WRONG, "Há um símbolo que não cabe numa peça.", place, around(match))
    for place, match in paper.found(OF_THE_TOOL):
        yield Finding(Level.LOOK, f"“{_short(match[0])}” parece conversa, e não texto da peça.", place, around(match))


def _short(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= 40 else f"{said[:39]}…"
