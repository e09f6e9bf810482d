"""What must hold of whatever anybody types, pastes, sends or imports; Hypothesis looks for what it does not hold of.

Deadlines have their own (`jurisprudence/deadlines/tests/test_properties.py`), and citations within a document's blocks
(`documents/tests/test_citing.py`).
"""

from __future__ import annotations

import itertools
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django import forms
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from audit.budget_pages import AmountField
from conversations import frames
from jurisprudence.citations.finding import find
from jurisprudence.deadlines.asking import Asked, Wrong, from_json
from jurisprudence.deadlines.forms import DaysField
from projects import cnj
from romagent.base import search
from romagent.legacy import reading, values
from tests.strategies import JSON, texts, tried
from uploads import passages
from uploads.summaries.planning import ranges
from uploads.words import pages_said

# Numbers of cases ---------------------------------------------------------------------------------


@tried
@given(texts("0000001", "39", "2024", ".", "-", "8", "26", "0100", " ", "/"))
def test_a_case_number_is_refused_in_words_or_is_twenty_digits(typed: str) -> None:
    try:
        number = cnj.parse(typed)
    except cnj.WrongNumber as refused:
        str(refused).encode()
        return
    assert re.fullmatch(r"[0-9]{20}", number.digits)


COURTS = sorted(cnj.COURTS)


@tried
@given(st.integers(0, 9_999_999), st.integers(1900, 2024), st.sampled_from(COURTS), st.integers(0, 9999), texts())
def test_a_right_number_is_known_with_its_mask_and_without_and_in_a_text(
    order: int, year: int, court: tuple[int, int], place: int, around: str
) -> None:
    digits = f"{order:07}00{year}{court[0]}{court[1]:02}{place:04}"
    digits = digits[:7] + cnj.check_digits_of(digits) + digits[9:]
    number = cnj.parse(digits)
    assert cnj.parse(str(number)) == number == cnj.parse(f" {number} ")
    assert number in cnj.find_all(f"{around} (autos {number}) {around}")
    wrong = f"{(int(digits[:7]) + 1) % 10_000_000:07}{digits[7:]}"
    with pytest.raises(cnj.WrongNumber):
        cnj.parse(wrong)


# Money, days, deadlines ---------------------------------------------------------------------------


@tried
@given(texts("1", "23", ".", ",", "US$", "-", " ", "e9", "000", "NaN", "Infinity"))
def test_an_amount_is_refused_in_words_or_is_a_sum_of_money(typed: str) -> None:
    try:
        amount = AmountField(required=False, max_length=30).clean(typed)
    except forms.ValidationError:
        return
    assert amount is None or (0 <= amount < 10**9 and amount == amount.quantize(Decimal("0.01")))


@tried
@given(st.integers(0, 10**9 - 1), st.integers(0, 99))
def test_an_amount_is_read_as_it_is_written(whole: int, cents: int) -> None:
    typed = f"{whole:,}".replace(",", ".") + f",{cents:02}"
    assert AmountField().clean(typed) == Decimal(whole) + Decimal(cents) / 100


@tried
@given(texts("01/02/2026", "31/02/2026", "99/99/9999", ",", ";", " ", "00/00/0000", "1/1/2026"))
def test_days_are_refused_in_words_or_are_days_in_their_order(typed: str) -> None:
    try:
        days = DaysField().clean(typed)
    except forms.ValidationError:
        return
    assert list(days) == sorted(set(days))
    assert all(isinstance(day, date) for day in days)


KEYS = ["event", "date", "amount", "unit", "calendar", "closed", "reduced", "suspended", "party", "electronic"]
LIKELY = st.sampled_from(["publicacao", "2026-03-02", "2026-02-31", "uteis", "dias", "estadual", 15, 10**30, -1, True])


@tried
@given(st.dictionaries(st.sampled_from(KEYS), LIKELY | JSON | st.lists(LIKELY, max_size=3)) | JSON)
def test_a_deadline_asked_for_as_json_is_refused_in_words_or_understood(given_: Any) -> None:
    try:
        assert isinstance(from_json(given_), Asked)
    except Wrong as refused:
        str(refused).encode()


# Citations ----------------------------------------------------------------------------------------

CITED = (
    "art. 5º", ", § 2º", ", inciso IV", " da CF", " do CPC/2015", "Súmula 7", " do STJ", "Súmula Vinculante 10", "Tema ",
    "1.234", "/SP", "REsp nº ", "AgRg no AREsp ", "Rel. Min. Fulano", "julgado em 31/02/2020", "DJe 01/01/2030", "Lei nº ",
    "8.078/1990", "Lei ", " e ", "; ", "“", "”", '"', "> ", "\n", "0000001-39.2024.8.26.0100", "Enunciado ", "OJ 1 da SDI-1", "²", "c/c",
)  # fmt: skip


@settings(max_examples=300)
@given(texts(*CITED))
def test_a_citation_is_a_slice_of_the_text_and_so_is_what_it_quotes(text: str) -> None:
    found = find(text)
    for one in found:
        assert 0 <= one.start < one.end <= len(text)
        assert text[one.start : one.end] == one.text
        for passage in (*filter(None, [one.quotation]), *one.dates):
            assert text[passage.start : passage.end] == passage.text
    assert [one.start for one in found] == sorted(one.start for one in found)
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))


@tried
@given(texts(*CITED))
def test_a_passage_that_is_found_says_what_was_asked_for(text: str) -> None:
    assume(any(letter.isalnum() for letter in text))
    words = text.split()
    quoted = " ".join(words[: len(words) // 2 + 1])
    place = passages.find(text, quoted)
    if place:
        start, end = place
        assert 0 <= start < end <= len(text)
        assert passages.find(text[start:end], text[start:end]) is not None


# Pages, searches, streams, old formats ------------------------------------------------------------


@tried
@given(st.sets(st.integers(1, 10_000), min_size=1))
def test_ranges_of_pages_are_those_pages(numbers: set[int]) -> None:
    found = ranges(sorted(numbers))
    assert sorted(page for first, last in found for page in range(first, last + 1)) == sorted(numbers)
    assert all(before[1] + 1 < after[0] for before, after in itertools.pairwise(found))
    assert pages_said(numbers)


QUERIES = (
    "prazo",
    '"',
    "-",
    "OU",
    " OU ",
    "(",
    ")",
    "&",
    "|",
    "!",
    ":*",
    "<->",
    "'",
    "\\",
    "art. 5º",
    "a.b-c_d",
    "0000001-39.2024.8.26.0100",
    "*",
    "---",
    "\u00a0",
)


@pytest.mark.django_db
@tried
@given(texts(*QUERIES))
def test_whatever_is_searched_for_is_understood(typed: str) -> None:
    asked = search.understand(typed)
    assert isinstance(asked.text, str)


@tried
@given(texts("0.5", "~", "nan", "inf", "1e999", "-", "00000000-0000-0000-0000-000000000001"))
def test_a_place_in_a_list_of_hits_is_one_or_the_beginning(after: str) -> None:
    place = search.position(after)
    assert place is None or (abs(place[0]) < 1e9 and isinstance(place[1], UUID))
    one, key = (0.25, UUID(int=7))
    assert search.position(search.cursor_of(one, key)) == (one, key)


@tried
@given(texts("\n", "data: x", "\n\n", "event: y", "id: 9-9", ":"))
def test_an_event_holds_its_data_and_no_other_event(data: str) -> None:
    lines = frames.event("append", data, (5, 6)).decode().removesuffix("\n\n").split("\n")
    assert lines[:2] == ["id: 5-6", "event: append"]
    assert all(line.startswith("data: ") for line in lines[2:])
    read = "\n".join(line.removeprefix("data: ") for line in lines[2:])
    assert read == data.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()


@tried
@given(texts("1", "-", "9" * 50, "0", " ", "+"))
def test_a_place_in_a_stream_is_two_numbers_or_the_start(typed: str) -> None:
    pen, number = frames.parse_position(typed)
    assert pen >= 0 <= number
    assert frames.parse_position(f"{pen}-{number}") == (pen, number)


@tried
@given(JSON)
def test_old_values_are_taken_over_or_warned_of(value: Any) -> None:
    warnings: list[str] = []
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for found in (values.text(value, warnings.append, 50), values.content(value, warnings.append)):
        if found is not None:
            found.encode()
            assert "\x00" not in found
    moment = values.moment(value, now, warnings.append)
    assert moment is None or (moment.tzinfo and moment <= now)


@tried
@given(
    st.lists(JSON, max_size=5).map(json.dumps) | st.dictionaries(texts(most=3), JSON, max_size=5).map(json.dumps),
    st.integers(0, 400),
    st.sampled_from([b"", b"\xff", b"\x00", b"}", b",", b"NaN", b"1e999999999", b"[" * 300]),
)
def test_an_old_file_is_read_record_by_record_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, text: str, at: int, broken: bytes
) -> None:
    data = text.encode()
    path: Path = tmp_path_factory.getbasetemp() / "old.json"
    path.write_bytes(data[:at] + broken + data[at:] if broken else data)
    try:
        found = list(reading.records(path))
    except reading.NotJson as refused:
        assert broken
        str(refused).encode()
        return
    if not broken:
        assert len(found) == len(json.loads(text))
