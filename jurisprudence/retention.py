"""What of this app may go for good, each part as its package says it."""

from jurisprudence.deadlines.retention import KINDS as DEADLINES

KINDS = (*DEADLINES,)
