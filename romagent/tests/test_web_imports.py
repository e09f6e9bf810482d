"""What a web process does not load: it calls no model, parses no file, and where there is no bucket needs no S3."""

import os
import subprocess
import sys

HEAVY = (
    "anthropic", "httpx2", "pypdfium2", "lxml", "PIL", "pillow_heif", "docx", "mammoth", "pikepdf", "typst", "boto3",
    "botocore.client",
)  # fmt: skip
LOADED = f"""
import sys
import django
django.setup()
import romagent.urls
print(*(name for name in {HEAVY!r} if name in sys.modules))
"""


def test_the_web_process_loads_neither_the_client_of_the_api_nor_a_parser() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "romagent.settings", "AWS_STORAGE_BUCKET_NAME": ""}
    done = subprocess.run([sys.executable, "-c", LOADED], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr[-2000:]


def test_with_a_bucket_its_client_is_there_before_anybody_asks() -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "romagent.settings",
        "AWS_STORAGE_BUCKET_NAME": "rom-arquivos",
        "AWS_S3_REGION_NAME": "sa-east-1",
    }
    done = subprocess.run([sys.executable, "-c", LOADED], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "boto3 botocore.client"), done.stderr[-2000:]
