"""A kept deadline is corrected: what is counted again, what the log says, who else has changed it, who may no more."""

from __future__ import annotations

import html as markup
import re
import threading
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from conftest import PASSWORD, signed_in
from jurisprudence.deadlines import actions
from jurisprudence.deadlines.forms import as_query
from jurisprudence.deadlines.kept import answer
from jurisprudence.deadlines.models import Deadline
from jurisprudence.deadlines.questions import Question
from jurisprudence.deadlines.tests.making import make_deadline, make_holiday, make_question
from projects.actions import remove_member
from projects.models import Project, ProjectMember


@pytest.fixture
def project(owner: User) -> Project:
    found: Project = Project.objects.create(user=owner, name="Silva x Souza")
    return found


def typed(deadline: Deadline, **more: Any) -> dict[str, Any]:
    """The form as the page gives it, with something else typed."""
    values = as_query(Question.from_json(deadline.asked)) | {
        "titulo": deadline.title, "observacao": deadline.note, "responsavel": str(deadline.responsible_id or ""),
        "visto": deadline.updated_at.isoformat(),
    }  # fmt: skip
    return values | more


def row() -> AuditLog:
    return AuditLog.objects.get(action="prazo.corrigir")


@pytest.mark.django_db
class TestThePage:
    def test_it_shows_what_was_kept(self, as_owner: Client, project: Project) -> None:
        deadline = make_deadline(project, "Réplica", city="Goiânia", party="defensoria", urgent=True)
        html = as_owner.get(f"/prazos/{deadline.pk}/corrigir/").content.decode()
        assert 'value="Réplica"' in html
        assert 'value="2026-08-03"' in html
        assert '<option value="defensoria" selected>' in html
        assert 'value="Goiânia"' in html
        assert re.search(r'<input type="checkbox" name="urgente"[^>]* checked', html)
        assert '<details class="count-more" open>' in html
        assert f'href="/prazos/{deadline.pk}/corrigir/"' in as_owner.get(f"/prazos/{deadline.pk}/").content.decode()

    def test_another_amount_is_counted_again_and_both_ends_are_in_the_log(
        self, as_owner: Client, project: Project
    ) -> None:
        deadline = make_deadline(project)
        response = as_owner.post(f"/prazos/{deadline.pk}/corrigir/", typed(deadline, quantidade="5"))
        assert (response.status_code, response["Location"]) == (303, f"/prazos/{deadline.pk}/")
        now = Deadline.objects.get()
        assert (now.ends_on, now.asked["amount"], now.counted["end"]) == (date(2026, 8, 11), 5, "2026-08-11")
        assert row().old_value == {"starts_on": "2026-08-05", "ends_on": "2026-08-25", "amount": 15}
        assert row().new_value == {
            "starts_on": "2026-08-05", "ends_on": "2026-08-11", "amount": 5, "fields": ["amount"],
        }  # fmt: skip

    def test_a_title_alone_counts_nothing_again_and_is_not_in_the_log(self, as_owner: Client, project: Project) -> None:
        deadline = make_deadline(project)
        make_holiday("2026-08-24")  # counted again it would end on the 26th
        as_owner.post(f"/prazos/{deadline.pk}/corrigir/", typed(deadline, titulo="Apelação", observacao="Ver fls. 2"))
        now = Deadline.objects.get()
        assert (now.title, now.note, now.ends_on) == ("Apelação", "Ver fls. 2", date(2026, 8, 25))
        assert now.counted_at == deadline.counted_at
        assert row().new_value["fields"] == ["title", "note"]
        assert "Apelação" not in str(row().new_value) + str(row().old_value)

    def test_what_is_sent_as_it_was_changes_nothing(self, as_owner: Client, project: Project) -> None:
        deadline = make_deadline(project, closed=(date(2026, 8, 24),), electronic=False, own_term=True)
        assert as_owner.post(f"/prazos/{deadline.pk}/corrigir/", typed(deadline)).status_code == 303
        assert Deadline.objects.get().updated_at == deadline.updated_at
        assert not AuditLog.objects.filter(action="prazo.corrigir").exists()

    def test_somebody_else_takes_it_over(self, as_owner: Client, project: Project, stranger: User) -> None:
        ProjectMember.objects.create(project=project, user=stranger, role="viewer")
        deadline = make_deadline(project)
        client = signed_in(stranger)
        assert "Contestação" not in client.get("/prazos/?meus=1").content.decode()
        as_owner.post(f"/prazos/{deadline.pk}/corrigir/", typed(deadline, responsavel=str(stranger.pk)))
        assert Deadline.objects.get().answers == stranger
        assert "Contestação" in client.get("/prazos/?meus=1").content.decode()
        assert "Contestação" not in as_owner.get("/prazos/?meus=1").content.decode()
        assert row().new_value["responsible"] == str(stranger.pk)

    def test_one_of_before_is_hers_who_counted_it(self, as_owner: Client, project: Project) -> None:
        make_deadline(project)
        Deadline.objects.update(responsible=None)
        assert "Contestação" in as_owner.get("/prazos/?meus=1").content.decode()

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"titulo": " "}, "Dê um título ao prazo."),
            ({"quantidade": "0"}, "maior ou igual a 1"),
            ({"evento": "juntada", "regime": "penal", "unidade": "corridos"}, "Súmula 710 do STF"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_changes(
        self, as_owner: Client, project: Project, more: dict[str, str], words: str
    ) -> None:
        deadline = make_deadline(project)
        response = as_owner.post(f"/prazos/{deadline.pk}/corrigir/", typed(deadline, **more))
        assert response.status_code == 422
        assert words in markup.unescape(response.content.decode())
        assert Deadline.objects.get().updated_at == deadline.updated_at

    def test_nobody_from_outside_is_made_responsible(self, as_owner: Client, project: Project, stranger: User) -> None:
        deadline = make_deadline(project)
        response = as_owner.post(f"/prazos/{deadline.pk}/corrigir/", typed(deadline, responsavel=str(stranger.pk)))
        assert response.status_code == 422
        assert "Escolha quem participa do projeto." in response.content.decode()
        assert str(stranger.pk) not in as_owner.get(f"/prazos/{deadline.pk}/corrigir/").content.decode()

    def test_who_only_reads_corrects_nothing(self, project: Project, stranger: User) -> None:
        ProjectMember.objects.create(project=project, user=stranger, role="viewer")
        deadline = make_deadline(project)
        client = signed_in(stranger)
        assert client.get(f"/prazos/{deadline.pk}/corrigir/").status_code == 403
        assert client.post(f"/prazos/{deadline.pk}/corrigir/", typed(deadline, titulo="X")).status_code == 403
        assert f"/prazos/{deadline.pk}/corrigir/" not in client.get(f"/prazos/{deadline.pk}/").content.decode()

    def test_what_a_colleague_has_changed_is_told_and_not_overwritten(self, as_owner: Client, project: Project) -> None:
        deadline = make_deadline(project)
        as_owner.post(f"/prazos/{deadline.pk}/corrigir/", typed(deadline, quantidade="10"))
        response = as_owner.post(f"/prazos/{deadline.pk}/corrigir/", typed(deadline, titulo="Meu título"))
        html = response.content.decode()
        assert response.status_code == 409
        assert "termina em 18/08/2026" in html
        assert 'value="Meu título"' in html
        now = Deadline.objects.get()
        assert (now.title, now.asked["amount"]) == ("Contestação", 10)
        seen = markup.unescape(re.findall(r'name="visto" value="([^"]+)"', html)[0])
        again = typed(deadline, titulo="Meu título", visto=seen)
        assert as_owner.post(f"/prazos/{deadline.pk}/corrigir/", again).status_code == 303
        assert Deadline.objects.get().title == "Meu título"


# At the same moment --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_done_twice_is_done_by_the_first(project: Project, owner: User, stranger: User) -> None:
    ProjectMember.objects.create(project=project, user=stranger)
    deadline = make_deadline(project)
    actions.finish(deadline, user=owner)
    actions.finish(deadline, user=stranger)
    assert Deadline.objects.get().done_by == owner
    assert AuditLog.objects.filter(action="prazo.cumprir").count() == 1


@pytest.mark.django_db
def test_a_recount_of_what_was_corrected_meanwhile_is_refused(project: Project, owner: User) -> None:
    deadline = make_deadline(project)
    counted = answer(make_question(amount=10))
    actions.change(
        deadline, seen=deadline.updated_at, title="X", note="", responsible=owner, answer=counted, user=owner
    )
    with pytest.raises(actions.Refused, match="corrigido há pouco"):
        actions.recount(deadline, answer(make_question()), user=owner)
    assert Deadline.objects.get().ends_on == counted.counted.end


@pytest.mark.django_db
def test_what_was_deleted_meanwhile_is_said_on_the_list(as_owner: Client, project: Project, owner: User) -> None:
    deadline = make_deadline(project)
    actions.delete(deadline, user=owner)
    with pytest.raises(actions.Refused, match="excluído há pouco"):
        actions.finish(deadline, user=owner)
    with pytest.raises(actions.Refused):
        actions.delete(deadline, user=owner)
    assert AuditLog.objects.filter(action="prazo.excluir").count() == 1


ACTS = {
    "finish": lambda deadline, user: actions.finish(deadline, user=user),
    "delete": lambda deadline, user: actions.delete(deadline, user=user),
    "create": lambda deadline, user: actions.create(answer(make_question()), "X", project=deadline.project, user=user),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.usefixtures("committed")
def test_who_leaves_the_project_in_that_instant_does_nothing_any_more(act: str) -> None:
    owner = User.objects.create_user("helena@exemplo.adv.br", PASSWORD)
    leaving = User.objects.create_user("rui@exemplo.adv.br", PASSWORD)
    project = Project.objects.create(user=owner, name="Silva x Souza")
    ProjectMember.objects.create(project=project, user=leaving)
    deadline = make_deadline(project)
    outcome: list[object] = []

    def late() -> None:
        try:
            outcome.append(ACTS[act](deadline, leaving))
        except actions.Refused as refused:
            outcome.append(refused)
        finally:
            connection.close()

    thread = threading.Thread(target=late)
    with transaction.atomic():
        remove_member(project, leaving, user=owner)
        thread.start()
        thread.join(1)  # it waits for the end of this; what would not wait is done within a second
    thread.join(20)
    assert isinstance(outcome[0], actions.Refused)
    assert Deadline.objects.filter(done_at=None, deleted_at=None).count() == 1
