"""What the transcription of images will cost, to be said beforehand. Apart from the transcription itself, so that a web
process never loads the client of the API."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from audit.catalogue import price_in_force
from audit.models import Usage

PAGES_A_CALL = 4
TOKENS_IN, TOKENS_OUT = 2_000, 1_000  # of one page: as a picture, and full of text


def expected_cost(pages: int) -> Decimal | None:
    """US dollars that so many pages will cost, about; None when the model's price is not known."""
    usage = Usage(input=TOKENS_IN * pages, output=TOKENS_OUT * pages)
    price = price_in_force(settings.TRANSCRIPTION_MODEL, timezone.now(), TOKENS_IN * PAGES_A_CALL)
    return price.cost(usage) if price else None
