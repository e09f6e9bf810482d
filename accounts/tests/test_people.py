"""People: one e-mail is one person whatever its case, roles, and how the administration makes accounts."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import ranks
from accounts.models import User
from audit.models import AuditLog
from conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def test_an_email_is_kept_in_lower_case() -> None:
    assert User.objects.create_user(" Helena@Exemplo.ADV.br ").email == "helena@exemplo.adv.br"


def test_one_email_is_one_person_whatever_its_case(owner: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="HELENA@exemplo.adv.br")])


def test_without_a_password_nobody_signs_in(owner: User) -> None:
    assert not owner.has_usable_password()
    assert not owner.check_password("")


@pytest.mark.parametrize(("role", "staff"), [("user", False), ("staff", True), ("admin", True)])
def test_the_role_decides_who_may_enter_the_administration(role: str, staff: bool) -> None:
    assert User(email="x@exemplo.adv.br", role=role).is_staff is staff


def test_a_role_that_does_not_exist_is_refused_by_the_database(owner: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=owner.pk).update(role="deus")


def test_a_person_is_called_by_her_name_or_her_email() -> None:
    assert str(User(email="x@exemplo.adv.br", name="Rui")) == "Rui"
    assert str(User(email="x@exemplo.adv.br")) == "x@exemplo.adv.br"


def test_what_became_of_an_invitation_is_noted_beside_what_others_noted(owner: User) -> None:
    stale = User.objects.get(pk=owner.pk)
    User.objects.filter(pk=owner.pk).update(metadata={"tema": "claro"})
    stale.note_invitation("sent")
    owner.refresh_from_db()
    assert owner.metadata["tema"] == "claro"
    assert owner.metadata["invitation"]["state"] == "sent"


def test_a_superuser_has_the_administrations_role() -> None:
    admin = User.objects.create_superuser("a@exemplo.adv.br")
    assert (admin.role, admin.is_superuser, admin.is_staff) == ("admin", True, True)


def test_nobody_reaches_above_herself() -> None:
    lawyer, helper, chief = (User(role=role) for role in ("user", "staff", "admin"))
    root = User(role="user", is_superuser=True)
    people = [lawyer, helper, chief, root]
    assert [[ranks.may_manage(actor, person) for person in people] for actor in (helper, chief, root)] == [
        [True, False, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]


# The administration ------------------------------------------------------------------------------


def test_the_administrations_pages_open(as_staff: Client, owner: User) -> None:
    for path in ["", "accounts/user/", "accounts/user/?q=helena", "accounts/user/add/", "audit/aimodel/"]:
        assert as_staff.get(f"/admin/{path}").status_code == 200, path


@pytest.mark.parametrize("path", ["", "accounts/user/", "audit/aimodel/", "procrastinate/procrastinatejob/"])
def test_a_lawyer_does_not_get_into_the_administration(as_owner: Client, path: str) -> None:
    response = as_owner.get(f"/admin/{path}")
    assert response.status_code in {302, 403}
    assert "location" not in {name.lower() for name in response.headers} or "login" in response["Location"]


def test_nobody_gets_into_the_administration_without_signing_in_at_our_door(client: Client) -> None:
    response = client.get("/admin/")
    assert response.status_code == 302


def test_a_sign_in_at_the_administrations_own_door_is_counted_and_logged_too(client: Client, helena: User) -> None:
    """Django's admin has a sign-in page of its own: it must not be a way round the limits and the log."""
    User.objects.filter(pk=helena.pk).update(role="admin")
    client.post("/admin/login/", {"username": helena.email, "password": "errada"})
    client.post("/admin/login/", {"username": helena.email, "password": PASSWORD})
    signed_in = client.get("/conversas/").status_code == 200
    assert not signed_in or AuditLog.objects.filter(action="entrar").exists()
