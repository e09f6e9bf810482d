"""A simulated DataJud, for a machine without the CNJ's key and for tests.

It speaks the wire format of the public API (https://datajud-wiki.cnj.jus.br/api-publica/) over loopback, and it never
imports Django. What it says is made up by rule from the number that is asked for: invented units, no people. `python -m
romagent.embedded.datajud` runs it; `process.SimulatedDataJud` drives it from a test.
"""
