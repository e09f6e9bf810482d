"""What a PDF says of itself, what it is in parts, and where it is made."""

import asyncio
import subprocess
import sys
import threading
import time
from io import BytesIO

import pikepdf
import pytest

from documents import pdf_out
from documents.blocks import Kind
from documents.exporting import Wanted, files_of
from documents.formats import OFFICE
from documents.html import clean
from documents.letterhead import Letterhead
from documents.tests.pdfa import problems
from documents.tests.pdfs import Pdf, plainly
from documents.tests.test_pdf_out import LONG, blocks, logo, paragraph, set_in

# What the file says of itself --------------------------------------------------------------------


def test_it_tells_title_and_author_and_not_what_wrote_it() -> None:
    data = pdf_out.render([paragraph("texto")], "Contestação & <réplica>", OFFICE, author="Dra. Helena Prado")
    with pikepdf.open(BytesIO(data)) as pdf:
        assert set(pdf.docinfo.keys()) == {"/Title", "/Author", "/CreationDate", "/ModDate"}
        assert (pdf.docinfo["/Title"], pdf.docinfo["/Author"]) == ("Contestação & <réplica>", "Dra. Helena Prado")
        assert str(pdf.Root.Lang).lower() == "pt-br"
    assert problems(data) == []
    for name in (b"typst", b"krilla", b"pikepdf", b"qpdf", b"xmp-writer", b"claude", b"romagent", b"rom agent"):
        assert name not in plainly(data).lower()


def test_headings_are_the_bookmarks() -> None:
    data = pdf_out.render(blocks("<h2>Fatos</h2><p>a</p><h3>Contrato</h3><h2>Direito</h2>"), "Peça", OFFICE)
    found = [(mark.level, mark.get_title()) for mark in Pdf(data).document.get_toc()]
    assert found == [(0, "I. Fatos"), (1, "1. Contrato"), (0, "II. Direito")]


@pytest.mark.parametrize("kind", [Kind.TITLE, Kind.PART, Kind.TOPIC])
def test_a_heading_without_end_is_set_and_is_no_bookmark(kind: Kind) -> None:
    data = pdf_out.render([paragraph(LONG * 400, kind)], "Peça", OFFICE)
    assert (Pdf(data).words[-3:], list(Pdf(data).document.get_toc())) == (LONG.split()[-3:], [])
    assert problems(data) == []


# In parts ----------------------------------------------------------------------------------------


def test_parts_are_small_enough_whole_and_each_a_pdf_a() -> None:
    whole = pdf_out.render(
        [paragraph(f"{n} {LONG * 9}") for n in range(200)], "Peça", OFFICE, Letterhead(logo()), author="H"
    )
    parts = pdf_out.split(whole, 0.07)
    assert len(parts) > 2
    assert max(map(len, parts)) <= 70_000
    assert [page for part in parts for page in Pdf(part).pages] == Pdf(whole).pages
    for part in parts:
        assert problems(part) == []
        with pikepdf.open(BytesIO(part)) as pdf:
            assert pdf.docinfo["/Title"] == "Peça"
    assert sum(map(len, parts)) < 3 * len(whole)  # as few as there have to be


def test_parts_have_the_bookmarks_of_their_pages() -> None:
    given = blocks(
        "".join(f"<h2>Parte {n}</h2><h3>Item {n}</h3><p>{LONG * 60}</p><h3>Outro {n}</h3>" for n in range(12))
    )
    whole = pdf_out.render(given, "Peça", OFFICE)
    parts = [Pdf(part) for part in pdf_out.split(whole, 0.045)]
    assert len(parts) > 1
    for part in parts:
        for mark in part.document.get_toc():
            number = mark.get_dest().get_index()
            name = mark.get_title().split(" ", 1)[1]
            begins_before = name not in " ".join(part.pages)  # then it leads to what of it is here
            assert name in part.pages[number] or (begins_before and mark.level == 0)
    assert {mark.get_title() for part in parts for mark in part.document.get_toc()} == {
        mark.get_title() for mark in Pdf(whole).document.get_toc()
    }


def test_what_is_small_enough_stays_one_file() -> None:
    whole = pdf_out.render([paragraph("texto")], "Peça", OFFICE)
    assert pdf_out.split(whole, 0.1) == [whole]


def test_a_page_that_is_too_large_alone_is_said() -> None:
    whole = pdf_out.render([paragraph("texto\n" * 100)], "Peça", OFFICE)
    with pytest.raises(pdf_out.PageTooLarge) as error:
        pdf_out.split(whole, 0.001)
    assert error.value.page == 1


# Where it runs -----------------------------------------------------------------------------------


def test_several_at_once_do_not_mix() -> None:
    found: dict[int, str] = {}

    def work(number: int) -> None:
        found[number] = set_in(OFFICE, paragraph(f"documento{number} " * 400)).letters

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: f"documento{number}" * 400 for number in range(4)}


def test_the_module_loads_no_typesetter_until_it_sets() -> None:
    said = "import sys, documents.pdf_out, documents.text_out; print({'typst', 'pikepdf', 'PIL', 'lxml', 'docx'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True)
    assert (done.stdout.strip(), done.returncode) == ("set()", 0), done.stderr


def test_sixty_pages_take_less_than_a_second() -> None:
    given = [paragraph(LONG * 8) for _ in range(180)]
    pdf_out.render(given[:1], "Peça", OFFICE)  # typefaces are found, libraries loaded
    started = time.process_time()
    data = pdf_out.render([*given, paragraph("fim")], "Peça", OFFICE)
    assert time.process_time() - started < 1  # of processor: the machine may be busy
    assert len(Pdf(data).pages) >= 60


@pytest.mark.processes
@pytest.mark.parametrize("most_mb", [None, 0.07])
def test_the_child_that_may_do_nothing_else_can_do_this(most_mb: float | None) -> None:
    head = Letterhead(logo(), ("Prado Advogados",))
    content = "".join(f"<p>{LONG * 9}</p>" for _ in range(100)) + "<table><tr><td>😀 \U0010abcd</td></tr></table>"
    parts = asyncio.run(files_of(Wanted("pdf", "Peça", clean(content), OFFICE, head, most_mb=most_mb)))
    assert (len(parts) > 1) == bool(most_mb)
    assert Pdf(parts[-1]).words[-2:] == ["😀", "\U0010abcd"]
    assert [problem for part in parts for problem in problems(part)] == []


@pytest.mark.processes
def test_the_child_writes_texts() -> None:
    async def both() -> list[bytes]:
        return [file for kind in ("md", "txt") for file in await files_of(Wanted(kind, "Peça", "<h2>É</h2>", OFFICE))]

    assert [file.decode() for file in asyncio.run(both())] == ["## I. É\n", "I. É\n"]
