"""What a role may do in the administration: a right is asked for, never a role."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from accounts.roles import BY_NAME_ONLY, OF_NO_ROLE, STAFF
from audit.models import AuditLog
from conftest import signed_in

pytestmark = pytest.mark.django_db


def person(role: str, **fields: object) -> User:
    return User.objects.create_user(f"{role}@exemplo.adv.br", role=role, **fields)


def every_right() -> set[str]:
    found = Permission.objects.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in found}


def test_every_right_that_a_role_names_exists() -> None:
    assert every_right() >= STAFF | BY_NAME_ONLY


def test_a_lawyer_has_no_right_in_the_administration() -> None:
    lawyer = person("user")
    assert not [right for right in every_right() if lawyer.has_perm(right)]
    assert not lawyer.has_module_perms("audit")


def test_the_staff_has_its_rights_and_no_others() -> None:
    staff = person("staff")
    assert {right for right in every_right() if staff.has_perm(right)} == STAFF
    assert staff.has_module_perms("audit")
    assert not staff.has_module_perms("procrastinate")


def test_the_administration_has_every_right_but_to_read_conversations() -> None:
    admin = person("admin")
    ours = {right for right in every_right() if right.partition(".")[0] not in OF_NO_ROLE}
    assert {right for right in ours if not admin.has_perm(right)} == BY_NAME_ONLY
    assert not [right for right in every_right() - ours if admin.has_perm(right)]


def test_reading_conversations_is_given_by_name() -> None:
    admin = person("admin")
    admin.user_permissions.add(Permission.objects.get(codename="read_contents"))
    assert User.objects.get(pk=admin.pk).has_perm("conversations.read_contents")


@pytest.mark.parametrize("role", ["staff", "admin"])
def test_who_is_deactivated_has_no_right(role: str) -> None:
    gone = person(role, is_active=False)
    assert not [right for right in every_right() if gone.has_perm(right)]
    assert not gone.has_module_perms("audit")


@pytest.mark.parametrize(("role", "status"), [("user", 403), ("staff", 403), ("admin", 200)])
def test_a_page_without_the_right_is_403_and_a_row(role: str, status: int) -> None:
    somebody = person(role)
    path = "/admin/audit/aimodel/add/"
    assert signed_in(somebody).get(path).status_code == status
    rows = AuditLog.objects.filter(action="acesso.negado")
    assert [(row.user_id, row.new_value) for row in rows] == (
        [(somebody.pk, {"method": "GET", "path": path})] if status == 403 else []
    )


def test_who_is_signed_in_and_not_of_the_staff_is_refused_at_the_administrations_door(as_owner: Client) -> None:
    response = as_owner.get("/admin/")
    assert response.status_code == 403
    assert AuditLog.objects.filter(action="acesso.negado").count() == 1


def test_the_administrations_own_doors_lead_to_the_products(client: Client, as_staff: Client) -> None:
    assert client.get("/admin/login/?next=/admin/audit/")["Location"] == "/entrar/?next=%2Fadmin%2Faudit%2F"
    assert client.post("/admin/login/", {"username": "x", "password": "y"})["Location"].startswith("/entrar/")
    assert as_staff.get("/admin/password_change/")["Location"] == "/senha/alterar/"
    as_staff.post("/admin/logout/")
    assert AuditLog.objects.filter(action="sair").count() == 1
    assert as_staff.get("/conversas/").status_code == 302


def test_rights_are_named_in_portuguese() -> None:
    chief = person("admin", is_superuser=True)
    lawyer = person("user")
    for page in (f"/admin/accounts/user/{lawyer.pk}/change/", "/admin/auth/group/add/"):
        html = signed_in(chief).get(page).content.decode()
        assert "Contas | pessoa: alterar" in html
        assert "Pode ver os custos de todas as pessoas" in html
        assert "Can " not in html
