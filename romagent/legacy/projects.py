"""`projects.json` and `projects/projects-index.json`: projects, who works on them, and the files they name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from projects.models import Project, ProjectMember
from romagent.legacy import values
from romagent.legacy.files import import_file
from romagent.legacy.importer import Importer
from romagent.legacy.reading import Record
from romagent.legacy.values import Warn


def import_json_project(run: Importer, record: Record) -> None:
    """One of the list `projects.json`: its id is a number as text."""
    _import(run, record, "project:json", "uploadedFiles", "lastModified")


def import_index_project(run: Importer, record: Record) -> None:
    """One of the object `projects-index.json`, by slug."""
    _import(run, record, "project:index", "knowledgeBase", "updatedAt")


def _import(run: Importer, record: Record, kind: str, files: str, changed: str) -> None:
    run.report.read("projects")
    value = record.value
    legacy = _legacy_id(record)
    listed = value.get(files) if isinstance(value, dict) else None
    listed = listed if isinstance(listed, list) else []
    problem = record.problem or _problem(run, value, legacy)
    key = values.new_id(kind, legacy)
    known = None if problem else Project.objects.filter(pk=key).first()
    if known is not None:
        problem = "já importado"
    if problem:
        run.report.skip("projects", legacy or f"nº {record.key}", problem, record.key)
    else:
        warn = run.warner("projects", legacy, record.key)
        known = _create(run, key, legacy, value, changed, warn)
        _add_members(run, known, value.get("collaborators"), warn)
        run.report.imported("projects")
    for number, file in enumerate(listed):
        import_file(run, known, file, f"{legacy or record.key}/{number}")


def _legacy_id(record: Record) -> str:
    if isinstance(record.key, str):
        return record.key
    found = record.value.get("id") if isinstance(record.value, dict) else None
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _problem(run: Importer, value: Any, legacy: str) -> str:
    if not isinstance(value, dict):
        return "não é um objeto"
    if not legacy:
        return "sem id"
    if value.get("isDefault") is True and not run.keep_default:
        return "projeto de exemplo do sistema antigo"
    return "" if run.owner else "sem dono: informe --owner"


def _create(run: Importer, key: UUID, legacy: str, value: dict[str, Any], changed: str, warn: Warn) -> Project:
    assert run.owner is not None
    created = values.moment(value.get("createdAt"), run.now, warn) or run.now
    status = value.get("status")
    metadata = {"legacy_id": values.plain(legacy), "legacy_type": value.get("type"), "legacy_owner": value.get("owner")}
    project: Project = Project.objects.create(
        id=key,
        user=run.owner,
        name=values.text(value.get("name"), warn, 255) or "Projeto sem nome",
        description=values.text(value.get("description"), warn),
        instructions=values.text(value.get("customInstructions"), warn),
        status=Project.Status.ACTIVE if status in (None, "", "active") else Project.Status.CLOSED,
        created_at=created,
        updated_at=values.moment(value.get(changed), run.now, warn) or created,
        metadata={name: values.text(text, warn, 255) for name, text in metadata.items() if text},
    )
    return project


def _add_members(run: Importer, project: Project, listed: Any, warn: Warn) -> None:
    for legacy in listed if isinstance(listed, list) else []:
        person = run.people.get(legacy) if isinstance(legacy, str) else None
        if person is None:
            warn("participante desconhecido")
        elif person != project.user_id:
            ProjectMember.objects.get_or_create(project=project, user_id=person)
