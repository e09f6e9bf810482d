"""Each type is a text of its own that can be used; the staff can put another in its place, and take it back."""

import datetime
import itertools
import threading

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from conftest import signed_in
from documents import type_actions, types
from documents.checking import form
from documents.checking.paper import Paper
from documents.html import clean, parse
from documents.models import DocumentTypeVersion
from documents.types import Fact, Invalid, Kind, Part, Size

SHIPPED = sorted(types.shipped())
SMALL = """---
nome: Ofício
area: extrajudicial
tamanho: {min: 1, ideal: 2, max: 3}
partes:
  - nome: Texto
    palavras: 100
    titulos: [Corpo]
  - nome: Fecho
    obrigatoria: false
    texto: [atenciosamente]
fatos:
  - chave: data
    pergunta: De quando é?
    tipo: data
    obrigatorio: false
  - chave: tom
    pergunta: Em que tom?
    tipo: escolha
    opcoes: [Formal, Cordial]
  - chave: cliente
    pergunta: De quem?
    projeto: cliente
---
Seja breve.
"""


@pytest.fixture
def staff() -> User:
    return User.objects.create_superuser("equipe@exemplo.adv.br", "x", name="Equipe")


# Those that come with the product ----------------------------------------------------------------


def test_there_are_types_of_every_area() -> None:
    assert len(SHIPPED) >= 64, "a type that was shipped is gone: its documents would lose their rules"
    assert {kind.area for kind in types.shipped().values()} == set(types.AREAS)
    names = [(kind.area, kind.name) for kind in types.shipped().values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("slug", SHIPPED)
def test_a_document_with_the_parts_of_its_type_lacks_none(slug: str) -> None:
    """The parts can be found as the type names them; without them, all that it requires are missing."""
    kind = types.shipped()[slug]
    said = "".join(f"<p>{part.signs[0]} x</p>" if part.signs else f"<h2>Da {part.name}</h2>" for part in kind.parts)
    whole, empty = (Paper("", parse(clean(html)), kind, None, datetime.date(2026, 1, 1)) for html in (said, "<p>x</p>"))
    assert [finding.text for finding in form.parts(whole)] == []
    required = [part for part in kind.parts if part.is_required]
    assert len(required) > 1, "two parts or more are required (not `obrigatoria: false`)"
    assert len(list(form.parts(empty))) == len(required)


@pytest.mark.parametrize("slug", SHIPPED)
def test_a_type_asks_before_it_writes(slug: str) -> None:
    kind = types.shipped()[slug]
    assert len(kind.facts) >= 5, "five facts (`fatos`) or more"
    assert sum(part.words for part in kind.parts) > 0, "some part says its size (`palavras`)"
    assert 200 <= len(kind.instructions.split()) <= 500, "instructions of 200 to 500 words"
    assert [fact.question for fact in kind.facts if not fact.question.endswith("?")] == []
    asked = [fact.project for fact in kind.facts if fact.project]
    assert len(asked) == len(set(asked)), "no field of the project (`projeto`) is asked for twice"
    assert "client" in asked, "one fact is the project's client (`projeto: cliente`)"


def test_no_type_is_another_one_with_the_names_changed() -> None:
    def pieces(text: str) -> set[tuple[str, ...]]:
        words = text.lower().split()
        return set(zip(*(words[at:] for at in range(4)), strict=False))

    said = {slug: pieces(kind.instructions) for slug, kind in types.shipped().items()}
    alike = {
        (one, other): len(said[one] & said[other]) / min(len(said[one]), len(said[other]))
        for one, other in itertools.combinations(SHIPPED, 2)
    }
    one, other = max(alike, key=lambda pair: alike[pair])
    assert max(alike.values()) < 0.1, f"the instructions of {one} and {other} have whole phrases in common"


# Reading -----------------------------------------------------------------------------------------


def test_a_text_says_everything_about_a_type() -> None:
    kind = types.parse("oficio", SMALL)
    assert (kind.slug, kind.name, kind.area_name, kind.instructions) == (
        "oficio",
        "Ofício",
        "Extrajudicial",
        "Seja breve.",
    )
    assert kind.parts == (
        Part("Texto", words=100, headings=("Corpo",)),
        Part("Fecho", is_required=False, signs=("atenciosamente",)),
    )
    assert kind.facts == (
        Fact("data", "De quando é?", Kind.DATE, is_required=False),
        Fact("tom", "Em que tom?", Kind.CHOICE, choices=("Formal", "Cordial")),
        Fact("cliente", "De quem?", project="client"),
    )
    assert kind.size == Size(1, (2, 2), 3)
    assert types.parse("oficio", SMALL.replace("\n", "\r\n")) == kind


@pytest.mark.parametrize(
    ("change", "by", "said"),
    [
        ("---\nnome", "nome", "precisa começar por uma linha “---”"),
        ("nome: Ofício", "nome: [", "YAML válido perto da linha"),
        ("nome: Ofício", "nome: 3", "falta “nome”"),
        ("nome: Ofício", "nome: Ofício\nautor: x", "campos desconhecidos: autor"),
        ("area: extrajudicial", "area: fiscal", "“area” precisa ser uma destas"),
        ("area: extrajudicial", "area: [civel]", "“area” precisa ser uma destas"),
        ("max: 3", "max: 1", "“tamanho” precisa das páginas"),
        ("max: 3", "max: x", "“tamanho” precisa das páginas"),
        ("palavras: 100", "palavras: cem", "“partes”, 1ª linha: “palavras”"),
        ("obrigatoria: false", "obrigatoria: talvez", "“partes”, 2ª linha: “obrigatoria” precisa ser true ou false"),
        ("titulos: [Corpo]", "titulos: Corpo", "“titulos” precisa ser uma lista"),
        ("tipo: data", "tipo: dia", "“tipo” precisa ser um destes: texto"),
        ("tipo: data", "tipo: escolha", "“opcoes” (duas ou mais)"),
        ("tipo: escolha", "tipo: texto", "“opcoes” (duas ou mais)"),
        ("projeto: cliente", "projeto: reu", "“projeto” precisa ser um destes: cliente"),
        ("chave: tom", "chave: data", "A chave “data” se repete"),
        ("chave: tom", "chave: Tom!", "“chave” só pode ter letras minúsculas"),
        ("partes:", "partes: []\nx:", "“partes” precisa ser uma lista"),
        ("Seja breve.", "", "Faltam as instruções"),
        ("Seja breve.", "x" * 20_000, "o máximo é 20000"),
        ("nome: Ofício", "nome: 2026-99-99", "não consegue ler"),
        ("nome: Ofício", "nome: " + "[" * 9_000, "Os campos"),
        ("nome: Ofício", "nome: !!python/object/apply:os.getcwd []", "YAML válido"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_text_is_said_in_words(change: str, by: str, said: str) -> None:
    assert change in SMALL
    with pytest.raises(Invalid) as refused:
        types.parse("oficio", SMALL.replace(change, by, 1))
    assert any(said in problem for problem in refused.value.problems), refused.value.problems


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        types.parse("oficio", SMALL.replace("palavras: 100", "palavras: cem").replace("max: 3", "max: 1"))
    assert len(refused.value.problems) == 2


# The staff's own ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_adapted_type_is_used_until_the_shipped_one_is_taken_back(staff: User) -> None:
    type_actions.adapt("acordo", SMALL, 0, user=staff)
    assert types.get("acordo") == types.parse("acordo", SMALL)
    assert [kind.name for kind in types.all_types() if kind.slug == "acordo"] == ["Ofício"]
    type_actions.adapt("acordo", SMALL.replace("breve", "claro"), 1, user=staff)
    type_actions.go_back("acordo", 2, user=staff)
    assert types.get("acordo") == types.shipped()["acordo"]
    kept = DocumentTypeVersion.objects.order_by("number").values_list("number", "author__name", "is_active")
    assert list(kept) == [(1, "Equipe", False), (2, "Equipe", False)]
    assert [row.action for row in AuditLog.objects.order_by("pk")] == [
        "tipo.adaptar",
        "tipo.adaptar",
        "tipo.voltar-ao-original",
    ]
    assert "breve" not in str([(row.old_value, row.new_value) for row in AuditLog.objects.all()])


@pytest.mark.django_db
def test_whoever_saw_another_text_changes_nothing(staff: User) -> None:
    type_actions.adapt("acordo", SMALL, 0, user=staff)
    for seen in (0, 2):
        with pytest.raises(type_actions.Refused, match="Outra pessoa"):
            type_actions.adapt("acordo", SMALL.replace("breve", "claro"), seen, user=staff)
        with pytest.raises(type_actions.Refused, match="Outra pessoa"):
            type_actions.go_back("acordo", seen, user=staff)
    assert types.get("acordo") == types.parse("acordo", SMALL)


@pytest.mark.django_db
def test_nothing_new_is_no_version(staff: User) -> None:
    with pytest.raises(type_actions.Refused, match="já está em uso"):
        type_actions.adapt("acordo", types.shipped_text("acordo").replace("\n", "\r\n"), 0, user=staff)
    with pytest.raises(type_actions.Refused, match="já é o original"):
        type_actions.go_back("acordo", 0, user=staff)
    with pytest.raises(Invalid):
        type_actions.adapt("acordo", "x", 0, user=staff)
    assert not DocumentTypeVersion.objects.exists()


@pytest.mark.usefixtures("committed")
def test_of_two_who_adapt_the_same_one_for_the_first_time_one_is_told(staff: User) -> None:
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def adapt(word: str) -> None:
        together.wait()
        try:
            type_actions.adapt("acordo", SMALL.replace("breve", word), 0, user=staff)
            outcomes.append("kept")
        except type_actions.Refused:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=adapt, args=(word,)) for word in ("claro", "curto")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept", "told"]
    assert DocumentTypeVersion.objects.count() == 1
    DocumentTypeVersion.objects.all().delete()


@pytest.mark.django_db
def test_an_adapted_text_that_is_no_type_any_more_gives_way_to_the_shipped_one(staff: User) -> None:
    DocumentTypeVersion.objects.create(slug="acordo", number=1, text="---\nold: form\n---\n", author=staff)
    assert types.get("acordo") == types.shipped()["acordo"]
    assert len(types.all_types()) == len(SHIPPED)


@pytest.mark.django_db
def test_there_is_no_type_that_was_not_shipped() -> None:
    DocumentTypeVersion.objects.create(slug="oficio", number=1, text=SMALL)
    assert types.get("oficio") is None
    assert types.get("") is None
    with pytest.raises(KeyError):
        types.shipped_text("../models")


@pytest.mark.django_db
def test_all_types_are_one_query(django_assert_num_queries, staff: User) -> None:  # type: ignore[no-untyped-def]
    for slug in SHIPPED[:10]:
        DocumentTypeVersion.objects.create(slug=slug, number=1, text=SMALL, author=staff)
    with django_assert_num_queries(1):
        assert types.all_types()[0].area == "civel"
    with django_assert_num_queries(1):
        types.get("acordo")


# Their pages -------------------------------------------------------------------------------------

LIST, PAGE = "/admin/tipos-de-peca/", "/admin/tipos-de-peca/acordo/"


@pytest.fixture
def desk() -> Client:
    """Of somebody whose right comes with her role, not of one who may do everything."""
    return signed_in(User.objects.create_user("atendimento@exemplo.adv.br", name="Ana", role=User.Role.STAFF))


def page(client: Client, path: str) -> str:
    return client.get(path).content.decode()


@pytest.mark.django_db
def test_the_staff_sees_which_types_are_adapted(desk: Client, staff: User) -> None:
    html = page(desk, LIST)
    assert html.count("· original") == len(SHIPPED)
    assert "Tipos de peça" in page(desk, "/admin/")
    type_actions.adapt("acordo", SMALL, 0, user=staff)
    html = page(desk, LIST)
    assert html.count("· original") == len(SHIPPED) - 1
    assert "adaptado, versão 1" in html


@pytest.mark.django_db
def test_a_type_is_adapted_and_taken_back_on_its_page(desk: Client) -> None:
    assert "Em uso: o texto original" in page(desk, PAGE)
    assert desk.post(PAGE, {"text": SMALL, "seen": 0}).status_code == 302
    html = page(desk, PAGE)
    assert "adaptação do escritório, versão 1" in html
    assert "Seja breve." in html
    assert "concessão recíproca" in page(desk, f"{PAGE}?versao=0")
    assert desk.post(f"{PAGE}original/", {"seen": "1"}).status_code == 302
    html = page(desk, PAGE)
    assert "Em uso: o texto original" in html
    assert "Seja breve." in page(desk, f"{PAGE}?versao=1")


@pytest.mark.django_db
def test_a_text_with_errors_is_not_kept_and_not_lost(desk: Client) -> None:
    answer = desk.post(PAGE, {"text": SMALL.replace("max: 3", "max: 1"), "seen": 0})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "“tamanho” precisa das páginas" in html
    assert "max: 1}" in html
    assert not DocumentTypeVersion.objects.exists()
    for wrong in ({"text": ""}, {"text": SMALL, "seen": "x"}, {"text": SMALL}, {"text": "x" * 20_001, "seen": 0}):
        assert desk.post(PAGE, wrong).status_code == 422


@pytest.mark.django_db
def test_what_is_no_type_or_version_is_not_found(desk: Client) -> None:
    for path in ("/admin/tipos-de-peca/nada/", f"{PAGE}?versao=7", "/admin/tipos-de-peca/nada/?versao=0"):
        assert desk.get(path).status_code == 404
    assert desk.post("/admin/tipos-de-peca/nada/original/").status_code == 404
    for given in ("", "x", "²", "99999999999"):
        desk.post(f"{PAGE}original/", {"seen": given})
        assert desk.get(f"{PAGE}?versao={given}&antes={given}").status_code == 200
    assert not DocumentTypeVersion.objects.exists()


@pytest.mark.django_db
def test_the_history_is_turned_page_by_page(desk: Client, staff: User) -> None:
    for number in range(1, 53):
        DocumentTypeVersion.objects.create(
            slug="acordo", number=number, text=SMALL, author=staff, is_active=number == 52
        )
    html = page(desk, PAGE)
    assert "Versão 3<" in html
    assert "Versão 2<" not in html
    assert "?antes=3" in html
    html = page(desk, f"{PAGE}?antes=3")
    assert "Versão 2<" in html
    assert "Versão 3<" not in html


@pytest.mark.django_db
def test_only_who_has_the_right_gets_in(as_owner: Client) -> None:
    for path in (LIST, PAGE):
        assert as_owner.get(path).status_code == 403
    assert as_owner.post(PAGE, {"text": SMALL, "seen": 0}).status_code == 403
    assert as_owner.post(f"{PAGE}original/").status_code == 403
