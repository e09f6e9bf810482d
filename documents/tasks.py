"""Where a worker looks for jobs about documents."""

from documents.checking.tasks import check_citations, look_up_cited
from documents.drafting.tasks import carry_on, take_up

__all__ = ["carry_on", "check_citations", "look_up_cited", "take_up"]
