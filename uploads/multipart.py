"""Large files go from the browser straight to S3, in parts, by signed links (S3's "multipart upload").

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html: parts of at least 5 MB but the last, at most
10,000 of them. The server signs, counts and finishes; it never sees the bytes.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.storage import default_storage

PART_BYTES = 16 * 1024 * 1024
LINK_SECONDS = 3600  # a part on a slow line
MAX_PARTS = 10_000


class Refused(Exception):
    """The storage has not got what was announced; the message is for the person, in Portuguese."""


def is_available() -> bool:
    return bool(settings.AWS_STORAGE_BUCKET_NAME)


def part_count(size: int) -> int:
    return max(1, -(-size // PART_BYTES))


def start(place: str, mime_type: str) -> str:
    """Begins one; its id there."""
    options: dict[str, Any] = {"ServerSideEncryption": "AES256"}
    if mime_type:
        options["ContentType"] = mime_type
    found: str = _client().create_multipart_upload(Bucket=settings.AWS_STORAGE_BUCKET_NAME, Key=place, **options)[
        "UploadId"
    ]
    return found


def sign(place: str, started: str, numbers: list[int]) -> dict[int, str]:
    """A link for each of these parts (from 1), good for an hour."""
    values = {"Bucket": settings.AWS_STORAGE_BUCKET_NAME, "Key": place, "UploadId": started}
    return {
        number: _client().generate_presigned_url(
            "upload_part", Params={**values, "PartNumber": number}, ExpiresIn=LINK_SECONDS
        )
        for number in numbers
    }


def finish(place: str, started: str, parts: list[dict[str, Any]], size: int) -> None:
    """Makes one file of the parts and looks at its size. Raises Refused; a file of another size is deleted."""
    listed = [{"PartNumber": part["number"], "ETag": part["etag"]} for part in parts]
    values = {"Bucket": settings.AWS_STORAGE_BUCKET_NAME, "Key": place}
    try:
        _client().complete_multipart_upload(**values, UploadId=started, MultipartUpload={"Parts": listed})
        found = _client().head_object(**values)["ContentLength"]
    except (BotoCoreError, ClientError) as error:
        raise Refused("O armazenamento não aceitou as partes do arquivo. Envie-o de novo.") from error
    if found != size:
        _client().delete_object(**values)
        raise Refused("O arquivo chegou com outro tamanho. Envie-o de novo.")


def abort(place: str, started: str) -> None:
    """Gives it up; what is not there any more needs no giving up."""
    try:
        _client().abort_multipart_upload(Bucket=settings.AWS_STORAGE_BUCKET_NAME, Key=place, UploadId=started)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchUpload":
            raise


def _client() -> Any:
    return default_storage.connection.meta.client  # type: ignore[attr-defined]
