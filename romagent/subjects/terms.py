"""What identifies a data subject, as patterns that PostgreSQL and Python read alike.

Whatever the case, with and without accents, numbers with and without their punctuation. Nothing here depends on a
locale: `\\w` and `~*` mean different things in different databases, sets of letters do not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from romagent.models import SubjectRequest

LABELS = {"name": "nome", "email": "e-mail", "document": "CPF ou CNPJ", "case_number": "número do processo"}
REPLACEMENT = "[titular anonimizado]"
ACCENTED = {"a": "àáâãäå", "c": "ç", "e": "èéêë", "i": "ìíîï", "n": "ñ", "o": "òóôõö", "u": "ùúûü", "y": "ýÿ"}
COMBINING = "[\u0300-\u036f]*"  # an accent that follows its letter, as a Mac writes it
GAP = "[ \t\r\n\u00a0*_]+"  # between two words; Markdown may stand there
POINT = "[ \u00a0./-]?"  # between two figures
LETTER = "0-9A-Za-zÀ-ÖØ-öø-ÿ"


def patterns_of(request: SubjectRequest) -> dict[str, str]:
    """The request's terms as patterns, by their keys."""
    made = {
        "name": name_pattern(request.name),
        "email": email_pattern(request.email),
        "document": figures_pattern(request.document),
        "case_number": figures_pattern(request.case_number),
    }
    return {key: pattern for key, pattern in made.items() if pattern}


def name_pattern(name: str) -> str:
    words = [_letters(word) for word in unicodedata.normalize("NFC", name).split()]
    return f"(?<![{LETTER}]){GAP.join(words)}(?![{LETTER}])" if words else ""


def email_pattern(email: str) -> str:
    signs = "".join(_either_case(sign) for sign in email.strip())
    return rf"(?<![0-9A-Za-z._%+-]){signs}(?![0-9A-Za-z-])(?!\.[0-9A-Za-z])" if signs else ""


def figures_pattern(number: str) -> str:
    """The CNPJ has letters too, since 2026."""
    figures = [_either_case(sign) for sign in number if sign.isalnum()]
    return f"(?<![0-9A-Za-z]){POINT.join(figures)}(?![0-9A-Za-z])" if figures else ""


def _letters(word: str) -> str:
    return "".join(_with_accents(sign) for sign in word)


def _with_accents(sign: str) -> str:
    plain = unicodedata.normalize("NFD", sign)[0].lower()
    if plain not in ACCENTED:
        return _either_case(sign)
    every = plain + ACCENTED[plain]
    return f"[{every}{every.upper()}{'' if sign.lower() in every else sign}]{COMBINING}"


def _either_case(sign: str) -> str:
    lower, upper = sign.lower(), sign.upper()
    if lower != upper and len(lower) == len(upper) == 1:
        return f"[{lower}{upper}]"
    return re.escape(sign)


def matching(patterns: Mapping[str, str], texts: list[str]) -> dict[str, int]:
    """How often each of the terms stands in the texts; those that do not are left out."""
    found = {key: sum(len(re.findall(pattern, text)) for text in texts) for key, pattern in patterns.items()}
    return {key: count for key, count in found.items() if count}


def anonymised(text: str, patterns: Mapping[str, str]) -> str:
    """The text with the replacement in the place of each of the terms."""
    for pattern in patterns.values():
        text = re.sub(pattern, REPLACEMENT, text)
    return text


def texts_in(values: Iterable[Any]) -> Iterator[str]:
    """The texts among these values and, however deep, in what of JSON is among them."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            yield from texts_in(value.values() if isinstance(value, dict) else value)


def anonymised_in(value: Any, patterns: Mapping[str, str]) -> Any:
    """The same of JSON with the terms replaced in each of its texts."""
    if isinstance(value, dict):
        return {name: anonymised_in(one, patterns) for name, one in value.items()}
    if isinstance(value, list):
        return [anonymised_in(one, patterns) for one in value]
    return anonymised(value, patterns) if isinstance(value, str) else value


def passages(text: str, patterns: Mapping[str, str], around: int = 300) -> list[str]:
    """The parts of a text in which a term stands, with what is around; what overlaps is one."""
    spans = sorted(match.span() for pattern in patterns.values() for match in re.finditer(pattern, text))
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        start, end = max(0, start - around), min(len(text), end + around)
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return [
        f"{'… ' if start else ''}{text[start:end].strip()}{' …' if end < len(text) else ''}" for start, end in merged
    ]
