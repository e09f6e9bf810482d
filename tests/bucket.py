"""A simulated S3 at the wire: moto's server on loopback, as a pytest plugin with the fixtures `s3` and `bucket`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from unittest import mock
from uuid import uuid4

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.loaders import create_loader
from pytest_django import Settings

from romagent.embedded.kept import free_port
from tests.client import PATIENCE

KEY, SECRET, REGION = "chave-do-bucket", "segredo-do-bucket", "sa-east-1"


class SimulatedS3:
    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise RuntimeError("the simulated S3 did not start") from None
                time.sleep(0.1)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    @cached_property
    def client(self) -> Any:
        """The tests' own; made once, since making it costs more than all that a test does with it."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
        )

    def make_bucket(self, name: str, origin: str = "*") -> str:
        """An empty bucket that browsers of `origin` may put parts into, as the guide has it made."""
        client = self.client
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        rule = {"AllowedMethods": ["PUT"], "AllowedOrigins": [origin], "AllowedHeaders": ["*"], "MaxAgeSeconds": 3600}
        client.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [rule]})
        return name

    def variables(self, bucket: str) -> dict[str, str]:
        """What the product is told of it."""
        return {
            "AWS_STORAGE_BUCKET_NAME": bucket,
            "AWS_S3_ENDPOINT_URL": self.url,
            "AWS_S3_REGION_NAME": REGION,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }

    def keys(self, bucket: str) -> list[str]:
        return [found["Key"] for found in self.client.list_objects_v2(Bucket=bucket).get("Contents", ())]

    def sendings(self, bucket: str) -> list[str]:
        """What has been begun in parts and is neither whole nor given up."""
        return [found["Key"] for found in self.client.list_multipart_uploads(Bucket=bucket).get("Uploads", ())]


@pytest.fixture(scope="session")
def s3() -> Iterator[SimulatedS3]:
    # Each test's storage reads the library's description of S3 anew, which takes a seventh of a second.
    read_once = create_loader()
    simulated = SimulatedS3()
    with mock.patch.object(botocore.session, "create_loader", return_value=read_once):
        yield simulated
    simulated.stop()


@pytest.fixture
def bucket(s3: SimulatedS3, settings: Settings) -> str:
    """An empty bucket in which this test's product keeps its files."""
    name = s3.make_bucket(f"arquivos-{uuid4()}")
    for variable, value in s3.variables(name).items():
        setattr(settings, variable, value)
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "uploads.s3.PrivateS3"}}
    return name
