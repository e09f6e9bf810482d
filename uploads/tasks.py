"""Jobs about files, in a queue of their own: however many files wait, no answer waits behind them."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app


@app.task(name="uploads.read", queue="files")
async def read_file(*, upload_id: str) -> None:
    """Reads the file into its pages."""


def enqueue_reading(upload_id: UUID) -> None:
    """Has the file read, within the caller's transaction."""
    read_file.defer(upload_id=str(upload_id))
