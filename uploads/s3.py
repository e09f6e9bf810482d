"""A private bucket on S3. Only an office that has one loads this, and with it S3's client: 9 MB of each process."""

from __future__ import annotations

from typing import Any

from botocore.config import Config
from django.conf import settings
from storages.backends.s3 import S3Storage

from uploads.storage import ENCRYPTION

IN_MEMORY = 8 * 1024**2  # bytes of a file that is opened; what is larger is on the disk meanwhile
LINK_SECONDS = 300  # a signed link is followed at once, or made again
# A slow service may keep one of the few threads for files waiting; nobody should wait for longer than this.
NETWORK = {"connect_timeout": 3, "read_timeout": 20, "retries": {"max_attempts": 3, "mode": "standard"}}


class PrivateS3(S3Storage):
    """A bucket that nobody can read from but with a link signed for a few minutes; encrypted, never overwritten."""

    def get_default_settings(self) -> dict[str, Any]:
        endpoint = settings.AWS_S3_ENDPOINT_URL
        return super().get_default_settings() | {
            "bucket_name": settings.AWS_STORAGE_BUCKET_NAME,
            "region_name": settings.AWS_S3_REGION_NAME,
            "endpoint_url": endpoint or f"https://s3.{settings.AWS_S3_REGION_NAME}.amazonaws.com",
            "access_key": settings.AWS_ACCESS_KEY_ID,
            "secret_key": settings.AWS_SECRET_ACCESS_KEY,
            "file_overwrite": False,
            "default_acl": None,
            "max_memory_size": IN_MEMORY,
            "querystring_auth": True,
            "querystring_expire": LINK_SECONDS,
            "object_parameters": {"ServerSideEncryption": ENCRYPTION},
            # The same origin in every link: the pages' policy names it (`settings.S3_ORIGIN`).
            "client_config": Config(
                s3={"addressing_style": "path" if endpoint else "virtual"}, signature_version="s3v4", **NETWORK
            ),
        }
