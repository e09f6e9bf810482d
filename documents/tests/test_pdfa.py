"""The check of PDF/A finds what it is there to find: each fault is made in a file that has none."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest

from documents import pdf_out
from documents.formats import OFFICE
from documents.html import clean, parse
from documents.tests.pdfa import problems


@pytest.fixture(scope="module")
def good() -> bytes:
    return pdf_out.render(parse(clean("<h2>Fatos</h2><p>texto</p>")), "Peça", OFFICE, author="Helena Prado")


def no_xmp(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Metadata


def other_part(pdf: pikepdf.Pdf) -> None:
    said = pdf.Root.Metadata.read_bytes().replace(b"<pdfaid:part>2", b"<pdfaid:part>1")
    pdf.Root.Metadata.write(said)


def other_title(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Title"] = "Outra"


def no_intent(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


def no_profile(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents[0].DestOutputProfile


def javascript(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(Type=pikepdf.Name.Action, S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def launch(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj["/X"] = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Action, S=pikepdf.Name.Launch))


def attachment(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["x.txt"] = b"x"


def form(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[], NeedAppearances=True)


def font_outside(pdf: pikepdf.Pdf) -> None:
    for one in pdf.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/FontDescriptor":
            for name in ("/FontFile2", "/FontFile3"):
                if name in one:
                    del one[name]


def external(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Contents["/F"] = pikepdf.String("outro.pdf")


def unknown_character(pdf: pikepdf.Pdf) -> None:
    font = next(iter(pdf.pages[0].Resources.Font.keys()))
    pdf.pages[0].contents_add(f"BT {font} 12 Tf <0000> Tj ET".encode())


def unbalanced(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].contents_add(b"q q Q")


def transfer(pdf: pikepdf.Pdf) -> None:
    state = pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, TR=pikepdf.Name.Identity)
    pdf.pages[0].obj["/X"] = pdf.make_indirect(state)


def annotation(pdf: pikepdf.Pdf) -> None:
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Movie, Rect=[0, 0, 1, 1])
    pdf.pages[0].obj["/Annots"] = pikepdf.Array([pdf.make_indirect(note)])


def postscript(pdf: pikepdf.Pdf) -> None:
    stream = pdf.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name("/PS"))
    pdf.pages[0].obj["/X"] = stream


FAULTS: list[tuple[Callable[[pikepdf.Pdf], None], str]] = [
    (no_xmp, "6.6.2.1"), (other_part, "6.6.4"), (other_title, "6.6.3"), (no_intent, "6.2.3"), (no_profile, "6.2.3"),
    (javascript, "6.5.1"), (launch, "6.5.1"), (attachment, "6.8"), (form, "6.4.2"), (font_outside, "6.2.11.4"),
    (external, "6.1.7.1"), (unknown_character, "6.2.11.8"), (unbalanced, "6.1.13"), (transfer, "6.2.5"),
    (annotation, "annotation"), (postscript, "6.2.9"),
]  # fmt: skip


def test_a_file_as_it_is_made_has_no_fault(good: bytes) -> None:
    assert problems(good) == []


@pytest.mark.parametrize(("fault", "clause"), FAULTS, ids=[fault.__name__ for fault, _ in FAULTS])
def test_each_fault_is_found(good: bytes, fault: Callable[[pikepdf.Pdf], None], clause: str) -> None:
    file = BytesIO()
    with pikepdf.open(BytesIO(good)) as pdf:
        fault(pdf)
        pdf.save(file)
    found = problems(file.getvalue())
    assert any(clause in one for one in found), found


def test_faults_of_the_file_itself_are_found(good: bytes) -> None:
    assert problems(good + b"mais") == ["6.1.3: data after the end of the file"]
    file = BytesIO()
    with pikepdf.open(BytesIO(good)) as pdf:
        pdf.save(file, encryption=pikepdf.Encryption(owner="x", user=""))
    assert "6.1.3: encrypted" in problems(file.getvalue())
