"""Conversations in the administration: what there is and what it cost; what was written, for a reason that is kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.models import User
from audit.models import AIModel, AIOperation
from audit.staff import ReadOnlyAdmin, render_staff, staff_page
from conversations.actions import read_contents
from conversations.models import Conversation, Message
from conversations.readings import readings
from conversations.rendering import shown
from projects.models import Project
from romagent.base.portuguese import PortugueseQuery

LEAST_REASON = 10  # characters
PART = 200  # messages shown at once; each part is an opening of its own
PEOPLE = 100  # found by the beginning of their e-mail, whose conversations are shown
COLUMNS = (
    "title", "mode", "model", "created_at", "updated_at", "archived_at", "deleted_at", "user", "project",
)  # fmt: skip


class ReasonForm(forms.Form):
    """Why somebody has to be read; `before` goes on to what was said before a message."""

    reason = forms.CharField(
        label="Motivo da leitura",
        min_length=LEAST_REASON,
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="Fica na auditoria, com o seu nome, e aparece para quem escreveu a conversa.",
    )
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)


class StateFilter(admin.SimpleListFilter):
    title = "situação"
    parameter_name = "situacao"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("arquivadas", "Arquivadas"), ("excluidas", "Excluídas")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        if self.value() == "arquivadas":
            return queryset.filter(archived_at__isnull=False, deleted_at=None)
        return queryset.exclude(deleted_at=None) if self.value() == "excluidas" else queryset


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """Whose, of which project, since when: neither the list nor the page loads a word of what was written."""

    list_display = ("name", "person", "matter", "state", "created", "updated")
    list_filter = (StateFilter,)
    list_select_related = ()  # who and what 50 rows belong to is fetched by itself: a join may read whole tables
    search_fields = ("title",)
    search_help_text = "Palavras do título, o começo do e-mail da pessoa, ou a identificação da conversa ou da pessoa."
    ordering = ("-created_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        people, projects = User.objects.only("email", "name"), Project.objects.only("name")
        related = (Prefetch("user", people), Prefetch("project", projects))
        return super().get_queryset(request).only(*COLUMNS).prefetch_related(*related)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Conversation], search_term: str
    ) -> tuple[QuerySet[Conversation], bool]:
        term = search_term.replace("\x00", "").strip()
        return (queryset.filter(_found_by(term)) if term else queryset), False

    @admin.display(description="título")
    def name(self, conversation: Conversation) -> str:
        return conversation.title

    @admin.display(description="pessoa")
    def person(self, conversation: Conversation) -> str:
        return str(conversation.user)

    @admin.display(description="projeto")
    def matter(self, conversation: Conversation) -> str:
        return conversation.project.name if conversation.project else ""

    @admin.display(description="situação")
    def state(self, conversation: Conversation) -> str:
        return state_of(conversation)

    @admin.display(description="criada em")
    def created(self, conversation: Conversation) -> Any:
        return conversation.created_at

    @admin.display(description="alterada em")
    def updated(self, conversation: Conversation) -> Any:
        return conversation.updated_at

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(read)
        return [path("<uuid:pk>/ler/", page, name="conversations_conversation_read"), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return overview(request, UUID(object_id))
        except ValueError as error:
            raise Http404 from error


def _found_by(term: str) -> Q:
    """By id, by the words of the title, or by the beginning of the person's e-mail: each through its index."""
    try:
        pk = UUID(term)
    except ValueError:
        people = User.objects.filter(email__startswith=term.lower()).values_list("pk", flat=True)[:PEOPLE]
        return Q(search=PortugueseQuery(term)) | Q(user__in=list(people))
    return Q(pk=pk) | Q(user=pk)


def state_of(conversation: Conversation) -> str:
    if conversation.deleted_at:
        return "excluída"
    return "arquivada" if conversation.archived_at else "em uso"


def _any(pk: UUID) -> Conversation:
    """Anybody's, also a deleted one: whoever asks has been let in by a right."""
    found: Conversation = get_object_or_404(Conversation.objects.only(*COLUMNS), pk=pk)
    return found


@staff_page("conversations.view_conversation")
@require_http_methods(["GET", "HEAD"])
def overview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is known of a conversation without reading it."""
    return _overview(request, _any(pk), ReasonForm())


def _overview(request: HttpRequest, conversation: Conversation, form: ReasonForm) -> HttpResponse:
    model = AIModel.objects.filter(pk=conversation.model).first()
    context = {
        "title": conversation.title,
        "conversation": conversation,
        "state": state_of(conversation),
        "model_name": model.name if model else conversation.model,
        "counts": _counts(conversation),
        "cost": _cost(conversation) if request.user.has_perm("audit.view_costs") else None,
        "readings": readings(conversation),
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render_staff(request, "admin/conversations/overview.html", context, status=status)


def _counts(conversation: Conversation) -> dict[str, int]:
    return Message.objects.filter(conversation=conversation).aggregate(
        questions=Count("pk", filter=Q(role=Message.Role.USER, superseded_at=None)),
        replies=Count("pk", filter=Q(role=Message.Role.ASSISTANT, superseded_at=None)),
        earlier=Count("pk", filter=Q(superseded_at__isnull=False)),
    )


def _cost(conversation: Conversation) -> dict[str, Any]:
    return AIOperation.objects.filter(conversation_id=conversation.pk).aggregate(
        calls=Count("pk"),
        read=Sum("tokens_input"),
        written=Sum("tokens_output"),
        usd=Sum("cost_usd"),
        unpriced=Count("pk", filter=Q(cost_usd=None, tokens_input__isnull=False)),
    )


# What was written --------------------------------------------------------------------------------


@staff_page("conversations.read_contents")
@require_http_methods(["GET", "HEAD", "POST"])
def read(request: HttpRequest, pk: UUID) -> HttpResponse:
    """GET: asks for the reason. POST: keeps it in the log, then shows the thread; each time anew."""
    conversation = _any(pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _overview(request, conversation, form)
    assert isinstance(request.user, User)
    messages, goes_on = _part(conversation, form.cleaned_data["before"])
    read_contents(conversation, user=request.user, request=request, **form.cleaned_data)
    context = {
        "title": conversation.title,
        "conversation": conversation,
        "thread": shown(messages, bare=True),
        "reason": form.cleaned_data["reason"],
        "earlier": messages[0].pk if goes_on else None,
    }
    return render_staff(request, "admin/conversations/thread.html", context)


def _part(conversation: Conversation, before: UUID | None) -> tuple[list[Message], bool]:
    """The last messages of the thread, or the last ones before a message; and whether there are earlier ones."""
    thread = Message.objects.filter(conversation=conversation).active()
    if before:
        last = get_object_or_404(thread.only("created_at"), pk=before)
        thread = thread.before(last.created_at, last.pk)
    rows = list(thread.order_by("-created_at", "-pk")[: PART + 1])
    return rows[:PART][::-1], len(rows) > PART
