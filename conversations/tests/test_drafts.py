"""A draft turned into entries: however it grows, a reader who follows them sees the text as it stands."""

import random
from uuid import uuid4

import pytest

from conversations.frames import APPEND, END, RESET
from conversations.relay import COMPACT_ENTRIES, WRITING, Draft
from conversations.tests.page import Page, tidy
from romagent.base.markdown import to_html

TEXT = """## Prazo

O prazo é de **quinze dias** úteis:

1. contados da juntada;
2. em dobro para a Fazenda.

| Ato | Prazo |
| --- | ---: |
| Contestação | 15 |

> Confira nos autos.

Fim."""


def test_the_first_entry_starts_over_and_says_what_is_going_on() -> None:
    entry = Draft(uuid4(), 1, "").next_entry()
    assert entry.kind == RESET
    assert entry.position[1] == 1
    assert entry.settled == f"event: reset\ndata: \n\nevent: state\ndata: {WRITING}\n\n".encode()


def test_entries_are_numbered_without_gaps_under_one_pen() -> None:
    draft = Draft(uuid4(), 1, "")
    positions = []
    for word in ["um", "dois", "três", "quatro"]:
        draft.append(word)
        positions.append(draft.next_entry().position)
    pens, numbers = zip(*positions, strict=True)
    assert (len(set(pens)), numbers) == (1, (1, 2, 3, 4))
    assert draft.last_entry("<article>").position == (pens[0], 5)


@pytest.mark.parametrize("seed", range(20))
def test_a_reader_who_follows_sees_the_text_as_it_stands(seed: int) -> None:
    chance, draft, page, at = random.Random(seed), Draft(uuid4(), 1, ""), Page(), 0
    while at < len(TEXT):
        size = chance.randint(1, 25)
        draft.append(TEXT[at : at + size])
        at += size
        if chance.random() < 0.1:
            draft.start_over()
        page.read(draft.next_entry().frame)
        assert tidy(page.html) == tidy(draft.growing.html + draft.growing.open_html())
    assert tidy(page.html) == tidy(to_html(TEXT))


def test_a_reader_who_comes_late_needs_only_the_new_beginning() -> None:
    draft, page = Draft(uuid4(), 1, ""), Page()
    for line in TEXT.splitlines(keepends=True):
        draft.append(line)
        draft.next_entry()
    draft.start_over()
    page.read(draft.next_entry().frame)
    assert tidy(page.html) == tidy(to_html(TEXT))


def test_a_writer_who_takes_over_begins_with_what_is_written() -> None:
    page = Page()
    page.read(Draft(uuid4(), 2, TEXT).next_entry().frame)
    assert tidy(page.html) == tidy(to_html(TEXT))


def test_the_state_is_told_once_and_again_when_it_changes() -> None:
    draft = Draft(uuid4(), 1, "")
    told = []
    for state in ["Pensando…", "Pensando…", "O serviço não respondeu."]:
        draft.say(state)
        told.append(b"event: state" in draft.next_entry().settled)
    draft.append("texto")
    told.append(WRITING.encode() in draft.next_entry().settled)
    draft.append(" mais")
    told.append(b"event: state" in draft.next_entry().settled)
    assert told == [True, False, True, True, False]


def test_a_stream_that_grows_long_starts_over_by_itself() -> None:
    draft = Draft(uuid4(), 1, "")
    kinds = []
    for _ in range(COMPACT_ENTRIES + 2):
        draft.append("palavra ")
        kinds.append(draft.next_entry().kind)
    assert [number for number, kind in enumerate(kinds) if kind == RESET] == [0, COMPACT_ENTRIES]
    assert set(kinds) == {RESET, APPEND}


def test_a_stream_that_lost_something_starts_over() -> None:
    draft = Draft(uuid4(), 1, "um")
    draft.next_entry()
    draft.append(" dois")
    draft.next_entry()
    assert draft.in_stream == 2
    draft.start_over()  # what the relay does when Redis holds one only
    assert draft.dirty
    assert draft.next_entry().kind == RESET
    assert draft.in_stream == 1


def test_nothing_new_is_not_dirty() -> None:
    draft = Draft(uuid4(), 1, "")
    assert draft.dirty
    draft.next_entry()
    assert not draft.dirty
    draft.append("um")
    assert draft.dirty


def test_the_last_entry_is_the_article() -> None:
    entry = Draft(uuid4(), 1, "").last_entry("<article>fim</article>")
    assert entry.kind == END
    assert b"event: end\ndata: <article>fim</article>\n\n" in entry.frame
