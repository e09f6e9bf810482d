"""Static files as a deployment serves them: named by their content, compressed, kept by browsers for ever."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import brotli
import pytest

from tests.client import Answer, Visitor

if TYPE_CHECKING:
    from tests.stack import Stack

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[1]
HASHED = re.compile(r"/static/[\w./-]+\.[0-9a-f]{12}\.(?:css|js|svg)")


@pytest.fixture
def page(lawyer: Visitor) -> Answer:
    return lawyer.get("/conversas/")


def test_every_file_that_a_page_names_is_named_by_its_content(page: Answer) -> None:
    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert len(named) > 4
    for path in named:
        assert HASHED.fullmatch(path), path


def test_they_come_compressed_and_are_kept_for_ever(page: Answer, lawyer: Visitor) -> None:
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress}
    for found in HASHED.finditer(page.text):
        plain = lawyer.get(found[0], Accept_Encoding="identity")
        assert plain.status == 200, found[0]
        assert "max-age=315360000" in plain.headers["Cache-Control"]
        assert "immutable" in plain.headers["Cache-Control"]
        for encoding in ("br", "gzip"):
            packed = lawyer.get(found[0], Accept_Encoding=encoding)
            if packed.headers.get("Content-Encoding") == encoding:
                assert unpack[encoding](packed.body) == plain.body
                assert len(packed.body) < len(plain.body)
            else:
                assert len(plain.body) < 2000, f"{found[0]} is worth compressing"


def test_a_script_imports_the_others_by_their_names_of_this_release(lawyer: Visitor) -> None:
    page = lawyer.get(f"/conversas/{lawyer.start()}/").text
    (ask,) = {found[0] for found in HASHED.finditer(page) if found[0].startswith("/static/js/ask.")}
    imported = re.findall(r'from\s*"([^"]+)"', lawyer.get(ask).text)
    assert len(imported) == 3
    for name in imported:
        assert re.fullmatch(r"\./[\w-]+\.[0-9a-f]{12}\.js", name), name
        assert lawyer.get(f"/static/js/{name.removeprefix('./')}").status == 200


def test_what_is_collected_stands_beside_itself_in_two_compressed_forms(stack: Stack) -> None:
    manifest = json.loads((ROOT / "staticfiles" / "staticfiles.json").read_text())["paths"]
    for name in ("css/app.css", "css/conversation.css", "js/ask.js", "js/stream.js"):
        file = ROOT / "staticfiles" / manifest[name]
        content = file.read_bytes()
        assert brotli.decompress(file.with_name(f"{file.name}.br").read_bytes()) == content
        assert gzip.decompress(file.with_name(f"{file.name}.gz").read_bytes()) == content


def test_a_name_of_no_release_is_not_found(lawyer: Visitor) -> None:
    assert lawyer.get("/static/css/app.000000000000.css").status == 404
