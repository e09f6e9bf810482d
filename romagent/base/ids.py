"""Identifiers: UUID version 7 (RFC 9562), in time order, so that new rows lie beside each other in an index."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A new id; two made one after the other in the same process are in that order."""
    return uuid_utils.compat.uuid7()
