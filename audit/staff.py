"""What the pages and models of the administration share: a right asked for, and an audit row for each change."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from audit.actions import record
from romagent.base.paging import CappedPaginator

View = Callable[..., HttpResponseBase]
# What Django brings along for slugs that fill themselves in, of which there is none: a third of a page's weight.
FOR_SLUGS = ("xregexp", "urlify.js", "prepopulate.js")


def staff_page(permission: str) -> Callable[[View], View]:
    """For a view of the administration: who has not this right gets 403, and the 403 page writes the row."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def render_staff(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page in the frame of the administration; `context["title"]` is its heading."""
    return render(request, template, admin.site.each_context(request) | context, status=status)


class SteadyList(ChangeList):
    """A list whose order is that of an index: `?o=` sorts only by columns that are named in `sortable_by`."""

    def get_ordering_field(self, field_name: Any) -> Any:
        return super().get_ordering_field(field_name) if field_name in (self.sortable_by or ()) else None


class NamedFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """Each field with the name of its column, which a screen reader would not say of a table of fields."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            widget = getattr(field.widget, "widget", field.widget)  # inside of what offers to add another
            widget.attrs["aria-label"] = str(field.label)


class NamedInline(admin.TabularInline):  # type: ignore[type-arg]
    """Rows of another model in a form."""

    formset = NamedFormSet
    extra = 0


class AuditedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A model in the administration: each change is one audit row with old and new values; lists never count millions.

    Fields named in `unlogged` are only named in the row: contents and secrets are not kept there.
    """

    unlogged: tuple[str, ...] = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    sortable_by = ()  # type: ignore[misc]  # by a column without an index the whole table would be sorted
    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 0

    @property
    def media(self) -> forms.Media:
        """Django's scripts without those for slugs."""
        found: Any = super().media  # what it has gathered has no public name
        scripts = [path for path in found._js if not any(part in str(path) for part in FOR_SLUGS)]
        return forms.Media(css=found._css, js=scripts)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """The values that changed, for `log_change`; those of inline rows under their own names."""
        old: dict[str, Any] = {}
        new: dict[str, Any] = {}
        for name in form.changed_data:
            hidden = name in self.unlogged
            old[name] = "…" if hidden else _plain(form.initial.get(name))
            new[name] = "…" if hidden else _plain(form.cleaned_data.get(name))
        for formset in formsets or ():
            noun = formset.model._meta.db_table
            for key in ("new_objects", "changed_objects", "deleted_objects"):
                if rows := getattr(formset, key, None):
                    new[f"{noun}.{key.removesuffix('_objects')}"] = [
                        str(row[0] if isinstance(row, tuple) else row) for row in rows
                    ]
        return {"old": old, "new": new}

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> None:  # type: ignore[override]
        record(self._action("criar"), user=request.user, request=request, entity=obj, new=message["new"])

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> None:  # type: ignore[override]
        values = {} if isinstance(message, str) else message
        record(self._action("alterar"), user=request.user, request=request, entity=obj, **values)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        for obj in queryset:
            record(self._action("excluir"), user=request.user, request=request, entity=obj, old={"name": str(obj)})

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Django looks a `_to_field=` that is empty up as the name of a column, and fails."""
        return super().get_object(request, object_id, from_field or None)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list under the name of what is in it."""
        title = {"title": str(self.opts.verbose_name_plural).capitalize()}
        return super().changelist_view(request, title | (extra_context or {}))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return SteadyList

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        """What is changed in the list itself, each field with the name of its column."""
        formset = super().get_changelist_formset(request, **kwargs)
        for field in formset.form.base_fields.values():
            field.widget.attrs["aria-label"] = str(field.label)
        return formset

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any) -> Any:
        """What is done to several rows at once is one transaction with its audit rows."""
        with transaction.atomic():
            return super().response_action(request, queryset, *args)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What happened to the object is in the audit log."""
        query = urlencode({"entity_type": self.opts.db_table, "entity_id": unquote(object_id)})
        return redirect(f"{reverse('admin:audit_auditlog_changelist')}?{query}")

    def _action(self, verb: str) -> str:
        return f"{self.opts.model_name}.{verb}"


class ReadOnlyAdmin(AuditedAdmin):
    """What is looked at there, and neither added nor changed nor deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _plain(value: Any) -> Any:
    """A form's value as JSON can hold it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, models.QuerySet | list | tuple | set):
        return [_plain(item) for item in value]
    return str(value)
