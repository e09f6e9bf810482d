"""The indexes that there are, by the courts of Resolução CNJ 65/2008: written down here once more, on purpose.

The product derives an alias from a number in its own way; a mistake there meets an index that does not hold the number.
"""

PREFIX = "api_publica_"
# TR 01 to 27
STATES = (
    "ac", "al", "ap", "am", "ba", "ce", "df", "es", "go", "ma", "mt", "ms", "mg", "pa", "pb", "pr", "pe", "pi", "rj",
    "rn", "rs", "ro", "rr", "sc", "se", "sp", "to",
)  # fmt: skip


def _all() -> dict[str, str]:
    """By J and TR, as they stand in a number."""
    found = {"300": "stj", "500": "tst", "600": "tse", "700": "stm"}
    found |= {f"4{region:02}": f"trf{region}" for region in range(1, 7)}
    found |= {f"5{region:02}": f"trt{region}" for region in range(1, 25)}
    for place, state in enumerate(STATES, 1):
        found[f"6{place:02}"] = "tre-dft" if state == "df" else f"tre-{state}"
        found[f"8{place:02}"] = "tjdft" if state == "df" else f"tj{state}"
        if state in ("mg", "rs", "sp"):
            found[f"9{place:02}"] = f"tjm{state}"
    return {place: PREFIX + name for place, name in found.items()}


ALIASES = _all()
KNOWN = frozenset(ALIASES.values())


def alias_of(number: str) -> str:
    """The index that may hold a number of twenty digits; "" when there is none."""
    return ALIASES.get(number[13:16], "")
