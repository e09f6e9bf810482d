"""Documents of the product's real processes, taken away between tests."""

from __future__ import annotations

from tests.stack import Stack


def take_documents_away(stack: Stack) -> None:
    """All of them; a check of one that ends at this moment finds it gone, and keeps nothing."""
    stack.execute("""
        LOCK TABLE documents, document_citations IN EXCLUSIVE MODE;
        DELETE FROM document_citations; DELETE FROM document_proposals; DELETE FROM document_drafts;
        DELETE FROM document_versions; DELETE FROM documents;
    """)
