"""The office's paper, as whatever draws it needs it: no Django in here, the child that writes files imports it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Letterhead:
    """What stands around a document. `logo` is a PNG or a JPEG; the lines are plain text.

    `header` and `footer` are on every page, `signature` once, after the last words.
    """

    logo: bytes | None = None
    header: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    signature: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        logo = b64encode(self.logo).decode() if self.logo else None
        return {"logo": logo, "header": self.header, "footer": self.footer, "signature": self.signature}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Letterhead:
        logo = b64decode(said["logo"]) if said["logo"] else None
        return cls(logo, tuple(said["header"]), tuple(said["footer"]), tuple(said["signature"]))
