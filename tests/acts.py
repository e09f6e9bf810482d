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

from accounts import actions as people
from accounts.tests.factors import code_of, give_app
from audit.actions import record
from audit.models import AIModel, AIOperation
from conftest import PASSWORD
from conversations import actions as talk
from documents.units import OfficeUnit
from jurisprudence.models import PrecedentImport
from projects.models import Project
from romagent.models import SubjectRequest
from romagent.subjects import actions as serving
from tests import (
    acts_datajud,
    acts_deadlines,
    acts_documents,
    acts_drafting,
    acts_files,
    acts_projects,
    acts_reading,
    acts_summaries,
)  # fmt: skip
from tests.scene import (
    NEW,
    Act,
    Scene,
    app_form,
    archived,
    asked,
    begun,
    call,
    cleaning,
    confirmed,
    copying,
    deleted,
    from_link,
    has_passkey,
    inactive,
    made_passkey,
    new_codes,
    passkey_form,
    password_given,
    pinned,
    searching,
    signed_in_elsewhere,
    signing_form,
    subject_copied,
    superseded,
    upload_deleted,
    url,
    with_app,
    with_subject,
)  # fmt: skip
from uploads import actions as files


def of_subject(scene: Scene) -> dict[str, Any]:
    return {"pk": scene.subject.pk}


def of_subjects_run(scene: Scene) -> dict[str, Any]:
    return {"pk": scene.subject.runs.get().pk}


REASON = "Pedido da titular, protocolo 12"
PASSWORDS = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
BOTH = {"segundo_fator.ativar": "owner", "codigos.gerar": "owner"}
STARTED = {"conversa.criar": "newest", "mensagem.enviar": "newest_question"}


def a_request() -> SubjectRequest:
    return SubjectRequest(requester="Rui Matos", name="Rui Matos", received_on=date(2026, 11, 1))


def a_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("Contrato.pdf", b"%PDF-", content_type="application/pdf")


# Requests. The key is the URL's name; a word after it tells two acts of one URL apart. ------------

URLS: dict[str, Act] = {
    "account_login": url("entrar", "owner", browser="", login="helena@exemplo.adv.br", password=PASSWORD),
    "account_login refused": url("entrar.recusado", by="", login="helena@exemplo.adv.br", password="errada"),
    "account_logout": url("sair", "owner"),
    "account_change_password": url("senha.alterar", "owner", form=PASSWORDS),
    "account_reset_password": url("senha.esquecer", "owner", by="", email="helena@exemplo.adv.br"),
    "account_reset_password_from_key": Act({"senha.alterar": "owner"}, "owner", from_link, ""),
    "account_reauthenticate refused": url("entrar.recusado", password="errada"),
    "mfa_authenticate": url(
        "entrar", "owner", browser="", before=(with_app,), ready=(password_given,), form=lambda s, c: {"code": code_of()}
    ),
    "mfa_authenticate refused": url(
        "entrar.recusado", by="", before=(with_app,), ready=(password_given,), code="000000"
    ),
    "mfa_login_webauthn": url("entrar", "owner", browser="", before=(has_passkey,), form=signing_form),
    "mfa_activate_totp": url(BOTH, ready=(confirmed,), form=app_form),
    "mfa_deactivate_totp": url("segundo_fator.desativar", "owner", before=(with_app,), ready=(confirmed,)),
    "mfa_generate_recovery_codes": url("codigos.gerar", "owner", before=(with_app,), ready=(confirmed,)),
    "mfa_view_recovery_codes": url(
        "codigos.ver", "owner", method="get", before=(with_app,), ready=(confirmed, new_codes)
    ),
    "mfa_download_recovery_codes": url(
        "codigos.baixar", "owner", method="get", before=(with_app,), ready=(confirmed, new_codes)
    ),
    "mfa_add_webauthn": url(
        {"chave.adicionar": "owner", "codigos.gerar": "owner"}, ready=(confirmed,), form=passkey_form
    ),
    "mfa_edit_webauthn": url(
        "chave.renomear", "owner", ready=(confirmed, made_passkey), at=lambda s: {"pk": s.passkey.pk}, name="Outro"
    ),
    "mfa_remove_webauthn": url(
        "chave.remover", "owner", ready=(confirmed, made_passkey), at=lambda s: {"pk": s.passkey.pk}
    ),
    "end_session": url("sessao.encerrar", "elsewhere", before=(signed_in_elsewhere,), at=lambda s: {"pk": s.elsewhere.pk}),
    "end_other_sessions": url("sessoes.encerrar", "owner", before=(signed_in_elsewhere,)),
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
    "admin:subject-new": url(
        {"titular.registrar": "newest_subject", "titular.buscar": "newest_subject"}, by="staff",
        kind="access", requester="Ela mesma", received_on="2026-11-20", name="Maria de Teste",
    ),
    "admin:subject": url("titular.consultar", "subject", by="staff", before=(with_subject,), method="get", at=of_subject),
    "admin:subject-search": url("titular.buscar", "subject", by="staff", before=(with_subject,), at=of_subject),
    "admin:subject-export": url("titular.exportar", "subject", by="staff", before=(with_subject,), at=of_subject, reason=REASON),
    "admin:subject-anonymise": url(
        "titular.pedir-anonimizacao", "subject", by="staff", before=(with_subject,), at=of_subject,
        form=lambda s, c: {"owners": [str(s.owner.pk)], "terms": ["name"], "confirmation": "ANONIMIZAR 1"},
    ),
    "admin:subject-person": url(
        "titular.anonimizar-pessoa", "subject", by="staff", before=(with_subject,), at=lambda s: {"pk": s.subject.pk, "person": s.stranger.pk},
        conversations="keep", email="rui@exemplo.adv.br",
    ),
    "admin:subject-answer": url(
        "titular.responder", "subject", by="staff", before=(with_subject,), at=of_subject, state="answered", text="Enviado por e-mail."
    ),
    "admin:subject-stop": url("titular.parar", "subject", by="staff", before=(searching,), at=of_subjects_run),
    "admin:subject-download": url(
        "titular.baixar", "subject", by="staff", method="get", before=(subject_copied,), at=of_subjects_run
    ),
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
    "account_inactive": "says why one is not let in",
    "account_signup": "is closed",
    "account_set_password": "for who has none: only by a link, which is account_reset_password_from_key",
    "account_reset_password_done": "says that a mail is on its way",
    "account_reset_password_from_key_done": "says that it is done",
    "account_reauthenticate": "says again who one is: opens nothing that was not open",
    "mfa_reauthenticate": "the same, by a code",
    "mfa_reauthenticate_webauthn": "the same, by a passkey",
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
    "accounts.invite": call("senha.link", "owner", lambda s: people.invite(s.owner, by=s.staff), by="staff"),
    "accounts.send_link": call(
        "senha.esquecer", "owner", lambda s: people.send_link(s.owner, request=s.request), by="staff"
    ),
    "accounts.set_password": call(
        "senha.alterar", "owner", lambda s: people.set_password(s.owner, NEW, request=None)
    ),
    "accounts.deactivate": call(
        "user.desativar", "owner", lambda s: people.deactivate(s.owner, by=s.staff, request=s.request), by="staff"
    ),
    "accounts.reactivate": call(
        "user.reativar", "stranger", lambda s: people.reactivate(s.stranger, by=s.staff, request=s.request),
        by="staff", before=(inactive,),
    ),
    "accounts.remove_second_factor": call(
        "segundo_fator.remover", "owner", lambda s: people.remove_second_factor(s.owner, by=s.staff), by="staff",
        before=(with_app,),
    ),
    "accounts.end_session": call(
        "sessao.encerrar", "elsewhere",
        lambda s: people.end_session(s.elsewhere, by=s.owner, request=s.request), before=(signed_in_elsewhere,),
    ),
    "accounts.end_sessions": call(
        "sessoes.encerrar", "owner", lambda s: people.end_sessions(s.owner, by=s.owner, request=s.request),
        before=(signed_in_elsewhere,),
    ),
    "romagent.subjects.register": call(
        {"titular.registrar": "newest_subject", "titular.buscar": "newest_subject"}, "",
        lambda s: serving.register(a_request(), user=s.staff), by="staff",
    ),
    "romagent.subjects.ask_for": call(
        "titular.buscar", "subject", lambda s: serving.ask_for(s.subject, "find", user=s.staff), by="staff",
        before=(with_subject,),
    ),
    "romagent.subjects.cancel": call(
        "titular.parar", "subject", lambda s: serving.cancel(s.subject.runs.get(), user=s.staff), by="staff",
        before=(searching,),
    ),
    "romagent.subjects.answer": call(
        "titular.responder", "subject", lambda s: serving.answer(s.subject, state="answered", text="x", user=s.staff),
        by="staff", before=(with_subject,),
    ),
    "romagent.subjects.anonymise_person": call(
        "titular.anonimizar-pessoa", "subject",
        lambda s: serving.anonymise_person(s.subject, s.stranger, delete_conversations=True, user=s.staff), by="staff",
        before=(with_subject,),
    ),
    "romagent.subjects.record_look": call(
        "titular.consultar", "subject", lambda s: serving.record_look(s.subject, user=s.staff, request=s.request),
        by="staff", before=(with_subject,),
    ),
    "romagent.subjects.record_download": call(
        "titular.baixar", "subject",
        lambda s: serving.record_download(s.subject.runs.get(), user=s.staff, request=s.request), by="staff",
        before=(subject_copied,),
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
    "accounts.send_notice": "a mail that goes with an act, which has its own row",
    "uploads.sending_of": "reads a row",
    "romagent.subjects.note_missing": "what the storage has lost: nobody's act",
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
    acts_datajud, acts_deadlines, acts_documents, acts_drafting, acts_files, acts_projects, acts_reading, acts_summaries,
):  # fmt: skip
    for ours, more in ((URLS, "URLS"), (FUNCTIONS, "FUNCTIONS"), (NOTHING, "NOTHING"), (NO_ACTS, "NO_ACTS")):
        ours |= getattr(part, more, {})  # type: ignore[operator]
