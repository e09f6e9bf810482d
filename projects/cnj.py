"""The number of a *processo*, as Resolução CNJ 65/2008 made it: `NNNNNNN-DD.AAAA.J.TR.OOOO`.

The check digits catch every single wrong digit and every swap of neighbours: a number that fails them is a typing error
or an invention. Numbers of before 2010 and of the higher courts' own classes (REsp 1.234.567) are none of these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils import timezone

from projects.courts import BRANCHES, COURTS, Court

DIGITS = 20
SEPARATORS = re.compile(r"[\s.\-‐‑–—/]+")


class WrongNumber(ValueError):
    """What was typed is no case number; the message says why, to the person who typed it."""


@dataclass(frozen=True)
class CaseNumber:
    """A number that was checked; make it by `parse`. `digits` is how it is stored."""

    digits: str

    @property
    def year(self) -> int:
        return int(self.digits[9:13])

    @property
    def court(self) -> Court:
        return COURTS[int(self.digits[13]), int(self.digits[14:16])]

    def __str__(self) -> str:
        return masked(self.digits)


def masked(text: str) -> str:
    """Twenty digits with their mask; anything else as it is (old rows may hold what no form would take today)."""
    if not (len(text) == DIGITS and text.isascii() and text.isdigit()):
        return text
    return f"{text[:7]}-{text[7:9]}.{text[9:13]}.{text[13]}.{text[14:16]}.{text[16:]}"


def parse(text: str) -> CaseNumber:
    """The number in `text`, with any mask or none. Raises `WrongNumber`."""
    digits = SEPARATORS.sub("", text)
    if not (digits.isascii() and digits.isdigit()):
        raise WrongNumber("O número do processo só tem algarismos, pontos e traço.")
    if len(digits) != DIGITS:
        found = "1 algarismo" if len(digits) == 1 else f"{len(digits)} algarismos"
        raise WrongNumber(f"O número do processo tem {DIGITS} algarismos; aqui há {found}.")
    _check_digits(digits)
    _check_court(int(digits[13]), int(digits[14:16]))
    _check_year(int(digits[9:13]))
    return CaseNumber(digits)


IN_TEXT = re.compile(r"(?<![\d.,/-])\d{7}[-‐‑–]?\d{2}\.?\d{4}\.?\d\.?\d{2}\.?\d{4}(?![\d/])")


def find_all(text: str) -> list[CaseNumber]:
    """The numbers that stand in a text, each once, in their order; what only looks like one is left out."""
    found: dict[str, CaseNumber] = {}
    for written in IN_TEXT.findall(text):
        try:
            number = parse(written)
        except WrongNumber:
            continue
        found.setdefault(number.digits, number)
    return list(found.values())


def check_digits_of(digits: str) -> str:
    """The two that belong to a number of twenty digits, whatever stands in their place (ISO 7064, mod 97-10)."""
    return f"{98 - int(digits[:7] + digits[9:] + '00') % 97:02}"


def _check_digits(digits: str) -> None:
    right = check_digits_of(digits)
    if digits[7:9] != right:
        raise WrongNumber(
            f"O número não confere: o dígito verificador deveria ser {right}, e não {digits[7:9]}. "
            "Um dos algarismos está errado ou fora do lugar."
        )


def _check_court(branch: int, court: int) -> None:
    if branch not in BRANCHES:
        raise WrongNumber(f"Não existe o segmento da Justiça {branch} (o algarismo depois do ano).")
    if (branch, court) not in COURTS:
        raise WrongNumber(f"Não existe o tribunal {court:02} no segmento {branch}, {BRANCHES[branch]}.")


def _check_year(year: int) -> None:
    now = timezone.localdate().year
    if year > now:
        raise WrongNumber(f"O ano do número, {year}, está no futuro.")
    if year < 1900:
        raise WrongNumber(f"O ano do número, {year:04}, não é possível.")
