"""A document has the same lines on the same pages as PDF and as the Word file that another program sets."""

import os
import re
from pathlib import Path

import pypdfium2
import pytest

from documents import docx_out, pdf_out
from documents.formats import ABNT, OAB, Format
from documents.html import clean, parse
from documents.tests.test_libreoffice import converted, program

__all__ = ["program"]  # a fixture
SAME = "Liberation Sans"  # both must have the typeface, or their lines are not alike
SAID = "O réu, já qualificado nos autos, vem respeitosamente à presença de Vossa Excelência expor e requerer. "
TEXT = "<h1>Contestação</h1>" + "".join(
    f"<h2>Dos fatos</h2><p>{SAID * 6}</p><h3>Do contrato</h3><p class=numerado>{SAID * 3}</p><blockquote><p>{SAID * 4}</p>"
    f"<p>{SAID * 2}</p></blockquote><ol type=a><li>{SAID * 2}</li><li>{SAID}<ul><li>{SAID * 2}</li></ul></li></ol>"
    f"<p class=direita>São Paulo</p><p></p><p class=centro>{number}</p>"
    for number in range(12)
)


def pages(data: bytes) -> list[list[str]]:
    """The lines of each page without the number of the page; bullets are not the same sign everywhere."""
    found = []
    for page in pypdfium2.PdfDocument(data):
        said = re.sub(r"Página \d+ de \d+", "", page.get_textpage().get_text_range())
        found.append([line for one in said.splitlines() if (line := "".join(re.sub("[•\uf0b7]", "", one).split()))])
    return found


@pytest.mark.parametrize("spaces", [ABNT, OAB], ids=["abnt", "oab"])
def test_pages_and_lines_end_where_they_do_in_word(program: str, tmp_path: Path, spaces: Format) -> None:
    if SAME not in pdf_out._fonts().families():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"{SAME} is missing (on Debian: apt install fonts-liberation)"
        )
    fmt = ABNT if spaces is ABNT else Format(**{**vars(OAB), "font": ABNT.font, "substitutes": ABNT.substitutes})
    blocks = parse(clean(TEXT))
    word = docx_out.render(blocks, "Peça", fmt)
    other = pages(converted(program, tmp_path, {"peca": word}, "pdf")["peca"])
    ours = pages(pdf_out.render(blocks, "Peça", fmt))
    assert len(ours) == len(other) > 8
    for page, theirs in zip(ours, other, strict=True):
        alike = sum(line in theirs for line in page)
        assert alike / len(page) > 0.75, (page, theirs)  # a comma that hangs out of its line moves a word to the next
        assert abs(len(page) - len(theirs)) <= 1
