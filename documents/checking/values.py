"""What carries its own proof: check digits, amounts that are also written out, dates of the calendar."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterator

from documents.checking.paper import Finding, Level, Paper, around, split, tokens
from documents.checking.words import CENTS, CURRENCY, JOINTS, cardinal, cents, is_number_word
from documents.types import unaccented

# CPF and CNPJ ------------------------------------------------------------------------------------

CPF = re.compile(r"(?<![\d.])\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)|(?<=CPF)([^\d\n]{0,25})(?<!\d)\d{11}(?!\d)")
CNPJ = re.compile(
    r"(?<![\w.])[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-\d{2}(?!\d)|(?<=CNPJ)([^\d\n]{0,25})(?<!\d)\d{14}(?!\d)"
)
NOT_SIGN = re.compile(r"[^0-9A-Z]")


def registrations(paper: Paper) -> Iterator[Finding]:
    """CPF and CNPJ whose check digits do not fit."""
    for name, pattern, is_right in (("CPF", CPF, is_cpf), ("CNPJ", CNPJ, is_cnpj)):
        for place, match in paper.found(pattern):
            number = match[0].removeprefix(match[1] or "")
            if not is_right(number):
                text = f"O {name} {number} não confere: os dígitos verificadores são de outro número."
                yield Finding(Level.WRONG, text, place, around(match))


def is_cpf(number: str) -> bool:
    """By its two check digits, modulo 11 with the weights 10 to 2 and 11 to 2; one figure repeated is none."""
    digits = [int(sign) for sign in number if sign.isdigit()]
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    return all(
        digits[size]
        == sum(n * weight for n, weight in zip(digits, range(size + 1, 1, -1), strict=False)) * 10 % 11 % 10
        for size in (9, 10)
    )


def is_cnpj(number: str) -> bool:
    """By its two check digits, modulo 11; a letter counts as its code minus 48 (IN RFB 2.229/2024)."""
    signs = [ord(sign) - 48 for sign in NOT_SIGN.sub("", number)]
    if len(signs) != 14 or len(set(signs)) == 1:
        return False
    for size in (12, 13):
        rest = sum(n * (2 + place % 8) for place, n in enumerate(reversed(signs[:size]))) % 11
        if signs[size] != (0 if rest < 2 else 11 - rest):
            return False
    return True


# Amounts -----------------------------------------------------------------------------------------

MONEY = re.compile(
    r"R\$\s{0,3}(\d[\d.,]*)(?<![.,])(?:\s{0,3}(mil|milhão|milhões|bilhão|bilhões)\b)?(?:\s{0,3}\(([^()]{3,300})\))?",
    re.I,
)
WRITTEN = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d{2})?|\d+(?:,\d{2})?")
BY_UNIT = re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d+),\d{3,6}")  # R$ 0,6562 por kWh
IN_BRACKETS = re.compile(r"\(\s{0,3}R\$\s{0,3}(\d[\d.,]*)(?<![.,])\s{0,3}\)", re.I)
OF_AMOUNTS = CURRENCY | CENTS | JOINTS
LONGEST_AMOUNT = 300  # characters, in words
COUNT = re.compile(r"(?<![\w.,/$])(\d{1,6})\s{0,3}(%)?\s{0,3}\(([^\W\d_]+(?:[\s-]+[^\W\d_]+){0,8})\)")


def amounts(paper: Paper) -> Iterator[Finding]:
    """Amounts in figures that are no amounts, or that their words contradict."""
    for place, match in paper.found(MONEY):
        figures, scale, words = match.groups()
        if BY_UNIT.fullmatch(figures):
            text = f"“R$ {figures}” tem mais de duas casas depois da vírgula: confira se é um preço por unidade."
            yield Finding(Level.LOOK, text, place, around(match))
        elif not WRITTEN.fullmatch(figures):
            text = f"“R$ {figures}” não está escrito como valor em reais: o certo é como R$ 1.234,56."
            yield Finding(Level.WRONG, text, place, around(match))
        elif words and not scale:
            yield from _compared(figures, words, place, match)
    for place, match in paper.found(IN_BRACKETS):
        words = _amount_at_end(match.string[max(0, match.start() - LONGEST_AMOUNT) : match.start()])
        if words and WRITTEN.fullmatch(match[1]):
            yield from _compared(match[1], words, place, match)


def _compared(figures: str, words: str, place: int, match: re.Match[str]) -> Iterator[Finding]:
    said, meant = tokens(words), int(figures.replace(".", "").replace(",", "")) * (1 if "," in figures else 100)
    if not (CURRENCY | CENTS) & set(said):
        return  # a remark, not the amount in words
    told = cents(words)
    if told is None:
        text = f"Não foi possível conferir o valor por extenso de R$ {figures}."
        yield Finding(Level.LOOK, text, place, around(match))
    elif told != meant:
        text = f"R$ {figures} não é o que está por extenso: “{' '.join(words.split())}” é {reais(told)}."
        yield Finding(Level.WRONG, text, place, around(match))


def _amount_at_end(text: str) -> str:
    """The amount in words with which a text ends, or nothing."""
    kept = list[str]()
    for said in reversed(split(text)):  # one by one: nearly always the first is none already
        word = unaccented(said)
        if not (is_number_word(word) or word in OF_AMOUNTS):
            break
        kept.insert(0, word)
    while kept and kept[0] in JOINTS:
        kept.pop(0)
    return " ".join(kept)


def reais(count: int) -> str:
    """150010 → R$ 1.500,10."""
    return f"R$ {count // 100:,}".replace(",", ".") + f",{count % 100:02}"


def counts(paper: Paper) -> Iterator[Finding]:
    """ "15 (quinze) dias" and "10% (dez por cento)" that say two things."""
    for place, match in paper.found(COUNT):
        said = itertools.takewhile(lambda word: is_number_word(word) or word in JOINTS, tokens(match[3]))
        told = cardinal(list(said))  # without dias, por cento
        if told is not None and told != int(match[1]):
            text = f"“{' '.join(match[0].split())}” diz duas coisas: {match[1]} em algarismos e {told} por extenso."
            yield Finding(Level.WRONG, text, place, around(match))


# Dates -------------------------------------------------------------------------------------------

MONTHS = (
    "janeiro", "fevereiro", "marco", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro",
    "dezembro",
)  # fmt: skip
DAYS = ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo")
WEEKDAYS = [tokens(day)[0] for day in DAYS]
WEEKDAY = re.compile(
    r"\b(segunda|ter[cç]a|quarta|quinta|sexta|s[áa]bado|domingo)(?:-feira)?,?\s{1,3}(?:dia\s{1,3}|\()?\Z", re.I
)
BEFORE = 30  # characters in which the day of the week stands
IN_FIGURES = re.compile(r"(?<![\d/.\-])(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?![\d/])")
IN_WORDS = re.compile(
    r"(?<!\d)(\d{1,2})[º°o]?\s{1,3}de\s{1,3}(janeiro|fevereiro|mar[cç]o|abril|maio|junho|julho|agosto|setembro|outubro|"
    r"novembro|dezembro)(?:\s{1,3}de\s{1,3}(\d{4}|\d\.\d{3}))?(?!\d)",
    re.I,
)
FIRST_YEAR, YEARS_AHEAD = 1850, 50


def dates(paper: Paper) -> Iterator[Finding]:
    """Days that no calendar has, that fall on another day of the week, or that are too far off."""
    for place, match in paper.found(IN_FIGURES):
        yield from _dated(paper, place, match, int(match[1]), int(match[2]), int(match[3]))
    for place, match in paper.found(IN_WORDS):
        year = int(match[3].replace(".", "")) if match[3] else None
        yield from _dated(paper, place, match, int(match[1]), MONTHS.index(tokens(match[2])[0]) + 1, year)


def _dated(paper: Paper, place: int, match: re.Match[str], day: int, month: int, year: int | None) -> Iterator[Finding]:
    said = " ".join(match[0].split())
    try:
        date = datetime.date(2000 if year is None else year, month, day)  # 2000 has a 29 February
    except ValueError:
        yield Finding(Level.WRONG, f"“{said}” não existe no calendário.", place, around(match))
        return
    if year is None:
        return
    weekday = WEEKDAY.search(match.string[max(0, match.start() - BEFORE) : match.start()])
    if weekday and WEEKDAYS.index(tokens(weekday[1])[0]) != date.weekday():
        text = f"“{' '.join(weekday[0].split())} {said}”: esse dia é {DAYS[date.weekday()]}."
        yield Finding(Level.WRONG, text, place, around(match))
    elif not FIRST_YEAR <= year <= paper.today.year + YEARS_AHEAD:
        yield Finding(Level.LOOK, f"“{said}”: o ano parece errado.", place, around(match))
