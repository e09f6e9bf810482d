"""A summary is made in parts, at the wire: read, checked, merged, kept."""

from __future__ import annotations

import pytest

from accounts.models import User
from audit.models import AIOperation, AuditLog
from romagent.embedded.messages_api.process import SimulatedApi
from uploads.models import SummaryPart
from uploads.summaries.sections import SECTIONS
from uploads.summaries.tests.making import lines_of, make_summary, work

pytestmark = pytest.mark.usefixtures("committed")


def test_a_small_file_is_one_call_and_each_line_stands_on_its_page(owner: User, api: SimulatedApi) -> None:
    summary = work(make_summary(owner, 3))
    assert (summary.status, summary.error, summary.parts_total, summary.parts_done) == ("complete", "", 1, 1)
    assert list(summary.sections) == list(SECTIONS)
    assert all(lines for lines in summary.sections.values())
    assert all(line["checked"] for line in lines_of(summary))
    assert {line["sources"][0]["page"] for line in lines_of(summary)} == {1, 2, 3}
    assert {line["sources"][0]["upload"] for line in lines_of(summary)} == {str(summary.upload_id)}
    assert len(api.requests()) == 1
    operation = AIOperation.objects.get()
    assert (operation.operation_type, operation.status, operation.user_id) == ("summary", "complete", owner.pk)
    assert operation.cost_usd
    assert SummaryPart.objects.count() == 0
    assert list(AuditLog.objects.order_by("id").values_list("action", flat=True)) == ["resumo.pedir", "resumo.concluir"]
