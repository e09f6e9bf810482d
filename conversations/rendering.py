"""Messages as HTML: the same for the page, a fragment, and the end of a stream (rendered by the worker)."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.core.cache import cache
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from conversations.citing import KEY, Citing
from conversations.models import Message
from conversations.reading import Reading
from conversations.threads import versions_of
from romagent.base.markdown import GrowingMarkdown, marked, to_html

RENDERED_SECONDS = 24 * 3600
RENDERER = 5  # goes up when the HTML made from the same text changes

STATES = {
    Message.Status.QUEUED: "Na fila",
    Message.Status.STREAMING: "Escrevendo…",
    Message.Status.STOPPED: "Parada a pedido: o texto até aqui está salvo.",
    Message.Status.INTERRUPTED: "Interrompida: o texto até aqui está salvo.",
}

# What went wrong, by the code the assistant keeps in `metadata["error"]`: what happened, what was kept, what to do.
ERRORS = {
    "rejected_key": "O serviço recusou a chave de acesso do escritório. Sua pergunta está salva; avise a equipe.",
    "billing": "O limite de gastos do escritório no serviço foi atingido. Sua pergunta está salva; avise a equipe.",
    "unknown_model": "O modelo escolhido não está mais disponível. Escolha outro e peça para refazer.",
    "too_large": "A conversa ficou grande demais. Sua pergunta está salva; continue numa conversa nova.",
    "rate_limited": "O serviço recusa pedidos por excesso de uso. Sua pergunta está salva; tente de novo em minutos.",
    "overloaded": "O serviço está sobrecarregado. Sua pergunta está salva; tente de novo em alguns minutos.",
    "unreachable": "Não foi possível falar com o serviço. Sua pergunta está salva; tente de novo em alguns minutos.",
    "silent": "O serviço parou de responder. O que chegou está salvo; você pode continuar daqui.",
    "cut": "A ligação com o serviço caiu. O que chegou está salvo; você pode continuar daqui.",
    "invalid": "O serviço não aceitou o pedido. Sua pergunta está salva; avise a equipe se acontecer de novo.",
    "budget": "O orçamento de IA acabou durante a resposta. O que chegou está salvo; veja “Meu uso”.",
    "internal": "Algo falhou do nosso lado. O que chegou está salvo; você pode tentar de novo.",
}
STOPS = {
    "max_tokens": "A resposta chegou ao tamanho máximo e foi cortada. Use “Continuar” para o restante.",
    "refusal": "O modelo recusou-se a responder a este pedido. O que escreveu antes disso está acima.",
    "model_context_window_exceeded": "A conversa não cabe mais na janela do modelo. Continue numa conversa nova.",
}


@dataclass
class Shown:
    """One message as the templates see it."""

    message: Message
    html: str = ""  # sanitised
    versions: list[UUID] = field(default_factory=list)  # of this message, oldest first
    read_only: bool = False
    is_last: bool = False  # nothing follows it in the thread as it is now
    bare: bool = False  # nothing to press: for the staff
    asker: str = ""  # who asked, when it was not the reader

    @property
    def speaker(self) -> str:
        is_theirs = self.bare and self.message.role == Message.Role.USER
        return "Pergunta" if is_theirs else self.asker or Message.Role(self.message.role).label

    @property
    def state(self) -> str:
        if self.message.role == Message.Role.USER:
            return ""
        return STATES.get(Message.Status(self.message.status), "")

    @property
    def notice(self) -> str:
        error = self.message.metadata.get("error", "")
        if error and not self.message.is_unfinished:
            return ERRORS.get(error, ERRORS["internal"])
        return STOPS.get(self.message.stop_reason, "")

    @property
    def left_out(self) -> str:
        count = self.message.metadata.get("left_out", 0)
        if not count:
            return ""
        if count == 1:
            return "Para caber na janela do modelo, a mensagem mais antiga desta conversa não foi lida."
        return f"Para caber na janela do modelo, as {count} mensagens mais antigas desta conversa não foram lidas."

    @functools.cached_property
    def reading(self) -> Reading:
        return Reading.of(self.message.metadata)

    @functools.cached_property
    def citing(self) -> Citing:
        """The authorities that the reply relies on, each with its verdict and its place in the page."""
        return Citing.of(self.message.metadata)

    @property
    def files(self) -> list[dict[str, str]]:
        """Those that came with the question."""
        return list(self.message.metadata.get("files", []))

    @property
    def can_redo(self) -> bool:
        settled = self.message.role == Message.Role.ASSISTANT and not self.message.is_unfinished
        return settled and not self.read_only

    @property
    def can_continue(self) -> bool:
        return self.message.can_continue and self.is_last and not self.read_only

    @property
    def can_edit(self) -> bool:
        return self.message.role == Message.Role.USER and not self.read_only

    @property
    def version_count(self) -> int:
        return len(self.versions)

    @property
    def version_number(self) -> int:
        return self.versions.index(self.message.pk) + 1 if self.message.pk in self.versions else 1

    @property
    def previous_url(self) -> str:
        return self._version_url(self.version_number - 2)

    @property
    def next_url(self) -> str:
        return self._version_url(self.version_number)

    def _version_url(self, index: int) -> str:
        if not 0 <= index < len(self.versions):
            return ""
        page = reverse("conversations:detail", args=[self.message.conversation_id])
        return f"{page}?versao={self.versions[index]}#mensagem-{self.versions[index]}"


def shown(
    messages: Sequence[Message],
    *,
    read_only: bool = False,
    fresh: bool = False,
    bare: bool = False,
    reader: User | None = None,
) -> list[Shown]:
    """The thread's messages with their HTML (from the cache where it is) and their versions, in two queries at most.

    `fresh` ones were written just now and have no other versions to look for; `bare` ones have nothing to press.
    What others than `reader` asked is shown with their names, by one query more.
    """
    html, versions = _html_of(messages), {} if fresh or bare else versions_of(messages)
    found = [Shown(m, html.get(m.pk, ""), versions.get(m.pk, []), read_only or bare, bare=bare) for m in messages]
    if found:
        found[-1].is_last = True
    _name_askers(found, reader)
    return found


def _name_askers(found: Sequence[Shown], reader: User | None) -> None:
    questions = [one for one in found if reader and one.message.role == Message.Role.USER]
    others = [one for one in questions if reader and one.message.user_id != reader.pk]
    if others:
        names = User.objects.only("name", "email").in_bulk({one.message.user_id for one in others})
        for one in others:
            one.asker = str(names[one.message.user_id])


def render_message(message: Message, versions: Sequence[UUID] | None = None) -> str:
    """The article of one message, as it stands in the page; `versions` when they are known already, oldest first."""
    (one,) = shown([message], fresh=versions is not None)
    one.versions = one.versions or list(versions or ())
    return render_to_string("conversations/_message.html", {"shown": one})


def _html_of(messages: Iterable[Message]) -> dict[UUID, SafeString]:
    replies = [m for m in messages if m.role == Message.Role.ASSISTANT and m.content]
    settled = {_cache_key(m): m for m in replies if not m.is_unfinished}
    cached: dict[str, str] = cache.get_many(settled) if len(settled) > 1 else {}
    fresh: dict[str, str] = {key: _reply_html(m) for key, m in settled.items() if key not in cached}
    if len(settled) > 1 and fresh:
        cache.set_many(fresh, RENDERED_SECONDS)
    found = {m.pk: mark_safe((cached | fresh)[key]) for key, m in settled.items()}  # sanitised by to_html
    return found | {m.pk: growing_html(m) for m in replies if m.is_unfinished}


def _reply_html(message: Message) -> str:
    reading, citing = Reading.of(message.metadata), Citing.of(message.metadata)
    text = marked(message.content, [*reading.marks, *citing.marks])
    return to_html(text, {"notes": reading.notes | citing.notes(message.pk)})


def _cache_key(message: Message) -> str:
    checked = (message.metadata.get(KEY) or {}).get("at", "")
    return f"html.{RENDERER}.{message.pk}.{message.attempts}.{message.status}.{len(message.content)}.{checked}"


def growing_html(message: Message) -> SafeString:
    """A reply that is still being written, in the shape the stream goes on from: finished blocks, open block."""
    finished, opened = growing_parts(message)
    return mark_safe(f"{finished}<div data-open>{opened}</div>")


def growing_parts(message: Message) -> tuple[str, str]:
    """The finished blocks and the open block of a reply that is still being written, as HTML."""
    reading = Reading.of(message.metadata)
    growing = GrowingMarkdown(reading.notes)
    growing.append(reading.marked(message.content))
    growing.take_finished()
    return growing.html, growing.open_html()
