"""`users.json`: people, without their passwords; each gets an invitation."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.actions import invite
from accounts.models import User
from romagent.legacy import values
from romagent.legacy.importer import Importer
from romagent.legacy.reading import Record
from romagent.legacy.values import Warn

ADMINS = frozenset({"master_admin", "admin"})
USERS = frozenset({"user", "lawyer", "developer", "operator", "viewer", "partner_admin", "manager", ""})


def import_person(run: Importer, record: Record) -> None:
    run.report.read("users")
    value = record.value
    legacy: Any = value.get("id") if isinstance(value, dict) else None
    name = legacy if isinstance(legacy, str) and legacy else f"nº {record.key}"
    if problem := record.problem or _problem(value):
        return run.report.skip("users", name, problem, record.key)
    warn = run.warner("users", name, record.key)
    email = value["email"].strip().lower()
    person = User.objects.filter(email=email).first()
    if person is not None:
        _remember(run, person, legacy)
        return run.report.skip("users", name, "já existe uma conta com este e-mail", record.key)
    key = values.new_id("user", legacy)
    if User.objects.filter(pk=key).exists():
        return run.report.skip("users", name, "já importado", record.key)
    person = _create(run, key, email, value, warn)
    _remember(run, person, legacy)
    if person.is_active:
        invite(person, by=run.owner)
    run.report.imported("users")
    return None


def _problem(value: Any) -> str:
    if not isinstance(value, dict):
        return "não é um objeto"
    if not isinstance(value.get("id"), str) or not value["id"]:
        return "sem id"
    email = value.get("email")
    try:
        if not isinstance(email, str) or len(email) > 255:
            return "sem e-mail válido"
        validate_email(email.strip())
    except ValidationError:
        return "sem e-mail válido"
    return ""


def _create(run: Importer, key: Any, email: str, value: dict[str, Any], warn: Warn) -> User:
    created = values.moment(value.get("createdAt"), run.now, warn) or run.now
    kept = {"partner": value.get("partnerId"), "department": value.get("department"), "phone": value.get("phone")}
    person = User(
        id=key,
        email=email,
        name=values.text(value.get("name"), warn, 255),
        role=_role(run, value.get("role"), warn),
        oab=values.text(value.get("oab"), warn, 20),
        is_active=value.get("active") is not False,
        created_at=created,
        last_login=values.moment(value.get("lastLogin"), run.now, warn),
        metadata={name: values.text(text, warn, 255) for name, text in kept.items() if text},
    )
    person.set_unusable_password()
    person.save(force_insert=True)
    updated = values.moment(value.get("updatedAt"), run.now, warn) or created
    User.objects.filter(pk=key).update(updated_at=updated)  # `auto_now` has just written today
    return person


def _role(run: Importer, role: Any, warn: Warn) -> str:
    role = role if role is None or isinstance(role, str) else "?"
    if role in ADMINS and run.allow_admins:
        return User.Role.ADMIN
    if role in ADMINS:
        warn("administração não importada sem --allow-admins: entrou como pessoa comum")
    elif role is not None and role not in USERS:
        warn("papel desconhecido: entrou como pessoa comum")
    return User.Role.USER


def _remember(run: Importer, person: User, legacy: str) -> None:
    """Several old accounts with one e-mail are one person here."""
    run.people[legacy] = person.pk
    known = person.metadata.get("legacy_ids", [])
    if values.plain(legacy) not in known:
        person.metadata = person.metadata | {"legacy_ids": [*known, values.plain(legacy)]}
        User.objects.filter(pk=person.pk).update(metadata=person.metadata)
