"""What is a person's own here: who she is to the system, where she is signed in, and her second factors."""

from __future__ import annotations

from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from accounts.models import User
from romagent.base.portability import Number, Part, as_json, counted


def parts(user: User) -> Iterator[Part]:
    yield Part("perfil.json", _profile(user))


def _profile(user: User) -> Iterator[bytes]:
    browsers = UserSession.objects.filter(user=user).order_by("created_at")
    factors = Authenticator.objects.filter(user=user).order_by("created_at")
    yield as_json(
        {
            "formato": "romagent.perfil/1",
            "id": user.pk,
            "nome": user.name,
            "email": user.email,
            "oab": user.oab,
            "papel": user.get_role_display(),
            "ativa": user.is_active,
            "criada_em": user.created_at,
            "alterada_em": user.updated_at,
            "ultimo_acesso": user.last_login,
            "preferencias": user.metadata,
            "navegadores": [
                {"endereco_ip": row.ip, "navegador": row.user_agent, "desde": row.created_at, "visto": row.last_seen_at}
                for row in browsers
            ],
            "segundo_fator": [
                {"tipo": row.type, "desde": row.created_at, "usado": row.last_used_at} for row in factors
            ],
        }
    )


def numbers(user: User) -> Iterator[Number]:
    yield Number("navegadores conectados", counted(UserSession.objects.filter(user=user)))
