"""What an answer cites: checked when it ends, marked in its text, listed under it, and corrected once by the model."""

import asyncio
from datetime import date

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from conversations.citing import ASKED, KEY, NOT_CORRECTED, Citing, check
from conversations.export import as_markdown
from conversations.models import Conversation, Message
from conversations.tasks import look_up_cited
from conversations.tests.making import ask, make_conversation, make_exchange
from jurisprudence.citations.judging import Verdict
from jurisprudence.datajud import lookups
from jurisprudence.datajud.tests.making import MISSING, number
from jurisprudence.precedents.models import Precedent
from jurisprudence.precedents.tests.making import make_precedent
from tests.running import SimulatedApi, SimulatedDataJud, write

pytestmark = pytest.mark.usefixtures("committed")
Status = Message.Status
TRUE = "A pretensão de simples reexame de prova não enseja recurso especial (Súmula 7 do STJ)."
FALSE = "Aplica-se ainda a Súmula 9.999 do STJ."
INVALID = "O processo 0000001-23.2026.8.26.0100 já transitou em julgado."


@pytest.fixture
def known() -> Precedent:
    return make_precedent(
        court="STJ", kind="sumula", number=7, text="A pretensão de simples reexame de prova não enseja recurso especial.",
        source="STJ", as_of=date(2025, 8, 1),
    )  # fmt: skip


@pytest.fixture
def conversation(owner: User) -> Conversation:
    return make_conversation(owner)


def answered(conversation: Conversation, question: str = "Cabe recurso especial?") -> Message:
    reply = ask(conversation, question).reply
    write(reply)
    return reply


def cited(reply: Message) -> dict[str, str]:
    return {one.text: one.verdict for one in Citing.of(reply.metadata).items}


# What is kept and shown ------------------------------------------------------------------------


def test_a_true_and_a_false_sumula_are_told_apart(known: Precedent) -> None:
    found = check(f"{TRUE} {FALSE}")
    assert [(one.text, one.verdict) for one in found.items] == [
        ("Súmula 7 do STJ", Verdict.CONFIRMED),
        ("Súmula 9.999 do STJ", Verdict.NOT_FOUND),
    ]
    assert found.items[0].source
    assert found.items[0].date == "2025-08-01"
    assert found.summary == "1 não localizada, 1 confirmada"


def test_nothing_is_green_without_a_table() -> None:
    (one,) = check(TRUE).items
    assert one.verdict == Verdict.PLAUSIBLE
    assert not one.source


def test_what_is_no_longer_in_force_is_never_simply_green(conversation: Conversation, as_owner: Client) -> None:
    make_precedent(number=9061, status="cancelada", text="O prazo é em dobro.")
    _, reply = make_exchange(conversation, "Cabe?", f"Aplica-se a Súmula 9.061 do STJ. {FALSE}")
    found = check(reply.content)
    reply.metadata = {KEY: found.kept()}
    reply.save(update_fields=["metadata"])
    assert found.summary == "1 não localizada, 1 confirmada com atenção"
    assert "Súmula 9.061 do STJ: confirmado (atenção). Existe, mas a situação é: cancelada" in found.lines()[0]
    page = as_owner.get(f"/conversas/{conversation.pk}/").content.decode()
    assert f'Súmula 9.061 do STJ<a class="verdict confirmado atencao" href="#citacao-{reply.pk}-1"' in page
    assert page.count(">confirmado (atenção)<") == 2
    assert 'class="verdict confirmado"' not in page


def test_what_is_kept_comes_back_as_it_was(known: Precedent) -> None:
    found = check(f"{TRUE} {FALSE} {INVALID}")
    assert Citing.of({KEY: found.kept()}) == found


def test_an_authority_named_twice_is_listed_once(known: Precedent) -> None:
    found = check(f"{TRUE} {TRUE} {FALSE}")
    assert len(found.items) == 3
    assert [number for number, _ in found.first] == [1, 2]


def test_the_text_stays_word_for_word_and_the_page_has_the_marks(
    conversation: Conversation, known: Precedent, api: SimulatedApi, as_owner: Client
) -> None:
    api.script([{"kind": "answer", "text": f"**{TRUE}**"}])
    reply = answered(conversation)
    assert reply.content == f"**{TRUE}**"
    page = as_owner.get(f"/conversas/{conversation.pk}/").content.decode()
    assert f'Súmula 7 do STJ<a class="verdict confirmado" href="#citacao-{reply.pk}-1"' in page
    assert f'id="citacao-{reply.pk}-1"' in page
    assert "Citações conferidas: 1 confirmada" in page


def test_a_text_that_cites_nothing_has_no_list(conversation: Conversation, api: SimulatedApi, as_owner: Client) -> None:
    api.script([{"kind": "answer", "text": "Bom dia. Em que posso ajudar?"}])
    reply = answered(conversation)
    assert KEY not in reply.metadata
    assert "Citações conferidas" not in as_owner.get(f"/conversas/{conversation.pk}/").content.decode()


def test_hostile_words_around_a_citation_stay_words(
    conversation: Conversation, known: Precedent, api: SimulatedApi, as_owner: Client
) -> None:
    text = "Diz a Súmula 7 do STJ: “<img src=x onerror=alert(1)> reexame” e a Súmula 9.999 do STJ<script>alert(1)</script>."
    api.script(
        [{"kind": "answer", "text": text}, {"kind": "answer", "text": "**Correção das citações.** Desconsidere."}]
    )
    answered(conversation)
    page = as_owner.get(f"/conversas/{conversation.pk}/").content.decode()
    assert "<img" not in page.partition("<main")[2]
    assert "alert(1)</script>" not in page


def test_an_export_says_what_was_found(conversation: Conversation, known: Precedent, owner: User) -> None:
    _, reply = make_exchange(conversation, "Cabe?", f"{TRUE} {FALSE}")
    reply.metadata = {KEY: check(reply.content).kept()}
    reply.save(update_fields=["metadata"])
    text = as_markdown(conversation, owner)
    assert "*Citações conferidas: 1 não localizada, 1 confirmada.*" in text
    assert "- Súmula 9.999 do STJ: não localizado." in text


def test_a_recogniser_that_fails_costs_nobody_the_answer(
    conversation: Conversation, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("jurisprudence.citations.kept.find", lambda text: 1 / 0)
    api.script([{"kind": "answer", "text": TRUE}])
    reply = answered(conversation)
    assert (reply.status, reply.content) == (Status.COMPLETE, TRUE)
    assert KEY not in reply.metadata
    assert "could not be checked" in caplog.text


# The correction --------------------------------------------------------------------------------

CORRECTION = "**Correção das citações.** Desconsidere a Súmula 9.999 do STJ [VERIFICAR]."


def test_the_model_is_told_once_and_its_correction_stands_under_its_text(
    conversation: Conversation, known: Precedent, api: SimulatedApi
) -> None:
    api.script([{"kind": "answer", "text": f"{TRUE} {FALSE}"}, {"kind": "answer", "text": CORRECTION}])
    reply = answered(conversation)
    assert reply.status == Status.COMPLETE
    assert reply.content == f"{TRUE} {FALSE}\n\n{CORRECTION}"
    first, second = api.requests()
    said, told = second["messages"][-2:]
    assert said["role"] == "assistant"
    assert told["role"] == "user"
    assert "Súmula 9.999 do STJ: não localizado" in told["content"][0]["text"]
    assert "Súmula 7 do STJ" not in told["content"][0]["text"]
    assert second["messages"][:-2] == first["messages"]
    assert any(step.startswith(ASKED) for step in reply.metadata["reading"]["steps"])
    assert set(cited(reply)) == {"Súmula 7 do STJ", "Súmula 9.999 do STJ"}


def test_a_correction_that_is_wrong_again_is_not_asked_for_again(
    conversation: Conversation, known: Precedent, api: SimulatedApi
) -> None:
    api.script([{"kind": "answer", "text": FALSE}, {"kind": "answer", "text": "Use a Súmula 8.888 do STJ."}])
    reply = answered(conversation)
    assert len(api.requests()) == 2
    assert cited(reply) == {
        "Súmula 9.999 do STJ": Verdict.NOT_FOUND, "Súmula 8.888 do STJ": Verdict.NOT_FOUND,
    }  # fmt: skip


@pytest.mark.parametrize("text", [TRUE, "Veja o art. 5º da CF.", "Nada cito."])
def test_what_is_not_wrong_is_not_corrected(
    conversation: Conversation, known: Precedent, api: SimulatedApi, text: str
) -> None:
    api.script([{"kind": "answer", "text": text}])
    answered(conversation)
    assert len(api.requests()) == 1


def test_an_answer_that_was_cut_is_not_corrected(
    conversation: Conversation, known: Precedent, api: SimulatedApi
) -> None:
    api.script([{"kind": "stop_reason", "stop_reason": "max_tokens", "also": [{"kind": "answer", "text": FALSE}]}])
    reply = answered(conversation)
    assert reply.stop_reason == "max_tokens"
    assert len(api.requests()) == 1


def test_a_correction_that_cannot_be_had_leaves_the_answer(
    conversation: Conversation, known: Precedent, api: SimulatedApi
) -> None:
    api.script([{"kind": "answer", "text": FALSE}, {"kind": "status", "status": 400}])
    reply = answered(conversation)
    assert (reply.content, reply.status, reply.stop_reason) == (FALSE, Status.COMPLETE, "end_turn")
    assert "error" not in reply.metadata
    assert NOT_CORRECTED in reply.metadata["reading"]["limits"]
    assert cited(reply) == {"Súmula 9.999 do STJ": Verdict.NOT_FOUND}


# Case numbers ----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "PAUSE_SECONDS", 0)


def looked_up(reply: Message) -> None:
    asyncio.run(look_up_cited(message_id=str(reply.pk)))
    reply.refresh_from_db()


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name="conversations.look_up_cited").count()


def test_a_case_number_is_asked_for_after_the_answer_and_judged_again(
    conversation: Conversation, api: SimulatedApi, datajud: SimulatedDataJud
) -> None:
    there, absent = number(), number(MISSING)
    api.script([{"kind": "answer", "text": f"Vide os processos {there} e {absent}."}])
    reply = answered(conversation)
    assert set(cited(reply).values()) == {Verdict.PLAUSIBLE}
    assert jobs() == 1
    before = Citing.of(reply.metadata).at
    looked_up(reply)
    assert cited(reply) == {str(there): Verdict.CONFIRMED, str(absent): Verdict.NOT_FOUND}
    found = Citing.of(reply.metadata)
    assert found.at > before
    assert found.items[0].source == "DataJud (CNJ)"
    assert found.items[0].date
    assert found.faults == []  # the index lags: no reason to have the model correct it
    assert len(datajud.requests()) == 2


def test_a_source_that_fails_is_said_to_and_is_not_asked_again_for_the_next_answer(
    conversation: Conversation, api: SimulatedApi, datajud: SimulatedDataJud
) -> None:
    there = number()
    datajud.script({"kind": "status", "status": 504})
    api.script([{"kind": "answer", "text": f"Vide o processo {there}.", "times": 2}])
    first, second = answered(conversation), answered(conversation)
    assert cited(second) == {str(there): Verdict.PLAUSIBLE}
    looked_up(first)
    assert cited(first) == {str(there): Verdict.UNAVAILABLE}
    looked_up(second)
    assert cited(second) == {str(there): Verdict.UNAVAILABLE}
    assert Citing.of(second.metadata).unasked == [str(there)], "in an hour, by whoever cites it then"
    assert len(datajud.requests()) == 1


def test_a_number_that_another_text_has_asked_for_meanwhile_is_judged_again(
    conversation: Conversation, api: SimulatedApi, datajud: SimulatedDataJud
) -> None:
    """Two answers that cite it end before either is looked up; so does one whose worker died after the look-up."""
    there = number()
    api.script([{"kind": "answer", "text": f"Vide o processo {there}.", "times": 2}])
    first, second = answered(conversation), answered(conversation)
    looked_up(first)
    looked_up(second)
    assert cited(second) == cited(first) == {str(there): Verdict.CONFIRMED}
    assert len(datajud.requests()) == 1


def test_without_a_key_nobody_is_asked(conversation: Conversation, api: SimulatedApi) -> None:
    api.script([{"kind": "answer", "text": f"Vide o processo {number()}."}])
    answered(conversation)
    assert jobs() == 0
