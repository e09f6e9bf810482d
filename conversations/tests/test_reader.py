"""One reader of a live reply: it takes what follows on what it has seen, and notices what it missed."""

from uuid import uuid4

import pytest

from conversations.frames import APPEND, END, RESET, START, Entry, channel, stream_key
from conversations.hub import BACKLOG_BYTES, Reader


def entry(number: int, kind: bytes = APPEND, pen: int = 1000, size: int = 1) -> Entry:
    return Entry((pen, number), kind, b"x" * size, b"%d;" % number)


@pytest.fixture
def reader() -> Reader:
    made = Reader(uuid4(), uuid4(), START)
    made.behind = False
    return made


def test_a_reader_takes_what_follows(reader: Reader) -> None:
    for made in (entry(1, RESET), entry(2), entry(3)):
        reader.offer(made)
    assert (reader.take(), reader.seen, reader.behind) == (b"x1;x2;x3;", (1000, 3), False)
    assert reader.take() == b""


def test_a_reader_who_missed_something_asks_for_it(reader: Reader) -> None:
    reader.offer(entry(1, RESET))
    reader.offer(entry(3))
    assert (reader.behind, reader.seen, reader.heard) == (True, (1000, 1), (1000, 3))


def test_a_reader_passes_over_what_it_has_seen(reader: Reader) -> None:
    reader.offer(entry(1, RESET))
    reader.offer(entry(2))
    reader.take()
    reader.offer(entry(2))
    assert (reader.take(), reader.behind) == (b"", False)


def test_a_new_beginning_is_taken_whatever_was_missed(reader: Reader) -> None:
    reader.offer(entry(1, RESET))
    reader.offer(entry(1, RESET, pen=2000))
    assert (reader.seen, reader.behind) == ((2000, 1), False)


def test_nothing_follows_the_end(reader: Reader) -> None:
    reader.offer(entry(1, RESET))
    reader.offer(entry(2, END))
    reader.offer(entry(3))
    assert (reader.take(), reader.ended) == (b"x1;x2;", True)


def test_a_backlog_is_dropped_rather_than_kept_without_bound(reader: Reader) -> None:
    reader.offer(entry(1, RESET, size=BACKLOG_BYTES + 1))
    reader.offer(entry(2))
    assert reader.behind
    reader.offer(entry(3))
    assert reader.size <= BACKLOG_BYTES + 10


def test_an_old_writers_entry_is_not_taken_for_news(reader: Reader) -> None:
    reader.offer(entry(1, RESET, pen=2000))
    reader.take()
    reader.offer(entry(9, pen=1000))
    reader.offer(entry(9, END, pen=1000))
    assert (reader.take(), reader.ended) == (b"", False)


def test_the_keys_of_two_replies_differ() -> None:
    one, other = uuid4(), uuid4()
    assert stream_key(one) != stream_key(other)
    assert channel(one) != channel(other)
    assert channel(one)[-36:] == str(one)
