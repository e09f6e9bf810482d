"""Second factors as a person has them: the app that shows codes, and a passkey made of software."""

import hashlib
import json
import re
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

from accounts.models import User
from conftest import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40  # flags of authenticator data (W3C WebAuthn, 6.1)


def code_of(secret: str = SECRET, ahead: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def give_app(user: User, secret: str = SECRET) -> Authenticator:
    found: Authenticator = TOTP.activate(user, secret).instance
    return found


def confirm(client: Client, password: str = PASSWORD) -> None:
    """Says who one is, as sensitive steps ask for."""
    response = client.post("/conta/seguranca/confirmar/", {"password": password})
    assert response.status_code == 302, response.content.decode()


def give_password(client: Client, user: User) -> Any:
    return client.post("/entrar/", {"login": user.email, "password": PASSWORD})


def signed_in(client: Client) -> bool:
    return client.get("/conversas/").status_code == 200


def options_in(html: str) -> dict[str, Any]:
    found = re.search(r'<script id="passkey-options" type="application/json">(.*?)</script>', html)
    assert found, html
    options: dict[str, Any] = json.loads(found[1])
    return options


class SoftKey:
    """A passkey: one key pair for one site, made and used as a browser does (https://www.w3.org/TR/webauthn-3/)."""

    def __init__(self, site: str = "testserver") -> None:
        self.site = site
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(str(id(self)).encode()).digest()
        self.user_handle = b""

    def create(self, options: dict[str, Any], *, verified: bool = True) -> str:
        public = options["publicKey"]
        self.user_handle = websafe_decode(public["user"]["id"])
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id
        attested += cbor.encode(ES256.from_cryptography_key(self.key.public_key()))
        data = self._data(ATTESTED | PRESENT | (VERIFIED if verified else 0)) + attested
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", public["challenge"])
        return self._credential(
            clientDataJSON=client_data, attestationObject=attestation, extensions={"credProps": {"rk": True}}
        )

    def get(self, options: dict[str, Any], *, verified: bool = True, **changes: bytes) -> str:
        client_data = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        data = self._data(PRESENT | (VERIFIED if verified else 0))
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {
            "clientDataJSON": client_data, "authenticatorData": data, "signature": signature,
            "userHandle": self.user_handle,
        }  # fmt: skip
        return self._credential(extensions={}, **(parts | changes))

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.site.encode()).digest() + bytes([flags]) + bytes(4)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": f"https://{self.site}"}).encode()

    def _credential(self, *, extensions: dict[str, Any], **parts: bytes) -> str:
        return json.dumps(
            {
                "id": websafe_encode(self.id),
                "rawId": websafe_encode(self.id),
                "type": "public-key",
                "clientExtensionResults": extensions,
                "response": {name: websafe_encode(value) for name, value in parts.items()},
            }
        )
