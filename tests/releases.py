"""The next release of the product, for tests of deploying it: a copy of this one with a migration more."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = (".git", ".venv", ".data", "__pycache__", ".*_cache", "tests", "benchmarks", "docs")
MARK = '<meta name="release" content="seguinte">'
NAME = "next_release"

# What a release may do to a database that the present code is still using: add what may be left out.
MIGRATION = """
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "{leaf}")]
    operations = [
        migrations.AddField("message", "next_note", models.TextField(null=True)),
        migrations.AddField("conversation", "next_flag", models.BooleanField(db_default=False)),
        AddIndexConcurrently("conversation", models.Index(fields=["mode"], name="conversations_next_idx")),
        migrations.CreateModel("NextThing", [("id", models.BigAutoField(primary_key=True))]),
    ]
"""


def leaf(root: Path = ROOT) -> str:
    """The last migration of the conversations."""
    names = sorted(path.stem for path in (root / "conversations" / "migrations").glob("[0-9]*.py"))
    return names[-1]


def make_next(directory: Path) -> Path:
    """The whole tree in `directory`, its pages marked, its database one migration on."""
    root = directory / "next"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*LEFT_OUT))
    text = MIGRATION.format(leaf=leaf())
    (root / "conversations" / "migrations" / f"9999_{NAME}.py").write_text(text, encoding="utf-8")
    base = root / "templates" / "base.html"
    html = base.read_text(encoding="utf-8")
    assert "</head>" in html
    base.write_text(html.replace("</head>", f"{MARK}</head>"), encoding="utf-8")
    return root
