"""What a file is, by its bytes alone."""

from uploads.reading.found import Unreadable
from uploads.reading.readers import Reader, Source

PDF = "application/pdf"


def kind_of(source: Source) -> str:
    """The MIME type; refuses what is not read here."""
    with source.open() as file:
        head = file.read(4096)
    if not head:
        raise Unreadable("empty")
    if b"%PDF-" in head[:1024]:
        return PDF
    raise Unreadable("type")


def open_reader(source: Source) -> tuple[str, Reader]:
    """The file's type and its open reader. Only the family that is needed is imported."""
    kind = kind_of(source)
    from uploads.reading.pdf import Pdf

    return kind, Pdf(source)
