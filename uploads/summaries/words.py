"""What went wrong with a summary, or with a part of it, in words."""

from __future__ import annotations

KEPT = "O que já foi lido está guardado: continue quando quiser, sem pagar por isso outra vez."
ERRORS = {
    "budget": f"O orçamento de IA deste mês foi todo usado. {KEPT}",
    "access": "Quem pediu este resumo não pode mais alterar o que ele resume.",
    "nothing": "Nenhuma página tem texto para resumir. Páginas que são imagens precisam ser transcritas antes.",
    "rejected_key": "O serviço recusou a chave do escritório. Avise a administração do sistema.",
    "billing": "A conta do escritório com o serviço tem uma pendência. Avise a administração do sistema.",
    "unknown_model": "O modelo escolhido não está mais disponível. Peça um novo resumo com outro.",
    "rate_limited": f"O serviço está recebendo pedidos demais. {KEPT}",
    "overloaded": f"O serviço está sobrecarregado. {KEPT}",
    "unreachable": f"Não foi possível chegar ao serviço. {KEPT}",
    "silent": f"O serviço parou de responder. {KEPT}",
    "cut": f"A ligação com o serviço caiu. {KEPT}",
}
ENDED = "Nenhuma página pôde ser resumida: {why}. Peça um novo resumo; se preciso, com outro modelo."
FAILED = f"Algo falhou do nosso lado. {KEPT}"
PARTS = {
    "refusal": "o modelo se recusou a resumir",
    "answer": "a resposta do modelo não pôde ser usada",
    "too_long": "a resposta não coube, mesmo em partes menores",
    "gone": "as páginas não estão mais aqui",
    "window": "não cabe na janela do modelo",
}


def in_words(code: str) -> str:
    """Why a summary did not end well; "" when it did."""
    if code in PARTS:  # of all parts
        return ENDED.format(why=PARTS[code])
    return ERRORS.get(code, FAILED) if code else ""


def part_in_words(code: str) -> str:
    """Why the pages of one part are not in the summary."""
    return PARTS.get(code, "não foi possível resumir")
