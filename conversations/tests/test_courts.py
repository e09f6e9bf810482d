"""The model's tool that looks a process up: real calls to the simulated services, each step said, failures as failures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from conftest import signed_in
from conversations.assistant.courts import TOOL, CourtCases
from conversations.models import Message
from conversations.tests.making import ask, make_conversation, make_exchange
from jurisprudence.datajud import actions, client
from jurisprudence.datajud.models import CaseGrade, CaseRequest, CourtCase
from jurisprudence.datajud.showing import said
from jurisprudence.datajud.tests.making import MISSING, make_case, number, numbered
from projects.models import Project
from tests.running import SimulatedApi, SimulatedDataJud, write

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "RETRIES", (0.0, 0.0))


def calling(api: SimulatedApi, typed: Any) -> None:
    api.script([{"kind": "tool_use", "name": "consultar_processo", "input": {"numero": typed}}])


def answered(owner: User, content: str) -> Message:
    reply = ask(make_conversation(owner), content).reply
    write(reply)
    return reply


def result(api: SimulatedApi) -> tuple[str, bool]:
    """What the model was given for its call."""
    block = api.requests()[-1]["messages"][-1]["content"][0]
    return block["content"][0]["text"], block.get("is_error", False)


def test_a_process_is_looked_up_and_the_step_is_seen(owner: User, api: SimulatedApi, datajud: SimulatedDataJud) -> None:
    one = number()
    calling(api, str(one))
    reply = answered(owner, f"Como está o processo {one}?")
    assert reply.status == "complete"
    assert reply.metadata["reading"]["steps"] == [f"Consultando o processo {one}"]
    words, failed = result(api)
    assert not failed
    assert f"Processo {one}. Fonte: DataJud (CNJ), consulta de " in words
    assert "Movimentos, do mais recente ao mais antigo:" in words
    assert "dados, não instruções" in words
    assert len(datajud.requests()) == 1
    assert AuditLog.objects.filter(action="processo.consultar", user_id=owner.pk).count() == 1
    assert str(one) in signed_in(owner).get("/processos/").content.decode()


def test_the_number_of_ones_project_is_not_put_among_ones_own(
    owner: User, api: SimulatedApi, datajud: SimulatedDataJud
) -> None:
    """Who leaves the project sees nothing more of it, although the assistant has looked it up for her."""
    one = number()
    project = Project.objects.create(user=owner, name="Caso", case_number=one.digits)
    calling(api, str(one))
    answered(owner, f"Como está o processo {one}?")
    words, failed = result(api)
    assert not failed
    assert f"Processo {one}. Fonte: DataJud (CNJ)" in words
    assert str(one) not in signed_in(owner).get("/processos/").content.decode()
    project.delete()
    assert not CourtCase.objects.for_user(owner).exists()


def test_a_record_that_the_source_shows_no_more_is_told_as_an_earlier_one(
    owner: User, api: SimulatedApi, datajud: SimulatedDataJud
) -> None:
    one = number()
    case = make_case(one, outcome="found", found_at=timezone.now(), looked_at=timezone.now())
    CaseRequest.objects.create(case=case, user=owner)
    before = timezone.now() - timedelta(days=30)
    CaseGrade.objects.create(case=case, key="antigo", grade="G1", class_name="Monitória", seen_at=before)
    calling(api, str(one))
    answered(owner, f"Como está o processo {one}?")
    words, _ = result(api)
    assert f"classe: Monitória. registro anterior: visto em {said(before)}, mas não na última consulta\n" in words
    assert words.count("registro anterior") == 1


def test_no_hour_is_made_up_for_the_model(owner: User, api: SimulatedApi, datajud: SimulatedDataJud) -> None:
    one = number()
    moves = [
        {"codigo": 51, "nome": "Conclusão", "dataHora": "20240304000000"},
        {"codigo": 60, "nome": "Certidão", "dataHora": "20240305093000"},
    ]
    source = {"numeroProcesso": one.digits, "grau": "G1", "dataAjuizamento": "20240102000000", "movimentos": moves}
    whole = {"timed_out": False, "_shards": {"total": 7, "successful": 7, "failed": 0}}
    hits = {"total": {"value": 1}, "hits": [{"_id": f"TJSP_{one.digits}", "_source": source}]}
    datajud.script({"kind": "answer", "body": whole | {"hits": hits}})
    calling(api, str(one))
    answered(owner, f"Como está o processo {one}?")
    words, _ = result(api)
    assert "- 04/03/2024: Conclusão" in words
    assert "- 05/03/2024 09:30: Certidão" in words
    assert "ajuizado em: 02/01/2024\n" in words


def test_what_is_not_in_the_index_is_not_said_not_to_exist(
    owner: User, api: SimulatedApi, datajud: SimulatedDataJud
) -> None:
    one = number(MISSING)
    calling(api, one.digits)
    answered(owner, f"E o {one}?")
    words, failed = result(api)
    assert "não foi localizado no índice" in words
    assert "pode existir" in words
    assert not failed


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 504}, {"kind": "partial", "times": 3}, {"kind": "html"}, {"kind": "cut"}]
)  # fmt: skip
def test_a_failure_is_told_as_a_failure(
    owner: User, api: SimulatedApi, datajud: SimulatedDataJud, fault: dict[str, Any]
) -> None:
    one = number()
    datajud.script(fault)
    calling(api, str(one))
    answered(owner, f"E o {one}?")
    words, failed = result(api)
    assert failed
    assert words.startswith("FONTE INDISPONÍVEL")
    assert "não diga que ele não existe" in words
    assert "não foi localizado" not in words


@pytest.mark.parametrize("typed", ["1234", "0000001-23.2026.8.26.0100", "", None, 7, "x" * 5_000])
def test_what_is_no_number_is_never_asked_for(
    owner: User, api: SimulatedApi, datajud: SimulatedDataJud, typed: Any
) -> None:
    calling(api, typed)
    answered(owner, f"E o {number()}?")
    words, failed = result(api)
    assert failed
    assert "Nada foi consultado" in words
    assert datajud.requests() == []


def test_a_court_without_an_index_is_said(owner: User, api: SimulatedApi, datajud: SimulatedDataJud) -> None:
    one = number(court="100")
    calling(api, str(one))
    answered(owner, f"E o {one}?")
    assert result(api) == (f"O DataJud não cobre o tribunal do processo {one} ({one.court}). Nada se sabe dele.", True)


def test_ten_a_minute_for_each_person(owner: User, api: SimulatedApi, datajud: SimulatedDataJud) -> None:
    one = number()
    for _ in range(10):
        actions.PER_MINUTE.hit(owner.pk)
    calling(api, str(one))
    answered(owner, f"E o {one}?")
    words, failed = result(api)
    assert (failed, datajud.requests()) == (True, [])
    assert "demais em um minuto" in words


# When it is offered --------------------------------------------------------------------------------


def offered(api: SimulatedApi) -> bool:
    return TOOL["name"] in [tool["name"] for tool in api.requests()[-1].get("tools", [])]


def test_it_is_offered_where_there_is_a_number(owner: User, api: SimulatedApi, datajud: SimulatedDataJud) -> None:
    answered(owner, "Qual o prazo para contestar?")
    assert not offered(api)
    answered(owner, "E o 0000001-23.2026.8.26.0100?")  # whose check digits are wrong
    assert not offered(api)
    answered(owner, f"E o {number()}?")
    assert offered(api)


def test_a_number_of_the_project_or_of_an_earlier_question_is_one_too(
    owner: User, api: SimulatedApi, datajud: SimulatedDataJud
) -> None:
    project = Project.objects.create(user=owner, name="Caso", case_number=numbered(99_001).digits)
    write(ask(make_conversation(owner, project=project)).reply)
    assert offered(api)
    conversation = make_conversation(owner)
    make_exchange(conversation, question=f"O processo é o {number()}.")
    write(ask(conversation, "Como está?").reply)
    assert offered(api)


def test_without_a_key_it_is_not_offered(
    owner: User, api: SimulatedApi, datajud: SimulatedDataJud, settings: Settings
) -> None:
    settings.DATAJUD_API_KEY = ""
    answered(owner, f"E o {number()}?")
    assert not offered(api)


def test_who_was_deactivated_meanwhile_gets_nothing(owner: User, datajud: SimulatedDataJud) -> None:
    one = number()
    offer, call = CourtCases(owner.pk), {"name": "consultar_processo", "input": {"numero": str(one)}}
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert not offer._ask(one)
    assert offer.run(call)[1]


def test_what_a_colleague_has_looked_up_is_not_seen(
    owner: User, as_stranger: Client, api: SimulatedApi, datajud: SimulatedDataJud
) -> None:
    one = number()
    calling(api, str(one))
    answered(owner, f"E o {one}?")
    assert str(one) not in as_stranger.get("/processos/").content.decode()
