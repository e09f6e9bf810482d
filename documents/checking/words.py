"""Numbers that are written out in Portuguese, as the number they say."""

from __future__ import annotations

from collections.abc import Sequence

from documents.checking.paper import tokens

UNITS = (
    "zero", "um", "dois", "tres", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "onze", "doze", "treze",
    "quatorze", "quinze", "dezesseis", "dezessete", "dezoito", "dezenove",
)  # fmt: skip
TENS = ("vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa")
HUNDREDS = (
    "cento", "duzentos", "trezentos", "quatrocentos", "quinhentos", "seiscentos", "setecentos", "oitocentos",
    "novecentos",
)  # fmt: skip
SMALL = (
    {word: number for number, word in enumerate(UNITS)}
    | {word: number for number, word in zip(range(20, 100, 10), TENS, strict=True)}
    | {word: number for number, word in zip(range(100, 1000, 100), HUNDREDS, strict=True)}
    | {word[:-2] + "as": number for number, word in zip(range(200, 1000, 100), HUNDREDS[1:], strict=True)}
    | {"uma": 1, "duas": 2, "catorze": 14, "dezasseis": 16, "dezassete": 17, "dezanove": 19, "cem": 100}
)  # fmt: skip
SCALES = {
    "mil": 10**3, "milhao": 10**6, "milhoes": 10**6, "bilhao": 10**9, "bilhoes": 10**9, "trilhao": 10**12,
    "trilhoes": 10**12,
}  # fmt: skip
JOINTS = {"e", "de"}
CURRENCY = {"real", "reais"}
CENTS = {"centavo", "centavos"}


def is_number_word(word: str) -> bool:
    return word in SMALL or word in SCALES


def cardinal(said: Sequence[str]) -> int | None:
    """dois mil e quinhentos → 2500; None when a word of it is no number."""
    whole = part = 0
    is_any = False
    for word in said:
        if word in SMALL:
            part += SMALL[word]
        elif word in SCALES:
            whole, part = whole + (part or 1) * SCALES[word], 0
        elif word in JOINTS:
            continue
        else:
            return None
        is_any = True
    return whole + part if is_any else None


def cents(text: str) -> int | None:
    """ "mil e quinhentos reais e dez centavos" → 150010; None when it is no amount of reais."""
    said = tokens(text)
    at = next((place for place, word in enumerate(said) if word in CURRENCY), None)
    if at is not None:
        whole, rest = cardinal(said[:at]), said[at + 1 :]
    else:
        whole, rest = 0, said
    if whole is None:
        return None
    if not rest:
        return whole * 100 if at is not None else None
    if rest[-1] not in CENTS:
        return None
    part = cardinal(rest[:-1])
    return None if part is None else whole * 100 + part
