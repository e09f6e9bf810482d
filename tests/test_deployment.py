"""`render.yaml` and `Procfile`: what the host is told must fit the host, the settings, and each other."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from jsonschema import Draft202012Validator

from romagent.tests.test_settings import named

ROOT = Path(__file__).resolve().parents[1]
BLUEPRINT: dict[str, Any] = yaml.safe_load((ROOT / "render.yaml").read_text(encoding="utf-8"))
ENVIRONMENTS: list[dict[str, Any]] = BLUEPRINT["projects"][0]["environments"]
PRODUCTION, STAGING = ENVIRONMENTS
SCHEMA = next(filter(Path.exists, (parent / "shared/data/render-schema.json" for parent in ROOT.parents)), None)

# Connections that a PostgreSQL of each plan takes; five are kept for the host itself.
CONNECTIONS = {"basic-256mb": 100, "basic-1gb": 100, "basic-4gb": 100, "pro-4gb": 100, "pro-8gb": 200}
RESERVED = 5
CHORES = 1  # the worker's thread for long work, beside its pool
MIGRATION, PSQL, BACKUP = 1, 1, 2
REQUIRED = {
    "web": {"DATABASE_URL", "REDIS_URL", "SESSION_SECRET", "ENVIRONMENT", "ALLOWED_HOSTS"},
    "worker": {"DATABASE_URL", "REDIS_URL", "SESSION_SECRET", "ENVIRONMENT", "ANTHROPIC_API_KEY", "SITE_URL"},
}
OF_THE_HOST = {"PYTHON_VERSION"}  # read by Render, not by us
NOT_BOTH = {
    "WEB_CONCURRENCY", "ALLOWED_HOSTS", "REQUIRE_MFA",  # web only
    "ANTHROPIC_PROVIDER", "ANTHROPIC_API_KEY",  # worker only: no model is called in a web process
    "DATAJUD_API_KEY",  # worker only, for the same reason
}  # fmt: skip


def services(environment: dict[str, Any], *kinds: str) -> list[dict[str, Any]]:
    return [service for service in environment["services"] if service["type"] in (kinds or ("web", "worker"))]


def variables(service: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {variable["key"]: variable for variable in service["envVars"]}
    assert len(found) == len(service["envVars"]), f"{service['name']} names a variable twice"
    return found


EVERY = [(environment, service) for environment in ENVIRONMENTS for service in services(environment)]
each = pytest.mark.parametrize(("environment", "service"), EVERY, ids=[service["name"] for _, service in EVERY])
both = pytest.mark.parametrize("environment", ENVIRONMENTS, ids=["production", "staging"])


# The host ----------------------------------------------------------------------------------------


@pytest.mark.skipif(SCHEMA is None, reason="no copy of the blueprint's schema beside the repository")
def test_the_blueprint_fits_its_schema() -> None:
    assert SCHEMA
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(BLUEPRINT)] == []


def test_there_are_production_and_staging_of_one_shape() -> None:
    assert [environment["name"] for environment in ENVIRONMENTS] == ["production", "staging"]

    def shape(environment: dict[str, Any]) -> list[Any]:
        found = [(service["type"], sorted(service)) for service in environment["services"]]
        return [found, [sorted(database) for database in environment["databases"]]]

    assert shape(PRODUCTION) == shape(STAGING)
    assert [service["type"] for service in PRODUCTION["services"]] == ["web", "worker", "keyvalue"]


def test_the_two_environments_share_nothing() -> None:
    def names(environment: dict[str, Any]) -> set[str]:
        resources = [*environment["services"], *environment["databases"]]
        return {resource["name"] for resource in resources} | {
            database[key] for database in environment["databases"] for key in ("databaseName", "user")
        }

    assert not names(PRODUCTION) & names(STAGING)
    assert all("staging" in name for name in names(STAGING)), "a wrong reference can be seen"
    assert not any("staging" in name for name in names(PRODUCTION))


@both
def test_references_stay_inside_their_environment(environment: dict[str, Any]) -> None:
    known = {resource["name"] for resource in [*environment["services"], *environment["databases"]]}
    for service in services(environment):
        for key, variable in variables(service).items():
            if reference := variable.get("fromDatabase") or variable.get("fromService"):
                assert reference["name"] in known, (service["name"], key)


@both
def test_everything_of_an_environment_is_in_one_region(environment: dict[str, Any]) -> None:
    regions = {resource["region"] for resource in [*environment["services"], *environment["databases"]]}
    assert len(regions) == 1
    assert regions <= {"oregon", "ohio", "virginia", "frankfurt", "singapore"}


@both
def test_the_database_is_recent_reached_from_inside_only_and_no_preview_copies_it(environment: dict[str, Any]) -> None:
    (database,) = environment["databases"]
    assert int(database["postgresMajorVersion"]) >= 16
    assert isinstance(database["postgresMajorVersion"], str)
    assert database["ipAllowList"] == []
    assert database["diskSizeGB"] == 1 or database["diskSizeGB"] % 5 == 0
    assert database["plan"] != "free", "it is removed after some weeks, and has no backup"
    assert "readReplicas" not in database, "an empty list would destroy them"
    assert BLUEPRINT["previews"]["generation"] == "off"


@both
def test_the_key_value_store_forgets_what_is_oldest_and_is_reached_from_inside_only(
    environment: dict[str, Any],
) -> None:
    (store,) = services(environment, "keyvalue")
    assert (store["maxmemoryPolicy"], store["ipAllowList"]) == ("allkeys-lru", [])


@each
def test_nothing_stands_in_the_way_of_a_second_instance(environment: dict[str, Any], service: dict[str, Any]) -> None:
    assert "disk" not in service
    assert "buildFilter" not in service, "every commit is deployed"
    assert service["runtime"] == "python"


@each
def test_a_release_waits_for_answers_that_are_being_written(
    environment: dict[str, Any], service: dict[str, Any]
) -> None:
    grace = int(variables(service)["SHUTDOWN_GRACE_SECONDS"]["value"])
    assert service["maxShutdownDelaySeconds"] == 300, "the most that the host gives"
    assert 240 <= grace <= service["maxShutdownDelaySeconds"] - 10, (
        "time to give back to the queue what is not finished"
    )


@both
def test_migrations_run_once_a_release_before_traffic_and_nowhere_else(environment: dict[str, Any]) -> None:
    (web,), (worker,) = services(environment, "web"), services(environment, "worker")
    assert web["preDeployCommand"] == "python manage.py migrate --noinput"
    assert "preDeployCommand" not in worker
    for service in (web, worker):
        assert not re.search(r"migrate|prepare", service["buildCommand"] + service["startCommand"])
    assert "collectstatic" in web["buildCommand"]


@both
def test_the_prober_asks_the_page_that_needs_no_database(environment: dict[str, Any]) -> None:
    assert [service["healthCheckPath"] for service in services(environment, "web")] == ["/health/"]


def test_staging_gets_every_commit_and_production_what_has_passed() -> None:
    assert {service["autoDeployTrigger"] for service in services(STAGING)} == {"commit"}
    assert {service["autoDeployTrigger"] for service in services(PRODUCTION)} == {"checksPass"}


# Variables ---------------------------------------------------------------------------------------


@each
def test_no_secret_and_no_address_is_written_down(environment: dict[str, Any], service: dict[str, Any]) -> None:
    for key, variable in variables(service).items():
        if re.search(r"SECRET|KEY|TOKEN|PASSWORD|_URL$|_DSN$", key):
            assert "value" not in variable, (service["name"], key)
    written = [str(variable.get("value", "")) for variable in variables(service).values()]
    assert not [value for value in written if "://" in value or len(value) > 40]


@each
def test_every_variable_is_one_that_is_read(environment: dict[str, Any], service: dict[str, Any]) -> None:
    assert set(variables(service)) - OF_THE_HOST - named() == set()


@each
def test_what_has_no_safe_default_is_given(environment: dict[str, Any], service: dict[str, Any]) -> None:
    assert set(variables(service)) >= REQUIRED[service["type"]]
    assert all("sync" not in variable or variable["sync"] is False for variable in service["envVars"])


@both
def test_both_processes_are_told_the_same(environment: dict[str, Any]) -> None:
    (web,), (worker,) = services(environment, "web"), services(environment, "worker")
    ours, theirs = variables(web), variables(worker)
    assert set(ours) ^ set(theirs) == NOT_BOTH
    for key in set(ours) & set(theirs) - {"SESSION_SECRET", "PROCESS_NAME"}:
        assert ours[key] == theirs[key], key


@both
def test_one_secret_signs_everywhere_and_is_made_by_the_host(environment: dict[str, Any]) -> None:
    (web,), (worker,) = services(environment, "web"), services(environment, "worker")
    assert variables(web)["SESSION_SECRET"]["generateValue"] is True
    reference = variables(worker)["SESSION_SECRET"]["fromService"]
    assert reference == {"type": "web", "name": web["name"], "envVarKey": "SESSION_SECRET"}


@each
def test_the_python_is_the_one_that_is_tested(environment: dict[str, Any], service: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.11\.\d+", variables(service)["PYTHON_VERSION"]["value"])
    assert sys.version_info[:2] == (3, 11)


@both
def test_the_size_of_the_disk_is_what_the_product_is_told(environment: dict[str, Any]) -> None:
    (database,) = environment["databases"]
    for service in services(environment):
        assert int(variables(service)["DATABASE_DISK_MB"]["value"]) == database["diskSizeGB"] * 1024


@each
def test_the_settings_can_be_read_with_what_is_given(environment: dict[str, Any], service: dict[str, Any]) -> None:
    """What is asked for is left empty, but for what has to be answered."""
    (database,) = environment["databases"]
    given = {key: str(variable.get("value", "")) for key, variable in variables(service).items()}
    given["DATABASE_URL"] = f"postgresql://{database['user']}:x@10.0.0.1/{database['databaseName']}"
    given |= {"SESSION_SECRET": "x" * 44, "REDIS_URL": "redis://10.0.0.2:6379"}
    code = (
        "import environ, unittest.mock as m\nwith m.patch.object(environ.Env, 'read_env'):\n import romagent.settings"
    )
    environ = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "RENDER_EXTERNAL_HOSTNAME": "rom.onrender.com"} | given
    command = [sys.executable, "-c", code]
    process = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
    assert process.returncode == 0, process.stderr
    wrong = {"DATABASE_URL": given["DATABASE_URL"].replace(database["databaseName"], "rom_of_the_other_staging")}
    if environment is PRODUCTION:
        process = subprocess.run(command, cwd=ROOT, env=environ | wrong, capture_output=True, text=True, timeout=60)
        assert "ENVIRONMENT é “production”" in process.stderr


# Connections -------------------------------------------------------------------------------------


@both
def test_a_release_never_takes_more_connections_than_the_plan_has(environment: dict[str, Any]) -> None:
    """Old and new processes run together, so all of them count twice."""
    (web,), (worker,) = services(environment, "web"), services(environment, "worker")
    pool, concurrency = (int(variables(web)[name]["value"]) for name in ("POSTGRES_POOL_SIZE", "WEB_CONCURRENCY"))
    at_web = web["numInstances"] * concurrency * pool
    at_worker = worker["numInstances"] * (int(variables(worker)["POSTGRES_POOL_SIZE"]["value"]) + CHORES)
    needed = 2 * (at_web + at_worker) + MIGRATION + PSQL + BACKUP
    (database,) = environment["databases"]
    assert needed <= CONNECTIONS[database["plan"]] - RESERVED, needed
    assert needed > 2 * pool, "the sum is of what the file says"


# Commands ----------------------------------------------------------------------------------------


def commands() -> Iterator[str]:
    for _, service in EVERY:
        for key in ("buildCommand", "preDeployCommand", "startCommand"):
            yield from service.get(key, "").split(" && ")
    for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines():
        yield line.partition(": ")[2]


@pytest.mark.parametrize("command", sorted({command for command in commands() if command}))
def test_every_command_exists_and_takes_its_arguments(command: str) -> None:
    words = shlex.split(command)
    if words[:2] == ["python", "manage.py"]:
        found = ["manage.py", *words[2:], "--help"]
    elif words[0] == "gunicorn":
        found = ["-m", "gunicorn", "--check-config", *words[1:]]
    else:
        assert words == ["pip", "install", "--require-hashes", "-r", "requirements.txt"]
        assert "--hash=sha256:" in (ROOT / "requirements.txt").read_text()
        return
    process = subprocess.run([sys.executable, *found], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert process.returncode == 0, process.stderr


def test_the_procfile_says_the_same_as_the_blueprint() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines())
    (web,), (worker,) = services(PRODUCTION, "web"), services(PRODUCTION, "worker")
    assert lines == {
        "release": web["preDeployCommand"],
        "web": web["startCommand"],
        "worker": worker["startCommand"],
    }


def test_the_health_pages_path_is_one_of_ours_and_needs_no_https() -> None:
    assert any(re.match(pattern, "health/") for pattern in settings.SECURE_REDIRECT_EXEMPT)


def test_the_deployment_check_is_clean() -> None:
    environment = os.environ | {
        "DEBUG": "false", "HTTPS": "true", "SESSION_SECRET": "k3-Zp9_xW7vQ2mN8rT4yU6iO1aS5dF0gH3jK9lL2zX7cV4bN6m",
    }  # fmt: skip
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    process = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert process.returncode == 0, process.stderr
