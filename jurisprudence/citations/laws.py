"""The laws that are cited most: number, names, and the number of the last article.

Facts of the laws themselves, as published by the Presidência da República (planalto.gov.br/legislacao) and read on
`AS_OF`. An article above the last doesn't exist; one below may have been revoked, and what it says is not known here.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

AS_OF = datetime.date(2025, 9, 30)
SOURCE = "Planalto, texto compilado"


@dataclass(frozen=True)
class Known:
    """`last`: number of the last article, 0 where it is not known.

    `grows`: amendments add articles to its end, so that being above `last` proves nothing.
    """

    key: str  # how a normalised citation names it
    name: str
    kind: str
    number: int
    year: int
    last: int
    names: tuple[str, ...] = ()  # other names, as they are written
    grows: bool = False

    @property
    def number_and_year(self) -> str:
        return f"{self.kind} {self.number:,}/{self.year}".replace(",", ".")


LEI, LC, DL = "Lei", "Lei Complementar", "Decreto-Lei"
LAWS = (
    Known("CF", "Constituição Federal", "Constituição", 0, 1988, 250,
          ("Constituição da República Federativa do Brasil", "Constituição da República", "Constituição Cidadã",
           "Carta Magna", "Carta da República", "Lei Maior", "Carta Política", "Constituição Brasileira",
           "Constituição")),
    Known("ADCT", "Ato das Disposições Constitucionais Transitórias", "ADCT", 0, 1988, 138, grows=True),
    Known("CC", "Código Civil", LEI, 10406, 2002, 2046, ("Código Civil Brasileiro", "Diploma Civil", "Codex Civil")),
    Known("CPC", "Código de Processo Civil", LEI, 13105, 2015, 1072,
          ("Novo Código de Processo Civil", "Novo CPC", "Código de Ritos", "Estatuto Processual Civil",
           "Diploma Processual Civil", "Diploma Processual", "Código Processual Civil", "Lei Adjetiva Civil")),
    Known("CP", "Código Penal", DL, 2848, 1940, 361, ("Código Penal Brasileiro",)),
    Known("CPP", "Código de Processo Penal", DL, 3689, 1941, 811),
    Known("CLT", "Consolidação das Leis do Trabalho", DL, 5452, 1943, 922,
          ("Consolidação das Leis Trabalhistas", "Texto Consolidado", "Diploma Consolidado")),
    Known("CDC", "Código de Defesa do Consumidor", LEI, 8078, 1990, 119,
          ("Código de Proteção e Defesa do Consumidor", "Código do Consumidor",
           "Código Consumerista", "Diploma Consumerista")),
    Known("CTN", "Código Tributário Nacional", LEI, 5172, 1966, 218),
    Known("ECA", "Estatuto da Criança e do Adolescente", LEI, 8069, 1990, 267),
    Known("LEP", "Lei de Execução Penal", LEI, 7210, 1984, 204, ("Lei de Execuções Penais",)),
    Known("CTB", "Código de Trânsito Brasileiro", LEI, 9503, 1997, 341, ("Código Brasileiro de Trânsito",)),
    Known("Código Eleitoral", "Código Eleitoral", LEI, 4737, 1965, 383),
    Known("Código Florestal", "Código Florestal", LEI, 12651, 2012, 84, ("Novo Código Florestal",)),
    Known("CPPM", "Código de Processo Penal Militar", DL, 1002, 1969, 718),
    Known("CPM", "Código Penal Militar", DL, 1001, 1969, 410),
    Known("CPC/1973", "Código de Processo Civil de 1973", LEI, 5869, 1973, 1220),
    Known("CC/1916", "Código Civil de 1916", LEI, 3071, 1916, 1807),
    Known("EAOAB", "Estatuto da Advocacia", LEI, 8906, 1994, 87,
          ("Estatuto da OAB", "Estatuto da Advocacia e da OAB", "Estatuto da Ordem dos Advogados do Brasil")),
    Known("LRF", "Lei de Responsabilidade Fiscal", LC, 101, 2000, 75),
    Known("Lei de Licitações", "Lei de Licitações e Contratos Administrativos", LEI, 14133, 2021, 194,
          ("Nova Lei de Licitações e Contratos Administrativos", "Nova Lei de Licitações e Contratos",
           "Nova Lei de Licitações", "Lei das Licitações e Contratos da Administração Pública",
           "Lei de Licitações e Contratos", "Lei de Licitações", "Lei das Licitações")),
    Known("Lei de Drogas", "Lei de Drogas", LEI, 11343, 2006, 75, ("Lei Antidrogas", "Lei das Drogas")),
    Known("Lei de Mediação", "Lei de Mediação", LEI, 13140, 2015, 48),
    Known("Lei do Mandado de Segurança", "Lei do Mandado de Segurança", LEI, 12016, 2009, 29),
    Known("Lei do Processo Administrativo", "Lei do Processo Administrativo Federal", LEI, 9784, 1999, 70,
          ("Lei do Processo Administrativo",)),
    Known("Lei Maria da Penha", "Lei Maria da Penha", LEI, 11340, 2006, 46),
    Known("LINDB", "Lei de Introdução às Normas do Direito Brasileiro", DL, 4657, 1942, 30,
          ("Lei de Introdução ao Código Civil", "Lei de Introdução")),
    Known("Lei de Improbidade", "Lei de Improbidade Administrativa", LEI, 8429, 1992, 25, ("Lei de Improbidade",)),
    Known("Lei da Ação Civil Pública", "Lei da Ação Civil Pública", LEI, 7347, 1985, 23,
          ("Lei de Ação Civil Pública",)),
    Known("Lei da Ação Popular", "Lei da Ação Popular", LEI, 4717, 1965, 22, ("Lei de Ação Popular",)),
    Known("LEF", "Lei de Execução Fiscal", LEI, 6830, 1980, 42, ("Lei de Execuções Fiscais",
          "Lei das Execuções Fiscais")),
    Known("Lei dos Juizados Especiais", "Lei dos Juizados Especiais", LEI, 9099, 1995, 97,
          ("Lei dos Juizados Especiais Cíveis e Criminais", "Lei dos Juizados")),
    Known("Lei dos Juizados Especiais Federais", "Lei dos Juizados Especiais Federais", LEI, 10259, 2001, 27),
    Known("Lei dos Juizados Especiais da Fazenda Pública", "Lei dos Juizados Especiais da Fazenda Pública", LEI,
          12153, 2009, 28),
    Known("Lei do Inquilinato", "Lei do Inquilinato", LEI, 8245, 1991, 90, ("Lei de Locações", "Lei das Locações")),
    Known("LRP", "Lei de Registros Públicos", LEI, 6015, 1973, 299, ("Lei dos Registros Públicos",)),
    Known("Lei de Recuperação e Falência", "Lei de Recuperação Judicial e Falência", LEI, 11101, 2005, 201,
          ("Lei de Falências", "Lei de Recuperação Judicial", "Lei de Recuperação de Empresas",
          "Lei de Recuperação e Falência",
           "Lei de Falência e Recuperação de Empresas", "Lei de Recuperações e Falências")),
    Known("Lei das S.A.", "Lei das Sociedades por Ações", LEI, 6404, 1976, 300,
          ("Lei das Sociedades Anônimas", "Lei das S.A.", "Lei das S/A", "Lei das SA")),
    Known("LPI", "Lei da Propriedade Industrial", LEI, 9279, 1996, 244, ("Lei de Propriedade Industrial",)),
    Known("Lei de Direitos Autorais", "Lei de Direitos Autorais", LEI, 9610, 1998, 115, ("Lei dos Direitos Autorais",)),
    Known("Lei de Benefícios", "Lei de Benefícios da Previdência Social", LEI, 8213, 1991, 156,
          ("Lei de Benefícios", "Lei dos Benefícios da Previdência Social")),
    Known("Lei de Custeio", "Lei de Custeio da Seguridade Social", LEI, 8212, 1991, 105, ("Lei de Custeio",)),
    Known("Lei 8.112/1990", "Regime Jurídico dos Servidores Públicos Federais", LEI, 8112, 1990, 253,
          ("Estatuto dos Servidores Públicos Federais",)),
    Known("LGPD", "Lei Geral de Proteção de Dados Pessoais", LEI, 13709, 2018, 65, ("Lei Geral de Proteção de Dados",)),
    Known("Marco Civil da Internet", "Marco Civil da Internet", LEI, 12965, 2014, 32),
    Known("Estatuto da Pessoa Idosa", "Estatuto da Pessoa Idosa", LEI, 10741, 2003, 118, ("Estatuto do Idoso",)),
    Known("Lei de Arbitragem", "Lei de Arbitragem", LEI, 9307, 1996, 44, ("Lei da Arbitragem",)),
    Known("Lei de Alimentos", "Lei de Alimentos", LEI, 5478, 1968, 29),
    Known("Lei dos Crimes Hediondos", "Lei dos Crimes Hediondos", LEI, 8072, 1990, 13, ("Lei de Crimes Hediondos",)),
    Known("Lei de Interceptação Telefônica", "Lei de Interceptação Telefônica", LEI, 9296, 1996, 12,
          ("Lei de Interceptação", "Lei de Interceptações Telefônicas")),
    # Known by name only: how far they go was not read.
    Known("Lei do Bem de Família", "Lei do Bem de Família", LEI, 8009, 1990, 0),
    Known("Lei Brasileira de Inclusão", "Lei Brasileira de Inclusão", LEI, 13146, 2015, 0,
          ("Estatuto da Pessoa com Deficiência",)),
    Known("Lei Anticorrupção", "Lei Anticorrupção", LEI, 12846, 2013, 0),
    Known("Lei de Acesso à Informação", "Lei de Acesso à Informação", LEI, 12527, 2011, 0),
    Known("Lei de Crimes Ambientais", "Lei de Crimes Ambientais", LEI, 9605, 1998, 0, ("Lei dos Crimes Ambientais",)),
    Known("Lei dos Planos de Saúde", "Lei dos Planos de Saúde", LEI, 9656, 1998, 0, ("Lei de Planos de Saúde",)),
    Known("Lei Orgânica da Assistência Social", "Lei Orgânica da Assistência Social", LEI, 8742, 1993, 0),
    Known("Lei das Organizações Criminosas", "Lei das Organizações Criminosas", LEI, 12850, 2013, 0,
          ("Lei de Organizações Criminosas",)),
    Known("Lei de Lavagem de Dinheiro", "Lei de Lavagem de Dinheiro", LEI, 9613, 1998, 0,
          ("Lei de Lavagem de Capitais",)),
    Known("Estatuto do Desarmamento", "Estatuto do Desarmamento", LEI, 10826, 2003, 0),
    Known("Lei de Abuso de Autoridade", "Lei de Abuso de Autoridade", LEI, 13869, 2019, 0),
    Known("Lei do Pregão", "Lei do Pregão", LEI, 10520, 2002, 0),
    Known("Lei do FGTS", "Lei do FGTS", LEI, 8036, 1990, 0),
    Known("Lei do Superendividamento", "Lei do Superendividamento", LEI, 14181, 2021, 0),
    Known("Lei das Eleições", "Lei das Eleições", LEI, 9504, 1997, 0),
    Known("Lei da Alienação Parental", "Lei da Alienação Parental", LEI, 12318, 2010, 0,
          ("Lei de Alienação Parental",)),
    Known("Lei da Ficha Limpa", "Lei da Ficha Limpa", LC, 135, 2010, 0),
    Known("Lei Kandir", "Lei Kandir", LC, 87, 1996, 0),
    Known("Estatuto da Cidade", "Estatuto da Cidade", LEI, 10257, 2001, 0),
    Known("Estatuto da Terra", "Estatuto da Terra", LEI, 4504, 1964, 0),
    Known("Estatuto da Igualdade Racial", "Estatuto da Igualdade Racial", LEI, 12288, 2010, 0),
    Known("Código Comercial", "Código Comercial", LEI, 556, 1850, 0),
    Known("Convenção Americana de Direitos Humanos", "Convenção Americana sobre Direitos Humanos", "Tratado",
          0, 1969, 0,
          ("Convenção Americana de Direitos Humanos", "Pacto de São José da Costa Rica", "Convenção Americana")),
)  # fmt: skip

# Abbreviations, as they are written. Those of two letters are laws only where the words around them say so.
ABBREVIATIONS = {
    "CF": "CF", "CRFB": "CF", "CRFB/88": "CF", "CF/88": "CF", "CR": "CF", "C.F": "CF", "ADCT": "ADCT",
    "CC": "CC", "CCB": "CC", "CPC": "CPC", "NCPC": "CPC", "CP": "CP", "CPB": "CP", "CPP": "CPP", "CLT": "CLT",
    "CDC": "CDC",
    "CTN": "CTN", "ECA": "ECA", "LEP": "LEP", "CTB": "CTB", "CE": "Código Eleitoral", "CPPM": "CPPM", "CPM": "CPM",
    "EAOAB": "EAOAB", "EOAB": "EAOAB", "LRF": "LRF", "NLLC": "Lei de Licitações", "LMP": "Lei Maria da Penha",
    "LMS": "Lei do Mandado de Segurança",
    "LINDB": "LINDB", "LICC": "LINDB", "LIA": "Lei de Improbidade", "LACP": "Lei da Ação Civil Pública",
    "LAP": "Lei da Ação Popular", "LEF": "LEF", "LJE": "Lei dos Juizados Especiais",
    "LJEF": "Lei dos Juizados Especiais Federais", "LJEFP": "Lei dos Juizados Especiais da Fazenda Pública",
    "LRP": "LRP", "LRJF": "Lei de Recuperação e Falência", "LFRE": "Lei de Recuperação e Falência",
    "LREF": "Lei de Recuperação e Falência", "LSA": "Lei das S.A.", "LPI": "LPI", "LDA": "Lei de Direitos Autorais",
    "LBPS": "Lei de Benefícios", "LCPS": "Lei de Custeio", "RJU": "Lei 8.112/1990", "LGPD": "LGPD",
    "CADH": "Convenção Americana de Direitos Humanos", "MCI": "Marco Civil da Internet",
    "LPA": "Lei do Processo Administrativo",
}  # fmt: skip
# Too short, or with another meaning (conflito de competência, Ceará, the courts' own "LMS" and "MCI"), to be a law by
# themselves: they need an article before them or a "do" / "da".
AMBIGUOUS = frozenset(
    {"CF", "CR", "CC", "CP", "CE", "LAP", "LDA", "LIA", "LPA", "LPI", "LSA", "LJE", "LMP", "LMS", "MCI", "RJU", "CCB"}
)

BY_KEY = {law.key: law for law in LAWS}
BY_NUMBER = {(law.kind, law.number): law for law in LAWS if law.number}
# Codes that there were twice: the year decides.
OLD = {("CPC", 1973): "CPC/1973", ("CC", 1916): "CC/1916"}


def known(label: str) -> Known | None:
    """The law that a normalised citation names: by its key, or by number and year."""
    return BY_KEY.get(label) or _BY_WRITTEN.get(label)


_BY_WRITTEN = {law.number_and_year: law for law in LAWS if law.number}
