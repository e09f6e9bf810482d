"""A simulated S3 on loopback, for tests of what is kept there."""

from __future__ import annotations

from typing import Any, Self

import boto3
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
    def storage(self) -> dict[str, Any]:
        """What the settings make of AWS_STORAGE_BUCKET_NAME and AWS_S3_ENDPOINT_URL."""
        options = {
            "bucket_name": BUCKET, "region_name": REGION, "endpoint_url": self.url, "default_acl": None,
            "querystring_expire": 300, "signature_version": "s3v4", "addressing_style": "path", "file_overwrite": False,
            "object_parameters": {"ServerSideEncryption": "AES256"},
        }  # fmt: skip
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
