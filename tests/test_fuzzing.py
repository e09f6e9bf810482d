"""Whatever is sent to a URL by who may use it: never a failure of ours, never an error of PostgreSQL's, words if refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from hypothesis import given
from pytest_django import Settings

from tests.fuzzing import FORM, LIKELY, Body, Watch, bodies, fault_of, fields_of, fuzzed, query, sent, watching
from tests.matrix import OURS, STAFFS, Office, Own, World, row_of, table, undone
from tests.walking import Url, closed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


class Fuzzer:
    """One half of the URLs, in the browser of who may use all of them."""

    def __init__(self, watch: Watch, half: str) -> None:
        self.watch, self.half = watch, half
        self.world: World = Office() if half == "staff" else Own()
        self.who = "superuser" if half == "staff" else "owner"
        self.rows = table(half)
        self.browser = self.world.browser(self.who)
        self.faults: dict[str, str] = {}

    def urls(self, method: str) -> list[Url]:
        """Those that take this method."""
        asked = STAFFS if self.half == "staff" else OURS
        place = ["get", "post"].index(method)
        return [url for url in asked if self.rows[row_of(url)][self.who].split("/")[place] != "405"]

    def answer(self, url: Url, ask: Any) -> Any:
        def now() -> Any:
            self.world.prepare(url)
            self.watch.clear()
            return closed(ask(self.browser, self.world.path(url)))

        response = undone(now)
        if ":" not in url.name or url.name == "admin:logout":
            self.browser = self.world.browser(self.who)  # she may have signed out
        return response

    def learn(self, url: Url, method: str) -> list[str]:
        """The names that the view asks for: of nothing, and then of what is likely to be right."""
        self.watch.names.clear()
        for data in ({}, {name: value.decode() for name, value in LIKELY.items()}):
            self.answer(url, lambda client, path, data=data: getattr(client, method)(path, data))
        return sorted(self.watch.names)[:40]

    def check(self, url: Url, ask: Any, sent_: object) -> None:
        fault = fault_of(self.answer(url, ask), self.watch)
        assert not fault, f"{fault}\nsent: {str(sent_)[:600]}"

    def try_all(self, url: Url, strategy: Any, ask: Any) -> None:
        @fuzzed
        @given(strategy)
        def run(drawn: Any) -> None:
            self.check(url, lambda client, path: ask(client, path, drawn), drawn)

        self.note(url, run)

    def note(self, url: Url, run: Any) -> None:
        """All faults are told, not only the first URL's."""
        try:
            run()
        except AssertionError as fault:
            self.faults[row_of(url)] = str(fault)

    def tell(self) -> None:
        if self.faults:
            pytest.fail("\n".join(f"{row}: {fault}" for row, fault in self.faults.items()), pytrace=False)


@pytest.mark.parametrize("half", ["people", "staff"])
def test_no_form_makes_the_product_fail(half: str) -> None:
    with watching() as watch:
        fuzzer = Fuzzer(watch, half)
        learned = 0
        for url in fuzzer.urls("post"):
            names = fuzzer.learn(url, "post")
            learned += len(names)
            fuzzer.try_all(url, bodies(names), sent)
        assert learned > 100  # it does look at something
        fuzzer.tell()


@pytest.mark.parametrize("half", ["people", "staff"])
def test_no_address_makes_the_product_fail(half: str) -> None:
    with watching() as watch:
        fuzzer = Fuzzer(watch, half)
        for url in fuzzer.urls("get"):
            names = fuzzer.learn(url, "get")
            fuzzer.try_all(url, fields_of(names).map(query), lambda client, path, asked: client.get(f"{path}?{asked}"))
        fuzzer.tell()


def strange(route: str) -> tuple[str, ...]:
    """What may stand in such a path in the place of a number or a name."""
    if "<int:" in route:
        return "99999999999999999999", "2147483648", "0"
    return ("%00", "%FF", "a%2Fb", "x" * 300) if "<path:" in route or "<slug:" in route else ()


@pytest.mark.parametrize("half", ["people", "staff"])
def test_no_number_or_name_in_a_path_makes_the_product_fail(half: str) -> None:
    with watching() as watch:
        fuzzer = Fuzzer(watch, half)
        for method in ("get", "post"):
            for url in fuzzer.urls(method):
                for value in strange(url.route):
                    path = fuzzer.world.path(url)
                    other = path.replace("/1/", f"/{value}/").replace("/x/", f"/{value}/")

                    def run(url: Url = url, other: str = other, method: str = method) -> None:
                        fuzzer.check(url, lambda client, path: getattr(client, method)(other), other)

                    fuzzer.note(url, run)
        fuzzer.tell()


@pytest.mark.parametrize("half", ["people", "staff"])
def test_what_is_too_large_is_refused_in_words(half: str, settings: Settings) -> None:
    large = b"content=" + b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    many = b"&".join([b"a=1"] * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    with watching() as watch:
        fuzzer = Fuzzer(watch, half)
        for url in fuzzer.urls("post"):
            for data in (large, many):

                def run(url: Url = url, data: bytes = data) -> None:
                    fuzzer.check(url, lambda client, path: sent(client, path, Body(FORM, data)), data[:50])

                fuzzer.note(url, run)
        fuzzer.tell()
