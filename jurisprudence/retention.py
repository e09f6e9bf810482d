"""What of this app may go for good, each part as its package says it."""

from jurisprudence.datajud.retention import KINDS as DATAJUD
from jurisprudence.deadlines.retention import KINDS as DEADLINES

KINDS = (*DEADLINES, *DATAJUD)
