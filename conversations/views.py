"""Conversations and messages: each view a guard, a form, one action, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.contrib import messages as notes
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import SignedInRequest
from audit.actions import record
from audit.models import AIModel
from conversations import actions, replying
from conversations.access import conversation_to_change, may_change, message_to_change, my_conversation, my_message
from conversations.export import as_markdown, export_response
from conversations.forms import AskForm, EditForm, RenameForm, StartForm, ask_context, default_model
from conversations.listing import build_rail
from conversations.models import Conversation, Message, MessageQuerySet
from conversations.readings import readings
from conversations.rendering import shown
from conversations.threads import links_of, thread_with
from jurisprudence.precedents.quoting import as_question
from projects.choosing import chosen_project
from projects.forms import first_error
from projects.models import Project
from romagent.base.keyset import newest_first

LIST_SIZE = 30
THREAD_SIZE = 60  # messages on one page; earlier ones a click away
BUSY = "Aguarde o fim da resposta anterior, ou pare-a, e tente de novo. O rascunho foi mantido."


def see_other(to: str, *args: Any) -> HttpResponse:
    response = redirect(to, *args)
    response.status_code = 303
    return response


# Lists -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def conversations(request: SignedInRequest) -> HttpResponseBase:
    """GET: the start page, with a question box and the list. POST: a new conversation."""
    form, status = StartForm(request.POST or None, user=request.user), 200
    project = chosen_project(request, (request.POST or request.GET).get("projeto", ""))
    if request.method == "POST":
        if refused := replying.too_many_messages(request):
            return refused
        status = 422
        if form.is_valid():
            sentence = replying.out_of_budget(request, form.values()["key"]) if form.values()["content"] else ""
            if not sentence:
                return _start(request, form, project)
            form.add_error("content", sentence)
            status = 429
        if replying.wants_stream(request):
            return replying.refusal(request, first_error(form), status)
    context = _page(request, Conversation.objects.begun_by(request.user).current(), "updated_at")
    context["project"] = project
    context["ask"] = ask_context(request.user, None, form if form.is_bound else None)
    if begun := as_question(request.GET.get("precedente", ""), request.user):
        context["ask"] |= {"content": begun, "begun": True}
    return render(request, "conversations/list.html", context, status=status)


def _start(request: SignedInRequest, form: StartForm, project: Project | None) -> HttpResponse:
    values = form.values()
    conversation = actions.start(
        user=request.user,
        request=request,
        mode=values["mode"] or Conversation.Mode.JURIDICO,
        model=values["model"] or default_model(),
        content=values["content"],
        key=values["key"],
        files=values["files"],
        project=project,
    )
    return see_other("conversations:detail", conversation.pk)


@require_GET
def archived(request: SignedInRequest) -> HttpResponse:
    found = Conversation.objects.begun_by(request.user).archived()
    return render(request, "conversations/archived.html", _page(request, found, "archived_at"))


def _page(request: SignedInRequest, found: QuerySet[Conversation], field: str) -> dict[str, Any]:
    page = newest_first(found, field, request.GET.get("depois", ""), LIST_SIZE)
    next_url = f"{request.path}?depois={quote(page.after)}" if page.after else ""
    return {"page": {"items": page.items, "next_url": next_url}}


@require_GET
def search(request: SignedInRequest) -> HttpResponse:
    """Where the search was before it looked through everything."""
    return redirect(f"{reverse('search')}?{urlencode({'q': request.GET.get('q', '')})}")


@require_GET
def rail(request: SignedInRequest) -> HttpResponse:
    """The lists at the side, refreshed; with `?atual=<id>` also that conversation's title, as a header."""
    response = render(request, "conversations/_rail.html", {"rail": build_rail(request.user)})
    try:
        current = Conversation.objects.for_user(request.user).filter(pk=UUID(request.GET.get("atual", ""))).first()
    except ValueError:
        current = None
    if current is not None:
        response["X-Conversation-Title"] = quote(current.title)
    return response


# One conversation ------------------------------------------------------------------------------


@require_GET
def detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The conversation; with `?versao=<message>` as it was when that message was current, to be read only."""
    return _detail(request, my_conversation(request, pk))


def _detail(
    request: SignedInRequest, conversation: Conversation, form: AskForm | None = None, status: int = 200
) -> HttpResponse:
    messages: MessageQuerySet = Message.objects.filter(conversation=conversation)
    old = _wanted_version(request, messages)
    thread = messages.filter(pk__in=thread_with(old.pk, links_of(conversation))) if old else messages.active()
    items, older_url = _last_part(request, thread)
    model = AIModel.objects.filter(pk=conversation.model).first()
    may_ask = may_change(request.user, conversation)
    context = {
        "conversation": conversation,
        "may_ask": may_ask,
        "model_name": model.name if model else conversation.model,
        "thread": shown(items, read_only=old is not None or not may_ask, reader=request.user),
        "older_url": older_url,
        "viewing": _viewing(old),
        "readings": readings(conversation),
        "ask": ask_context(request.user, conversation, form) if may_ask else None,
    }
    return render(request, "conversations/detail.html", context, status=status)


def _wanted_version(request: SignedInRequest, messages: MessageQuerySet) -> Message | None:
    if not request.GET.get("versao"):
        return None
    try:
        message = get_object_or_404(messages, pk=UUID(request.GET["versao"]))
    except ValueError as error:
        raise Http404 from error
    return message if message.superseded_at else None


def _viewing(old: Message | None) -> dict[str, Any] | None:
    if old is None:
        return None
    when = timezone.localtime(old.created_at)
    return {"id": old.pk, "label": f"versão anterior, de {when:%d/%m/%Y %H:%M}"}


def _named(request: SignedInRequest, parameter: str) -> UUID | None:
    try:
        return UUID(request.GET.get(parameter, ""))
    except ValueError:
        return None


def _last_part(request: SignedInRequest, thread: MessageQuerySet) -> tuple[list[Message], str]:
    """The last messages of the thread (or those before `?antes=<message>`), and where the earlier ones are."""
    if before := _named(request, "antes"):
        moment = Message.objects.for_user(request.user).filter(pk=before).values_list("created_at", flat=True).first()
        thread = thread.before(moment, before) if moment else thread
    rows = list(thread.order_by("-created_at", "-pk")[: THREAD_SIZE + 1])
    items = rows[:THREAD_SIZE][::-1]
    if len(rows) <= THREAD_SIZE:
        return items, ""
    parameters = request.GET.copy()
    parameters["antes"] = str(items[0].pk)
    return items, f"?{parameters.urlencode()}"


@require_POST
def ask(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    conversation = conversation_to_change(request, pk)
    if refused := replying.too_many_messages(request):
        return refused
    form = AskForm(request.POST, current_model=conversation.model, user=request.user)
    if not form.is_valid():
        return _not_asked(request, conversation, form, 422)
    if sentence := replying.out_of_budget(request, form.values()["key"]):
        form.add_error("content", sentence)
        return _not_asked(request, conversation, form, 429)
    try:
        asked = actions.ask(conversation, user=request.user, request=request, **form.values())
    except actions.BeingAnswered:
        form.add_error("content", BUSY)
        return _not_asked(request, conversation, form, 409)
    except actions.Refused as refused:
        form.add_error("content", str(refused))
        return _not_asked(request, conversation_to_change(request, pk), form, 409)  # if it is still hers
    return replying.answer_to(request, asked)


def _not_asked(request: SignedInRequest, conversation: Conversation, form: AskForm, status: int) -> HttpResponse:
    """What is wrong, in words, for code that asked; for a person the page, with her draft."""
    if replying.wants_stream(request) or replying.wants_fragment(request):
        return replying.refusal(request, first_error(form), status)
    return _detail(request, conversation, form, status)


@require_POST
def rename(request: SignedInRequest, pk: UUID) -> HttpResponse:
    conversation = conversation_to_change(request, pk)
    form = RenameForm(request.POST)
    if form.is_valid():
        actions.rename(conversation, form.cleaned_data["title"], user=request.user, request=request)
    else:
        notes.error(request, first_error(form))
    return see_other("conversations:detail", pk)


def _simple(action: Callable[..., None], to: Callable[[Conversation], str]) -> Callable[..., HttpResponse]:
    """A view that does one thing to a conversation and goes on to a page."""

    @require_POST
    def view(request: SignedInRequest, pk: UUID) -> HttpResponse:
        conversation = conversation_to_change(request, pk)
        action(conversation, user=request.user, request=request)
        return see_other(to(conversation))

    return view


def _own_page(conversation: Conversation) -> str:
    return reverse("conversations:detail", args=[conversation.pk])


pin = _simple(actions.pin, _own_page)
archive = _simple(actions.archive, _own_page)
restore = _simple(actions.restore, _own_page)


@require_POST
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    conversation = conversation_to_change(request, pk)
    actions.delete(conversation, user=request.user, request=request)
    undo = reverse("conversations:undelete", args=[pk])
    notes.success(request, f"A conversa “{conversation.title}” foi excluída.", extra_tags=f"undo {undo}")
    if conversation.project_id:
        return see_other("projects:detail", conversation.project_id)
    return see_other("conversations:list")


@require_POST
def undelete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    conversation = get_object_or_404(Conversation.objects.deleted_by(request.user), pk=pk)
    actions.undelete(conversation, user=request.user, request=request)
    return see_other("conversations:detail", pk)


@require_GET
def export(request: SignedInRequest, pk: UUID) -> HttpResponse:
    conversation = my_conversation(request, pk)
    record("conversa.exportar", user=request.user, request=request, entity=conversation)
    return export_response(conversation, as_markdown(conversation, request.user))


@require_POST
def resume(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Makes an older version of the thread the current one."""
    conversation = conversation_to_change(request, pk)
    try:
        version = UUID(request.POST.get("versao", ""))
    except ValueError as error:
        raise Http404 from error
    old = get_object_or_404(Message.objects.filter(conversation=conversation), pk=version, superseded_at__isnull=False)
    try:
        actions.resume(conversation, old.pk, user=request.user, request=request)
    except actions.BeingAnswered:
        return replying.refusal(request, BUSY, 409)
    return see_other("conversations:detail", pk)


# One message -----------------------------------------------------------------------------------


@require_GET
def stream(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    return replying.stream_of(request, my_message(request, pk, role=Message.Role.ASSISTANT))


@require_POST
def stop(request: SignedInRequest, pk: UUID) -> HttpResponse:
    message = message_to_change(request, pk, role=Message.Role.ASSISTANT)
    actions.stop(message, user=request.user, request=request)
    if replying.wants_stream(request) or replying.wants_fragment(request):
        return HttpResponse(status=204)
    return replying.to_message(message)


@require_POST
def redo(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    message = message_to_change(request, pk, role=Message.Role.ASSISTANT, superseded_at=None, reply_to__isnull=False)
    if refused := replying.too_many_messages(request) or replying.refused_by_budget(request, message):
        return refused
    try:
        reply = actions.redo(message, user=request.user, request=request)
    except actions.BeingAnswered:
        return replying.refusal(request, BUSY, 409)
    return replying.to_message(reply)


@require_POST
def continue_reply(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    message = message_to_change(request, pk, role=Message.Role.ASSISTANT)
    if refused := replying.too_many_messages(request) or replying.refused_by_budget(request, message):
        return refused
    try:
        actions.continue_reply(message, user=request.user, request=request)
    except actions.BeingAnswered:
        return replying.refusal(request, "Esta resposta não pode ser continuada agora.", 409)
    return replying.to_message(message)


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """The question in other words, as a page of its own."""
    message = message_to_change(request, pk, role=Message.Role.USER, superseded_at=None)
    form, status = EditForm(request.POST or None), 422 if request.POST else 200
    if form.is_valid():
        if refused := replying.too_many_messages(request):
            return refused
        if not (sentence := replying.out_of_budget(request)):
            return _edit(request, message, form.cleaned_data["content"])
        form.add_error("content", sentence)
        status = 429
    content = request.POST.get("content", "") if form.is_bound else message.content
    context = {"message": message, "content": content, "error": first_error(form)}
    return render(request, "conversations/edit.html", context, status=status)


def _edit(request: SignedInRequest, message: Message, content: str) -> HttpResponse:
    try:
        asked = actions.edit(message, content=content, user=request.user, request=request)
    except actions.BeingAnswered:
        return replying.refusal(request, BUSY, 409)
    return replying.to_message(asked.reply)
