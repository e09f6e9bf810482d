"""A summary goes with what it is of, is a person's own data, and names nobody who is to be forgotten."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from projects.models import Project
from romagent.base.retention import Policy
from romagent.portability import numbers, write_archive
from romagent.retention import clean
from romagent.subjects.places import PLACES
from romagent.subjects.terms import REPLACEMENT, name_pattern
from romagent.subjects.work import _replace
from uploads.models import Summary, SummaryPart, Upload
from uploads.summaries.tests.making import made_summary, make_file, make_project, make_summary

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(days=400)


def cleaned() -> dict[str, int]:
    return dict(+clean(Policy.from_settings()).removed)


def test_a_deleted_summary_goes_with_its_parts_after_its_time(owner: User) -> None:
    gone, kept = (made_summary(make_file(owner)) for _ in range(2))
    SummaryPart.objects.create(summary=gone, number=1)
    Summary.objects.filter(pk=gone.pk).update(deleted_at=LONG_AGO)
    Summary.objects.filter(pk=kept.pk).update(deleted_at=timezone.now())
    assert cleaned() == {"summaries": 1}
    assert list(Summary.objects.all()) == [kept]
    assert not SummaryPart.objects.exists()


def test_a_file_that_goes_takes_its_summaries_with_it(owner: User) -> None:
    SummaryPart.objects.create(summary=made_summary(make_file(owner, deleted_at=LONG_AGO)), number=1)
    assert cleaned() == {"uploads": 1}
    connection.check_constraints()
    assert not Summary.objects.exists()


def test_a_project_that_goes_takes_its_summaries_with_it(owner: User) -> None:
    project = make_project(owner)
    Summary.objects.create(user=owner, project=project, model="m", status="complete")
    Project.objects.update(deleted_at=LONG_AGO)
    assert cleaned() == {"summaries": 1, "projects": 1}


@pytest.mark.parametrize("of_file", [True, False])
def test_nothing_of_a_held_project_goes(owner: User, of_file: bool) -> None:
    project = make_project(owner)
    summary = made_summary(make_file(owner, project=project))
    if not of_file:
        Summary.objects.update(upload=None, project=project)
    Project.objects.update(preservar=True, deleted_at=LONG_AGO)
    Upload.objects.update(deleted_at=LONG_AGO)
    Summary.objects.update(deleted_at=LONG_AGO)
    assert cleaned() == {}
    assert Summary.objects.get() == summary


def test_the_summaries_she_asked_for_are_in_the_copy_of_her_data(owner: User, stranger: User) -> None:
    made_summary(make_file(owner, name="Contrato social.pdf"), line="A sociedade foi dissolvida.")
    made_summary(make_file(stranger), line="Segredo do colega.")
    make_summary(owner)  # is not done
    file = io.BytesIO()
    write_archive(owner, file, lambda done: None, 7)
    with zipfile.ZipFile(file) as archive:
        (name,) = [name for name in archive.namelist() if name.startswith("resumos/")]
        assert name.startswith("resumos/Contrato social.pdf, ")
        assert "A sociedade foi dissolvida." in archive.read(name).decode()
        assert not any(b"Segredo do colega" in archive.read(part) for part in archive.namelist())
    assert [number.count for number in numbers(owner) if number.label == "resumos"] == [1]


def test_a_data_subject_is_found_and_replaced_in_a_summary_and_in_its_parts(owner: User) -> None:
    summary = made_summary(make_file(owner), line="A autora MARIA  da Conceição pagou.")
    SummaryPart.objects.create(summary=summary, number=1, result=summary.result.replace("pagou", "deve"))
    patterns = {"name": name_pattern("Maria da Conceição")}
    for key, model in (("summary", Summary), ("summary_part", SummaryPart)):
        place = PLACES[key]
        (row,) = place.naming(Q(), patterns)
        assert (row.owner, row.preserved) == (owner.pk, False)
        assert _replace(place, model.objects.get(pk=row.pk), patterns)
        assert place.naming(Q(), patterns) == []
        (line,) = json.loads(model.objects.get(pk=row.pk).result)["cronologia"]
        assert REPLACEMENT in line["text"]


@pytest.mark.parametrize("key", ["summary", "summary_part"])
def test_what_has_to_be_preserved_is_known_by_the_project(owner: User, key: str) -> None:
    project = make_project(owner)
    summary = made_summary(make_file(owner, project=project), line="Maria da Conceição")
    SummaryPart.objects.create(summary=summary, number=1, result=summary.result)
    Project.objects.update(preservar=True)
    (row,) = PLACES[key].naming(Q(), {"name": name_pattern("Maria da Conceição")})
    assert row.preserved
