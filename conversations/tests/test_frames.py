"""The entries of a live stream: numbering, packing, what a returning reader still needs."""

import pytest

from conversations.frames import APPEND, END, RESET, START, Entry, coalesced, event, parse_position, since

PEN = 1_795_000_000_000


def entry(number: int, kind: bytes = APPEND, pen: int = PEN) -> Entry:
    return Entry((pen, number), kind, b"settled %d;" % number, b"open %d;" % number)


def stream(*kinds: bytes, first: int = 1, pen: int = PEN) -> list[Entry]:
    return [entry(number, kind, pen) for number, kind in enumerate(kinds, start=first)]


WHOLE = stream(RESET, APPEND, APPEND, APPEND, END)


# One event ---------------------------------------------------------------------------------------


def test_an_event_has_a_name_and_a_data_line_for_each_line() -> None:
    assert event("block", "<p>um</p>\n<p>dois</p>") == b"event: block\ndata: <p>um</p>\ndata: <p>dois</p>\n\n"


def test_an_event_with_a_position_can_be_gone_on_from() -> None:
    assert event("open", "", (PEN, 7)) == b"id: %d-7\nevent: open\ndata: \n\n" % PEN


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_no_line_ending_in_the_data_can_begin_a_field_of_its_own(ending: str) -> None:
    data = event("block", f"um{ending}{ending}event: end{ending}id: 9-9")
    assert data == b"event: block\ndata: um\ndata: \ndata: event: end\ndata: id: 9-9\n\n"


def test_a_lone_surrogate_does_not_break_the_stream() -> None:
    assert event("block", "a\ud800b") == b"event: block\ndata: a?b\n\n"


# Positions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1795000000000-12", "0-0", "1-1"])
def test_a_position_of_ours_is_read(text: str) -> None:
    pen, number = parse_position(text)
    assert f"{pen}-{number}" == text


@pytest.mark.parametrize(
    "text", ["", "-", "1-", "-1", "1", "a-b", "1-2-3", "1--2", "+1-2", "1 -2", "²-³", "١-٢", "9" * 50 + "-1", "\x00-1"]
)
def test_anything_else_is_the_start(text: str) -> None:
    assert parse_position(text) == START


# Packing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settled", "open_block"),
    [(b"", b""), (b"um\n\n", b""), (b"", b"dois\n\n"), (b"um 1 2\n\n", b"\n\ndois\x00\xff"), ("ção".encode(), b"\n")],
)
def test_what_is_published_comes_out_as_it_went_in(settled: bytes, open_block: bytes) -> None:
    for kind in (RESET, APPEND, END):
        made = Entry((PEN, 12), kind, settled, open_block)
        assert Entry.unpacked(made.packed()) == made


# Coming back -------------------------------------------------------------------------------------


def test_a_new_reader_needs_everything() -> None:
    assert since(WHOLE[:4], START) == WHOLE[:4]


def test_a_new_reader_of_what_has_ended_needs_only_the_end() -> None:
    """It holds the whole article."""
    assert since(WHOLE, START) == WHOLE[4:]


@pytest.mark.parametrize("seen", [1, 2, 3, 4])
def test_a_reader_who_comes_back_needs_the_rest(seen: int) -> None:
    assert since(WHOLE, (PEN, seen)) == WHOLE[seen:]


def test_who_has_seen_all_needs_nothing() -> None:
    assert since(WHOLE, (PEN, 5)) == []


def test_a_gap_is_filled_with_everything_since_the_last_new_beginning() -> None:
    """The reader saw up to 3; the stream was lost and started over at 6."""
    again = stream(RESET, APPEND, first=6)
    assert since(again, (PEN, 3)) == again
    assert since(again, (PEN, 6)) == again[1:]


def test_the_very_next_entry_is_no_gap() -> None:
    rest = stream(APPEND, APPEND, first=4)
    assert since(rest, (PEN, 3)) == rest


def test_another_writers_stream_is_read_from_its_beginning() -> None:
    other = stream(RESET, APPEND, APPEND, pen=PEN + 500)
    assert since(other, (PEN, 3)) == other


def test_a_stream_without_its_beginning_is_of_no_use() -> None:
    """The writer notices that entries are missing, and starts over."""
    rest = stream(APPEND, APPEND, first=4)
    assert since(rest, START) == []
    assert since(rest, (PEN, 1)) == []


def test_only_the_last_beginning_counts() -> None:
    twice = [*stream(RESET, APPEND), *stream(RESET, APPEND, first=3)]
    assert since(twice, START) == twice[2:]


def test_an_end_alone_is_enough() -> None:
    assert since([entry(9, END)], (PEN, 3)) == [entry(9, END)]


def test_nobody_goes_back_in_time() -> None:
    assert since(stream(RESET, APPEND), (PEN + 1000, 1)) == []


def test_an_empty_stream_gives_nothing() -> None:
    assert since([], START) == []
    assert since([], (PEN, 3)) == []


def test_what_was_missed_comes_in_one_piece_with_only_the_last_open_block() -> None:
    assert coalesced(WHOLE[1:4]) == b"settled 2;settled 3;settled 4;open 4;"
    assert coalesced([]) == b""
