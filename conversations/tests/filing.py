"""Files with pages, as after their reading."""

from typing import Any

from accounts.models import User
from conversations.models import Conversation
from uploads.models import Upload, UploadPage

PAGES = [
    "Vistos. Trata-se de ação de indenização proposta por Maria em face do Banco, em 12/03/2021.",
    "O perito concluiu que a assinatura lançada no contrato não partiu do punho da autora.",
    "Ante o exposto, defiro a tutela de urgência para suspender as cobranças, sob pena de multa diária.",
]


def make_file(user: User, name: str = "laudo.pdf", pages: list[str] | None = None, **fields: Any) -> Upload:
    texts = PAGES if pages is None else pages
    status = {"upload_status": Upload.Status.READY, "page_count": len(texts), "pages_done": len(texts)}
    upload: Upload = Upload.objects.create(user=user, original_filename=name, **{**status, **fields})
    add_pages(upload, texts)
    return upload


def add_pages(upload: Upload, texts: list[str], first: int = 1) -> None:
    UploadPage.objects.bulk_create(
        UploadPage(upload=upload, number=number, text=text, error="" if text else "no_text")
        for number, text in enumerate(texts, first)
    )


def attached(
    conversation: Conversation, name: str = "laudo.pdf", pages: list[str] | None = None, **fields: Any
) -> Upload:
    """A file of this conversation's."""
    return make_file(conversation.user, name, pages, conversation=conversation, **fields)


def long_pages(count: int, words: int = 300) -> list[str]:
    """Pages that together are too much to go whole into a request."""
    filler = "consta dos autos que as partes celebraram contrato e discutem o seu cumprimento "
    return [f"Página {number} dos autos. " + filler * (words // 13) for number in range(1, count + 1)]
