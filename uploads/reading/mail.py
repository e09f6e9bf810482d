"""Mail as it is saved (EML): the headers that people read, the text, and what is attached.

The message comes first, with the names of everything attached; then the pages of the attachments that can be read here,
each page saying whose it is. Pictures that belong to the text (a signature's logo) are no pages. A message may hold
others, to a depth; there are never more pages than the limit.
"""

from __future__ import annotations

from dataclasses import replace
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from typing import TYPE_CHECKING

from uploads.reading.found import Unreadable
from uploads.reading.html import text_of
from uploads.reading.readers import Reader, Source
from uploads.reading.sections import sections
from uploads.reading.text import decoded

if TYPE_CHECKING:
    from PIL.Image import Image

HEADERS = (("From", "De"), ("To", "Para"), ("Cc", "Cc"), ("Bcc", "Cco"), ("Reply-To", "Responder a"), ("Date", "Data"),
           ("Subject", "Assunto"))  # fmt: skip
LATIN = frozenset({"iso-8859-1", "latin1", "latin-1"})  # mail programs say so and write Windows' quotation marks
DEPTH = 3  # messages within messages
LONGEST_NAME = 255
ATTACHED = 200  # attachments that are looked into
REASONS = {
    "type": "tipo não lido",
    "password": "protegido por senha",
    "locked": "protegido por senha",
    "damaged": "danificado",
    "empty": "vazio",
    "too_large": "grande demais",
    "too_many_pages": "páginas demais",
}


class Mail:
    """The message's own sections, then its attachments, each an open file with pages of its own."""

    def __init__(self, source: Source, depth: int = 0) -> None:
        self.limits = source.limits
        self.depth = depth
        self.room = source.limits.pages
        message = BytesParser(policy=policy.default.clone(raise_on_defect=False)).parsebytes(
            source.all(source.limits.mail_bytes)
        )
        assert isinstance(message, EmailMessage)
        self.attached: list[tuple[str, Reader]] = []
        notes = [self._attach(part, source) for part in attachments(message)]
        text = "\n".join([*headings(message), "", body(message), *([""] if notes else []), *notes])
        self.own = sections(text, source.limits)
        self.pages = len(self.own) + sum(reader.pages for _, reader in self.attached)

    def _attach(self, part: EmailMessage, source: Source) -> str:
        """Opens an attachment if it can be read; the line that says so in the message."""
        from uploads.reading.kinds import open_reader

        name = " ".join((part.get_filename() or subject_of(part) or "sem nome").split())[:LONGEST_NAME]
        inline = part.get_content_disposition() == "inline" or part["Content-ID"] is not None
        if part.get_content_maintype() == "image" and inline:
            return f"[imagem no texto: {name}]"
        try:
            if len(self.attached) >= ATTACHED or (part.get_content_type() == "message/rfc822" and self.depth >= DEPTH):
                raise Unreadable("too_many_pages")
            inner = replace(source, path="", data=content(part), name=name)
            _, reader = open_reader(inner, depth=self.depth + 1)
            if reader.pages > self.room:
                raise Unreadable("too_many_pages")
        except Unreadable as end:
            return f"[anexo: {name} — {REASONS.get(end.code, end.code)}]"
        except MemoryError:
            raise
        except Exception:  # whatever a parser may raise: the message and the other attachments are still read
            return f"[anexo: {name} — {REASONS['damaged']}]"
        self.room -= reader.pages
        self.attached.append((name, reader))
        return f"[anexo: {name}]"

    def _at(self, number: int) -> tuple[str, Reader, int]:
        number -= len(self.own)
        for name, reader in self.attached:
            if number <= reader.pages:
                return name, reader, number
            number -= reader.pages
        raise Unreadable("damaged", number)

    def text(self, number: int) -> tuple[str, str]:
        if number <= len(self.own):
            return self.own[number - 1], ""
        name, reader, inner = self._at(number)
        text, error = reader.text(inner)
        return f"[anexo: {name}, página {inner} de {reader.pages}]\n{text}", error

    def picture(self, number: int, width: int) -> Image:
        if number <= len(self.own):
            raise Unreadable("type", number)
        _, reader, inner = self._at(number)
        return reader.picture(inner, width)


def headings(message: EmailMessage) -> list[str]:
    found = []
    for header, word in HEADERS:
        try:
            value = message[header]
        except Exception:  # the standard library's own parsers fail on some broken headers
            value = next((text for name, text in message.raw_items() if name.lower() == header.lower()), None)
        if value:
            found.append(f"{word}: {' '.join(str(value).split())}")
    return found


def subject_of(part: EmailMessage) -> str:
    """A message that is attached without a name goes by its subject."""
    inner = inside(part)
    subject = inner["Subject"] if inner else None
    return f"{' '.join(str(subject).split())}.eml" if subject else ""


def inside(part: EmailMessage) -> Message | None:
    """The message that is attached by this part, if it is one."""
    payload = part.get_payload()
    first = payload[0] if isinstance(payload, list) and payload else None
    return first if isinstance(first, Message) else None


def body(message: EmailMessage) -> str:
    """The plain text, or that of the HTML when there is none."""
    part = message.get_body(("plain", "html"))
    if not isinstance(part, EmailMessage):
        return ""
    is_html = part.get_content_type() == "text/html"
    text = letters(part, html=is_html)
    return text_of(text) if is_html else text


def letters(part: EmailMessage, *, html: bool) -> str:
    """In the encoding that it says; when it says none or a wrong one, in the one that fits."""
    data = part.get_payload(decode=True) or b""
    assert isinstance(data, bytes)
    said = str(part.get_content_charset() or "utf-8").lower()
    try:
        text = data.decode("cp1252" if said in LATIN else said)
        text.encode()  # some codecs make half characters, which are kept nowhere
    except (LookupError, UnicodeError):
        return decoded(data, html=html)
    return text.replace("\r\n", "\n")


def attachments(message: EmailMessage) -> list[EmailMessage]:
    """Everything that is neither the text nor a container, in order; of what is attached as a message, the message."""
    text = message.get_body(("plain", "html"))
    other = message.get_body(("html",))
    found: list[EmailMessage] = []
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        if part is text or (part is other and _alternative(message)):
            continue
        if part.get_content_maintype() == "multipart":
            waiting = [each for each in part.iter_parts() if isinstance(each, EmailMessage)] + waiting
        elif part is not message:
            found.append(part)
    return found


def _alternative(message: EmailMessage) -> bool:
    return any(part.get_content_type() == "multipart/alternative" for part in message.walk())


def content(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = inside(part)
        return inner.as_bytes() if inner else b""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""
