"""What a web process does not load: it calls no model and parses no file."""

import os
import subprocess
import sys

HEAVY = ("anthropic", "httpx2", "pypdfium2", "lxml", "PIL", "pillow_heif", "docx", "mammoth", "pikepdf", "typst")
LOADED = f"""
import sys
import django
django.setup()
import romagent.urls
print(*(name for name in {HEAVY!r} if name in sys.modules))
"""


def test_the_web_process_loads_neither_the_client_of_the_api_nor_a_parser() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "romagent.settings"}
    done = subprocess.run([sys.executable, "-c", LOADED], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr[-2000:]
