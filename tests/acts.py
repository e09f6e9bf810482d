"""Everything that a person can do: each act once, with the rows it has to leave in the audit log.

A new URL, action or model is one line here; `tests/test_every_action.py` does them all, and fails for what is not
entered. What several rows are named for is several acts in one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.tests.factors import give_app
from audit.actions import record
from audit.models import AIModel, AIOperation
from conversations import actions as talk
from documents.units import OfficeUnit
from jurisprudence.models import PrecedentImport
from projects.models import Project
from tests import (
    acts_accounts,
    acts_datajud,
    acts_deadlines,
    acts_documents,
    acts_drafting,
    acts_files,
    acts_projects,
    acts_reading,
    acts_subjects,
    acts_summaries,
)  # fmt: skip
from tests.scene import (
    Act,
    Scene,
    archived,
    asked,
    begun,
    call,
    cleaning,
    copying,
    deleted,
    inactive,
    pinned,
    superseded,
    upload_deleted,
    url,
)  # fmt: skip
from uploads import actions as files

REASON = "Pedido da titular, protocolo 12"
STARTED = {"conversa.criar": "newest", "mensagem.enviar": "newest_question"}


def a_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("Contrato.pdf", b"%PDF-", content_type="application/pdf")


# Requests. The key is the URL's name; a word after it tells two acts of one URL apart. ------------

URLS: dict[str, Act] = {
    "conversations:list": url(STARTED, content="Qual o prazo?", mode="juridico", model="claude-opus-5-5"),
    "conversations:ask": url("mensagem.enviar", "newest_question", content="E agora?"),
    "conversations:rename": url("conversa.renomear", "conversation", title="Outro"),
    "conversations:pin": url("conversa.fixar", "conversation"),
    "conversations:pin again": url("conversa.desafixar", "conversation", before=(pinned,)),
    "conversations:archive": url("conversa.arquivar", "conversation"),
    "conversations:restore": url("conversa.restaurar", "conversation", before=(archived,)),
    "conversations:delete": url("conversa.excluir", "conversation"),
    "conversations:undelete": url("conversa.desfazer-exclusao", "conversation", before=(deleted,)),
    "conversations:export": url("conversa.exportar", "conversation", method="get"),
    "conversations:resume": url(
        "conversa.retomar", "conversation", before=(superseded,), form=lambda s, c: {"versao": s.reply.pk}
    ),
    "conversations:stop": url(
        "mensagem.parar", "waiting", before=(asked,), at=lambda s: {"pk": s.waiting.pk}
    ),
    "conversations:redo": url("mensagem.refazer", "reply"),
    "conversations:continue": url("mensagem.continuar", "reply"),
    "conversations:edit": url("mensagem.editar", "question", content="Em outras palavras?"),
    "uploads:list": url("arquivo.enviar", "newest_upload", form=lambda s, c: {"file": a_file()}),
    "uploads:begin": url("arquivo.iniciar-envio", "newest_upload", name="V.pdf", size=10),
    "uploads:finish": url("arquivo.enviar", "sending", before=(begun,)),
    "uploads:cancel": url("arquivo.cancelar-envio", "sending", before=(begun,)),
    "uploads:download": url("arquivo.baixar", "upload", method="get"),
    "uploads:delete": url("arquivo.excluir", "upload"),
    "uploads:undelete": url("arquivo.desfazer-exclusao", "upload", before=(upload_deleted,)),
    "my-data-prepare": url("dados.preparar", "newest_export"),
    "my-data-cancel": url(
        "dados.cancelar", "newest_export", before=(copying,), at=lambda s: {"pk": s.newest_export.pk}
    ),
    "my-data-download": url("dados.baixar", "export", method="get"),
    "admin:index": url("acesso.negado", method="get"),
    "admin:cleanup": url("limpeza.pedir", "run", by="staff"),
    "admin:cleanup-stop": url("limpeza.parar", "run", by="staff", before=(cleaning,), at=lambda s: {"pk": s.run.pk}),
    "admin:costs": url(
        "custos.ver-pessoa", "owner", by="staff", method="get", form=lambda s, c: {"pessoa": s.owner.pk}
    ),
    "admin:costs-export": url("custos.exportar", by="staff", method="get", tabela="dias"),
    "admin:costs-recalculate": url("custos.recalcular", by="staff"),
    "admin:budgets": url(
        "orcamento.alterar", "owner", by="staff",
        form=lambda s, c: {"person": s.owner.pk, "kind": "valor", "amount": "12,50"},
    ),
    "admin:audit_auditlog_export": url("auditoria.exportar", by="staff", method="get", action="sair"),
    "admin:conversations_conversation_read": url("conversa.ler-conteudo", "conversation", by="staff", reason=REASON),
}  # fmt: skip

# What takes a POST, changes nothing that stays, and so leaves no row; and why.
NOTHING: dict[str, str] = {
    "home": "leads on to the conversations",
    "admin:": "leads on, or is not found",
    "admin:index": "shows what there is",
    "admin:app_list": "shows what there is",
    "admin:login": "leads on to the one door",
    "admin:logout": "the same view as account_logout",
    "admin:password_change": "leads on to account_change_password",
    "admin:password_change_done": "says that it is done",
    "admin:autocomplete": "finds people's names for a form",
    "admin:jsi18n": "a script's words",
    "admin:view_on_site": "leads on",
    "uploads:part": "a link for a part of a file whose beginning is a row already",
}

# Functions in */actions.py. -----------------------------------------------------------------------


FUNCTIONS: dict[str, Act] = {
    "conversations.start": call(
        "conversa.criar", "newest", lambda s: talk.start(user=s.owner, mode="juridico", model="claude-opus-5-5")
    ),
    "conversations.ask": call(
        "mensagem.enviar", "newest_question", lambda s: talk.ask(s.conversation, content="E?", user=s.owner)
    ),
    "conversations.redo": call("mensagem.refazer", "reply", lambda s: talk.redo(s.reply, user=s.owner)),
    "conversations.edit": call(
        "mensagem.editar", "question", lambda s: talk.edit(s.question, content="E?", user=s.owner)
    ),
    "conversations.resume": call(
        "conversa.retomar", "conversation", lambda s: talk.resume(s.conversation, s.reply.pk, user=s.owner),
        before=(superseded,),
    ),
    "conversations.continue_reply": call(
        "mensagem.continuar", "reply", lambda s: talk.continue_reply(s.reply, user=s.owner)
    ),
    "conversations.stop": call(
        "mensagem.parar", "waiting", lambda s: talk.stop(s.waiting, user=s.owner), before=(asked,)
    ),
    "conversations.rename": call(
        "conversa.renomear", "conversation", lambda s: talk.rename(s.conversation, "Outro", user=s.owner)
    ),
    "conversations.pin": call("conversa.fixar", "conversation", lambda s: talk.pin(s.conversation, user=s.owner)),
    "conversations.archive": call(
        "conversa.arquivar", "conversation", lambda s: talk.archive(s.conversation, user=s.owner)
    ),
    "conversations.restore": call(
        "conversa.restaurar", "conversation", lambda s: talk.restore(s.conversation, user=s.owner)
    ),
    "conversations.delete": call(
        "conversa.excluir", "conversation", lambda s: talk.delete(s.conversation, user=s.owner)
    ),
    "conversations.undelete": call(
        "conversa.desfazer-exclusao", "conversation", lambda s: talk.undelete(s.conversation, user=s.owner)
    ),
    "conversations.read_contents": call(
        "conversa.ler-conteudo", "conversation",
        lambda s: talk.read_contents(s.conversation, reason=REASON, user=s.staff), by="staff",
    ),
    "uploads.receive": call("arquivo.enviar", "newest_upload", lambda s: files.receive(a_file(), user=s.owner)),
    "uploads.begin_sending": call(
        "arquivo.iniciar-envio", "newest_upload", lambda s: files.begin_sending("V.pdf", 10, user=s.owner)
    ),
    "uploads.finish_sending": call(
        "arquivo.enviar", "sending", lambda s: files.finish_sending(s.sending, user=s.owner), before=(begun,)
    ),
    "uploads.cancel_sending": call(
        "arquivo.cancelar-envio", "sending", lambda s: files.cancel_sending(s.sending, user=s.owner), before=(begun,)
    ),
    "uploads.opened": call("arquivo.baixar", "upload", lambda s: files.opened(s.upload, user=s.owner).close()),
    "uploads.signed_link": call(
        "arquivo.baixar", "upload", lambda s: files.signed_link(s.upload, "attachment", user=s.owner)
    ),
    "uploads.delete": call("arquivo.excluir", "upload", lambda s: files.delete(s.upload, user=s.owner)),
    "uploads.undelete": call(
        "arquivo.desfazer-exclusao", "upload", lambda s: files.undelete(s.upload, user=s.owner),
        before=(upload_deleted,),
    ),
}  # fmt: skip

# What is in */actions.py and is no act; and why.
NO_ACTS: dict[str, str] = {
    "uploads.sending_of": "reads a row",
    "audit.record": "the row itself",
    "audit.client_address": "reads the request",
    "audit.valid_address": "reads a text",
}

# The administration's forms. ----------------------------------------------------------------------


@dataclass(frozen=True)
class Forms:
    """A model there: one of its objects, what to type to add one and to change it, and what else it lets do."""

    make: Callable[[Scene], Any]
    add: dict[str, Any] | None = None  # None: nobody may
    change: dict[str, Any] | None = None
    deletes: bool = False
    adds_too: dict[str, str] = field(default_factory=dict)  # rows beside the one of the form
    listed: dict[str, Any] = field(default_factory=dict)  # what is changed in the list itself
    actions: dict[str, str] = field(default_factory=dict)  # of the list, by name: the row each leaves
    before: dict[str, Callable[[Scene], Any]] = field(default_factory=dict)


def a_model(scene: Scene) -> AIModel:
    return AIModel.objects.create(pk="modelo-de-teste", name="Teste", context_tokens=1, max_output_tokens=1)


def an_operation(scene: Scene) -> AIOperation:
    return AIOperation.objects.create(user=scene.owner, operation_type="answer", model="x", status="complete")


FORMS: dict[str, Forms] = {
    "accounts.user": Forms(
        lambda s: s.stranger,
        add={"email": "nova@exemplo.adv.br", "name": "Nova", "role": "user"},
        adds_too={"convite.enviar": "newest_person"},
        change={"name": "Outro nome"},
        actions={
            "invite": "senha.link", "deactivate": "user.desativar", "reactivate": "user.reativar",
            "end_sessions": "sessoes.encerrar", "remove_second_factor": "segundo_fator.remover",
        },
        before={"reactivate": inactive, "remove_second_factor": lambda s: give_app(s.stranger)},
    ),
    "auth.group": Forms(
        lambda s: Group.objects.create(name="Grupo de teste"), add={"name": "Outro"}, change={"name": "X"}, deletes=True
    ),
    "audit.aimodel": Forms(
        a_model, add={"id": "outro-modelo", "name": "Outro", "context_tokens": 1, "max_output_tokens": 1},
        change={"name": "Novo nome"}, listed={"position": 7}, deletes=True,
    ),
    "audit.aioperation": Forms(an_operation),
    "audit.auditlog": Forms(lambda s: record("sair", user=s.owner)),
    "conversations.conversation": Forms(lambda s: s.conversation),
    "jurisprudence.holiday": Forms(**acts_deadlines.HOLIDAY),
    "documents.officeunit": Forms(
        lambda s: OfficeUnit.objects.create(name="Unidade de teste"),
        add={"name": "Outra unidade", "default_format": "oab"}, change={"city": "Santos"}, deletes=True,
    ),
    "jurisprudence.precedent": Forms(lambda s: s.precedent),
    "jurisprudence.precedentimport": Forms(lambda s: PrecedentImport.objects.create(file_name="a.jsonl", as_of=date.today())),
    "projects.project": Forms(
        lambda s: Project.objects.create(user=s.owner, name="Silva x Souza"),
        add={"name": "Novo", "status": "active", "user": "owner"}, change={"preservar": "on"},
    ),
}  # fmt: skip

for part in (
    acts_accounts, acts_datajud, acts_deadlines, acts_documents, acts_drafting, acts_files, acts_projects, acts_reading,
    acts_subjects, acts_summaries,
):  # fmt: skip
    for ours, more in ((URLS, "URLS"), (FUNCTIONS, "FUNCTIONS"), (NOTHING, "NOTHING"), (NO_ACTS, "NO_ACTS")):
        ours |= getattr(part, more, {})  # type: ignore[operator]
