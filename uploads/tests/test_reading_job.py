"""Files are read by the worker, page by page: what is kept stays kept, and nothing is read or paid for twice."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from audit.calls.client import Call, CallFailed
from audit.models import AIBudget, AIOperation, AuditLog
from audit.tests.calls import spend
from projects.models import Project
from romagent.base import chores
from tests.running import SimulatedApi, read_files
from uploads import actions, reading_actions, reading_job, stranded, tasks, transcribing
from uploads.models import Upload, UploadPage
from uploads.multipart import StorageAway
from uploads.pricing import expected_cost
from uploads.tests.papers import pdf, scan, sent

pytestmark = pytest.mark.usefixtures("committed", "files_in_memory")
Status, Transcription = Upload.Status, Upload.Transcription
THREE = ["Petição inicial de usucapião", "Contestação do réu", "Sentença de procedência"]


@pytest.fixture
def files_in_memory(settings: Settings, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def texts(upload: Upload) -> list[str]:
    return [page.text.strip() for page in upload.pages.order_by("number")]


def transcriptions() -> int:
    return AIOperation.objects.filter(operation_type="transcription").count()


def waiting_jobs(name: str) -> int:
    from procrastinate.contrib.django.models import ProcrastinateJob

    return int(ProcrastinateJob.objects.filter(task_name=name, status="todo").count())


def test_a_file_that_was_sent_waits_to_be_read_and_a_job_is_owed(owner: User) -> None:
    upload = sent(owner, pdf(THREE))
    assert upload.upload_status == Status.PENDING
    assert waiting_jobs("uploads.read") == 1


def test_a_pdf_is_read_page_by_page(owner: User) -> None:
    upload = sent(owner, pdf(THREE), "nome qualquer.txt")
    read_files(upload)
    assert (upload.upload_status, upload.page_count, upload.pages_done) == (Status.READY, 3, 3)
    assert upload.mime_type == "application/pdf"  # by its content
    assert texts(upload) == THREE
    assert upload.processed_at is not None
    assert AuditLog.objects.filter(action="arquivo.lido", entity_id=upload.pk, user_id=owner.pk).count() == 1


def test_its_pages_are_found_by_their_words_and_say_whose_they_are(owner: User) -> None:
    upload = sent(owner, pdf(THREE))
    read_files(upload)
    project = Project.objects.create(user=owner, name="Caso")
    found = UploadPage.objects.filter(search=SearchQuery("usucapiao", config="portuguese_plain"))
    assert [(page.number, page.scope) for page in found] == [(1, owner.pk)]
    upload.project = project
    upload.save(update_fields=["project"])
    assert set(upload.pages.values_list("scope", flat=True)) == {project.pk}


def test_a_reading_goes_on_after_the_last_page_that_is_kept(owner: User) -> None:
    upload = sent(owner, pdf(THREE))
    UploadPage.objects.create(upload=upload, number=1, text="o que um leitor anterior já guardou")
    Upload.objects.filter(pk=upload.pk).update(upload_status=Status.PROCESSING, reading_turn=1)
    read_files(upload)
    assert texts(upload) == ["o que um leitor anterior já guardou", *THREE[1:]]
    assert upload.reading_turn == 2


def test_who_was_overtaken_writes_nothing_more(owner: User) -> None:
    upload = sent(owner, pdf(THREE))
    work = reading_job.take(upload.pk)
    assert work
    assert reading_job.take(upload.pk)  # by another worker
    with pytest.raises(reading_job.Overtaken):
        reading_job.keep(work, [reading_job.Page(1, "tarde demais")])
    reading_job.fail(work, "damaged", None)
    upload.refresh_from_db()
    assert upload.upload_status == Status.PROCESSING
    assert not upload.pages.exists()


def test_a_reading_that_is_stopped_keeps_its_pages_and_can_go_on(owner: User) -> None:
    upload = sent(owner, pdf(THREE))
    work = reading_job.take(upload.pk)
    assert work
    reading_job.keep(work, [reading_job.Page(1, THREE[0])])
    assert reading_actions.stop_reading(upload, user=owner)
    with pytest.raises(reading_job.Overtaken):
        reading_job.keep(work, [reading_job.Page(2, THREE[1])])
    upload.refresh_from_db()
    assert (upload.upload_status, upload.error) == (Status.FAILED, "cancelled")
    assert reading_actions.read_again(upload, user=owner)
    read_files(upload)
    assert upload.upload_status == Status.READY
    assert texts(upload) == THREE


def test_a_protected_file_asks_for_its_password_and_is_read_with_it(owner: User) -> None:
    upload = sent(owner, pdf(THREE, password="segredo"))
    read_files(upload)
    assert (upload.upload_status, upload.error) == (Status.FAILED, "password")
    assert reading_actions.give_password(upload, "errada", user=owner)
    read_files(upload)
    assert upload.error == "wrong_password"
    assert "password" not in upload.metadata
    assert reading_actions.give_password(upload, "segredo", user=owner)
    read_files(upload)
    assert texts(upload) == THREE
    kept = str(Upload.objects.values_list("metadata", flat=True).get(pk=upload.pk))
    assert "segredo" not in kept
    assert not any("segredo" in str(row) for row in AuditLog.objects.values_list("old_value", "new_value"))


def test_what_is_no_document_is_refused_with_a_reason(owner: User) -> None:
    upload = sent(owner, b"\x7fELF" + bytes(200), "autos.pdf")
    read_files(upload)
    assert (upload.upload_status, upload.error) == (Status.FAILED, "type")
    assert AuditLog.objects.filter(action="arquivo.nao-lido", entity_id=upload.pk).exists()


def test_a_file_that_is_gone_says_so(owner: User) -> None:
    upload = sent(owner, pdf(THREE))
    Upload.objects.filter(pk=upload.pk).update(file_path="arquivos/2026/11/sumiu.pdf")
    read_files(upload)
    assert (upload.upload_status, upload.error) == (Status.FAILED, "missing")


def test_the_same_bytes_are_not_read_again_for_the_same_people(owner: User, stranger: User) -> None:
    first, again, another = (sent(user, pdf(THREE)) for user in (owner, owner, stranger))
    read_files(first)
    UploadPage.objects.filter(upload=first, number=1).update(text="só a primeira leitura diz isto")
    read_files(again, another)
    assert texts(again)[0] == "só a primeira leitura diz isto"
    assert texts(another) == THREE  # what others have read says nothing to a stranger
    assert again.page_count == 3


def test_a_worker_that_must_leave_gives_the_rest_back(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = sent(owner, pdf(THREE))
    monkeypatch.setattr(chores, "stopping", stopping := type(chores.stopping)())
    stopping.set()
    read_files(upload)
    assert upload.upload_status == Status.PENDING
    assert waiting_jobs("uploads.read") == 1
    stopping.clear()
    read_files(upload)
    assert texts(upload) == THREE


def test_files_from_before_are_read_in_their_turn(owner: User) -> None:
    upload = sent(owner, pdf(THREE))
    Upload.objects.filter(pk=upload.pk).update(upload_status=Status.READY)  # as the release before left it
    assert stranded.take_up() == 1
    assert stranded.take_up() == 0
    read_files(upload)
    assert texts(upload) == THREE


def end_jobs(status: str) -> None:
    """As when a worker that does not know the task has taken them, or one that has failed."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")
        cursor.execute("UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status", [status])


def test_a_file_whose_job_is_gone_gets_another(owner: User) -> None:
    sent(owner, pdf(THREE))
    assert stranded.take_up() == 0  # its job waits
    end_jobs("failed")
    assert stranded.take_up() == 1
    assert waiting_jobs("uploads.read") == 1
    assert stranded.take_up() == 0


def test_what_a_deletion_has_cut_short_goes_on_when_it_is_taken_back(owner: User, api: SimulatedApi) -> None:
    upload, picture = sent(owner, pdf(THREE)), sent(owner, scan(), "foto.png")
    asyncio.run(reading_job.perform(picture.pk))
    for one in (upload, picture):
        actions.delete(one, user=owner)
    end_jobs("succeeded")  # they have found nothing to do
    for one in (upload, picture):
        actions.undelete(one, user=owner)
    assert (waiting_jobs("uploads.read"), waiting_jobs("uploads.transcribe")) == (1, 1)
    read_files(upload)
    assert texts(upload) == THREE


def test_who_deletes_or_takes_back_what_somebody_else_just_has_changes_nothing(owner: User) -> None:
    upload = sent(owner, pdf(THREE))
    late = Upload.objects.get(pk=upload.pk)
    actions.delete(upload, user=owner)
    deleted_at = Upload.objects.get(pk=upload.pk).deleted_at
    actions.delete(late, user=owner)
    assert Upload.objects.get(pk=upload.pk).deleted_at == deleted_at
    actions.undelete(upload, user=owner)
    actions.undelete(late, user=owner)
    assert AuditLog.objects.filter(action="arquivo.excluir").count() == 1
    assert AuditLog.objects.filter(action="arquivo.desfazer-exclusao").count() == 1


def test_a_file_that_fails_every_job_is_given_up(owner: User) -> None:
    upload = sent(owner, pdf(THREE))
    for _ in range(stranded.TRIES):
        assert upload.upload_status == Status.PENDING
        end_jobs("failed")
        assert stranded.take_up() == 1
        upload.refresh_from_db()
    assert (upload.upload_status, upload.error) == (Status.FAILED, "internal")
    assert waiting_jobs("uploads.read") == 0


def test_images_whose_job_is_gone_are_transcribed_all_the_same(owner: User, api: SimulatedApi) -> None:
    upload = sent(owner, scan(), "foto.png")
    asyncio.run(reading_job.perform(upload.pk))
    end_jobs("failed")
    assert stranded.take_up() == 1
    assert waiting_jobs("uploads.transcribe") == 1
    for _ in range(stranded.TRIES):
        end_jobs("failed")
        stranded.take_up()
    upload.refresh_from_db()
    assert (upload.transcription, upload.error) == (Transcription.FAILED, "internal")


# Images -------------------------------------------------------------------------------------------


def test_pages_that_are_images_are_transcribed_and_marked(owner: User, api: SimulatedApi) -> None:
    upload = sent(owner, pdf(["Capa dos autos", "", "Texto digitado", "", "", "", ""]))
    read_files(upload)
    assert upload.transcription == Transcription.DONE
    pages = list(upload.pages.order_by("number"))
    assert [page.source for page in pages] == ["text", "vision", "text", "vision", "vision", "vision", "vision"]
    assert "simulada da página 2" in pages[1].text
    assert not any(page.error for page in pages)
    calls = AIOperation.objects.filter(operation_type="transcription")
    assert {call.user_id for call in calls} == {owner.pk}
    assert calls.count() == 2  # four pages, and one
    assert all(call.cost_usd for call in calls)


def test_a_photograph_is_one_page(owner: User, api: SimulatedApi) -> None:
    upload = sent(owner, scan(), "foto.png")
    read_files(upload)
    assert upload.mime_type == "image/png"
    assert [page.source for page in upload.pages.all()] == ["vision"]


def test_many_images_wait_until_their_cost_is_accepted(
    owner: User, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_job, "TRANSCRIBED_UNASKED", 2)
    upload = sent(owner, pdf(["", "", ""]))
    read_files(upload)
    assert upload.transcription == Transcription.ASKED
    assert transcriptions() == 0
    assert expected_cost(3)
    assert reading_actions.transcribe(upload, user=owner)
    read_files(upload)
    assert upload.transcription == Transcription.DONE
    assert all(page.source == "vision" for page in upload.pages.all())


def test_no_page_is_paid_for_twice(owner: User, api: SimulatedApi) -> None:
    first, again = sent(owner, pdf(["", ""])), sent(owner, pdf(["", ""]))
    again_bytes = Upload.objects.filter(pk=again.pk)
    again_bytes.update(sha256=first.sha256)  # made at another moment, its bytes differ
    read_files(first)
    assert transcriptions() == 1
    read_files(first, again)
    assert transcriptions() == 1
    assert [page.source for page in again.pages.all()] == ["vision", "vision"]


def test_a_twin_waits_while_its_pages_are_being_paid_for(owner: User, api: SimulatedApi) -> None:
    first, again = sent(owner, scan(), "a.png"), sent(owner, scan(), "b.png")
    for upload in (first, again):
        asyncio.run(reading_job.perform(upload.pk))
    assert transcribing.take(again.pk) is None
    assert transcribing.take(first.pk) is not None


def test_who_has_no_budget_pays_nothing_and_is_told(owner: User, api: SimulatedApi) -> None:
    AIBudget.objects.create(user=owner, amount=Decimal("0.01"))
    spend(owner, "0.02")
    upload = sent(owner, scan(), "foto.png")
    read_files(upload)
    assert (upload.transcription, upload.error) == (Transcription.FAILED, "budget")
    assert transcriptions() == 0


@pytest.mark.parametrize(
    ("code", "words"), [("budget", "O orçamento de IA de quem enviou"), ("storage", "não respondeu")]
)
def test_the_page_of_the_file_says_why_it_was_not_transcribed(
    as_owner: Client, owner: User, code: str, words: str
) -> None:
    upload = sent(owner, scan(), "foto.png")
    asyncio.run(reading_job.perform(upload.pk))
    transcribing.give_up(upload.pk, code)
    html = as_owner.get(f"/arquivos/{upload.pk}/").content.decode()
    assert "Nem todas as páginas que são imagens puderam ser transcritas." in html
    assert words in html


def test_a_call_that_is_broken_off_is_kept_since_it_is_paid_for(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = sent(owner, pdf(["", "", "", "", ""]))  # two calls: four pages, and one
    asyncio.run(reading_job.perform(upload.pk))
    other_is_under_way = asyncio.Event()

    async def whole(call: Call, client: Any, request: dict[str, Any]) -> str:
        if sum(part["type"] == "image" for part in request["messages"][0]["content"]) > 1:
            other_is_under_way.set()
            await asyncio.Event().wait()
        await other_is_under_way.wait()
        raise CallFailed("rejected_key", retryable=False)

    monkeypatch.setattr(Call, "whole", whole)
    monkeypatch.setattr(transcribing.current, "client", lambda: None)
    asyncio.run(transcribing.perform(upload.pk))
    upload.refresh_from_db()
    assert (upload.transcription, upload.error) == (Transcription.FAILED, "rejected_key")
    assert transcriptions() == 2


def test_a_storage_that_does_not_answer_is_asked_again_before_the_transcription_fails(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = sent(owner, scan(), "foto.png")
    asyncio.run(reading_job.perform(upload.pk))

    def away(stored: str) -> Any:
        raise StorageAway("EndpointConnectionError")

    monkeypatch.setattr(transcribing, "on_this_machine", away)

    def at_try(number: int) -> None:
        context: Any = SimpleNamespace(job=SimpleNamespace(attempts=number))
        asyncio.run(tasks.transcribe(context, upload_id=str(upload.pk)))

    with pytest.raises(StorageAway):
        at_try(0)
    upload.refresh_from_db()
    assert upload.transcription == Transcription.WORKING
    at_try(len(tasks.PAUSES))
    upload.refresh_from_db()
    assert (upload.transcription, upload.error) == (Transcription.FAILED, "storage")


def test_an_answer_that_is_cut_is_asked_for_page_by_page(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "stop_reason", "stop_reason": "max_tokens", "after_tokens": 3}])
    upload = sent(owner, pdf(["", "", ""]))
    read_files(upload)
    assert upload.transcription == Transcription.DONE
    assert all(page.source == "vision" for page in upload.pages.all())
    assert transcriptions() == 4


def test_when_the_service_refuses_what_was_read_stays_and_it_can_be_tried_again(owner: User, api: SimulatedApi) -> None:
    api.script([{"kind": "status", "status": 401}])
    upload = sent(owner, pdf(["Capa", ""]))
    read_files(upload)
    assert upload.upload_status == Status.READY
    assert (upload.transcription, upload.error) == (Transcription.FAILED, "rejected_key")
    assert texts(upload)[0] == "Capa"
    assert reading_actions.transcribe(upload, user=owner)
    read_files(upload)
    assert upload.transcription == Transcription.DONE


def test_a_transcription_that_is_stopped_keeps_what_was_read(owner: User, api: SimulatedApi) -> None:
    upload = sent(owner, pdf(["", ""]))
    asyncio.run(reading_job.perform(upload.pk))
    work = transcribing.take(upload.pk)
    assert work
    transcribing.keep(work, {1: "Primeira"}, {}, [])
    assert reading_actions.leave_images(upload, user=owner)
    with pytest.raises(transcribing.Ended):
        transcribing.keep(work, {2: "Segunda"}, {}, [])
    assert texts(upload) == ["Primeira", ""]
