"""What a person can do about processes of the courts: the part of `tests/acts.py` that is about them."""

from __future__ import annotations

from jurisprudence.datajud import actions as cases
from projects.cnj import parse
from tests.scene import Act, Scene, call, url

ANOTHER = "0000002-24.2024.8.26.0100"


def of_case(scene: Scene) -> dict[str, object]:
    return {"pk": scene.case.pk}


URLS: dict[str, Act] = {
    "jurisprudence:cases": url("processo.consultar", "newest_case", case_number=ANOTHER),
    "jurisprudence:refresh-case": url("processo.consultar", "case", at=of_case),
}

FUNCTIONS: dict[str, Act] = {
    "jurisprudence.datajud.ask": call(
        "processo.consultar", "newest_case", lambda s: cases.ask(parse(ANOTHER), user=s.owner)
    ),
}
