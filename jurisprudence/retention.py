"""What of this app may go for good, each part as its package says it."""

from jurisprudence.datajud.retention import KINDS as DATAJUD

KINDS = (*DATAJUD,)
