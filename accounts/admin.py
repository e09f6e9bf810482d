"""People of the office in the administration: invited, deactivated and brought back, never deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401 - registered first, to be taken back below
import django.contrib.auth.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import actions, ranks
from accounts.middleware import has_second_factor
from accounts.models import User
from audit.staff import AuditedAdmin, render_staff

AT_ONCE = 500  # people one action is done to
STATES = {
    "queued": "na fila",
    "sent": "enviado",
    "retrying": "não saiu ainda; nova tentativa marcada",
    "failed": "não saiu",
}


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_role(self) -> str:
        role: str = self.cleaned_data["role"]
        admins = User.objects.filter(role=User.Role.ADMIN, is_active=True)
        if self.instance.role == User.Role.ADMIN != role and not admins.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("É a última conta ativa da administração.")
        return role


class RightsField(forms.ModelMultipleChoiceField):
    """Django names its own rights in English ("Can add person"); those that have a name of ours keep it."""

    VERBS = {"add": "adicionar", "change": "alterar", "delete": "excluir", "view": "ver"}

    def label_from_instance(self, obj: Any) -> str:
        verb = self.VERBS.get(obj.codename.partition("_")[0]) if obj.name.startswith("Can ") else ""
        return f"{obj.content_type.app_labeled_name}: {verb or obj.name}"


# Sessions' keys, second factors and addresses that sign in are no rows to be edited by hand.
admin.site.unregister([EmailAddress, Authenticator, UserSession, Group])


def rights(db_field: Any) -> dict[str, Any]:
    """What a form's field of rights is made with: them by what they are about, in one query."""
    if db_field.related_model is not Permission:
        return {}
    return {"form_class": RightsField, "queryset": Permission.objects.select_related("content_type")}


@admin.register(Group)
class GroupAdmin(AuditedAdmin):
    """Rights that are given by name: a superuser's matter (accounts/roles.py)."""

    search_fields = ("name",)
    filter_horizontal = ("permissions",)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **kwargs, **rights(db_field))


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """Passwords are chosen by their owners only: what the staff send is a link."""

    form = PersonForm
    list_display = ("email", "name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("email", "name", "oab")
    ordering = ("email",)
    actions = ("invite", "deactivate", "reactivate", "end_sessions", "remove_second_factor")
    change_form_template = "admin/accounts/user/change_form.html"
    filter_horizontal = ("groups", "user_permissions")
    PERSON = ("email", "name", "role", "oab")
    STATE = ("is_active", "invitation", "second_factor", "last_login", "created_at", "updated_at")
    RIGHTS = ("is_superuser", "groups", "user_permissions")

    # Who may do what ----------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Others by rank (accounts/ranks.py); one's own name and OAB always."""
        if not super().has_change_permission(request, obj):
            return False
        actor = _actor(request)
        return obj is None or obj.pk == actor.pk or ranks.may_manage(actor, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """What people wrote and did outlives their accounts: they are deactivated."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return ((None, {"fields": self.PERSON}),)
        rights = (("Direitos", {"fields": self.RIGHTS}),) if _actor(request).is_superuser else ()
        return ((None, {"fields": self.PERSON}), ("Situação", {"fields": self.STATE}), *rights)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return ()
        actor = _actor(request)
        fixed = [*self.STATE]
        if obj.pk == actor.pk:
            fixed += ["role", "is_superuser"]  # nobody demotes herself
        if not ranks.may_change_email(actor, obj):
            fixed.append("email")
        return fixed

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role":
            given = ranks.roles_to_give(_actor(request))
            kwargs["choices"] = [choice for choice in User.Role.choices if choice[0] in given]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **kwargs, **rights(db_field))

    def get_actions(self, request: HttpRequest) -> Any:
        found = super().get_actions(request)
        if not ranks.is_admin(_actor(request)):
            found.pop("remove_second_factor", None)
        return found

    # Saving -------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            actions.invite(obj, by=_actor(request), request=request)
        elif "email" in form.changed_data:
            self._email_was_replaced(obj, form.initial["email"])

    @staticmethod
    def _email_was_replaced(person: User, before: str) -> None:
        """The former address opens nothing any more, and is told so."""
        EmailAddress.objects.filter(user=person).delete()
        if person.has_usable_password():
            actions.send_notice("email_replaced", to=before, name=person.name)

    # What is shown ------------------------------------------------------------------------------

    @admin.display(description="convite ou link de senha")
    def invitation(self, person: User) -> str:
        noted = person.metadata.get("invitation") or {}
        if noted.get("state") not in STATES:
            return "nenhum"
        at = timezone.localtime(datetime.fromisoformat(noted["at"]))
        return f"{STATES[noted['state']]}, {at:%d/%m/%Y %H:%M}"

    @admin.display(description="segundo fator", boolean=True)
    def second_factor(self, person: User) -> bool:
        return has_second_factor(person)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        person = self.get_object(request, object_id)
        tools = self._tools(request, person) if person else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "person_tools": tools})

    def _tools(self, request: HttpRequest, person: User) -> list[tuple[str, str]]:
        """The actions that make sense for this person, as buttons on her page."""
        actor = _actor(request)
        if person.pk == actor.pk or not self.has_change_permission(request, person):
            return []
        if not person.is_active:
            return [("reactivate", "Reativar")]
        link = "Enviar link para nova senha" if person.has_usable_password() else "Enviar o convite de novo"
        tools = [("invite", link), ("end_sessions", "Encerrar as sessões"), ("deactivate", "Desativar")]
        if ranks.is_admin(actor) and ranks.may_take_over(actor, person) and has_second_factor(person):
            tools.append(("remove_second_factor", "Remover o segundo fator"))
        return tools

    # Actions ------------------------------------------------------------------------------------

    @admin.action(description="Enviar convite ou link de senha", permissions=["change"])
    def invite(self, request: HttpRequest, people: QuerySet[User]) -> None:
        self._do(request, self._chosen(request, people, ranks.may_manage), actions.invite, "e-mail na fila de envio")

    @admin.action(description="Desativar", permissions=["change"])
    def deactivate(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        consequence = (
            "Quem é desativado sai na hora de todos os aparelhos e não entra mais. Nada do que fez é excluído."
        )
        return self._ask(request, people, "deactivate", "Desativar", consequence, actions.deactivate, "desativada")

    @admin.action(description="Reativar", permissions=["change"])
    def reactivate(self, request: HttpRequest, people: QuerySet[User]) -> None:
        self._do(request, self._chosen(request, people, ranks.may_manage), actions.reactivate, "reativada")

    @admin.action(description="Encerrar as sessões", permissions=["change"])
    def end_sessions(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        consequence = "Será preciso entrar de novo em todos os aparelhos."
        return self._ask(
            request, people, "end_sessions", "Encerrar as sessões", consequence, actions.end_sessions, "sem sessões"
        )

    @admin.action(description="Remover o segundo fator", permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        if not ranks.is_admin(_actor(request)):
            raise PermissionDenied
        consequence = "Até configurar outro, a senha basta para entrar. A pessoa é avisada por e-mail."
        return self._ask(
            request, people, "remove_second_factor", "Remover o segundo fator", consequence,
            actions.remove_second_factor, "sem segundo fator", may=_may_take_over_another,
        )  # fmt: skip

    def _ask(
        self, request: HttpRequest, people: QuerySet[User], name: str, label: str, consequence: str,
        act: Callable[..., Any], done: str, may: Callable[[User, User], bool] = ranks.may_manage,
    ) -> HttpResponse | None:  # fmt: skip
        """Does it when it was confirmed; otherwise the page that asks."""
        chosen = self._chosen(request, people, may)
        if request.POST.get("confirmed"):
            self._do(request, chosen, act, done)
            return None
        context = {"title": label, "people": chosen, "action": name, "consequence": consequence, "opts": self.opts}
        return render_staff(request, "admin/accounts/user/confirm.html", context)

    @staticmethod
    def _chosen(request: HttpRequest, people: QuerySet[User], may: Callable[[User, User], bool]) -> list[User]:
        """The chosen people, all of whom she must be allowed to touch."""
        chosen = list(people[: AT_ONCE + 1])
        if len(chosen) > AT_ONCE or not all(may(_actor(request), person) for person in chosen):
            raise PermissionDenied
        return chosen

    def _do(self, request: HttpRequest, people: list[User], act: Callable[..., Any], done: str) -> None:
        for person in people:
            try:
                act(person, by=_actor(request), request=request)
            except actions.Refused as refused:
                self.message_user(request, f"{person}: {refused}", messages.ERROR)
            else:
                self.message_user(request, f"{person}: {done}.", messages.SUCCESS)


def _may_take_over_another(actor: User, person: User) -> bool:
    """Her own she removes in Segurança, where she is asked who she is."""
    return actor.pk != person.pk and ranks.may_take_over(actor, person)


def _actor(request: HttpRequest) -> User:
    actor: User = request.user  # type: ignore[assignment]
    return actor
