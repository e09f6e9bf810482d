"""People in the administration: who may make, change, deactivate and take over whom; and never a password by hand."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import actions
from accounts.models import Session, User
from accounts.tests.factors import give_app
from audit.models import AuditLog
from conftest import PASSWORD, signed_in

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/accounts/user/"
ADD = f"{PEOPLE}add/"


def make(role: str, email: str = "", **fields: Any) -> User:
    email = email or f"{role}{User.objects.count()}@exemplo.adv.br"
    return User.objects.create_user(email, role=role, name=f"Pessoa {role}", **fields)


def page_of(person: User) -> str:
    return f"{PEOPLE}{person.pk}/change/"


def do(client: Client, action: str, *people: User, confirmed: bool = True) -> Any:
    form = {"action": action, "_selected_action": [str(person.pk) for person in people]}
    return client.post(PEOPLE, form | ({"confirmed": "sim"} if confirmed else {}), follow=False)


def fresh(person: User) -> User:
    return User.objects.get(pk=person.pk)


def rows(*names: str) -> list[str]:
    return list(AuditLog.objects.filter(action__in=names).order_by("id").values_list("action", flat=True))


@pytest.fixture
def helper() -> User:
    return make("staff", "auxiliar@exemplo.adv.br")


@pytest.fixture
def chief() -> User:
    """Of the administration, but no superuser."""
    return make("admin", "chefe@exemplo.adv.br")


@pytest.fixture
def as_helper(helper: User) -> Client:
    return signed_in(helper)


@pytest.fixture
def as_chief(chief: User) -> Client:
    return signed_in(chief)


# Making ------------------------------------------------------------------------------------------


def test_who_is_made_gets_an_invitation_and_has_no_password(as_helper: Client, helper: User) -> None:
    html = as_helper.get(ADD).content.decode()
    assert "password" not in html
    form = {"email": "Nova@Exemplo.adv.br", "name": "Nova", "role": "user", "oab": "GO 12345"}
    response = as_helper.post(ADD, form)
    assert response.status_code == 302, response.content.decode()
    person = User.objects.get(email="nova@exemplo.adv.br")
    assert (person.name, person.role, person.oab) == ("Nova", "user", "GO 12345")
    assert not person.has_usable_password()
    assert ProcrastinateJob.objects.get().args == {"user_id": str(person.pk), "by_office": True}
    assert rows("user.criar", "convite.enviar") == ["convite.enviar", "user.criar"]
    assert set(AuditLog.objects.values_list("user", "entity_id")) == {(helper.pk, person.pk)}


def test_a_password_that_is_sent_along_is_not_listened_to(as_helper: Client) -> None:
    form = {
        "email": "nova@exemplo.adv.br",
        "role": "user",
        "password": PASSWORD,
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    as_helper.post(ADD, form)
    assert not User.objects.get(email="nova@exemplo.adv.br").has_usable_password()


def test_an_email_that_is_taken_is_refused(as_helper: Client, owner: User) -> None:
    response = as_helper.post(ADD, {"email": "HELENA@exemplo.adv.br", "role": "user"})
    assert response.status_code == 200
    assert User.objects.filter(email__iexact=owner.email).count() == 1
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.parametrize(("role", "allowed"), [("user", True), ("staff", False), ("admin", False)])
def test_the_staff_make_lawyers_only(as_helper: Client, role: str, allowed: bool) -> None:
    as_helper.post(ADD, {"email": "nova@exemplo.adv.br", "role": role, "is_superuser": "on"})
    assert User.objects.filter(email="nova@exemplo.adv.br", role=role).exists() is allowed
    assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.parametrize("role", ["user", "staff", "admin"])
def test_the_administration_makes_anybody_but_superusers(as_chief: Client, role: str) -> None:
    as_chief.post(ADD, {"email": "nova@exemplo.adv.br", "role": role, "is_superuser": "on"})
    assert User.objects.get(email="nova@exemplo.adv.br").role == role
    assert not User.objects.filter(is_superuser=True).exists()


# Changing ----------------------------------------------------------------------------------------


def change(client: Client, person: User, **fields: Any) -> Any:
    form = {"email": person.email, "name": person.name, "role": person.role, "oab": person.oab}
    return client.post(page_of(person), form | fields)


def test_the_staff_change_lawyers(as_helper: Client, helper: User, owner: User) -> None:
    assert change(as_helper, owner, name="Dra. Helena Prado Lima", oab="SP 1").status_code == 302
    assert (fresh(owner).name, fresh(owner).oab) == ("Dra. Helena Prado Lima", "SP 1")
    row = AuditLog.objects.get()
    assert (row.action, row.user, row.new_value) == (
        "user.alterar", helper, {"name": "Dra. Helena Prado Lima", "oab": "SP 1"},
    )  # fmt: skip


@pytest.mark.parametrize("role", ["staff", "admin"])
def test_the_staff_change_nobody_of_the_staff(as_helper: Client, role: str) -> None:
    person = make(role)
    assert as_helper.get(page_of(person)).status_code == 200  # to look at
    assert change(as_helper, person, name="Outro").status_code == 403
    assert fresh(person).name == person.name
    assert rows("acesso.negado") == ["acesso.negado"]


@pytest.mark.parametrize("role", ["staff", "admin"])
def test_the_staff_promote_nobody(as_helper: Client, owner: User, role: str) -> None:
    change(as_helper, owner, role=role)
    assert fresh(owner).role == "user"


@pytest.mark.parametrize("role", ["user", "staff", "admin"])
def test_nobody_changes_her_own_role(as_helper: Client, helper: User, as_chief: Client, chief: User, role: str) -> None:
    change(as_helper, helper, role=role, name="Eu")
    change(as_chief, chief, role=role, name="Eu")
    assert (fresh(helper).role, fresh(helper).name) == ("staff", "Eu")
    assert (fresh(chief).role, fresh(chief).name) == ("admin", "Eu")


def test_the_administration_promotes_and_demotes(as_chief: Client, owner: User) -> None:
    change(as_chief, owner, role="admin")
    assert fresh(owner).role == "admin"
    change(as_chief, fresh(owner), role="user")
    assert fresh(owner).role == "user"


def test_the_last_of_the_administration_is_not_demoted(owner: User, chief: User) -> None:
    """By a superuser whose own role is another."""
    root = make("staff", is_superuser=True)
    client = signed_in(root)
    response = change(client, chief, role="user", groups=[], user_permissions=[])
    assert response.status_code == 200
    assert "É a última conta ativa da administração." in response.content.decode()
    assert fresh(chief).role == "admin"


def test_only_a_superuser_gives_rights_by_name(as_chief: Client, as_staff: Client, owner: User) -> None:
    right = Permission.objects.get(codename="view_auditlog")
    group = Group.objects.create(name="Consulta")
    given = {"is_superuser": "on", "groups": [group.pk], "user_permissions": [right.pk]}
    change(as_chief, owner, **given)
    assert not fresh(owner).is_superuser
    assert not fresh(owner).groups.exists()
    assert not fresh(owner).user_permissions.exists()
    assert "is_superuser" not in as_chief.get(page_of(owner)).content.decode()
    change(as_staff, owner, **given)
    assert fresh(owner).is_superuser
    assert fresh(owner).user_permissions.get() == right


def test_a_superuser_does_not_take_the_right_from_herself(as_staff: Client, staff: User) -> None:
    change(as_staff, staff, groups=[], user_permissions=[])
    assert fresh(staff).is_superuser


def test_groups_are_a_superusers_matter(as_chief: Client, as_staff: Client) -> None:
    assert as_chief.get("/admin/auth/group/").status_code == 403
    assert as_chief.post("/admin/auth/group/add/", {"name": "Tudo"}).status_code == 403
    assert "Grupos" not in as_chief.get("/admin/").content.decode()
    right = Permission.objects.get(codename="view_auditlog")
    assert as_staff.post("/admin/auth/group/add/", {"name": "Consulta", "permissions": [right.pk]}).status_code == 302
    assert rows("group.criar") == ["group.criar"]


def test_nobody_touches_a_superuser_but_one(as_chief: Client, staff: User) -> None:
    assert change(as_chief, staff, name="Outro").status_code == 403
    for action in ["invite", "deactivate", "end_sessions", "remove_second_factor"]:
        assert do(as_chief, action, staff).status_code == 403, action
    assert fresh(staff).is_active


# Another e-mail is another owner -----------------------------------------------------------------


def test_the_staff_correct_the_address_of_who_has_not_come_in_yet(as_helper: Client) -> None:
    person = make("user", "erado@exemplo.adv.br")
    assert change(as_helper, person, email="errado@exemplo.adv.br").status_code == 302
    assert fresh(person).email == "errado@exemplo.adv.br"
    assert not ProcrastinateJob.objects.exists()


def test_the_staff_do_not_move_an_account_to_another_address(as_helper: Client, helena: User) -> None:
    change(as_helper, helena, email="auxiliar2@exemplo.adv.br")
    assert fresh(helena).email == "helena@exemplo.adv.br"


def test_the_administration_does_and_the_former_address_is_told(as_chief: Client, helena: User) -> None:
    EmailAddress.objects.create(user=helena, email=helena.email, primary=True)
    change(as_chief, helena, email="helena.prado@exemplo.adv.br")
    assert fresh(helena).email == "helena.prado@exemplo.adv.br"
    job = ProcrastinateJob.objects.get()
    assert job.args == {"template": "email_replaced", "to": "helena@exemplo.adv.br", "name": "Dra. Helena Prado"}
    assert Client().post("/entrar/", {"login": "helena@exemplo.adv.br", "password": PASSWORD}).status_code == 200
    assert Client().post("/entrar/", {"login": "helena.prado@exemplo.adv.br", "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("active", [True, False])
def test_who_may_read_more_than_she_is_not_taken_over_by_an_administrator(
    as_chief: Client, helena: User, active: bool
) -> None:
    """She would read by way of her what she may not read herself; not by way of a deactivated account either."""
    helena.user_permissions.add(Permission.objects.get(codename="read_contents"))
    give_app(helena)
    User.objects.filter(pk=helena.pk).update(is_active=active)
    change(as_chief, helena, email="chefe2@exemplo.adv.br")
    assert fresh(helena).email == "helena@exemplo.adv.br"
    assert do(as_chief, "remove_second_factor", helena).status_code == 403
    change(as_chief, helena, name="Helena P.")
    assert fresh(helena).name == "Helena P."


# Passwords ---------------------------------------------------------------------------------------


def test_nobody_sees_or_sets_anothers_password(as_staff: Client, helena: User) -> None:
    html = as_staff.get(page_of(helena)).content.decode()
    assert helena.password not in html
    assert 'name="password' not in html
    response = as_staff.get(f"{PEOPLE}{helena.pk}/password/")
    assert (response.status_code, response.get("Location", "").endswith("/password/change/")) != (200, True)
    as_staff.post(
        f"{PEOPLE}{helena.pk}/password/", {"password1": "outra senha longa", "password2": "outra senha longa"}
    )
    change(as_staff, helena, password="x", groups=[], user_permissions=[])
    assert fresh(helena).check_password(PASSWORD)


@pytest.mark.parametrize(
    ("has_password", "label", "row"),
    [(True, "Enviar link para nova senha", "senha.link"), (False, "Enviar o convite de novo", "convite.enviar")],
)
def test_a_link_is_sent_again_from_the_persons_page(
    as_helper: Client, owner: User, has_password: bool, label: str, row: str
) -> None:
    if has_password:
        owner.set_password(PASSWORD)
        owner.save()
    html = as_helper.get(page_of(owner)).content.decode()
    assert label in html
    assert "nenhum" in html
    assert do(as_helper, "invite", owner).status_code == 302
    assert rows("senha.link", "convite.enviar") == [row]
    assert "na fila, " in as_helper.get(page_of(owner)).content.decode()


# Deactivated and back ----------------------------------------------------------------------------


def test_deactivating_asks_first_and_ends_all_sessions_at_once(
    as_helper: Client, helper: User, helena: User, django_capture_on_commit_callbacks: Any
) -> None:
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.post("/entrar/", {"login": helena.email, "password": PASSWORD})
        assert browser.get("/conversas/").status_code == 200
    keys = [browser.session.session_key for browser in browsers]
    page = do(as_helper, "deactivate", helena, confirmed=False).content.decode()
    assert "helena@exemplo.adv.br" in page
    assert "Nada do que fez é excluído." in page
    assert fresh(helena).is_active
    with django_capture_on_commit_callbacks(execute=True):
        assert do(as_helper, "deactivate", helena).status_code == 302
    assert not fresh(helena).is_active
    assert not Session.objects.filter(pk__in=keys).exists()
    assert {browser.get("/conversas/").status_code for browser in browsers} == {302}
    row = AuditLog.objects.get(action="user.desativar")
    assert (row.user, row.entity_id, row.new_value) == (helper, helena.pk, {"sessions_ended": 2})


def test_who_comes_back_finds_no_old_session_open(as_helper: Client, helena: User) -> None:
    browser = Client()
    browser.post("/entrar/", {"login": helena.email, "password": PASSWORD})
    do(as_helper, "deactivate", helena)
    assert do(as_helper, "reactivate", helena).status_code == 302
    assert fresh(helena).is_active
    assert rows("user.reativar") == ["user.reativar"]
    from accounts import presence

    presence.forget()
    assert browser.get("/conversas/").status_code == 302
    browser.post("/entrar/", {"login": helena.email, "password": PASSWORD})
    assert browser.get("/conversas/").status_code == 200


def test_deactivating_twice_is_said_and_logged_once(as_helper: Client, owner: User) -> None:
    do(as_helper, "deactivate", owner)
    do(as_helper, "deactivate", owner)
    assert "A conta já estava desativada." in as_helper.get(PEOPLE).content.decode()
    assert rows("user.desativar") == ["user.desativar"]


@pytest.mark.parametrize("role", ["staff", "admin"])
def test_nobody_deactivates_herself(role: str) -> None:
    person = make(role)
    make("admin")
    response = do(signed_in(person), "deactivate", person)
    assert response.status_code == (403 if role == "staff" else 302)
    assert fresh(person).is_active


def test_the_last_of_the_administration_is_not_deactivated(chief: User) -> None:
    root = make("staff", is_superuser=True)
    client = signed_in(root)
    do(client, "deactivate", chief)
    assert fresh(chief).is_active
    assert "É a última conta ativa da administração." in client.get(PEOPLE).content.decode()
    another = make("admin")
    do(client, "deactivate", chief)
    assert not fresh(chief).is_active
    with pytest.raises(actions.Refused):
        actions.deactivate(another, by=root, request=None)  # type: ignore[arg-type]


def test_one_who_may_not_be_touched_saves_all_that_were_chosen(as_helper: Client, owner: User, chief: User) -> None:
    assert do(as_helper, "deactivate", owner, chief).status_code == 403
    assert fresh(owner).is_active
    assert fresh(chief).is_active


@pytest.mark.parametrize("client_of", ["as_helper", "as_chief", "as_staff"])
def test_nobody_is_deleted(request: pytest.FixtureRequest, client_of: str, owner: User) -> None:
    client = request.getfixturevalue(client_of)
    assert client.post(f"{PEOPLE}{owner.pk}/delete/", {"post": "yes"}).status_code == 403
    do(client, "delete_selected", owner)
    assert User.objects.filter(pk=owner.pk).exists()
    assert "delete_selected" not in client.get(PEOPLE).content.decode()


def test_sessions_are_ended_for_her(as_helper: Client, helena: User, django_capture_on_commit_callbacks: Any) -> None:
    browser = Client()
    browser.post("/entrar/", {"login": helena.email, "password": PASSWORD})
    with django_capture_on_commit_callbacks(execute=True):
        do(as_helper, "end_sessions", helena)
    assert browser.get("/conversas/").status_code == 302
    assert fresh(helena).is_active
    assert rows("sessoes.encerrar") == ["sessoes.encerrar"]


# The second factor -------------------------------------------------------------------------------


def test_only_the_administration_removes_a_second_factor(as_helper: Client, as_chief: Client, helena: User) -> None:
    give_app(helena)
    assert "Remover o segundo fator" not in as_helper.get(page_of(helena)).content.decode()
    do(as_helper, "remove_second_factor", helena)
    assert rows("segundo_fator.remover") == []
    assert "Remover o segundo fator" in as_chief.get(page_of(helena)).content.decode()
    assert (
        "A pessoa é avisada por e-mail."
        in do(as_chief, "remove_second_factor", helena, confirmed=False).content.decode()
    )
    do(as_chief, "remove_second_factor", helena)
    assert rows("segundo_fator.remover") == ["segundo_fator.remover"]
    assert ProcrastinateJob.objects.get().args["template"] == "second_factor_removed"


def test_not_her_own_from_here_where_nobody_asks_who_she_is(as_chief: Client, chief: User) -> None:
    give_app(chief)
    assert "Remover o segundo fator" not in as_chief.get(page_of(chief)).content.decode()
    assert do(as_chief, "remove_second_factor", chief).status_code == 403
