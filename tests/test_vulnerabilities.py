"""`make check` fails for a known vulnerability, and says so when nobody could be asked."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def script() -> ModuleType:
    place = Path(__file__).resolve().parent.parent / ".ci" / "vulnerabilities.py"
    spec = importlib.util.spec_from_file_location("vulnerabilities", place)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SOUND = {"name": "django", "version": "5.2", "vulns": []}
BAD = {"name": "django", "version": "5.1", "vulns": [{"id": "CVE-0000-1", "fix_versions": ["5.2"]}]}
UNKNOWN = {"name": "django", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("report", "status", "words"),
    [
        ({"dependencies": [SOUND]}, 0, "1 pacotes consultados; 0 com vulnerabilidade"),
        ({"dependencies": [SOUND, BAD, UNKNOWN]}, 1, "django 5.1: CVE-0000-1 (corrigida em: 5.2)"),
        ({"dependencies": [SOUND, UNKNOWN]}, 0, "não foi possível consultar a base de vulnerabilidades sobre 1 de 2"),
        ("sem rede", 0, "não foi possível consultar a base de vulnerabilidades: sem rede"),
    ],
)
def test_what_is_found_is_said(
    script: ModuleType, capsys: pytest.CaptureFixture[str], report: object, status: int, words: str
) -> None:
    assert script.main(report) == status
    said = capsys.readouterr()
    assert words in said.out + said.err
