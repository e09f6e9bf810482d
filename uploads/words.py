"""What is said when a file, or a page of it, could not be read: what happened, and what the person can do."""

from collections.abc import Iterable

ACCEPTED = "PDF, DOCX, ODT, RTF, TXT, MD, HTML, EML, XLSX, CSV, JPEG, PNG, TIFF, WEBP e HEIC"

FILE = {
    "type": f"Este tipo de arquivo não é lido. São lidos: {ACCEPTED}. Salve-o num desses formatos e envie de novo.",
    "password": "O arquivo está protegido por senha. Informe a senha para que seja lido.",
    "wrong_password": "A senha informada não abre o arquivo. Confira-a e tente de novo.",
    "locked": "O arquivo está protegido de um modo que não pode ser aberto aqui. Abra-o no programa em que foi feito, "
    "salve uma cópia sem senha e envie a cópia.",
    "damaged": "O arquivo está danificado ou incompleto e não pôde ser aberto. Confira se ele abre no seu computador e "
    "envie-o de novo.",
    "empty": "O arquivo está vazio: não tem páginas nem texto.",
    "too_large": "O arquivo é grande demais para ser lido, ou ocupa espaço demais ao ser aberto. Divida-o em partes.",
    "too_many_pages": "O arquivo tem páginas demais. Divida-o em volumes e envie cada um.",
    "memory": "O arquivo precisa de memória demais para ser lido. Salve-o de novo em PDF, ou divida-o em partes.",
    "time": "O arquivo demorou demais para ser lido. Salve-o de novo em PDF, ou divida-o em partes.",
    "internal": "O arquivo não pôde ser lido por uma falha nossa. Tente de novo; se continuar, avise a equipe.",
}
PAGE = {
    "no_text": "A página não tem texto: é imagem.",
    "damaged": "A página está danificada e não pôde ser lida.",
    "too_long": "A página tem texto demais: só o começo foi lido.",
    "too_large": "A imagem da página é grande demais para ser lida.",
    "memory": "A página precisa de memória demais para ser lida.",
    "time": "A página demorou demais para ser lida.",
    "not_transcribed": "A imagem da página não pôde ser transcrita.",
    "no_page": "O arquivo não tem essa página.",
    "internal": "A página não pôde ser lida por uma falha nossa.",
}
SHORT = {
    "no_text": "sem texto (imagem)",
    "damaged": "danificada",
    "too_long": "lida só em parte, por ter texto demais",
    "too_large": "imagem grande demais",
    "memory": "memória demais",
    "time": "demorou demais",
    "not_transcribed": "imagem não transcrita",
    "internal": "não lida por uma falha nossa",
}
PROTECTED = frozenset({"password", "wrong_password", "locked"})
NAMED_PAGES = 20  # in one sentence


def why(code: str, page: int | None = None) -> str:
    """Why a file was not read, or not from this page on."""
    sentence = FILE.get(code, FILE["internal"])
    return f"A leitura parou na página {page}. {PAGE.get(code, sentence)}" if page else sentence


def why_page(code: str) -> str:
    """Why a page has no text, or not all of it; '' when nothing is wrong."""
    return PAGE.get(code, PAGE["internal"]) if code else ""


def pages_said(numbers: Iterable[int]) -> str:
    """Page numbers in words: "3, 7 a 9 e 12"; of very many, the first and how many more."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    said = [str(run[0]) if len(run) == 1 else f"{run[0]} a {run[1]}" for run in runs]
    if len(said) > NAMED_PAGES:
        said = [*said[: NAMED_PAGES - 1], f"mais {len(said) - NAMED_PAGES + 1} trechos"]
    return " e ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)


def what_is_missing(pages: dict[str, list[int]]) -> str:
    """One sentence for the pages that could not be read, by code; '' when there are none."""
    parts = (
        f"{SHORT.get(code, SHORT['internal'])}: página{'s' if len(numbers) > 1 else ''} {pages_said(numbers)}"
        for code, numbers in pages.items()
        if numbers
    )
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""
