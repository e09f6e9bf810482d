"""Files to be read, made by the tests themselves."""

from __future__ import annotations

import io
from collections.abc import Sequence

from django.core.files.base import ContentFile
from fpdf import FPDF
from PIL import Image, ImageDraw

from accounts.models import User
from projects.models import Project
from tests.running import read_files
from uploads.actions import receive
from uploads.models import Upload


def pdf(pages: Sequence[str], password: str = "") -> bytes:
    """A PDF with one text a page; an empty text makes a page that is a picture, as a scanner would."""
    paper = FPDF()
    if password:
        paper.set_encryption(owner_password="dono", user_password=password)
    paper.set_font("helvetica", size=11)
    for text in pages:
        paper.add_page()
        if text:
            paper.multi_cell(0, 6, text)
        else:
            paper.image(io.BytesIO(scan()), x=10, y=10, w=180)
    return bytes(paper.output())


def scan(words: str = "Certidao digitalizada") -> bytes:
    """A PNG with words in it."""
    picture = Image.new("RGB", (600, 800), "white")
    ImageDraw.Draw(picture).text((40, 40), words, fill="black")
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()


def sent(user: User, content: bytes, name: str = "autos.pdf", project: Project | None = None) -> Upload:
    """The file as it is after it was sent: kept, and waiting to be read."""
    upload = receive(ContentFile(content, name), user=user)
    if project:
        Upload.objects.filter(pk=upload.pk).update(project=project)
        upload.refresh_from_db()
    return upload


def two_volumes(user: User) -> list[Upload]:
    """Two files that are read, of two pages and of one."""
    texts = [
        ["Primeiro volume, página um, com palavras.", "Primeiro volume, página dois, com palavras."],
        ["Segundo volume."],
    ]
    made = [sent(user, pdf(pages), f"autos-vol{number}.pdf") for number, pages in enumerate(texts, 1)]
    read_files(*made)
    return made
