"""Joining a continuation to what is written: nothing twice, nothing lost."""

import random

import pytest

from conversations.assistant.joining import SHORTEST, TAIL, Seam, ends_a_sentence

WRITTEN = "A contestação deve ser apresentada no prazo de quinze dias úteis, contados da juntada do mandado"


def joined(written: str, continuation: str, pieces: int = 1) -> str:
    seam = Seam(written)
    cuts = sorted(random.Random(pieces).sample(range(1, len(continuation)), min(pieces, len(continuation)) - 1))
    parts = [continuation[a:b] for a, b in zip([0, *cuts], [*cuts, len(continuation)], strict=True)]
    return written + "".join(seam.join(part) for part in parts) + seam.rest()


@pytest.mark.parametrize("pieces", range(1, 12))
def test_a_continuation_that_goes_straight_on_is_taken_as_it_is(pieces: int) -> None:
    assert joined(WRITTEN, " aos autos. Fora disso, há preclusão.", pieces) == (
        f"{WRITTEN} aos autos. Fora disso, há preclusão."
    )


@pytest.mark.parametrize("pieces", range(1, 12))
@pytest.mark.parametrize("repeated", [SHORTEST, 30, 60, len(WRITTEN)])
def test_what_the_continuation_repeats_is_left_out(pieces: int, repeated: int) -> None:
    assert joined(WRITTEN, WRITTEN[-repeated:] + " aos autos.", pieces) == f"{WRITTEN} aos autos."


@pytest.mark.parametrize("space", [" ", "\n", "\n\n"])
def test_space_before_a_repetition_goes_with_it(space: str) -> None:
    assert joined(WRITTEN, space + WRITTEN[-40:] + " aos autos.", 5) == f"{WRITTEN} aos autos."


def test_a_short_repetition_may_well_be_meant() -> None:
    assert joined("artigo 5º, artigo", " artigo 6º", 3) == "artigo 5º, artigo artigo 6º"


def test_words_that_stand_elsewhere_in_the_text_are_no_repetition() -> None:
    continuation = " deve ser apresentada no prazo de dez dias."
    assert joined(WRITTEN, continuation, 4) == WRITTEN + continuation


def test_a_continuation_that_is_nothing_but_a_repetition_adds_nothing() -> None:
    assert joined(WRITTEN, WRITTEN[-50:], 7) == WRITTEN


def test_a_continuation_without_a_word_adds_nothing_but_itself() -> None:
    seam = Seam(WRITTEN)
    assert seam.join("") + seam.rest() == ""


def test_the_first_text_of_all_is_not_held_back() -> None:
    seam = Seam("")
    assert seam.join("P") == "P"
    assert seam.rest() == ""


def test_no_more_is_held_back_than_could_be_a_repetition() -> None:
    long = "palavra número " + "x" * TAIL
    seam = Seam(long)
    assert seam.join("x" * (TAIL // 2)) == ""
    assert seam.join("y") != ""


def test_nothing_is_lost_whatever_comes_in_whatever_pieces() -> None:
    chance = random.Random(20261122)
    for _ in range(300):
        written = "".join(chance.choice("ab \n") for _ in range(chance.randint(0, 60)))
        continuation = "".join(chance.choice("ab \n") for _ in range(chance.randint(1, 60)))
        text = joined(written, continuation, chance.randint(1, 10))
        assert text.startswith(written)
        assert continuation.endswith(text[len(written) :])
        lost = continuation[: len(continuation) - len(text[len(written) :])]
        assert written.endswith(lost.strip()) or written.endswith(lost.lstrip())
        assert not lost or len(lost.lstrip()) >= SHORTEST


@pytest.mark.parametrize(
    "text", ["O perito examinou o contrato.", "Quem assinou? ", "“Não há contrato.”\n\n", "**É nulo o contrato.**"]
)
def test_a_sentence_that_has_ended_is_known(text: str) -> None:
    assert ends_a_sentence(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "O perito examinou o contr",
        "nos termos do art.",
        "Ele é nulo.",
        "a fls.",
        "R$ 1.",
        "como segue:",
        "Ele disse: “não",
    ],
)
def test_where_a_sentence_may_go_on_it_is_not_called_ended(text: str) -> None:
    assert not ends_a_sentence(text)
