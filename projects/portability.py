"""What is a person's own here: the projects she answers for; of those of others, only that she takes part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.models import User
from projects.models import Project, ProjectMember
from romagent.base.portability import Number, Part, as_json, counted, safe_name

AT_ONCE = 100  # rows


def parts(user: User) -> Iterator[Part]:
    for project in _own(user).order_by("pk").iterator(AT_ONCE):
        yield Part(
            f"projetos/{safe_name(project.name, '.json')}", [as_json(_described(project))], at=project.updated_at
        )
    yield Part("projetos-de-outros.json", _taking_part(user))


def _own(user: User) -> Any:
    return Project.objects.for_user(user).filter(user=user)


def _described(project: Project) -> dict[str, Any]:
    members = project.members.select_related("user").order_by("pk")
    return {
        "formato": "romagent.projeto/1",
        "id": project.pk,
        "nome": project.name,
        "descricao": project.description,
        "tipo": project.project_type,
        "situacao": project.get_status_display(),
        "numero_cnj": project.case_number,
        "cliente": project.client,
        "parte_contraria": project.opposing_party,
        "juizo": project.court,
        "instrucoes": project.instructions,
        "preservar": project.preservar,
        "participantes": [{"nome": str(member.user), "papel": member.get_role_display()} for member in members],
        "criado_em": project.created_at,
        "alterado_em": project.updated_at,
        "metadados": project.metadata,
    }


def _taking_part(user: User) -> Iterator[bytes]:
    seen = Project.objects.for_user(user).exclude(user=user)
    memberships = ProjectMember.objects.filter(user=user, project__in=seen).select_related("project").order_by("pk")
    yield as_json(
        [
            {
                "id": membership.project_id,
                "nome": membership.project.name,
                "numero_cnj": membership.project.case_number,
                "papel": membership.get_role_display(),
            }
            for membership in memberships
        ]
    )


def numbers(user: User) -> Iterator[Number]:
    yield Number("projetos", counted(_own(user)))
