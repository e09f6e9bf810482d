"""What waits for a job that nobody has gets another; what fails every job is told that it could not be done.

Files to be read and images: `test_reading_job.py`.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from tests.running import SimulatedApi, read_files
from uploads import stranded
from uploads.joining_actions import join
from uploads.models import Summary, Upload
from uploads.summaries import actions, pen
from uploads.summaries.tests.making import make_summary, work
from uploads.tests.papers import pdf, sent
from uploads.tests.test_reading_job import end_jobs, waiting_jobs

pytestmark = pytest.mark.usefixtures("committed", "files_in_memory")
LONG_AGO = timedelta(minutes=1)


@pytest.fixture
def files_in_memory(settings: Settings, tmp_path: object) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def whole(owner: User) -> Upload:
    """Two volumes, asked to be put together."""
    volumes = [sent(owner, pdf([text]), f"{text}.pdf") for text in ("Primeiro volume", "Segundo volume")]
    read_files(*volumes)
    end_jobs("succeeded")
    return join(volumes, "Autos", user=owner)


def test_volumes_whose_job_is_gone_are_put_together_all_the_same(whole: Upload) -> None:
    assert stranded.take_up() == 0  # its job waits
    end_jobs("failed")
    assert stranded.take_up() == 1
    assert waiting_jobs("uploads.join") == 1
    assert stranded.take_up() == 0


def test_volumes_that_fail_every_job_are_given_up_in_words(whole: Upload) -> None:
    for _ in range(stranded.TRIES):
        assert whole.upload_status == "pending"
        end_jobs("failed")
        assert stranded.take_up() == 1
        whole.refresh_from_db()
    assert (whole.upload_status, whole.error) == ("failed", "internal")
    assert waiting_jobs("uploads.join") == 0
    assert stranded.take_up() == 0


def test_a_whole_that_was_deleted_gets_no_job(whole: Upload) -> None:
    end_jobs("failed")
    Upload.objects.filter(pk=whole.pk).update(deleted_at=timezone.now())
    assert stranded.take_up() == 0


def test_a_summary_in_the_queue_whose_job_is_gone_gets_another(owner: User, api: SimulatedApi) -> None:
    summary = make_summary(owner)
    assert stranded.take_up() == 0  # its job waits
    end_jobs("failed")
    assert stranded.take_up() == 1
    assert waiting_jobs("uploads.make_summary") == 1
    assert stranded.take_up() == 0
    assert work(summary).status == "complete"
    end_jobs("failed")
    assert stranded.take_up() == 0


def test_a_summary_whose_worker_is_silent_gets_another_and_one_that_is_being_made_does_not(owner: User) -> None:
    summary = make_summary(owner)
    assert pen.take(summary.pk)
    end_jobs("aborted")
    assert stranded.take_up() == 0  # somebody was heard from a moment ago
    Summary.objects.update(heartbeat_at=timezone.now() - LONG_AGO)
    assert stranded.take_up() == 1
    assert waiting_jobs("uploads.make_summary") == 1


@pytest.mark.parametrize("how", ["stopped", "deleted"])
def test_a_summary_that_nobody_wants_any_more_gets_no_job(owner: User, how: str) -> None:
    summary = make_summary(owner)
    end_jobs("failed")
    (actions.stop if how == "stopped" else actions.delete)(summary, user=owner)
    assert stranded.take_up() == 0


def test_a_summary_that_fails_every_job_is_given_up_and_can_go_on(owner: User) -> None:
    summary = make_summary(owner)
    for _ in range(stranded.TRIES):
        assert summary.status == "queued"
        end_jobs("failed")
        assert stranded.take_up() == 1
        summary.refresh_from_db()
    assert (summary.status, summary.error) == ("failed", "internal")
    assert AuditLog.objects.filter(action="resumo.falhar").count() == 1
    assert waiting_jobs("uploads.make_summary") == 0
    assert actions.go_on(summary, user=owner)
