"""Files that are nearly right, in every way that a seed gives: each ends in pages or in a reason, soon, and never in a fault."""

import random
import time
from pathlib import Path

import openpyxl
import pytest

from uploads import words
from uploads.reading.found import Limits
from uploads.reading.tests.making import docx, odt, paragraph, reading, scan, text_pdf
from uploads.reading.tests.test_formats import message

ROUNDS = 8
LIMITS = Limits(memory=400 * 1024**2, page_cpu=5, open_cpu=10, cpu_seconds=20)
SOURCES = ("pdf", "docx", "odt", "xlsx", "rtf", "eml", "html", "png", "tiff", "jpg", "heic")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One good file of each kind."""
    at = tmp_path_factory.mktemp("inteiros")
    text_pdf(at / "a.pdf", "Petição inicial " * 40, "Contestação " * 40)
    docx(at / "a.docx", "".join(paragraph(f"Cláusula {number}") for number in range(30)))
    odt(at / "a.odt", "".join(f"<text:p>Cláusula {number}</text:p>" for number in range(30)))
    book = openpyxl.Workbook()
    for number in range(30):
        book.active.append([number, f"lançamento {number}"])
    book.save(at / "a.xlsx")
    (at / "a.rtf").write_bytes(
        rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}" + rb"A\'e7\'e3o \b forte\b0 \u8220?x\par " * 30 + b"}"
    )
    (at / "a.html").write_text("<html><body>" + "<p>Defiro a <b>tutela</b>.</p>" * 30)
    mail = message()
    mail.add_attachment((at / "a.pdf").read_bytes(), maintype="application", subtype="pdf", filename="a.pdf")
    (at / "a.eml").write_bytes(mail.as_bytes())
    image = scan(200, 300)
    for suffix in ("png", "jpg"):
        image.save(at / f"a.{suffix}")
    image.save(at / "a.tiff", save_all=True, append_images=[image])
    import pillow_heif

    pillow_heif.from_pillow(image.convert("RGB")).save(at / "a.heic")
    return {suffix: (at / f"a.{suffix}").read_bytes() for suffix in SOURCES}


def changed(data: bytes, chance: random.Random) -> bytes:
    """The file with some bytes turned, taken out, doubled or cut off."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 3, 20, 200))):
        at = chance.randrange(len(out))
        match chance.randrange(5):
            case 0:
                out[at] = chance.randrange(256)
            case 1:
                out[at] ^= 1 << chance.randrange(8)
            case 2:
                del out[at : at + chance.randrange(1, 30)]
            case 3:
                out[at:at] = out[at : at + chance.randrange(1, 60)]
            case _:
                out[at : at + 8] = chance.choice((b"\0" * 8, b"\xff" * 8, b"99999999", b"-1      "))
        if len(out) < 10:
            break
    return bytes(out[: chance.randrange(1, len(out))]) if chance.random() < 0.15 and len(out) > 1 else bytes(out)


def judged(path: Path) -> None:
    started = time.monotonic()
    found = reading(path, limits=LIMITS)
    assert time.monotonic() - started < 90
    if found.failed:
        assert found.failed[0] in words.FILE
        assert found.failed[0] != "internal"
    else:
        assert [page.number for page in found.pages] == list(range(1, found.count + 1))
    for page in found.pages:
        assert page.error == "" or page.error in words.PAGE
        page.text.encode()
        assert "\0" not in page.text


@pytest.mark.parametrize("suffix", SOURCES)
def test_a_file_with_faults_ends_in_pages_or_in_a_reason(tmp_path: Path, whole: dict[str, bytes], suffix: str) -> None:
    chance = random.Random(f"{suffix} 4")
    (tmp_path / "inteiro").write_bytes(whole[suffix])
    assert not reading(tmp_path / "inteiro", limits=LIMITS).failed
    for number in range(ROUNDS):
        path = tmp_path / f"{number}.{suffix}"
        path.write_bytes(changed(whole[suffix], chance))
        judged(path)


def test_random_bytes_end_in_a_reason(tmp_path: Path, whole: dict[str, bytes]) -> None:
    chance = random.Random(4)
    for number in range(ROUNDS):
        start = whole[chance.choice(SOURCES)][: chance.choice((0, 0, 4, 12, 60))]
        (tmp_path / str(number)).write_bytes(start + chance.randbytes(chance.choice((1, 100, 20_000))))
        judged(tmp_path / str(number))
