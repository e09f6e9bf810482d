"""The settings: loud about what is missing, safe by default, every variable named in `.env.example`."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = [path.parent.name for path in ROOT.glob("*/apps.py")]
NEEDED = {
    "DATABASE_URL": "postgresql://u:senha@banco.invalid/romagent",
    "SESSION_SECRET": "um segredo que só serve para este teste, longo o bastante",
}
READ = """
import json, sys, unittest.mock, environ
with unittest.mock.patch.object(environ.Env, "read_env"):
    import romagent.settings as settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}))
"""


def start(*names: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A process that reads the settings with nothing but these variables, and prints some of them."""
    environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", **variables}
    command = [sys.executable, "-c", READ, *names]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180)


def read(*names: str, **variables: str) -> dict[str, Any]:
    process = start(*names, **NEEDED, **variables)
    assert process.returncode == 0, process.stderr
    found: dict[str, Any] = json.loads(process.stdout)
    return found


@pytest.mark.parametrize("missing", NEEDED)
@pytest.mark.parametrize("debug", ["", "true"])
def test_what_is_missing_keeps_it_from_starting_and_says_why(missing: str, debug: str) -> None:
    variables = {name: value for name, value in NEEDED.items() if name != missing}
    process = start(**variables, **({"DEBUG": debug} if debug else {}))
    assert process.returncode != 0
    last = process.stderr.strip().splitlines()[-1]
    assert f"{missing} não está definida: é " in last


def test_an_empty_variable_is_a_missing_one() -> None:
    process = start(**{**NEEDED, "SESSION_SECRET": ""})
    assert "SESSION_SECRET não está definida" in process.stderr


def test_production_is_what_one_gets_without_saying_so() -> None:
    names = [
        "DEBUG", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS",
        "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY", "SIMULATED_API", "ALLOWED_HOSTS",
    ]  # fmt: skip
    assert read(*names) == {
        "DEBUG": False, "SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True, "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31536000, "SESSION_COOKIE_HTTPONLY": True, "CSRF_COOKIE_HTTPONLY": True,
        "SIMULATED_API": False, "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
    }  # fmt: skip


def test_the_hosts_own_name_is_allowed() -> None:
    found = read("ALLOWED_HOSTS", RENDER_EXTERNAL_HOSTNAME="rom.onrender.com", ALLOWED_HOSTS="rom.exemplo.adv.br")
    assert found["ALLOWED_HOSTS"] == ["rom.exemplo.adv.br", "rom.onrender.com"]


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"PORT": "8123"}, "http://127.0.0.1:8123"),
        ({"RENDER_EXTERNAL_HOSTNAME": "rom.onrender.com"}, "https://rom.onrender.com"),
        ({"RENDER_EXTERNAL_HOSTNAME": "rom.onrender.com", "SITE_URL": "https://rom.adv.br/"}, "https://rom.adv.br"),
        ({"SITE_URL": ""}, "http://127.0.0.1:8000"),
    ],
)
def test_links_in_mails_lead_to_where_people_reach_the_product(variables: dict[str, str], address: str) -> None:
    assert read("SITE_URL", **variables) == {"SITE_URL": address}


def test_the_database_is_always_postgresql() -> None:
    found = read("DATABASES")["DATABASES"]["default"]
    assert found["ENGINE"].endswith("postgresql")
    assert (found["HOST"], found["NAME"], found["PASSWORD"]) == ("banco.invalid", "romagent", "senha")


def test_options_in_the_address_of_the_database_are_kept() -> None:
    url = "postgresql://u:s@banco.invalid/romagent?sslmode=require"
    process = start("DATABASES", **{**NEEDED, "DATABASE_URL": url})
    options = json.loads(process.stdout)["DATABASES"]["default"]["OPTIONS"]
    assert options["sslmode"] == "require"
    assert options["connect_timeout"] == 3
    assert options["tcp_user_timeout"] == 10_000


def test_there_is_no_secret_in_the_source() -> None:
    text = (ROOT / "romagent" / "settings.py").read_text()
    assert not re.search(r"(SECRET|PASSWORD|API_KEY)\s*=\s*[\"'][^\"']+[\"']", text)


def test_the_settings_stay_on_a_few_pages() -> None:
    assert len((ROOT / "romagent" / "settings.py").read_text().splitlines()) < 300


AMOUNTS = ["MONTHLY_BUDGET_PERSON_USD", "MONTHLY_BUDGET_OFFICE_USD", "USD_BRL_RATE"]


@pytest.mark.parametrize("name", AMOUNTS)
def test_amounts_of_money_may_be_left_out_and_are_exact(name: str) -> None:
    """As text, since JSON would make them floats."""
    for given, expected in [({}, "None"), ({name: ""}, "None"), ({name: "5.43"}, "5.43"), ({name: "1234,5"}, "1234.5")]:
        code = f"{READ.rsplit('print', 1)[0]}print(settings.{name})"
        environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", **NEEDED, **given}
        command = [sys.executable, "-c", code]
        process = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180)
        assert process.stdout.strip() == expected, process.stderr


@pytest.mark.parametrize("value", ["muito", "-1", "NaN", "Infinity", "1.234,56"])
def test_an_amount_that_is_none_keeps_it_from_starting_and_says_so(value: str) -> None:
    process = start(**NEEDED, MONTHLY_BUDGET_PERSON_USD=value)
    assert process.returncode != 0
    assert f"MONTHLY_BUDGET_PERSON_USD deve ser um valor como 1234.56, mas é “{value}”." in process.stderr


# gunicorn ----------------------------------------------------------------------------------------

SERVER = "import json, runpy, sys; found = runpy.run_module('romagent.gunicorn'); print(json.dumps([found[n] for n in sys.argv[1:]]))"


def server(*names: str, **variables: str) -> list[Any]:
    command = [sys.executable, "-c", SERVER, *names]
    environment = {"PATH": os.environ["PATH"], **variables}
    process = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    found: list[Any] = json.loads(process.stdout)
    return found


def test_the_web_server_listens_where_the_host_says() -> None:
    names = ["bind", "workers", "worker_class", "graceful_timeout"]
    assert server(*names) == ["0.0.0.0:8000", 1, "asgi", 20]
    given = {"PORT": "10000", "WEB_CONCURRENCY": "3", "SHUTDOWN_GRACE_SECONDS": "55"}
    assert server(*names, **given) == ["0.0.0.0:10000", 3, "asgi", 55]


def test_from_the_source_tree_no_folder_of_collected_files_is_missed() -> None:
    """WhiteNoise would warn, at the first start of `make run`, of one that is not there."""
    assert read("STATIC_ROOT", COLLECTED_STATIC="false") == {"STATIC_ROOT": None}


# .env.example ------------------------------------------------------------------------------------


READERS = ("env.", "os.environ.get", "os.getenv", "environ.get", "required", "deployment.amount")


def variables_read_by(path: Path) -> set[str]:
    """Constants among the first arguments of `env.str(…)`, `required(…)`, `os.environ.get(…)` and the like."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(READERS):
            name = next((each for each in node.args[:2] if isinstance(each, ast.Constant)), None)
            found |= {str(name.value)} if name else set()
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            found.add(str(ast.literal_eval(node.slice)))
    return found - {"DJANGO_SETTINGS_MODULE", "PATH"}


def sources() -> list[Path]:
    return [
        path
        for app in OURS
        for path in (ROOT / app).rglob("*.py")
        if "tests" not in path.parts and "embedded" not in path.parts
    ]


def named() -> set[str]:
    return set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_every_variable_that_is_read_is_named() -> None:
    read_somewhere = set().union(*(variables_read_by(path) for path in sources()))
    assert len(read_somewhere) > 20
    assert read_somewhere - named() == set(), "each needs a line in .env.example"


def test_every_variable_that_is_named_is_read() -> None:
    text = "".join(
        path.read_text() for app in ("romagent",) for path in (ROOT / app).rglob("*.py") if "tests" not in path.parts
    )
    assert {name for name in named() if f'"{name}"' not in text} == set()


def test_the_example_sets_nothing_by_itself() -> None:
    """A copy that nobody has filled in must change nothing."""
    assert not re.search(r"^[A-Z]", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_variables_are_read_in_few_places() -> None:
    places = {path.relative_to(ROOT).as_posix() for path in sources() if variables_read_by(path)}
    assert places <= {"romagent/settings.py", "romagent/gunicorn.py", "romagent/management/commands/prepare.py"}


# Where it runs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "database"),
    [("production", "rom_staging"), ("staging", "rom_production"), ("staging", "rom"), ("production", "staging")],
)
def test_an_environment_refuses_the_database_of_the_other(environment: str, database: str) -> None:
    url = f"postgresql://u:senha@banco.invalid/{database}"
    process = start(**NEEDED | {"ENVIRONMENT": environment, "DATABASE_URL": url})
    assert process.returncode != 0
    last = process.stderr.strip().splitlines()[-1]
    assert f"ENVIRONMENT é “{environment}”, mas o banco de DATABASE_URL se chama “{database}”" in last
    assert "senha@" not in process.stderr


@pytest.mark.parametrize(
    ("environment", "database"),
    [
        ("production", "rom_production"),
        ("staging", "rom_staging"),
        ("production", "rom"),
        ("", "rom_staging"),
        ("", "x"),
    ],
)
def test_an_environment_takes_its_own_database(environment: str, database: str) -> None:
    url = f"postgresql://u:senha@banco.invalid/{database}"
    process = start("ENVIRONMENT", **NEEDED | {"ENVIRONMENT": environment, "DATABASE_URL": url})
    assert process.returncode == 0, process.stderr


def test_there_are_two_environments_and_no_third() -> None:
    assert "só pode ser production ou staging" in start(**NEEDED, ENVIRONMENT="prod").stderr


def test_bedrock_needs_a_region_and_has_its_own_address() -> None:
    assert "AWS_REGION não está definida: é a região" in start(**NEEDED, ANTHROPIC_PROVIDER="bedrock").stderr
    found = read("ANTHROPIC_BASE_URL", ANTHROPIC_PROVIDER="bedrock", AWS_REGION="sa-east-1")
    assert found == {"ANTHROPIC_BASE_URL": "https://bedrock-mantle.sa-east-1.api.aws/anthropic"}
    assert "só pode ser anthropic ou bedrock" in start(**NEEDED, ANTHROPIC_PROVIDER="azure").stderr


def test_files_go_to_the_bucket_that_is_named_and_the_policy_names_it_too() -> None:
    names = ["STORAGES", "CONTENT_SECURITY_POLICY"]
    found = read(*names, AWS_STORAGE_BUCKET_NAME="rom-arquivos", AWS_S3_REGION_NAME="sa-east-1")
    assert found["STORAGES"]["default"]["BACKEND"] == "uploads.s3.PrivateS3"
    directives = found["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert directives["connect-src"] == ["'self'", "https://rom-arquivos.s3.sa-east-1.amazonaws.com"]
    without = read(*names)
    assert without["STORAGES"]["default"]["BACKEND"] == "uploads.storage.LocalFiles"
    assert without["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["connect-src"] == ["'self'"]
    process = start(**NEEDED, AWS_STORAGE_BUCKET_NAME="rom-arquivos")
    assert "AWS_S3_REGION_NAME não está definida" in process.stderr


def test_files_without_a_bucket_are_kept_beside_the_other_data() -> None:
    assert read("MEDIA_ROOT") == {"MEDIA_ROOT": str(ROOT / ".data" / "media")}
    assert read("MEDIA_ROOT", DATA_DIR="/srv/rom") == {"MEDIA_ROOT": "/srv/rom/media"}
    assert read("MEDIA_ROOT", MEDIA_ROOT="/srv/arquivos", DATA_DIR="/x") == {"MEDIA_ROOT": "/srv/arquivos"}


def test_what_may_be_left_blank_on_the_hosts_form_changes_nothing() -> None:
    blank = [
        "EMAIL_URL", "SENTRY_DSN", "ANTHROPIC_API_KEY", "AWS_STORAGE_BUCKET_NAME", "AWS_S3_REGION_NAME",
        "AWS_S3_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_BEARER_TOKEN_BEDROCK", "AWS_REGION",
        "ANTHROPIC_PROVIDER", "ANTHROPIC_BASE_URL", "BEDROCK_MODEL_PREFIX", "ENVIRONMENT", "ALLOWED_HOSTS",
        "CSRF_TRUSTED_ORIGINS", "MEDIA_ROOT",
    ]  # fmt: skip
    names = [
        "EMAIL_BACKEND",
        "STORAGES",
        "ANTHROPIC_BASE_URL",
        "ANTHROPIC_PROVIDER",
        "MEDIA_ROOT",
        "CSRF_TRUSTED_ORIGINS",
    ]
    assert read(*names, **dict.fromkeys(blank, "")) == read(*names)
