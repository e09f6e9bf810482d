"""Processes looked up by number in DataJud, the CNJ's public index of the courts: class, unit, subjects, movements.

It is no source of case law, never shows parties or decisions, and lags days to weeks behind the courts: what is not in
it may exist. https://datajud-wiki.cnj.jus.br/api-publica/
"""
