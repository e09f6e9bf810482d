"""What a validator of other people's finds in the PDFs: Apache PDFBox's Preflight, which knows PDF/A-1b (ISO 19005-1).

It is the one that a package brings (`apt install libpdfbox2-java libjaxb-api-java`, and any Java). Of what level B asks in
PDF/A-2, PDF/A-1 asks nearly all and more; so the files are shown to it in the form of the first part, and it may find
nothing but what the second one allows. Without it these tests are skipped, but not where `CI` is set.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from documents import pdf_out
from documents.blocks import Block
from documents.formats import FORMATS, OFFICE, Format
from documents.letterhead import Letterhead
from documents.tests.test_pdf_out import LONG, logo, paragraph
from documents.tests.writing import anything, everything

JARS = Path("/usr/share/java")
NAMES = ("preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "jaxb-api", "javax.activation")
MISSING = (
    "Preflight is missing: its tests have not run (on Debian: apt install libpdfbox2-java libjaxb-api-java "
    "default-jre-headless)"
)
FOUND = re.compile(r"^(\d+(?:\.\d+)*) : (.*)$", re.MULTILINE)
ALLOWED = "Invalid graphics object, Invalid version of the ICCProfile"  # its version 4, which ISO 19005-2, 6.2.3 allows


@pytest.fixture(scope="module")
def command() -> list[str]:
    jars = [JARS / f"{name}.jar" for name in NAMES]
    if shutil.which("java") is None or not all(jar.exists() for jar in jars):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    return ["java", "-cp", ":".join(map(str, jars)), "org.apache.pdfbox.preflight.Validator_A1b"]


def found(command: list[str], directory: Path, data: bytes) -> set[str]:
    """What it says of the file beside what is allowed."""
    file = directory / "peca.pdf"
    file.write_bytes(data)
    done = subprocess.run([*command, str(file)], capture_output=True, text=True, timeout=240, check=False)
    said = FOUND.findall(done.stdout)
    assert said or "is a valid PDF/A-1b" in done.stdout, (done.stdout + done.stderr)[-2000:]
    return {f"{code} {what}" for code, what in said if not what.startswith(ALLOWED)}


def in_the_form_of_the_first_part(data: bytes) -> bytes:
    """The same file without streams of objects; it says that it is PDF/A-1b. Preflight follows no reference from a
    bookmark to where it leads, so that is put into the bookmark."""
    file = BytesIO()
    with pikepdf.open(BytesIO(data)) as pdf:
        said = pdf.Root.Metadata.read_bytes()
        pdf.Root.Metadata.write(said.replace(b"<pdfaid:part>2", b"<pdfaid:part>1"))
        for one in pdf.objects:
            if isinstance(one, pikepdf.Dictionary) and "/Dest" in one:
                one.Dest = pikepdf.Array(list(one.Dest))
        pdf.save(file, object_stream_mode=pikepdf.ObjectStreamMode.disable, force_version="1.4")
    return file.getvalue()


HEAD = Letterhead(logo("JPEG"), ("Prado Advogados",), ("Rua A, 10",), ("Helena Prado", "OAB/SP 2"))


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=list(FORMATS))
def test_it_finds_nothing_in_a_document_of_everything(command: list[str], tmp_path: Path, fmt: Format) -> None:
    data = pdf_out.render(everything(), "Contestação & <réplica>", fmt, HEAD, author="Dra. Helena Prado")
    assert found(command, tmp_path, in_the_form_of_the_first_part(data)) == set()


def test_nor_in_signs_that_no_typeface_has(command: list[str], tmp_path: Path) -> None:
    given: list[Block] = [*anything(7), paragraph("antes \U0010abcd 😀 漢字 Ω depois")]
    data = pdf_out.render(given, "Peça", OFFICE)
    assert found(command, tmp_path, in_the_form_of_the_first_part(data)) == set()


def test_nor_in_one_of_several_parts(command: list[str], tmp_path: Path) -> None:
    whole = pdf_out.render([paragraph(f"{n} {LONG * 9}") for n in range(200)], "Peça", OFFICE, HEAD)
    _, part, *_ = pdf_out.split(whole, 0.07)
    assert found(command, tmp_path, in_the_form_of_the_first_part(part)) == set()


def test_it_does_find_a_fault(command: list[str], tmp_path: Path) -> None:
    file = BytesIO()
    with pikepdf.open(BytesIO(pdf_out.render(everything(), "Peça", OFFICE))) as pdf:
        for one in pdf.objects:
            if isinstance(one, pikepdf.Dictionary) and "/FontFile2" in one:
                del one["/FontFile2"]
        pdf.docinfo["/Title"] = "Outra"
        pdf.save(file)
    told = found(command, tmp_path, in_the_form_of_the_first_part(file.getvalue()))
    assert any("font" in one.casefold() for one in told), told
    assert any("title" in one.casefold() for one in told), told
