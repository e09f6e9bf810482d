"""Comparing loses nothing, says what a reader would say, and is done in time whatever it is given."""

import random
import time

import pytest

from documents.blocks import Block
from documents.comparing import Change, Step, compare, matches, word_changes
from documents.html import parse


def sides(changes: list[Change]) -> tuple[str, str]:
    return tuple("".join(c.text for c in changes if c.kind != other) for other in ("added", "removed"))  # type: ignore[return-value]


def blocks(*texts: str) -> list[Block]:
    return parse("".join(f"<p>{text}</p>" for text in texts))


def kinds(steps: list[Step]) -> list[str]:
    return [
        "same" if s.is_same else "gone" if s.new is None else "new" if s.old is None else "look" if s.is_look else "changed"
        for s in steps
    ]  # fmt: skip


def test_a_changed_word_is_told_as_one_word() -> None:
    told = word_changes("O autor requer a procedência.", "O réu requer a improcedência.")
    assert [change for change in told if change.kind != "same"] == [
        ("removed", "autor"), ("added", "réu"), ("removed", "procedência"), ("added", "improcedência"),
    ]  # fmt: skip


def test_the_same_text_has_not_changed_and_none_is_all_new() -> None:
    assert word_changes("Nada mudou.", "Nada mudou.") == [("same", "Nada mudou.")]
    assert word_changes("", "Tudo novo.") == [("added", "Tudo novo.")]
    assert word_changes("Tudo se foi.", "") == [("removed", "Tudo se foi.")]
    assert word_changes("", "") == []


def test_no_islands_between_rewritten_words() -> None:
    told = word_changes("casa de campo, praia", "barco de corrida, vela")
    assert told == [("removed", "casa de campo, praia"), ("added", "barco de corrida, vela")]


@pytest.mark.parametrize("seed", range(60))
def test_whatever_changes_both_texts_can_be_read_out_of_it(seed: int) -> None:
    dice = random.Random(seed)
    words = ["a", "b", "de", " ", "  ", "\n", "prazo", "réu", ",", "•", "1.234", "x" * 9]
    old = [dice.choice(words) for _ in range(dice.randrange(80))]
    new = list(old)
    for _ in range(dice.randrange(20)):
        place = dice.randrange(len(new) + 1)
        new[place : place + dice.randrange(4)] = [dice.choice(words) for _ in range(dice.randrange(4))]
    assert sides(word_changes("".join(old), "".join(new))) == ("".join(old), "".join(new))


@pytest.mark.parametrize("seed", range(40))
def test_what_stayed_is_the_same_on_both_sides_and_in_order(seed: int) -> None:
    dice = random.Random(seed)
    old, new = ([dice.randrange(6) for _ in range(dice.randrange(60))] for _ in range(2))
    first = second = 0
    for start, other, length in matches(old, new):
        assert start >= first
        assert other >= second
        assert length > 0
        assert old[start : start + length] == new[other : other + length]
        first, second = start + length, other + length


def test_the_shortest_way_is_found_where_nothing_stands_once() -> None:
    old, new = "abcabba", "cbabac"
    assert sum(length for _, _, length in matches(old, new)) == 4  # the example of Myers's article


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("prazo " * 60_000, "lei " * 60_000),
        ("a b " * 50_000, "b a a " * 40_000),
        (" ".join(map(str, range(80_000))), " ".join(map(str, range(80_000, 0, -1)))),
    ],
    ids=["nothing in common", "the same two words", "backwards"],
)
def test_a_huge_paragraph_takes_no_minutes(old: str, new: str) -> None:
    began = time.process_time()
    told = word_changes(old, new)
    assert time.process_time() - began < 10
    assert sides(told) == (old, new)


def test_a_paragraph_that_changed_stands_beside_what_it_was() -> None:
    old = blocks("Um.", "O autor requer a citação do réu.", "Três.")
    new = blocks("Um.", "Um parágrafo novo em folha.", "O autor requer a citação da ré.", "Três.")
    steps = compare(old, new)
    assert kinds(steps) == ["same", "new", "changed", "same"]
    assert [c for c in steps[2].changes if c.kind != "same"] == [("removed", "do réu"), ("added", "da ré")]


def test_another_look_is_told_as_such() -> None:
    assert kinds(compare(parse("<p>Prazo</p>"), parse("<p><strong>Prazo</strong></p>"))) == ["look"]
    assert kinds(compare(parse("<p>Prazo</p>"), parse("<h2>Prazo</h2>"))) == ["look"]


def test_what_was_moved_is_told_as_moved() -> None:
    old = blocks("Primeiro parágrafo.", "Segundo parágrafo, longo.", "Terceiro, outro.")
    steps = compare(old, [old[1], old[2], old[0]])
    moved = [(step.old is None, step.is_moved) for step in steps if not step.is_same]
    assert moved == [(False, True), (True, True)]


def test_numbers_are_those_of_each_text() -> None:
    old = parse("<h2>Fatos</h2><h2>Direito</h2>")
    new = parse("<h2>Direito</h2>")
    last = compare(old, new)[-1]
    assert (last.old_label, last.new_label, last.is_same) == ("II.", "I.", True)


def test_a_table_is_compared_by_its_rows() -> None:
    rows = "<table><tr><td>Aluguel</td><td>{}</td></tr><tr><td>Multa</td><td>10%</td></tr></table>"
    (step,) = compare(parse(rows.format("R$ 100")), parse(rows.format("R$ 250")))
    assert [c for c in step.changes if c.kind != "same"] == [("removed", "100"), ("added", "250")]


def test_sixty_pages_are_compared_in_a_moment() -> None:
    dice = random.Random(1)
    words = [f"palavra{number}" for number in range(900)]
    old = [" ".join(dice.choices(words, k=90)) for _ in range(300)]
    new = [text.replace("palavra7", "outra") if dice.random() < 0.5 else text for text in old]
    began = time.process_time()
    steps = compare(blocks(*old), blocks(*new))
    assert time.process_time() - began < 5
    assert len(steps) == 300


def test_a_name_that_changed_in_every_paragraph_is_all_that_changed() -> None:
    dice = random.Random(2)
    words = [f"palavra{number}" for number in range(900)]
    old = [" ".join(["Autora", *dice.choices(words, k=60)]) for _ in range(700)]
    new = [text.replace("Autora", "Requerente") for text in old]
    del new[40:45]
    began = time.process_time()
    steps = compare(blocks(*old), blocks(*new))
    assert time.process_time() - began < 10
    assert kinds(steps).count("changed") == 695
    assert kinds(steps).count("gone") == 5
    told = [change for step in steps if step.old and step.new for change in step.changes if change.kind != "same"]
    assert told == [("removed", "Autora"), ("added", "Requerente")] * 695
