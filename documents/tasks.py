"""Where a worker looks for jobs about documents."""

from documents.checking.tasks import check_citations
from documents.drafting.tasks import carry_on, take_up

__all__ = ["carry_on", "check_citations", "take_up"]
