"""The product's journeys, each told once: where one goes, from the first page to what is kept of it.

A walk is given a hand (`tests/hands.py`), goes its way with it, and looks at the page and at the database for what came
of it. `docs/jornadas.md` is the table of which journey is walked in which way, and by which test.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from uuid import uuid4

from playwright.sync_api import Locator, expect

from documents.tests.word import Word
from jurisprudence.datajud.tests.making import TWO_GRADES, numbered
from tests.client import wait_until
from tests.hands import Hand
from tests.stack import COLLEAGUE, LAWYER, Stack
from tests.test_browser_notes import PASSAGE, QUESTION
from tests.test_browser_security import PASSWORD, STAFF, invitation
from uploads.tests.papers import pdf

NUMBER = "2345678-72.2025.8.09.0051"  # of no process
SUMULA = "Súmula 97.201 do STJ"
PRECEDENT = """
INSERT INTO precedents (id, kind, court, series, number, reference, case_class, case_number, judge, body, year, title,
    text, status, note, details, source, url, as_of, content_hash, created_at, updated_at)
VALUES ('5e1f2f52-7c1f-4a9b-9d55-0c7201972010', 'sumula', 'STJ', '', 97201, '', '', '', '', '', 2024, '',
    'A anticrese do imóvel rural não impede a penhora dos frutos.', 'em vigor', '', '{}', 'lista do teste', '',
    '2026-08-01', '', now(), now())
ON CONFLICT DO NOTHING
"""  # invented, with a number that no court has given; always under the same id, since what was found is remembered


@dataclass(frozen=True)
class Walk:
    """A journey. `title` is its row in `docs/jornadas.md`; `email` who goes, nobody signed in when it is empty."""

    title: str
    go: Callable[[Hand], None]
    email: str = LAWYER


def unique(words: str) -> str:
    """With something behind it that is in no other test's rows."""
    return f"{words} {uuid4().hex[:8]}"


def one(stack: Stack, query: str, *parameters: object) -> dict[str, object]:
    (row,) = stack.rows(query, *parameters)
    return row


def a_project(stack: Stack, name: str, **fields: str) -> str:
    """Hers; its path."""
    stack.visitor().post("/projetos/novo/", {"name": name, **fields})
    return f"/projetos/{one(stack, 'SELECT id FROM projects WHERE name = %s', name)['id']}/"


def answer_of(hand: Hand) -> Locator:
    """The last answer, whole."""
    answer = hand.page.locator("article[data-role=assistant]").last
    hand.wait(hand.page.locator("article[data-role=assistant][data-status=complete]"))
    expect(answer).to_have_attribute("data-status", "complete")
    return answer


# Lawyers -----------------------------------------------------------------------------------------


def invited(hand: Hand) -> None:
    """From the mail to the first page."""
    email = f"nova-{uuid4().hex[:8]}@exemplo.adv.br"
    person = {"email": email, "name": "Nova Lima", "role": "user", "oab": "", "_save": "Salvar"}
    hand.stack.visitor(STAFF).post("/admin/accounts/user/add/", person)
    hand.open(invitation(hand.stack, email))
    for name in ("password1", "password2"):
        hand.fill(hand.page.locator(f"[name={name}]"), PASSWORD)
    hand.send(hand.button("Salvar senha"))
    hand.press(hand.link("Entrar"))
    hand.fill(hand.field("E-mail"), email)
    hand.fill(hand.field("Senha"), PASSWORD)
    hand.send(hand.button("Entrar"))
    hand.wait(hand.page.get_by_label("Sua pergunta"))
    assert one(hand.stack, "SELECT last_login_at FROM users WHERE email = %s", email)["last_login_at"]


def project(hand: Hand) -> None:
    name = unique("Prado x Horizonte")
    hand.open("/projetos/")
    hand.press(hand.link("Novo projeto"))
    hand.fill(hand.field("Nome"), name)
    hand.fill(hand.field("Número do processo (CNJ)"), NUMBER)
    hand.send(hand.button("Criar o projeto"))
    hand.wait(hand.main.locator(".case-facts").get_by_text("Tribunal de Justiça de Goiás"))
    kept = one(hand.stack, "SELECT case_number FROM projects WHERE name = %s", name)
    assert kept["case_number"] == "".join(filter(str.isdigit, NUMBER))


def file(hand: Hand) -> None:
    """Sent, read, asked about, and found again by a word of its second page."""
    word = f"grafologia{uuid4().hex[:6]}"
    name, content = f"{unique('Laudo')}.pdf", pdf(["Laudo pericial.", f"{PASSAGE} {word}.", "Nada mais."])
    if hand.has_scripts:
        hand.open("/conversas/")
        hand.give(hand.page.locator("#arquivo"), name, content)
        hand.wait(hand.page.locator("[data-attached] [data-file]").get_by_text("pronto: 3 páginas"))
    else:  # it goes into the conversation by itself
        hand.open(f"/conversas/{hand.stack.visitor().start()}/")
        conversation = hand.page.url
        hand.give(hand.page.locator("#arquivo"), name, content)
        hand.press(hand.button("Enviar os arquivos"))
        hand.wait(hand.main.get_by_text("pronto: 3 páginas"))
        hand.open(conversation)
    hand.fill(hand.page.get_by_label("Sua pergunta"), QUESTION)
    hand.press(hand.button("Enviar"))
    hand.press(answer_of(hand).locator("[data-text] a[data-note]").first)
    expect(hand.page.locator("mark[data-passage]")).to_contain_text(PASSAGE)
    hand.open("/busca/")
    hand.fill(hand.page.get_by_label("O que procurar"), word)
    if not hand.has_scripts:
        hand.press(hand.button("Buscar"))
    hand.press(hand.main.locator("[data-hit]").filter(has_text=name).first)
    hand.wait(hand.main.locator("mark[data-passage]"))
    expect(hand.page).to_have_url(re.compile(r"/paginas/2/"))
    assert one(hand.stack, "SELECT page_count FROM uploads WHERE original_filename = %s", name)["page_count"] == 3


def document(hand: Hand) -> None:
    """From the type of *peça* to the Word file."""
    title = unique("Notificação")
    hand.open("/documentos/nova/?q=notificacao")
    hand.press(hand.link(re.compile("^Notificação extrajudicial")))
    hand.fill(hand.field("Título do documento"), title)
    hand.send(hand.main.get_by_role("button", name="Redigir", exact=True).locator("visible=true"))
    hand.wait(hand.main.get_by_text("A redação terminou"))
    hand.press(hand.link("Exportar"))
    hand.choose(hand.field("Formato do arquivo"), "Word")
    word = "\n".join(Word(hand.take(hand.button("Exportar"))).lines())
    kept = one(hand.stack, "SELECT text FROM documents WHERE title = %s", title)
    assert len(str(kept["text"])) > 200
    assert "".join(str(kept["text"]).split()) == "".join(word.split())


def deadline(hand: Hand) -> None:
    name, title = unique("Caso do prazo"), unique("Contestação")
    hand.open(a_project(hand.stack, name, case_number=NUMBER))
    hand.press(hand.link(re.compile("^Contar prazo")))
    hand.fill(hand.field("Em que dia"), "2026-12-14")
    hand.send(hand.button("Contar"))
    hand.wait(hand.main.get_by_role("heading", name="Termina em 05/02/2027"))
    hand.fill(hand.field("Título"), title)
    hand.send(hand.button("Guardar o prazo"))
    hand.wait(hand.main.get_by_text("O prazo está guardado"))
    assert str(one(hand.stack, "SELECT ends_on FROM deadlines WHERE title = %s", title)["ends_on"]) == "2027-02-05"


def citation(hand: Hand) -> None:
    """An answer that cites: what is said of the citation, and the source it leads to."""
    hand.stack.execute(PRECEDENT)
    cited = f"É o que diz a {SUMULA.replace('97.201', '97201')}."
    hand.stack.api.script([{"kind": "answer", "text": cited, "for": "answer"}])
    hand.open("/conversas/")
    hand.fill(hand.page.get_by_label("Sua pergunta"), unique("A anticrese impede a penhora dos frutos?"))
    hand.send(hand.button("Enviar"))
    listed = answer_of(hand).locator("details.citations")
    hand.press(listed.locator("summary"))
    expect(listed.locator(".verdict")).to_have_text("confirmado")
    hand.press(listed.get_by_role("link").first)
    hand.wait(hand.page.get_by_role("heading", name=SUMULA, level=1))


def process(hand: Hand) -> None:
    number = numbered(72_000 + int(uuid4()) % 9_000, TWO_GRADES)
    hand.open("/processos/")
    hand.fill(hand.field("Número do processo"), number.digits)
    hand.send(hand.button("Consultar"))
    hand.wait(hand.main.get_by_role("list", name="Movimentos, do mais recente ao mais antigo"))
    moves = "SELECT count(*) FROM court_case_movements m JOIN court_cases c ON c.id = m.case_id WHERE c.number = %s"
    assert one(hand.stack, moves, number.digits)["count"]


def precedent(hand: Hand) -> None:
    """Found by its words, read, and taken into a question."""
    hand.stack.execute(PRECEDENT)
    hand.open("/jurisprudencia/")
    hand.fill(hand.field("O que procurar"), "anticrese rural")
    hand.send(hand.button("Procurar"))
    hand.press(hand.link(SUMULA))
    hand.send(hand.button("Usar na conversa"))
    expect(hand.page.get_by_label("Sua pergunta")).to_have_value(
        re.compile(r"Considere: Súmula 97\.201 do STJ, em vigor")
    )


def summary(hand: Hand) -> None:
    name = f"{unique('Autos')}.pdf"
    pk = hand.stack.visitor().send(name, pdf(["Em 05/03/2021 a autora firmou o contrato.", "Fim."]))
    read = "SELECT 1 FROM uploads WHERE id = %s AND upload_status = 'ready'"
    wait_until(lambda: hand.stack.rows(read, pk), "the file is read")
    hand.open(f"/arquivos/{pk}/")
    hand.press(hand.link("Resumir"))
    hand.send(hand.button("Resumir"))
    hand.wait(hand.main.get_by_role("heading", name="O que foi lido"))
    of_file = "SELECT status FROM summaries WHERE upload_id = %s"
    assert one(hand.stack, of_file, pk)["status"] == "complete"


def my_data(hand: Hand) -> None:
    hand.stack.execute("DELETE FROM data_exports")
    hand.open("/meus-dados/")
    hand.send(hand.button("Preparar uma cópia"))
    ready = hand.link(re.compile("^Baixar a cópia"))
    hand.wait(ready)
    with zipfile.ZipFile(BytesIO(hand.take(ready))) as archive:
        assert archive.testzip() is None
        assert archive.namelist()


def member(hand: Hand) -> None:
    """Invited into a project, and out of it again: what she sees follows at once."""
    path = a_project(hand.stack, unique("Espólio"))
    colleague = hand.stack.visitor(COLLEAGUE)
    assert colleague.get(path).status == 404
    hand.open(path)
    hand.fill(hand.field("Adicionar pelo e-mail"), COLLEAGUE)
    hand.send(hand.button("Adicionar"))
    hand.wait(hand.main.get_by_text("participa do projeto."))
    assert colleague.get(path).status == 200
    hand.send(hand.button(re.compile("^Remover")))
    hand.wait(hand.main.get_by_text("não participa mais do projeto"))
    assert colleague.get(path).status == 404


# The staff ---------------------------------------------------------------------------------------


def audited(hand: Hand) -> None:
    """Who made this?"""
    pk = a_project(hand.stack, unique("Caso auditado")).split("/")[2]
    hand.open("/admin/")
    hand.press(hand.link("Auditoria"))
    hand.fill(hand.main.get_by_role("searchbox"), pk)
    hand.send(hand.button("Buscar"))
    hand.press(hand.link("Criou um projeto"))
    hand.wait(hand.page.get_by_role("heading", name="Criou um projeto", level=1))
    expect(hand.main.get_by_role("link", name=LAWYER)).to_be_visible()


def budget(hand: Hand) -> None:
    """Somebody gets a budget of her own; what she has cost is a link away."""
    amount = 4_000 + int(uuid4()) % 4_000
    hand.open("/admin/")
    hand.press(hand.link("Orçamento de IA"))
    hand.fill(hand.field("E-mail, ou o começo dele"), COLLEAGUE)
    hand.send(hand.button("Buscar"))
    row = hand.main.locator("li").filter(has_text=COLLEAGUE)
    hand.choose(row.get_by_role("combobox"), "US$ por mês:")
    hand.fill(row.get_by_role("textbox"), str(amount))
    hand.send(row.get_by_role("button", name=re.compile("^Alterar")))
    hand.wait(hand.page.get_by_text("foi alterado"))
    kept = "SELECT b.amount FROM ai_budgets b JOIN users u ON u.id = b.user_id WHERE u.email = %s"
    assert one(hand.stack, kept, COLLEAGUE)["amount"] == amount
    hand.open(f"/admin/orcamento/?email={COLLEAGUE}")
    hand.press(hand.main.locator("li h3").get_by_role("link"))
    hand.wait(hand.main.get_by_text("Ver todas as pessoas"))


def cleaned(hand: Hand) -> None:
    """What was deleted long ago goes for good."""
    pk = hand.stack.visitor().start()
    hand.stack.visitor().post(f"/conversas/{pk}/excluir/")
    hand.stack.rows("UPDATE conversations SET deleted_at = now() - interval '2 years' WHERE id = %s RETURNING id", pk)
    hand.open("/admin/")
    hand.press(hand.link("Limpeza"))
    kind = hand.main.get_by_role("row").filter(has_text="Conversas excluídas, sem volta")
    hand.send(kind.get_by_role("button", name="Remover"))
    hand.wait(hand.page.get_by_text("A limpeza foi posta na fila."))
    wait_until(lambda: not hand.stack.rows("SELECT 1 FROM conversations WHERE id = %s", pk), "it is removed")
    again = hand.link("Atualizar")
    for _ in range(100):
        if not again.count():
            break
        hand.press(again)
        hand.page.wait_for_timeout(300)
    expect(hand.main.get_by_role("row").filter(has_text="a pedido").first).to_be_visible()


def subject(hand: Hand) -> None:
    """Somebody who is named in a conversation is found there, and made nameless."""
    name = f"Beltrana {uuid4().hex[:8]} de Tal"
    conversation = hand.stack.visitor().start(f"A ré {name} pode recorrer?")
    hand.stack.wait_until_ended()
    hand.stack.asked.clear()  # it will not be as it was asked
    hand.open("/admin/titulares/")
    hand.press(hand.link("Novo pedido"))
    hand.fill(hand.field("Quem pede"), "A própria")
    hand.fill(hand.field("Nome do titular"), name)
    hand.send(hand.button("Salvar e buscar"))
    hand.wait(hand.main.get_by_text("Só contagens"))
    hand.press(hand.link("Escolher e ver a prévia"))
    boxes = hand.main.get_by_role("checkbox")
    hand.wait(boxes)
    for number in range(boxes.count()):
        hand.check(boxes.nth(number))
    hand.press(hand.button("Ver a prévia"))
    hand.fill(hand.main.locator("#id_confirmation"), hand.main.locator("label code").inner_text())
    hand.send(hand.button("Anonimizar"))
    hand.wait(hand.main.locator("#trabalho:not([data-active])"))
    asked = "SELECT content FROM messages WHERE role = 'user' AND conversation_id = %s"
    assert one(hand.stack, asked, conversation)["content"] == "A ré [titular anonimizado] pode recorrer?"


WALKS = {
    "invited": Walk("Convite e primeira entrada", invited, email=""),
    "project": Walk("Projeto a partir do número do processo", project),
    "file": Walk("Arquivo: envio, leitura, pergunta, nota aberta, busca", file),
    "document": Walk("Documento: do tipo de peça ao Word", document),
    "deadline": Walk("Prazo contado e guardado", deadline),
    "citation": Walk("Citações de uma resposta conferidas", citation),
    "process": Walk("Processo consultado no tribunal", process),
    "precedent": Walk("Precedente procurado e usado numa pergunta", precedent),
    "summary": Walk("Resumo de um arquivo", summary),
    "my_data": Walk("Cópia dos próprios dados", my_data),
    "member": Walk("Participante posto num projeto e tirado dele", member),
    "audited": Walk("Equipe: auditoria", audited, email=STAFF),
    "budget": Walk("Equipe: custos e orçamento", budget, email=STAFF),
    "cleaned": Walk("Equipe: limpeza", cleaned, email=STAFF),
    "subject": Walk("Equipe: pedido de um titular de dados", subject, email=STAFF),
}
