"""A simulated S3 on loopback, for tests of what is kept there."""

from __future__ import annotations

from typing import Any, Self

import boto3
from django.conf import settings as django_settings
from moto.server import ThreadedMotoServer

from romagent.embedded.kept import free_port

BUCKET = "rom-testes"
REGION = "us-east-1"
CORS = {
    "CORSRules": [
        {"AllowedMethods": ["PUT"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"]}
    ]
}


class SimulatedS3:
    """`with SimulatedS3() as s3:` a bucket that a browser may send to."""

    credentials = {"AWS_ACCESS_KEY_ID": "chave-de-teste", "AWS_SECRET_ACCESS_KEY": "segredo-de-teste"}

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)

    def __enter__(self) -> Self:
        self._server.start()
        self.client().create_bucket(Bucket=BUCKET)
        self.client().put_bucket_cors(Bucket=BUCKET, CORSConfiguration=CORS)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def client(self) -> Any:
        keys = {name.lower(): value for name, value in self.credentials.items()}
        return boto3.client("s3", endpoint_url=self.url, region_name=REGION, **keys)

    @property
    def settings(self) -> dict[str, Any]:
        """What the settings make of the variables that name a bucket."""
        return self.credentials | {
            "AWS_STORAGE_BUCKET_NAME": BUCKET, "AWS_S3_REGION_NAME": REGION, "AWS_S3_ENDPOINT_URL": self.url,
            "STORAGES": django_settings.STORAGES | {"default": {"BACKEND": "uploads.storage.PrivateS3"}},
        }  # fmt: skip
