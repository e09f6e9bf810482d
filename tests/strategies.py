"""What Hypothesis makes for the property tests: text with what breaks things in it, and JSON."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

tried = settings(max_examples=100)
# Text with what breaks things: NUL, half a surrogate, signs that turn a line's direction, marks of our own.
NASTY = st.sampled_from(
    [
        "\x00",
        "\ud800",
        "\udfff",
        "\u202e",
        "\u2028",
        "\ue200",
        "\ue201",
        "\ufeff",
        "\r\n",
        "\r",
        "\t",
        "İ",
        "ß",
        "ﬁ",
        "e\u0301",
        "²",
        "१",
    ]
)


def texts(*pieces: str, most: int = 30) -> st.SearchStrategy[str]:
    """Text put together from these pieces, from nasty ones, and from anything."""
    piece = st.sampled_from(pieces) if pieces else st.text(max_size=8)
    return st.lists(piece | NASTY | st.text(max_size=5), max_size=most).map("".join)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts(most=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts(most=2), inner, max_size=4),
    max_leaves=15,
)
