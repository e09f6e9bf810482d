"""What `make run` reads, what it tells the processes, and what it tells the person."""

import os
from pathlib import Path

import pytest

from romagent.embedded.environment import CannotStart, Environment, without_proxy
from romagent.embedded.supervisor import welcome

REAL = {
    "DATABASE_URL": "postgresql://u:s@banco.invalid/romagent",
    "REDIS_URL": "redis://cache.invalid/0",
    "ANTHROPIC_API_KEY": "chave-real",
    "DATAJUD_API_KEY": "chave-real",
}


def test_the_welcome_names_the_address_and_the_accounts_of_the_embedded_database(
    tmp_path: Path,
) -> None:
    said = welcome(Environment({"PORT": "8123"}, tmp_path), {}, 2.34)
    assert "pronto em 2,3 s: http://localhost:8123/" in said
    for account in ("advogada@exemplo.adv.br", "colega@exemplo.adv.br", "equipe@exemplo.adv.br"):
        assert account in said
    assert "demonstracao" in said
    assert "simuladas" in said
    assert "ANTHROPIC_API_KEY" in said
    assert "DATAJUD_API_KEY" in said


def test_the_welcome_names_no_accounts_in_a_real_database_and_no_simulation_with_a_real_key(
    tmp_path: Path,
) -> None:
    said = welcome(Environment(REAL, tmp_path), {}, 1)
    assert "exemplo.adv.br" not in said
    assert "simulada" not in said


def test_the_env_file_is_read_but_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('PORT=9000\nexport DATA_DIR="/dados com espaços"\nREDIS_URL=redis://outro/0\n')
    environment = Environment({"PORT": "9100"}, tmp_path)
    assert environment.port == 9100
    assert environment.data_dir == Path("/dados com espaços")
    assert not environment.embeds_valkey
    assert environment.embeds_postgres
    assert os.environ.get("REDIS_URL") != "redis://outro/0"


def test_an_empty_variable_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / ".data").mkdir()
    (tmp_path / ".env").write_text("PORT=\nDATABASE_URL=\nANTHROPIC_API_KEY=\nWEB_CONCURRENCY=\n")
    environment = Environment({}, tmp_path)
    assert environment.port == 8000
    assert environment.embeds_postgres
    assert environment.simulates_api
    assert "WEB_CONCURRENCY" not in environment.for_children()


def test_the_simulated_api_is_not_looked_for_through_a_proxy() -> None:
    assert without_proxy({})["NO_PROXY"] == "127.0.0.1,localhost"
    assert without_proxy({"NO_PROXY": "escritorio.local"})["no_proxy"] == "escritorio.local,127.0.0.1,localhost"


def test_processes_are_told_the_grace_that_they_will_be_given(tmp_path: Path) -> None:
    given = REAL | {"SESSION_SECRET": "segredo"}
    assert Environment(given, tmp_path).for_children()["SHUTDOWN_GRACE_SECONDS"] == "10"
    assert Environment(given | {"SHUTDOWN_GRACE_SECONDS": "3"}, tmp_path).grace == 3


def test_a_port_that_is_no_number_is_said(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="PORT deve ser um número inteiro"):
        Environment({"PORT": "oito mil"}, tmp_path)


def test_an_address_without_a_key_is_not_used_and_known_not_to_be(tmp_path: Path) -> None:
    """A key of ours, sent to an address of somebody's, would help nobody."""
    assert Environment({"ANTHROPIC_BASE_URL": "https://ponte.invalid"}, tmp_path).ignores_base_url
    assert not Environment(REAL | {"ANTHROPIC_BASE_URL": "https://ponte.invalid"}, tmp_path).ignores_base_url
