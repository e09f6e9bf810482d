"""What a file is doing, as it is said to people: its state, why it could not be read and what to do, which pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from uploads.models import Upload, UploadPage

STILL = timedelta(hours=1)  # a part's link is worth as long; then nothing of it can be arriving any more
PROTECTED = {"password", "wrong_password"}
Status = Upload.Status


@dataclass(frozen=True)
class State:
    """`words` in a few words; `help` what to do. `moving`: it will be another soon, without anybody doing anything."""

    words: str
    help: str = ""
    moving: bool = False
    done: int = 0
    total: int = 0  # 0: not known
    can_stop: bool = False
    can_read_again: bool = False
    wants_password: bool = False
    failed: bool = False


def state_of(upload: Upload, without_text: int = 0) -> State:
    """`without_text`: how many of its pages could not be read, or have no text."""
    if upload.being_sent:
        return _being_sent(upload)
    if upload.upload_status == Status.PENDING:
        return State("aguardando leitura", moving=True, can_stop=True)
    if upload.upload_status == Status.PROCESSING:
        return _being_read(upload)
    if upload.upload_status == Status.FAILED:
        return _failed(upload)
    return _ready(upload, without_text)


def with_states(uploads: Sequence[Upload]) -> list[tuple[Upload, State]]:
    """Each file of a list with its state; one query more, however many there are."""
    ready = [upload.pk for upload in uploads if upload.upload_status == Status.READY]
    pages = UploadPage.objects.filter(~Q(error=""), upload__in=ready).order_by().values("upload")
    without = dict(pages.annotate(count=Count("pk")).values_list("upload", "count")) if ready else {}
    return [(upload, state_of(upload, without.get(upload.pk, 0))) for upload in uploads]


def thousands(number: int) -> str:
    """1234567 → `1.234.567`."""
    return f"{number:,}".replace(",", ".")


def ranges(numbers: Iterable[int]) -> str:
    """`1, 3 a 7 e 9`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    said = [
        str(first) if first == last else f"{first}{' e ' if last == first + 1 else ' a '}{last}" for first, last in runs
    ]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} e {said[-1]}" if said else ""


def pages_in_words(count: int) -> str:
    return "1 página" if count == 1 else f"{thousands(count)} páginas"


def _being_sent(upload: Upload) -> State:
    if upload.created_at > timezone.now() - STILL:
        return State("sendo enviado")
    return State("envio interrompido", "Escolha o mesmo arquivo para continuar de onde parou.")


def _being_read(upload: Upload) -> State:
    total = upload.page_count or 0
    if not total:
        return State("lendo", moving=True, can_stop=True)
    page = min(upload.pages_done + 1, total)
    words = f"lendo página {thousands(page)} de {thousands(total)}"
    return State(words, moving=True, done=upload.pages_done, total=total, can_stop=True)


def _failed(upload: Upload) -> State:
    state = State("não pôde ser lido", why_file(upload), failed=True, can_read_again=True)
    if upload.error in PROTECTED:
        return replace(state, words="protegido por senha", wants_password=True, can_read_again=False)
    if upload.error == "stopped":
        return replace(state, words="leitura cancelada", failed=False)
    return state


def _ready(upload: Upload, without_text: int) -> State:
    words = "pronto"
    if upload.page_count:
        words += f": {pages_in_words(upload.page_count)}"
        if without_text:
            words += f", {thousands(without_text)} sem texto"
    if upload.transcription == Upload.Transcription.WORKING:
        return State(f"{words}; transcrevendo as imagens", moving=True)
    if upload.transcription == Upload.Transcription.ASKED:
        return State(words, "Há páginas que são imagens: elas só serão transcritas se você confirmar o custo.")
    return State(words)


FILE_WORDS = {
    "type": "Este tipo de arquivo não é lido. O arquivo está guardado e pode ser baixado.",
    "password": "O arquivo está protegido por senha. Informe a senha para que seja lido.",
    "wrong_password": "A senha informada não abre o arquivo. Confira e tente de novo.",
    "damaged": "O arquivo está danificado. Se puder, gere-o de novo e envie outra vez.",
    "empty": "O arquivo não tem nenhuma página.",
    "stopped": "A leitura foi cancelada. O que já foi lido pode ser usado.",
}
PAGE_WORDS = {
    "no_text": "Esta página não tem texto: é uma imagem.",
    "damaged": "Esta página está danificada e não pôde ser lida.",
    "too_long": "Esta página tem texto demais: só o começo foi lido.",
}


def why_file(upload: Upload) -> str:
    sentence = FILE_WORDS.get(upload.error, "Não foi possível ler este arquivo.")
    page = upload.metadata.get("error_page")
    return f"{sentence} Aconteceu na página {page}." if page else sentence


def why_page(code: str) -> str:
    return PAGE_WORDS.get(code, "Não foi possível ler esta página.")
