"""What a summary does not say: more than was read, that what cannot go on can, one that never was."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AIModel
from uploads.models import Summary
from uploads.summaries import actions
from uploads.summaries.tests.making import made_summary, make_file, make_summary
from uploads.summaries.tests.test_pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def summary(owner: User) -> Summary:
    return make_summary(owner)


def test_when_no_part_could_be_read_it_says_why_and_offers_no_more_of_the_same(
    as_owner: Client, owner: User, summary: Summary
) -> None:
    Summary.objects.update(status="failed", error="refusal")
    html = text_of(as_owner, f"/resumos/{summary.pk}/")
    assert "Nenhuma página pôde ser resumida: o modelo se recusou a resumir." in html
    assert "Continuar</button>" not in html
    assert not actions.go_on(summary, user=owner)


def test_what_is_asked_for_as_the_same_ends_is_that_one(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = make_file(owner)
    ended = made_summary(upload)
    monkeypatch.setattr(actions, "_only_one", lambda change: False)
    assert actions.begin("m", user=owner, upload=upload.pk) == ended


def test_without_any_model_on_offer_nothing_is_asked_for(as_owner: Client, owner: User) -> None:
    AIModel.objects.update(offered=False)
    response = as_owner.post(f"/arquivos/{make_file(owner).pk}/resumo/")
    assert response.status_code == 422
    assert not Summary.objects.exists()


def test_pages_of_a_part_that_was_left_out_are_not_said_to_have_been_read(as_owner: Client, owner: User) -> None:
    upload = make_file(owner, 6)
    summary = made_summary(upload)
    file = {"upload": str(upload.pk), "pages": 6, "as_of": [], "empty": [[3, 3]], "partial": [], "unread": []}
    parts = [
        {"covers": [{"upload": str(upload.pk), "first": first, "last": last}], "error": error}
        for first, last, error in ((1, 1, ""), (2, 4, "refusal"), (5, 6, ""))
    ]
    Summary.objects.update(coverage={"files": [file], "left_out": [], "parts": parts})
    assert ("autos.pdf</span>: 3 de 6 páginas; sem texto: 3; não resumidas por inteiro: 2 e 4</li>") in text_of(
        as_owner, f"/resumos/{summary.pk}/"
    )


def test_signs_of_markdown_in_a_name_stay_signs_too(as_owner: Client, owner: User) -> None:
    first, second = (make_file(owner, 1, name=f"laudo_{n}_[x].pdf") for n in (1, 2))
    summary = made_summary(first)
    summary.coverage["files"].append(summary.coverage["files"][0] | {"upload": str(second.pk)})
    summary.save(update_fields=["coverage"])
    text = as_owner.get(f"/resumos/{summary.pk}/exportar/").content.decode()
    assert "O réu foi citado. (laudo\\_1\\_\\[x\\].pdf, p.\u00a01)" in text
