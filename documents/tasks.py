"""Where a worker looks for jobs about documents."""

from documents.drafting.tasks import carry_on, take_up

__all__ = ["carry_on", "take_up"]
