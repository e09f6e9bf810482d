"""The models on offer, remembered for a minute: every answer asks for one, and they change once in months."""

from __future__ import annotations

import time

from audit.models import AIModel

REMEMBER_SECONDS = 60.0

_remembered: dict[str, tuple[float, AIModel | None]] = {}


def known_model(model_id: str) -> AIModel | None:
    """The model of that exact id, as it was at most a minute ago; None when there is none."""
    until, model = _remembered.get(model_id, (0.0, None))
    if model is None or time.monotonic() > until:
        model = AIModel.objects.filter(pk=model_id).first()
        _remembered[model_id] = time.monotonic() + REMEMBER_SECONDS, model
    return model
