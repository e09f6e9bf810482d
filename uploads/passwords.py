"""The password of a protected file, kept so that its pages can be shown again: encrypted with the product's own secret.

Fernet (https://cryptography.io/en/latest/fernet/). Another SESSION_SECRET makes the passwords unreadable; then they are
asked for again.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

KEY = "password"  # in `Upload.metadata`
PURPOSE = b"uploads.passwords"


def sealed(password: str) -> str:
    return _fernet().encrypt(password.encode()).decode()


def unsealed(token: str) -> str:
    """The password; "" when there is none, or none that this secret opens."""
    try:
        return _fernet().decrypt(token.encode()).decode() if token else ""
    except InvalidToken:
        return ""


def _fernet() -> Fernet:
    digest = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=PURPOSE[:16]).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
