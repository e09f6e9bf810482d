"""A data subject who is named in the order of a document, or in what was proposed to change in one."""

from datetime import date

import pytest
from django.db.models import Q

from accounts.models import User
from documents.drafting.models import Draft, Proposal
from documents.drafting.tests.making import begin, order
from projects.models import Project
from romagent.models import SubjectRequest
from romagent.subjects import work
from romagent.subjects.places import PLACES
from romagent.subjects.terms import REPLACEMENT, patterns_of

pytestmark = pytest.mark.django_db
NAME = "Márcia Regina Tavares"


def test_she_is_found_and_replaced_in_drafts_and_proposals(owner: User) -> None:
    half_in_bold = NAME.replace("Regina", "<strong>Regina</strong>")
    held = Project.objects.create(user=owner, name="Guardado", preservar=True)
    for project in (None, held):
        document = begin(owner, order=order(wishes=f"Contra {NAME.upper()}."), project=project)
        Proposal.objects.create(
            document=document, revision=1, number=1, action="replace", before=f"<p>{half_in_bold} &amp; outros</p>",
            after="<p>Ela</p>",
        )  # fmt: skip
    begin(owner)
    patterns = patterns_of(SubjectRequest(requester="Ela", name=NAME, received_on=date(2026, 11, 1)))
    for key in ("draft", "proposal"):
        found = PLACES[key].naming(Q(), patterns)
        assert [(row.owner, row.preserved) for row in found] == [(owner.pk, False), (owner.pk, True)]
    assert work._replace(PLACES["draft"], Draft.objects.get(document__project=None, brief__contains="Contra"), patterns)
    assert work._replace(PLACES["proposal"], Proposal.objects.get(document__project=None), patterns)
    assert Proposal.objects.get(document__project=None).before == f"<p>{REPLACEMENT} &amp; outros</p>"
    assert f"Contra {REPLACEMENT}." in Draft.objects.get(document__project=None, brief__contains="Contra").brief
