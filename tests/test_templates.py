"""What holds for every template, style sheet and script, and the few things that templates compute."""

import re
from datetime import datetime
from types import SimpleNamespace
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.contrib.messages.storage.base import Message as Note
from django.template.loader import render_to_string

from conversations.models import Message
from conversations.rendering import Shown
from romagent.templatetags.interface import being_written, first_name, greeting, undo_url

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
SCRIPTS = sorted((settings.BASE_DIR / "static" / "js").glob("*.js"))
STYLES = sorted((settings.BASE_DIR / "static" / "css").glob("*.css"))
ID = UUID("01890000-0000-7000-8000-000000000000")

INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(", re.IGNORECASE)


def name(path):
    return path.name


def article(**fields):
    message = Message(**{"id": ID, "conversation_id": ID, "role": "assistant", "content": "Texto.", **fields})
    return render_to_string("conversations/_message.html", {"shown": Shown(message, is_last=True)})


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_template_holds_what_the_content_security_policy_forbids(path):
    assert not INLINE.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_template_loads_anything_from_another_host(path):
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [p for p in STYLES if p.name != "tokens.css"], ids=name)
def test_colours_are_named_in_the_tokens_file_only(path):
    assert not COLOUR.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_style_sheets_use_only_tokens_that_exist(path):
    known = set(re.findall(r"(--[a-z0-9-]+):", (STYLES[0].parent / "tokens.css").read_text(encoding="utf-8")))
    assert set(re.findall(r"var\((--[a-z0-9-]+)\)", path.read_text(encoding="utf-8"))) <= known


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_script_is_one_short_behaviour(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("/* ")
    assert len(lines) <= 125


def test_each_script_is_used_by_a_page_or_another_script():
    used = "".join(path.read_text(encoding="utf-8") for path in [*TEMPLATES, *SCRIPTS])
    assert [path.name for path in SCRIPTS if f"/{path.name}" not in used] == []


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_an_error_page_needs_no_request_and_no_database(status):
    html = render_to_string(f"{status}.html")
    assert html.count("<h1>") == 1
    assert "tokens.css" in html


def test_a_message_is_rendered_without_a_request():
    html = article(status="complete")
    assert f'id="mensagem-{ID}"' in html
    assert "csrf" not in html


def test_a_question_is_shown_as_it_was_typed():
    html = article(role="user", content="<b>1 & 2</b>\n  recuo", status="complete")
    assert "&lt;b&gt;1 &amp; 2&lt;/b&gt;\n  recuo</div>" in html


@pytest.mark.parametrize("status", ["queued", "streaming"])
def test_an_unfinished_reply_says_where_to_follow_and_stop_it(status):
    html = article(status=status)
    assert f'data-stream="/mensagens/{ID}/stream/"' in html
    assert f'data-stop="/mensagens/{ID}/parar/"' in html
    assert "Refazer" not in html


def test_a_finished_reply_is_followed_by_nobody():
    assert "data-stream" not in article(status="complete")


@pytest.mark.parametrize(("status", "offered"), [("stopped", True), ("interrupted", True), ("complete", False)])
def test_a_cut_reply_can_be_continued(status, offered):
    assert ("Continuar" in article(status=status)) is offered


@pytest.mark.parametrize(("status", "alert"), [("failed", True), ("interrupted", True), ("stopped", False)])
def test_what_went_wrong_is_an_alert(status, alert):
    error = {} if status == "stopped" else {"error": "overloaded"}
    assert ('role="alert"' in article(status=status, metadata=error)) is alert


@pytest.mark.parametrize(
    ("hour", "words"),
    [(5, "Bom dia"), (11, "Bom dia"), (12, "Boa tarde"), (17, "Boa tarde"), (18, "Boa noite"), (4, "Boa noite")],
)
def test_greets_by_the_offices_clock(hour, words):
    assert greeting(datetime(2026, 11, 22, hour, 59, tzinfo=ZoneInfo("America/Sao_Paulo"))) == words


@pytest.mark.parametrize(
    ("full", "first"),
    [("Helena Prado", "Helena"), ("Dra. Helena Prado", "Dra. Helena"), ("Helena", "Helena"), ("", "")],
)
def test_addresses_a_person_by_first_name_and_title(full, first):
    assert first_name(full) == first


@pytest.mark.parametrize(("tags", "url"), [("undo /conversas/1/", "/conversas/1/"), ("outra coisa", ""), ("", "")])
def test_knows_the_link_that_undoes(tags, url):
    assert undo_url(Note(25, "Excluída.", extra_tags=tags)) == url


def test_finds_the_reply_being_written():
    done, writing = Message(status="complete"), Message(status="streaming")
    thread = [SimpleNamespace(message=done), SimpleNamespace(message=writing)]
    assert being_written(thread) is writing
    assert being_written(thread[:1]) is None
    assert being_written(None) is None
