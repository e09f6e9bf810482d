"""What the staff can do to requests of data subjects: the part of `tests/acts.py` that is about them."""

from __future__ import annotations

from datetime import date
from typing import Any

from romagent.models import SubjectRequest
from romagent.subjects import actions as serving
from tests.scene import Act, Scene, call, searching, subject_copied, url, with_subject

REASON = "Pedido da titular, protocolo 12"


def of_subject(scene: Scene) -> dict[str, Any]:
    return {"pk": scene.subject.pk}


def of_subjects_run(scene: Scene) -> dict[str, Any]:
    return {"pk": scene.subject.runs.get().pk}


def a_request() -> SubjectRequest:
    return SubjectRequest(requester="Rui Matos", name="Rui Matos", received_on=date(2026, 11, 1))


URLS: dict[str, Act] = {
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
}  # fmt: skip

FUNCTIONS: dict[str, Act] = {
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
}  # fmt: skip

NO_ACTS: dict[str, str] = {
    "romagent.subjects.note_missing": "what the storage has lost: nobody's act",
}
