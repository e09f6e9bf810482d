"""What another program reads in the Word files: the same words in the same order, with the same numbers.

LibreOffice is the machine's own (`apt install libreoffice-writer-nogui`). Without it these tests are skipped, but not
where `CI` is set.
"""

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from documents import docx_compare, docx_out
from documents.blocks import Block, lines
from documents.formats import FORMATS, OFFICE
from documents.html import clean, parse
from documents.letterhead import Letterhead
from documents.tests.writing import anything, everything

MISSING = "LibreOffice is missing: its tests have not run (on Debian: apt install libreoffice-writer-nogui)"
BULLETS = re.compile(r"(?m)^\s*[•▪◦◊■●➢✔–-](?=\s)")
SECONDS = 240


@pytest.fixture(scope="module")
def program() -> str:
    found = shutil.which("soffice")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    return found


def converted(program: str, directory: Path, files: dict[str, bytes], to: str) -> dict[str, bytes]:
    """Each file as LibreOffice saves it in another format; one start for all."""
    for name, data in files.items():
        (directory / f"{name}.docx").write_bytes(data)
    home = f"-env:UserInstallation={(directory / 'home').as_uri()}"
    command = [program, home, "--headless", "--convert-to", to, "--outdir", str(directory / "out")]
    command += [str(directory / f"{name}.docx") for name in files]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    ending = to.partition(":")[0]
    made = {name: directory / "out" / f"{name}.{ending}" for name in files}
    assert all(path.exists() for path in made.values()), done.stderr[-2000:]
    return {name: path.read_bytes() for name, path in made.items()}


def words(text: str) -> list[str]:
    return BULLETS.sub("", text.replace("\t", "\n")).split()


def test_libreoffice_reads_the_same_words_and_numbers(program: str, tmp_path: Path) -> None:
    written: dict[str, list[Block]] = {key: everything() for key in FORMATS}
    written |= {f"anything{seed}": anything(seed, 25) for seed in range(20)}
    files = {name: docx_out.render(blocks, "Título", FORMATS.get(name, OFFICE)) for name, blocks in written.items()}
    found = converted(program, tmp_path, files, "txt:Text (encoded):UTF8")
    for name, blocks in written.items():
        assert words(found[name].decode("utf-8-sig")) == words("\n".join(lines(blocks))), name


def test_libreoffice_shows_a_page_with_its_paper(program: str, tmp_path: Path) -> None:
    """As PDF, which has the header and the footer too: the pages are counted and the letterhead is on each."""
    import pypdfium2

    head = Letterhead(None, ("Prado Advogados",), ("Rua A, 1",), ("Helena Prado", "OAB/SP 1"))
    blocks = parse(clean("".join(f"<p>{'Parágrafo de um texto. ' * 20}{n}</p>" for n in range(40))))
    data = converted(program, tmp_path, {"x": docx_out.render(blocks, "T", OFFICE, head)}, "pdf")["x"]
    pdf = pypdfium2.PdfDocument(data)
    pages = [page.get_textpage().get_text_range() for page in pdf]
    assert len(pages) > 3
    for number, text in enumerate(pages, 1):
        assert f"Página {number} de {len(pages)}" in text
        assert "Prado Advogados" in text
        assert "Rua A, 1" in text
    assert [("OAB/SP 1" in text) for text in pages].count(True) == 1
    assert (round(pdf[0].get_width()), round(pdf[0].get_height())) == (595, 842)


def test_libreoffice_takes_and_refuses_the_changes(program: str, tmp_path: Path) -> None:
    """Saved as an OpenDocument text, each change is told as what it is."""
    old = parse(clean("<p>O autor pede.</p><p>Sai.</p><p>Fica.</p>"))
    new = parse(clean("<p>O réu pede.</p><p>Fica.</p><p>Entra.</p>"))
    when = datetime(2026, 11, 28, 12, 30, tzinfo=UTC)
    data = docx_compare.render(old, new, "T", OFFICE, author="Helena Prado", when=when)
    told = converted(program, tmp_path, {"x": data}, "fodt")["x"].decode()
    assert (told.count("<text:insertion>"), told.count("<text:deletion>")) == (2, 2)
    assert set(re.findall(r"<dc:creator>([^<]*)</dc:creator>\s*<dc:date>([^<]*)<", told)) >= {
        ("Helena Prado", "2026-11-28T12:30:00")
    }
