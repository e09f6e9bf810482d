"""Where files are kept where there is no bucket (`uploads/s3.py`): a directory of this machine's."""

from __future__ import annotations

from django.core.files.storage import FileSystemStorage

ENCRYPTION = "AES256"  # of what is kept in a bucket


class LocalFiles(FileSystemStorage):
    """`MEDIA_ROOT`. Nothing there has an address: files come through the product, which asks who wants them."""

    def url(self, name: str | None) -> str:
        raise ValueError("files on this machine have no address")
