"""Files as the old system wrote them, invented, and the command that imports them."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

DAY = "2026-01-05T12:00:00.000Z"


def message(content: Any = "Olá", role: Any = "user", timestamp: Any = DAY, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, "timestamp": timestamp, **more}


def conversation(key: str = "conv_1700000000000_ab12cd", **more: Any) -> dict[str, Any]:
    found = {
        "id": key, "userId": "anonymous", "sessionId": "segredo-da-sessao", "projectId": None,
        "title": "Prazo de exemplo", "titleGenerated": True, "messages": [message()], "messageCount": 1,
        "createdAt": DAY, "updatedAt": DAY,
    }  # fmt: skip
    return found | more


def person(key: str = "user-900", email: str = "pessoa@example.com", **more: Any) -> dict[str, Any]:
    found = {
        "id": key, "name": "Pessoa Exemplo", "email": email, "passwordHash": "$2b$10$segredo-do-hash", "role": "user",
        "partnerId": "escritorio-exemplo", "active": True, "createdAt": DAY,
    }  # fmt: skip
    return found | more


def project(key: str = "7", **more: Any) -> dict[str, Any]:
    found = {
        "id": key, "name": "Acervo exemplo", "description": "", "customInstructions": "Seja breve.", "status": "active",
        "type": None, "createdAt": DAY, "lastModified": DAY, "uploadedFiles": [], "chatHistory": [message()],
    }  # fmt: skip
    return found | more


def document(key: str = "kb-1700000000000-x1y2z3a4b", **more: Any) -> dict[str, Any]:
    found = {
        "id": key, "name": "contrato-exemplo.pdf", "type": "application/pdf", "size": 12345,
        "path": "uploads/contrato-exemplo.pdf", "userId": "web-upload", "userName": "Web Upload", "uploadedAt": DAY,
        "extractedText": "Texto.", "textLength": 6, "metadata": {},
    }  # fmt: skip
    return found | more


def write(directory: Path, name: str, data: Any) -> Path:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8", errors="surrogatepass")
    return path


class Result:
    """What the command has said: its text, its last line, and its report."""

    def __init__(self, out: str, err: str, report: str) -> None:
        self.text, self.err, self.report = out, err, report
        self.json: dict[str, Any] = json.loads(out.strip().splitlines()[-1])

    def counts(self, kind: str) -> tuple[int, int, int]:
        found = self.json[kind]
        assert found["read"] == found["imported"] + found["skipped"]
        return found["read"], found["imported"], found["skipped"]


def import_legacy(source: Path, *arguments: str, owner: str = "helena@exemplo.adv.br") -> Result:
    report = source.parent / "relatorio.csv"
    out, err = StringIO(), StringIO()
    owners = ["--owner", owner] if owner else []
    call_command(
        "import_legacy", str(source), *owners, "--report", str(report), "--json", *arguments, stdout=out, stderr=err
    )
    return Result(out.getvalue(), err.getvalue(), report.read_text("utf-8-sig"))
