"""What is answered to pages that are to be transcribed: a text of its own for each page that was sent as a picture."""

import json
import re

from .prompt import Prompt

ASKS_TRANSCRIPT = re.compile(r"\bvocê transcreve páginas\b", re.IGNORECASE)  # instructions that hold this
PAGE = re.compile(r"Página (\d+):")


def is_transcript_request(prompt: Prompt) -> bool:
    return bool(ASKS_TRANSCRIPT.search(prompt.system))


def transcript_of(prompt: Prompt) -> str:
    """The pages named before the pictures, in the shape that the product asks for."""
    numbers = [int(found[1]) for text in prompt.turns[-1].texts if (found := PAGE.fullmatch(text.strip()))]
    pages = [{"numero": number, "texto": _text(number)} for number in numbers]
    return json.dumps({"paginas": pages}, ensure_ascii=False)


def _text(number: int) -> str:
    return f"Transcrição simulada da página {number}: nenhum modelo viu esta imagem."
