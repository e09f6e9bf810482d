"""What the settings work out from where the product runs, and refuse when it cannot be meant; and their long lists."""

from decimal import Decimal, InvalidOperation
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

PROVIDERS = ("anthropic", "bedrock")
# How long a connection to PostgreSQL whose packets vanish (another machine took the server's place, a router has
# forgotten it) may keep a request or a worker waiting: 10 s for what was sent, 40 s for an answer. Linux alone would
# wait for 15 minutes, and 11 (tcp(7): tcp_retries2, tcp_keepalive_*). A reply's writer is taken for dead in the same
# 10 s. The names are libpq's; where a system does not know `tcp_user_timeout`, that has no effect.
SWALLOWED = {"tcp_user_timeout": 10_000, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
# allauth's forms of the second factor, in our words.
MFA_PAGES = {
    "authenticate": "accounts.forms.AuthenticateForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "activate_totp": "accounts.forms.ActivateTOTPForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.forms.RenamePasskeyForm",
    "authenticate_webauthn": "accounts.forms.AuthenticatePasskeyForm",
    "reauthenticate_webauthn": "accounts.forms.ReauthenticatePasskeyForm",
    "login_webauthn": "accounts.forms.LoginPasskeyForm",
}


def amount(env: environ.Env, name: str) -> Decimal | None:
    """The variable as an amount like 1234.56; None when it is empty."""
    value: str = env.str(name, default="")
    try:
        found = Decimal(value.replace(",", ".")) if value else None
    except InvalidOperation:
        found = Decimal(-1)
    if found is not None and not (found.is_finite() and found >= 0):
        raise ImproperlyConfigured(f"{name} deve ser um valor como 1234.56, mas é “{value}”.")
    return found


def content_security_policy(*, connect: str = "") -> dict[str, Any]:
    """Nothing from elsewhere, nothing inline; `connect` is one origin more that pages may send to."""
    ours = ["'self'"]
    return {
        "DIRECTIVES": {
            "default-src": ["'none'"],
            **{f"{kind}-src": ours for kind in ("script", "style", "img", "font", "manifest")},
            "connect-src": [*ours, connect] if connect else ours,
            "form-action": ours,
            "base-uri": ["'none'"],
            "frame-ancestors": ["'none'"],
        }
    }


def check_environment(environment: str, database: str) -> None:
    """Refuses when the environment's name and the database's disagree: a staging that writes into production."""
    if environment not in {"", "production", "staging"}:
        raise ImproperlyConfigured(f"ENVIRONMENT é “{environment}”: só pode ser production ou staging.")
    if environment and ("staging" in database) != (environment == "staging"):
        raise ImproperlyConfigured(
            f"ENVIRONMENT é “{environment}”, mas o banco de DATABASE_URL se chama “{database}”: "
            "o de staging, e só ele, tem “staging” no nome. Nada foi lido nem gravado."
        )


def provider_address(given: str, provider: str, region: str) -> str:
    """Where the Messages API of the chosen provider is, unless an address is given."""
    if provider not in PROVIDERS:
        raise ImproperlyConfigured(f"ANTHROPIC_PROVIDER é “{provider}”: só pode ser anthropic ou bedrock.")
    if provider == "anthropic":
        return given or "https://api.anthropic.com"
    if not region:
        raise ImproperlyConfigured("AWS_REGION não está definida: é a região do Amazon Bedrock, como sa-east-1.")
    return given or f"https://bedrock-mantle.{region}.api.aws/anthropic"


def bucket_origin(bucket: str, region: str | None, endpoint: str | None) -> str:
    """The origin that browsers send large files to; it is the same as in the links that are signed for them."""
    if not bucket:
        return ""
    if endpoint:
        return "/".join(endpoint.split("/")[:3])
    if not region:
        raise ImproperlyConfigured(
            "AWS_S3_REGION_NAME não está definida: é a região do bucket, como sa-east-1 "
            "(ou defina AWS_S3_ENDPOINT_URL, se o serviço não é o da Amazon)."
        )
    return f"https://{bucket}.s3.{region}.amazonaws.com"
