"""Large files straight from the browser to S3: in parts, each by a link of its own that is signed for an hour.

The server never sees the bytes. What has arrived is asked of S3, so nothing depends on what a browser says, and a
sending can be taken up again where it stopped. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.storage import default_storage

from romagent.base.threads import let_connection_go
from uploads.storage import ENCRYPTION

if TYPE_CHECKING:
    from uploads.s3 import PrivateS3

MEGABYTE = 1024**2
SMALLEST_PART = 16 * MEGABYTE  # S3 takes 5 MB and more, and at most 10,000 parts
MOST_PARTS = 5_000
PART_LINK_SECONDS = 3600  # a part may wait behind others on a slow line


class StorageAway(Exception):
    """S3 did not answer or refused, or this machine's disk did."""


class SendingGone(StorageAway):
    """S3 knows nothing of the sending any more: the bucket's own rule has removed what was not gone on with."""


@dataclass(frozen=True)
class Sending:
    """One file on its way: its name in the bucket, S3's id of the sending, its size and how it is cut, in bytes."""

    path: str
    id: str
    size: int
    part_size: int

    @property
    def parts(self) -> int:
        return -(-self.size // self.part_size)

    def size_of(self, number: int) -> int:
        """Bytes of part `number`, counted from 1; only the last may be smaller than the others."""
        return min(self.part_size, self.size - (number - 1) * self.part_size)


def is_available() -> bool:
    return bool(settings.AWS_STORAGE_BUCKET_NAME)


def part_size_for(size: int) -> int:
    wanted = -(-size // MOST_PARTS)
    return max(SMALLEST_PART, -(-wanted // MEGABYTE) * MEGABYTE)


def begin(path: str, size: int, mime_type: str) -> Sending:
    with _s3() as (client, bucket):
        begun = client.create_multipart_upload(
            Bucket=bucket, Key=path, ContentType=mime_type, ServerSideEncryption=ENCRYPTION
        )
    return Sending(path, begun["UploadId"], size, part_size_for(size))


def link_for(sending: Sending, number: int) -> str:
    """Where the browser puts this part; the link takes exactly as many bytes as the part has. Asks nobody."""
    with _s3() as (client, bucket):
        parameters = _of(sending, bucket) | {"PartNumber": number, "ContentLength": sending.size_of(number)}
        link: str = client.generate_presigned_url("upload_part", Params=parameters, ExpiresIn=PART_LINK_SECONDS)
    return link


def arrived(sending: Sending) -> dict[int, str]:
    """The parts that S3 has whole: their numbers and what S3 calls them."""
    with _s3() as (client, bucket):
        pages = client.get_paginator("list_parts").paginate(**_of(sending, bucket))
        return dict(_whole(sending, (part for page in pages for part in page.get("Parts", ()))))


def _whole(sending: Sending, parts: Iterable[dict[str, Any]]) -> Iterator[tuple[int, str]]:
    for part in parts:
        if part["Size"] == sending.size_of(part["PartNumber"]):
            yield part["PartNumber"], part["ETag"]


def complete(sending: Sending) -> bool:
    """Puts the parts together; False when some are missing, or what came of them has another size.

    Asked again after its answer was lost, it finds the file that is there already.
    """
    if _size_of_file(sending) == sending.size:
        return True
    try:
        parts = arrived(sending)
        if len(parts) < sending.parts:
            return False
        whole = {"Parts": [{"PartNumber": number, "ETag": etag} for number, etag in sorted(parts.items())]}
        with _s3() as (client, bucket):
            client.complete_multipart_upload(**_of(sending, bucket), MultipartUpload=whole)
    except SendingGone:
        if _size_of_file(sending) is None:  # else another request has put it together a moment ago
            raise
    return _size_of_file(sending) == sending.size


def abort(sending: Sending) -> None:
    """Has S3 forget the parts; what is left, when it does not answer, the bucket's own rule removes."""
    with suppress(StorageAway), _s3() as (client, bucket):
        client.abort_multipart_upload(**_of(sending, bucket))


def _size_of_file(sending: Sending) -> int | None:
    with _s3() as (client, bucket):
        try:
            size: int = client.head_object(Bucket=bucket, Key=sending.path)["ContentLength"]
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise
    return size


def _of(sending: Sending, bucket: str) -> dict[str, Any]:
    return {"Bucket": bucket, "Key": sending.path, "UploadId": sending.id}


@contextmanager
def _s3() -> Iterator[tuple[Any, str]]:
    """S3's client and the bucket's name. Whoever waits for S3 holds no connection to PostgreSQL."""
    let_connection_go()
    storage: PrivateS3 = default_storage  # type: ignore[assignment]
    try:
        yield storage.connection.meta.client, storage.bucket_name
    except (BotoCoreError, ClientError) as error:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        raise (SendingGone if code == "NoSuchUpload" else StorageAway)(type(error).__name__) from error
