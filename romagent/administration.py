"""The administration: Django's admin behind the product's own door, with the staff's pages beside the models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class StaffPage:
    """A page of the staff's; `view` is decorated with `staff_page`, so it knows the right it asks for."""

    route: str
    view: str  # dotted, imported when the URLs are built
    name: str
    label: str = ""  # empty: not in the menu
    about: str = ""

    def load(self) -> Callable[..., Any]:
        view: Callable[..., Any] = import_string(self.view)
        return view


PAGES: tuple[StaffPage, ...] = (
    StaffPage(
        "limpeza/",
        "romagent.housekeeping.cleanup_page",
        "cleanup",
        "Limpeza",
        "O que já passou do prazo, o que seria removido e as últimas limpezas.",
    ),
    StaffPage("limpeza/<uuid:pk>/parar/", "romagent.housekeeping.stop_cleanup", "cleanup-stop"),
    StaffPage(
        "banco/",
        "romagent.housekeeping.database_page",
        "database",
        "Banco de dados",
        "Tamanho do banco, de cada tabela e de cada índice, disco e conexões.",
    ),
    StaffPage(
        "titulares/",
        "romagent.subjects.views.subjects",
        "subjects",
        "Titulares de dados",
        "Pedidos da LGPD: achar o que cita uma pessoa, copiar, anonimizar e responder no prazo.",
    ),
    StaffPage("titulares/novo/", "romagent.subjects.views.new_subject", "subject-new"),
    StaffPage("titulares/<uuid:pk>/", "romagent.subjects.views.subject", "subject"),
    StaffPage("titulares/<uuid:pk>/andamento/", "romagent.subjects.views.subject_progress", "subject-progress"),
    StaffPage("titulares/<uuid:pk>/buscar/", "romagent.subjects.views.search_subject", "subject-search"),
    StaffPage("titulares/<uuid:pk>/copiar/", "romagent.subjects.views.export_subject", "subject-export"),
    StaffPage("titulares/<uuid:pk>/anonimizar/", "romagent.subjects.views.anonymise_subject", "subject-anonymise"),
    StaffPage(
        "titulares/<uuid:pk>/pessoas/<uuid:person>/", "romagent.subjects.views.anonymise_person", "subject-person"
    ),
    StaffPage("titulares/<uuid:pk>/responder/", "romagent.subjects.views.answer_subject", "subject-answer"),
    StaffPage("titulares/trabalhos/<uuid:pk>/parar/", "romagent.subjects.views.stop_subject", "subject-stop"),
    StaffPage("titulares/trabalhos/<uuid:pk>/baixar/", "romagent.subjects.views.download_subject", "subject-download"),
    StaffPage(
        "custos/", "audit.cost_pages.overview", "costs", "Custos", "O que foi gasto, por quem, em quê e em que dia."
    ),
    StaffPage("custos/exportar/", "audit.cost_pages.export", "costs-export"),
    StaffPage("custos/recalcular/", "audit.cost_pages.recalculate", "costs-recalculate"),
    StaffPage(
        "orcamento/", "audit.budget_pages.overview", "budgets", "Orçamento de IA", "Quanto cada pessoa pode gastar."
    ),
    StaffPage(
        "tipos-de-peca/",
        "documents.type_pages.overview",
        "document-types",
        "Tipos de peça",
        "O que cada peça pede, as suas partes e como é redigida; para adaptar ao escritório.",
    ),
    StaffPage("tipos-de-peca/<slug:slug>/", "documents.type_pages.edit", "document-type"),
    StaffPage("tipos-de-peca/<slug:slug>/original/", "documents.type_pages.go_back", "document-type-original"),
)


class AdminSite(admin.AdminSite):
    site_title = "ROM Agent"
    site_header = "Administração do ROM Agent"
    index_title = "Administração"
    index_template = "admin/start.html"
    enable_nav_sidebar = False

    def get_urls(self) -> list[Any]:
        own = [path(page.route, self.admin_view(page.load()), name=page.name) for page in PAGES]
        return own + super().get_urls()

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {"staff_pages": self._menu(request)}

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The first page, which also says when the database's disk is getting full, or DataJud gives no answers."""
        from jurisprudence.datajud import source
        from romagent.dbstats import WARN_FROM, disk_percent

        percent = disk_percent() if request.user.has_perm("audit.view_database") else None
        full = percent if percent is not None and percent >= WARN_FROM else None
        return super().index(
            request, (extra_context or {}) | {"disk_percent": full, "source_warning": source.warning()}
        )

    def has_permission(self, request: HttpRequest) -> bool:
        """Who is signed in but not of the staff gets 403: signing in again would not help."""
        if super().has_permission(request):
            return True
        if request.user.is_authenticated:
            raise PermissionDenied
        return False

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """One door: its limits, its second factor and its audit rows hold for the staff too."""
        query = urlencode({"next": request.GET.get("next") or reverse("admin:index")})
        return redirect(f"{reverse('account_login')}?{query}")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        from allauth.account.views import logout

        return logout(request)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")

    @staticmethod
    def _menu(request: HttpRequest) -> list[dict[str, str]]:
        return [
            {"url": reverse(f"admin:{page.name}"), "label": page.label, "about": page.about}
            for page in PAGES
            if page.label and request.user.has_perm(page.load().permission)  # type: ignore[attr-defined]
        ]
