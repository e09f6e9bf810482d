"""What identifies a person is found however it is written, and nobody else with it; PostgreSQL and Python agree."""

import re

import pytest
from django.db import connection

from romagent.subjects.terms import (
    REPLACEMENT,
    anonymised,
    email_pattern,
    figures_pattern,
    matching,
    name_pattern,
    passages,
)  # fmt: skip

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NAME = "João Antônio d'Ávila"
FOUND = [
    (name_pattern(NAME), "o réu JOÃO ANTÔNIO D'ÁVILA apelou"),
    (name_pattern(NAME), "joao antonio d'avila"),
    (name_pattern(NAME), "João\n  Antônio\u00a0d'Ávila."),
    (name_pattern(NAME), "Joa\u0303o Anto\u0302nio d'A\u0301vila"),
    (name_pattern(NAME), "**João** Antônio _d'Ávila_"),
    (name_pattern(NAME), "(João Antônio d'Ávila)"),
    (name_pattern("Açúcar & Cia. Ltda."), "a AÇUCAR & CIA. LTDA. deve"),
    (name_pattern("Straße Müller"), "straße muller"),
    (email_pattern("Ana.Souza+x@exemplo.com.br"), "escreva a ana.souza+x@EXEMPLO.com.br."),
    (email_pattern("ana@exemplo.com"), "<ana@exemplo.com>"),
    (figures_pattern("123.456.789-09"), "CPF 12345678909"),
    (figures_pattern("12345678909"), "CPF nº123.456.789-09."),
    (figures_pattern("12345678909"), "123 456 789 09"),
    (figures_pattern("12.ABC.345/01DE-35"), "12abc34501de35"),
    (figures_pattern("0001234-56.2024.8.26.0100"), "Autos 00012345620248260100,"),
    (figures_pattern("00012345620248260100"), "Processo nº 0001234-56.2024.8.26.0100"),
]
NOT_FOUND = [
    (name_pattern("Ana Sousa"), "Mariana Sousa"),
    (name_pattern("Ana Sousa"), "Ana Sousandrade"),
    (name_pattern("Ana Sousa"), "Ana de Sousa"),
    (name_pattern("Ana Sousa"), "Ana, Sousa"),
    (name_pattern("a.b*c"), "aXbbbc"),
    (email_pattern("ana@exemplo.com"), "mariana@exemplo.com"),
    (email_pattern("ana@exemplo.com"), "ana@exemplo.com.br"),
    (email_pattern("ana@exemplo.com"), "x.ana@exemplo.com"),
    (email_pattern("ana@exemplo.com"), "ana@exemploxcom"),
    (figures_pattern("12345678909"), "9912345678909"),
    (figures_pattern("12345678909"), "123456789099"),
    (figures_pattern("12345678909"), "123..456.789-09"),
]


def stands_in(pattern: str, text: str) -> tuple[bool, bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s ~ %s", [text, pattern])
        return bool(re.search(pattern, text)), cursor.fetchone()[0]


@pytest.mark.parametrize(("pattern", "text"), FOUND)
def test_it_is_found(pattern: str, text: str) -> None:
    assert stands_in(pattern, text) == (True, True)


@pytest.mark.parametrize(("pattern", "text"), NOT_FOUND)
def test_it_is_not_taken_for_another(pattern: str, text: str) -> None:
    assert stands_in(pattern, text) == (False, False)


@pytest.mark.parametrize("sign", [*"\\.[](){}*+?^$|-/#&~ª_%'\"ßİŉǆÿ"])
def test_odd_signs_in_a_name_mean_nothing_but_themselves(sign: str) -> None:
    name = f"Fulano{sign} de{sign}Tal"
    assert stands_in(name_pattern(name), f"o Sr. {name} veio") == (True, True)
    assert stands_in(name_pattern(name), "o Sr. Beltrano veio") == (False, False)


@pytest.mark.parametrize("make", [name_pattern, email_pattern, figures_pattern])
def test_nothing_is_no_pattern(make: object) -> None:
    assert make("  ") == ""  # type: ignore[operator]


def test_what_is_replaced_is_what_was_found() -> None:
    patterns = {"name": name_pattern("Ana Souza"), "document": figures_pattern("12345678909")}
    text = "ANA SOUZA, CPF 123.456.789-09, e Mariana Souza. ana  souza"
    assert matching(patterns, [text, "nada"]) == {"name": 2, "document": 1}
    changed = anonymised(text, patterns)
    assert changed == f"{REPLACEMENT}, CPF {REPLACEMENT}, e Mariana Souza. {REPLACEMENT}"
    assert matching(patterns, [changed]) == {}
    assert anonymised(changed, patterns) == changed


def test_a_passage_is_what_is_around() -> None:
    patterns = {"name": name_pattern("Ana Souza")}
    text = "a" * 500 + " Ana Souza " + "b" * 100 + " Ana Souza " + "c" * 2000 + " Ana Souza fim"
    found = passages(text, patterns)
    assert len(found) == 2
    assert found[0].startswith("… aaa")
    assert found[0].endswith("ccc …")
    assert found[0].count("Ana Souza") == 2
    assert found[1].endswith("Ana Souza fim")
    assert passages("nada", patterns) == []
