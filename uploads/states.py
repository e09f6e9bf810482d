"""What a file is doing, as it is said to people: its state, why it could not be read and what to do, which pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from uploads import words
from uploads.models import Upload, UploadPage

STILL = timedelta(hours=1)  # a part's link is worth as long; then nothing of it can be arriving any more
ASKS_PASSWORD = {"password", "wrong_password"}
FOR_GOOD = {"type", "locked", "empty"}  # reading it again would find the same
HERE = {
    "cancelled": "O que já foi lido pode ser usado. Mande ler de novo para continuar.",
    "missing": "O arquivo não foi encontrado no armazenamento. Envie-o de novo, ou avise a administração.",
    "storage": "O armazenamento de arquivos não respondeu. Mande ler de novo mais tarde.",
}
NOT_JOINED = {  # what no volume is the cause of
    "memory": "Juntar estes volumes exige memória demais. Junte menos arquivos de cada vez.",
    "time": "Juntar estes volumes demorou demais. Junte menos arquivos de cada vez.",
    "storage": "O armazenamento de arquivos não respondeu. Junte os volumes de novo mais tarde.",
    "internal": "Algo falhou do nosso lado. Junte os volumes de novo; se continuar, avise a equipe.",
}
A_VOLUME = "Um dos volumes não pôde ser aberto, ou não está mais aqui. Confira-os e junte de novo."
Status, Transcription = Upload.Status, Upload.Transcription
TRANSCRIPTIONS: dict[str, str] = {
    Transcription.ASKED.value: "Há páginas que são imagens: abra o arquivo para ver quanto custa transcrevê-las.",
    Transcription.FAILED.value: "Nem todas as páginas que são imagens puderam ser transcritas.",
}
WHY_NOT_TRANSCRIBED = {
    "budget": "O orçamento de IA de quem enviou o arquivo foi todo usado neste mês.",
    "rejected_key": "O serviço recusou a chave do escritório. Avise a administração do sistema.",
    "billing": "A conta do escritório com o serviço tem uma pendência. Avise a administração do sistema.",
    "unknown_model": "O modelo que transcreve não está disponível. Avise a administração do sistema.",
    "rate_limited": "O serviço está recebendo pedidos demais. Tente mais tarde.",
    "overloaded": "O serviço está sobrecarregado. Tente mais tarde.",
    "unreachable": "Não foi possível chegar ao serviço. Tente mais tarde.",
    "silent": "O serviço parou de responder. Tente mais tarde.",
    "cut": "A ligação com o serviço caiu. Tente mais tarde.",
    "storage": "O armazenamento de arquivos não respondeu. Tente mais tarde.",
    "missing": "O arquivo não foi encontrado no armazenamento.",
}


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
    if "joining" in upload.metadata and upload.upload_status != Status.FAILED:
        return State("juntando os volumes", moving=True, done=upload.pages_done, total=upload.page_count or 0)
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
    said = f"lendo página {thousands(page)} de {thousands(total)}"
    return State(said, moving=True, done=upload.pages_done, total=total, can_stop=True)


def _failed(upload: Upload) -> State:
    state = State("não pôde ser lido", why_not_read(upload), failed=True, can_read_again=upload.error not in FOR_GOOD)
    if "joining" in upload.metadata:
        help_ = NOT_JOINED.get(upload.error, A_VOLUME)
        return replace(state, words="os volumes não puderam ser juntados", help=help_, can_read_again=False)
    if upload.error in ASKS_PASSWORD:
        return replace(state, words="protegido por senha", wants_password=True, can_read_again=False)
    if upload.error == "cancelled":
        return replace(state, words="leitura cancelada", failed=False)
    return state


def _ready(upload: Upload, without_text: int) -> State:
    said = "pronto"
    if upload.page_count:
        said += f": {pages_in_words(upload.page_count)}"
        if without_text:
            said += f", {thousands(without_text)} sem texto completo"
    if upload.transcription == Transcription.WORKING:
        return State(f"{said}; transcrevendo as imagens", moving=True)
    help_ = TRANSCRIPTIONS.get(upload.transcription, "")
    why = WHY_NOT_TRANSCRIBED.get(upload.error, "") if upload.transcription == Transcription.FAILED else ""
    return State(said, f"{help_} {why}".strip())


def why_not_read(upload: Upload) -> str:
    """Why the file, or the rest of it, could not be read, and what to do."""
    return HERE.get(upload.error) or words.why(upload.error, upload.metadata.get("error_page"))
