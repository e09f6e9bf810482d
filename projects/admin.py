from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from audit.staff import AuditedAdmin, NamedInline
from projects.cnj import SEPARATORS
from projects.models import Project, ProjectMember
from romagent.base import access


class ProjectMemberInline(NamedInline):
    model = ProjectMember
    autocomplete_fields = ("user",)


@admin.register(Project)
class ProjectAdmin(AuditedAdmin):
    """Whose project, who works on it, and whether everything in it has to be kept (`preservar`)."""

    list_display = ("name", "person", "status", "preservar", "updated_at")
    list_filter = ("status", "preservar")
    list_select_related = ()  # the people of 50 rows are fetched by themselves: a join may read all people
    search_fields = ("case_number__startswith",)
    ordering = ("-pk",)
    autocomplete_fields = ("user",)
    exclude = ("instructions", "description")  # contents: the lawyer's, not the administration's
    readonly_fields = ("created_at", "updated_at")
    inlines = (ProjectMemberInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("user")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Numbers are kept without their mask."""
        bare = SEPARATORS.sub("", search_term)
        return super().get_search_results(request, queryset, bare if bare.isdecimal() else search_term)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is deleted on its own page, with an undo and never while it is held; the clean-up takes what is in it."""
        return False

    def save_related(self, request: HttpRequest, *args: Any) -> None:
        """Who answers for it and who works on it may be others now."""
        super().save_related(request, *args)
        access.changed()

    @admin.display(description="responsável")
    def person(self, project: Project) -> str:
        return str(project.user)
