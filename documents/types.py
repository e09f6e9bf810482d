"""The types of *peça* the office writes: their parts, what has to be asked first, their size, how to write them.

Each is a text: YAML between two lines `---`, then the instructions to the model. Those that come with the product are
`documents/types/*.md`; the staff can put another text in the place of one (`documents/type_pages.py`).
"""

from __future__ import annotations

import functools
import logging
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from documents.models import DocumentTypeVersion

logger = logging.getLogger(__name__)
SHIPPED = Path(__file__).with_suffix("")
LONGEST = 20_000  # characters of a type's text
# In the order in which lists show them.
AREAS = {
    "civel": "Cível",
    "recursos": "Recursos cíveis",
    "incidentes": "Incidentes",
    "trabalhista": "Trabalhista",
    "criminal": "Criminal",
    "constitucional": "Constitucional",
    "empresarial": "Empresarial",
    "contratos": "Contratos",
    "procuracoes": "Procurações",
    "extrajudicial": "Extrajudicial",
    "analises": "Análises",
    "apoio": "Apoio",
}


class Kind(StrEnum):
    """What the answer to a question is."""

    TEXT = "text"
    LONG = "long"
    DATE = "date"
    MONEY = "money"
    NUMBER = "number"
    CHOICE = "choice"


# As a text says them, and as the code does.
KINDS = {
    "texto": Kind.TEXT, "longo": Kind.LONG, "data": Kind.DATE, "valor": Kind.MONEY, "numero": Kind.NUMBER,
    "escolha": Kind.CHOICE,
}  # fmt: skip
PROJECT_FIELDS = {
    "cliente": "client", "parte_contraria": "opposing_party", "juizo": "court", "numero": "case_number",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A part of a *peça*. It is found by its heading, or, where it has none, by what its text must say."""

    name: str
    is_required: bool = True
    words: int = 0  # about how many
    headings: tuple[str, ...] = ()  # other headings that stand for it
    signs: tuple[str, ...] = ()  # one of these is in its text; it has no heading then


@dataclass(frozen=True)
class Fact:
    """What has to be known before writing. `project`: the project's field that may know it already."""

    key: str
    question: str
    kind: Kind = Kind.TEXT
    is_required: bool = True
    choices: tuple[str, ...] = ()
    project: str = ""


@dataclass(frozen=True)
class Size:
    """In pages."""

    least: int
    ideal: tuple[int, int]
    most: int

    def __str__(self) -> str:
        low, high = self.ideal
        return f"{low} páginas" if low == high and low > 1 else "1 página" if high == 1 else f"{low} a {high} páginas"


@dataclass(frozen=True)
class DocumentType:
    slug: str
    name: str
    area: str
    parts: tuple[Part, ...]
    facts: tuple[Fact, ...]
    size: Size
    instructions: str

    @property
    def area_name(self) -> str:
        return AREAS[self.area]


class Invalid(ValueError):
    """A text that is no type; `problems` says all that is wrong with it, to who wrote it."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


# What there is -----------------------------------------------------------------------------------


def all_types() -> list[DocumentType]:
    """Every type as it is used now, by area and name. One query."""
    texts = dict(DocumentTypeVersion.objects.filter(is_active=True).values_list("slug", "text"))
    return sorted((in_use(slug, texts.get(slug)) for slug in shipped()), key=place)


def get(slug: str) -> DocumentType | None:
    """The type as it is used now; None when there is none of that name. One query."""
    if slug not in shipped():
        return None
    texts = DocumentTypeVersion.objects.filter(slug=slug, is_active=True).values_list("text", flat=True)
    return in_use(slug, texts.first())


def in_use(slug: str, adapted: str | None) -> DocumentType:
    """What the staff's text says; where that is no type any more (the rules have changed since), the shipped one."""
    if adapted is None:
        return shipped()[slug]
    try:
        return _parsed(slug, adapted)
    except Invalid:
        logger.warning("The adapted type %s is not valid any more: the shipped one is used.", slug)
        return shipped()[slug]


def place(kind: DocumentType) -> tuple[int, str]:
    """Where a list shows it: by area, then by name without accents."""
    return list(AREAS).index(kind.area), unaccented(kind.name)


@functools.lru_cache(maxsize=200)
def _parsed(slug: str, text: str) -> DocumentType:
    return parse(slug, text)


@functools.cache
def shipped() -> Mapping[str, DocumentType]:
    """Those that come with the product, by slug."""
    return {path.stem: parse(path.stem, path.read_text("utf-8")) for path in sorted(SHIPPED.glob("*.md"))}


def shipped_text(slug: str) -> str:
    """The text that comes with the product. Raises KeyError when there is no such type."""
    if slug not in shipped():
        raise KeyError(slug)
    return (SHIPPED / f"{slug}.md").read_text("utf-8")


def unaccented(text: str) -> str:
    """In small letters, without accents: "Petição" → "peticao"."""
    split = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in split if not unicodedata.combining(sign)).casefold()


# Reading one -------------------------------------------------------------------------------------

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C: a tenth of the time
FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)(.*)\Z", re.DOTALL)
KEY = re.compile(r"[a-z][a-z0-9_]{0,49}")
FIELDS = {"nome", "area", "partes", "fatos", "tamanho"}
PART_FIELDS = {"nome", "obrigatoria", "palavras", "titulos", "texto"}
FACT_FIELDS = {"chave", "pergunta", "tipo", "obrigatorio", "opcoes", "projeto"}


def parse(slug: str, text: str) -> DocumentType:
    """The type that a text describes. Raises `Invalid` with everything that is wrong with it."""
    if len(text) > LONGEST:
        raise Invalid(f"O texto tem {len(text)} caracteres; o máximo é {LONGEST}.")
    found = FRONT.match(text.replace("\r\n", "\n").lstrip("\ufeff"))
    if not found:
        raise Invalid("O texto precisa começar por uma linha “---”, os campos, e outra linha “---”.")
    reader = _Reader()
    kind = reader.read(slug, _fields(found[1]), found[2].strip())
    if reader.problems:
        raise Invalid(*reader.problems)
    return kind


def _fields(front: str) -> dict[Any, Any]:
    try:
        fields = yaml.load(front, Loader=LOADER)  # noqa: S506 - a safe one
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" perto da linha {mark.line + 2}" if mark else ""
        raise Invalid(f"Os campos não estão em YAML válido{where}.") from error
    except (ValueError, RecursionError) as error:  # an impossible date; lists a thousand deep
        raise Invalid("Os campos têm um valor que o YAML não consegue ler.") from error
    if not isinstance(fields, dict):
        raise Invalid("Os campos não estão em YAML válido: falta “campo: valor”.")
    return fields


class _Reader:
    """Reads the fields, and goes on after what is wrong, so that all of it is said at once."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def read(self, slug: str, fields: dict[Any, Any], body: str) -> DocumentType:
        self.known(fields, FIELDS, "O texto")
        name, area = self.words(fields, "nome", "O texto", 200), fields.get("area")
        if not isinstance(area, str) or area not in AREAS:
            self.problems.append(f"“area” precisa ser uma destas: {', '.join(AREAS)}.")
        if not body:
            self.problems.append("Faltam as instruções, depois dos campos.")
        parts = tuple(self.part(one, at) for at, one in self.listed(fields, "partes", "uma parte"))
        facts = tuple(self.fact(one, at) for at, one in self.listed(fields, "fatos", "um fato", least=0))
        keys = [fact.key for fact in facts]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            self.problems.append(f"A chave “{key}” se repete em “fatos”.")
        return DocumentType(slug, name, str(area), parts, facts, self.size(fields.get("tamanho")), body)

    def part(self, given: dict[Any, Any], where: str) -> Part:
        self.known(given, PART_FIELDS, where)
        return Part(
            self.words(given, "nome", where, 200), self.flag(given, "obrigatoria", where), self.count(given, where),
            self.several(given, "titulos", where), self.several(given, "texto", where),
        )  # fmt: skip

    def fact(self, given: dict[Any, Any], where: str) -> Fact:
        self.known(given, FACT_FIELDS, where)
        key, asked = self.words(given, "chave", where, 50), self.words(given, "pergunta", where, 500)
        if key and not KEY.fullmatch(key):
            self.problems.append(f"{where}: “chave” só pode ter letras minúsculas sem acento, números e “_”.")
        kind = self.one_of(given, "tipo", where, KINDS, "texto")
        project = self.one_of(given, "projeto", where, PROJECT_FIELDS, "")
        choices = self.several(given, "opcoes", where)
        if (kind == Kind.CHOICE) != (len(choices) > 1):
            self.problems.append(f"{where}: “opcoes” (duas ou mais) vão com o tipo “escolha”, e só com ele.")
        needed = self.flag(given, "obrigatorio", where)
        return Fact(key, asked, Kind(kind or Kind.TEXT), needed, choices, project)

    def size(self, given: Any) -> Size:
        least, ideal, most = (given.get(key) for key in ("min", "ideal", "max")) if isinstance(given, dict) else [0] * 3
        low, high = ideal if isinstance(ideal, list) and len(ideal) == 2 else (ideal, ideal)
        pages: list[Any] = [least, low, high, most]
        if not all(type(one) is int and 0 < one <= 500 for one in pages) or pages != sorted(pages):
            self.problems.append("“tamanho” precisa das páginas, assim: {min: 5, ideal: [8, 12], max: 20}.")
            return Size(1, (1, 1), 1)
        return Size(pages[0], (pages[1], pages[2]), pages[3])

    # Values

    def known(self, given: dict[Any, Any], names: set[str], where: str) -> None:
        strange = sorted(str(key) for key in given if key not in names)
        if strange:
            self.problems.append(f"{where} tem campos desconhecidos: {', '.join(strange)}.")

    def listed(self, fields: dict[Any, Any], key: str, what: str, least: int = 1) -> list[tuple[str, dict[Any, Any]]]:
        given = fields.get(key) or []
        if not isinstance(given, list) or len(given) < least or not all(isinstance(one, dict) for one in given):
            self.problems.append(f"“{key}” precisa ser uma lista, e cada linha, {what}.")
            return []
        return [(f"“{key}”, {place}ª linha", one) for place, one in enumerate(given, 1)]

    def words(self, given: dict[Any, Any], key: str, where: str, most: int) -> str:
        value = given.get(key)
        if not isinstance(value, str) or not value.strip() or len(value) > most:
            self.problems.append(f"{where}: falta “{key}”, em texto de até {most} caracteres.")
            return ""
        return " ".join(value.split())

    def several(self, given: dict[Any, Any], key: str, where: str) -> tuple[str, ...]:
        value = given.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            self.problems.append(f"{where}: “{key}” precisa ser uma lista de textos.")
            return ()
        return tuple(value)

    def flag(self, given: dict[Any, Any], key: str, where: str) -> bool:
        value = given.get(key, True)
        if not isinstance(value, bool):
            self.problems.append(f"{where}: “{key}” precisa ser true ou false.")
        return bool(value)

    def count(self, given: dict[Any, Any], where: str) -> int:
        value = given.get("palavras", 0)
        if type(value) is not int or not 0 <= value <= 50_000:
            self.problems.append(f"{where}: “palavras” precisa ser um número inteiro.")
            return 0
        return value

    def one_of(self, given: dict[Any, Any], key: str, where: str, names: Mapping[str, str], default: str) -> str:
        value = given.get(key, default)
        if value == "" and not default:
            return ""
        if not isinstance(value, str) or value not in names:
            self.problems.append(f"{where}: “{key}” precisa ser um destes: {', '.join(names)}.")
            return ""
        return names[value]
