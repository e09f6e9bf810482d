"""No column is left out of what people may ask for: a data subject is looked for in it, and its owner gets it, or not, and why.

A new column with a text is a new place where somebody may be named (LGPD, art. 18): who adds one says which it is.
"""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from conversations.models import Conversation, Message
from documents.models import Document, DocumentVersion
from jurisprudence.models import Deadline
from projects.models import Project
from romagent.subjects.places import PLACES
from uploads.models import Upload

TEXTS = (models.CharField, models.TextField, models.JSONField)
LOOKED_IN = {
    (place.table, name.split("__")[0]) for place in PLACES.values() for name in (*place.columns, *place.beside)
}
# Where nobody is looked for, by the reason; `*` is every column of a table of which nothing else is to be said.
NOT_LOOKED_IN = {
    "codes, counts, ids, names of models": """
        ai_models.* ai_operations.* ai_usage_days.* ai_usage_office.* cleanup_runs.* data_exports.*
        conversations.model messages.model messages.stop_reason uploads.stored_filename uploads.file_path uploads.mime_type
        uploads.sha256 uploads.error upload_pages.error summaries.model summaries.coverage summaries.error
        summary_parts.section summary_parts.covers summary_parts.error court_cases.why documents.document_type
        documents.mime_type documents.reviewed_sha256 document_drafts.files document_drafts.reason document_drafts.parts
        deadlines.asked deadlines.counted deadlines.version
    """,
    "published by courts": """
        court_case_grades.* court_case_movements.* court_holidays.* precedents.* precedent_imports.* precedent_changes.*
    """,
    "looked in through the row that it belongs to": """
        court_cases.number document_versions.* document_citations.* documents.file_path
    """,
    "the office's own words": "office_units.* document_type_versions.*",
    "of an account, which is shown whole where a person of the system is forgotten": "users.password users.oab users.metadata",
    "goes by itself within days": "sessions.*",
    "the request itself, and the work on it": "subject_requests.* subject_runs.* subject_findings.*",
    "append-only: what was done stays as it was said": "audit_log.*",
}
# What is in nobody's copy of her own data, by the reason.
NOT_COPIED: dict[type[models.Model], str] = {
    Project: "deleted_at",
    Conversation: "deleted_at",
    Message: "owner_id submission_key attempts heartbeat_at",
    Upload: """
        stored_filename upload_status pages_done error reading_turn transcription processed_at deleted_at
    """,
    Document: "file_size mime_type version revision reviewed_sha256 deleted_at",
    DocumentVersion: "delta sha256 words",
    Deadline: "counted_at deleted_at",
}


def of_the_products_own() -> list[Any]:
    own = [config.label for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR]
    return [model for model in apps.get_models() if model._meta.app_label in own]


def texts() -> set[tuple[str, str]]:
    """Every column that can hold words of somebody's choosing."""
    return {
        (model._meta.db_table, field.name)
        for model in of_the_products_own()
        for field in model._meta.concrete_fields
        if isinstance(field, TEXTS) and not field.choices and not field.primary_key
    }


def excused() -> set[tuple[str, str]]:
    named = [tuple(name.split(".")) for names in NOT_LOOKED_IN.values() for name in names.split()]
    return {(table, one) for table, name in named for t, one in texts() if t == table and name in ("*", one)}


def test_a_data_subject_is_looked_for_in_every_text_or_it_is_said_why_not() -> None:
    assert len(texts()) > 100
    missing = sorted(f"{table}.{name}" for table, name in texts() - LOOKED_IN - excused())
    assert missing == [], (
        "may somebody be named there? Then it is a column of its place in romagent/subjects/places.py; "
        "else a name in NOT_LOOKED_IN (tests/test_every_column.py), under its reason"
    )


def test_no_excuse_is_for_what_is_looked_in_or_there_no_more() -> None:
    assert sorted(excused() & LOOKED_IN) == []
    named = {name for names in NOT_LOOKED_IN.values() for name in names.split()}
    there = {f"{table}.{one}" for table, name in texts() for one in (name, "*")}
    assert sorted(named - there) == []


def said_by(app: str) -> set[str]:
    """The names of columns in what an app puts into a person's copy, whatever object they are of."""
    found: set[str] = set()
    for path in (settings.BASE_DIR / app).rglob("portability.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found |= {node.attr} if isinstance(node, ast.Attribute) else set()
    return found | {name.removeprefix("get_").removesuffix("_display") for name in found}


@pytest.mark.parametrize("model", NOT_COPIED, ids=lambda model: model._meta.db_table)
def test_every_column_of_a_persons_own_is_in_her_copy_or_named_as_none(model: type[models.Model]) -> None:
    said, left_out = said_by(model._meta.app_label), set(NOT_COPIED[model].split())
    own = [
        field
        for field in model._meta.concrete_fields
        if not (field.is_relation or field.primary_key or isinstance(field, models.GeneratedField))
    ]
    missing = [field.name for field in own if field.name not in said | left_out]
    told = f"each goes into {model._meta.app_label}/portability.py, or into NOT_COPIED (tests/test_every_column.py)"
    assert missing == [], told
    assert sorted(left_out - {field.name for field in own}) == [], "named, and there no more"
