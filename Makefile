# What a person runs: `make run`. Needs Python 3.11 and nothing else; everything goes into .venv and .data.
# Every path here is relative, so the repository may be in a directory with spaces in its name.

VENV := .venv
PYTHON := $(VENV)/bin/python
# Stamps: remade when the file they are named after changes. Rules that run the product need the first;
# rules that test, check or measure it need the second.
INSTALLED := $(VENV)/requirements.stamp
INSTALLED_DEV := $(VENV)/requirements-dev.stamp
PIP_INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := run
.DELETE_ON_ERROR:

.PHONY: run
run: $(INSTALLED) ## start everything on this machine (PORT=8000 DATA_DIR=.data)
	@exec $(PYTHON) -m romagent.embedded.supervisor

# The virtual environment -----------------------------------------------------------------------

$(INSTALLED): requirements.txt $(PYTHON)
	@echo "Instalando as dependências em $(VENV) (só quando mudam; pode levar um minuto)…"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(INSTALLED_DEV): requirements-dev.txt $(INSTALLED)
	@echo "Instalando as ferramentas de desenvolvimento em $(VENV)…"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

$(PYTHON):
	@for python in python3.11 python3; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then \
			"$$python" -m venv --clear $(VENV) && exit 0; \
			echo "Não foi possível criar $(VENV): falta o módulo venv (no Debian e no Ubuntu: apt install python3.11-venv)." >&2; \
			exit 1; \
		fi; \
	done; \
	echo "É preciso ter o Python 3.11 (python3.11 ou python3 no PATH): https://www.python.org/downloads/" >&2; \
	exit 1

.PHONY: help
help: ## what there is to type
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

# What a developer runs --------------------------------------------------------------------------

# Enough of an environment for the tools that import the settings; nothing is connected to.
CHECK_ENV := env SESSION_SECRET=only-for-checks-0123456789-abcdefghijklmnopqrstuvwxyz \
	DATABASE_URL=postgresql://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 DEBUG=false

.PHONY: test
test: $(INSTALLED_DEV) chromium libreoffice preflight ## all tests, several at once, on servers of their own (or DATABASE_URL, REDIS_URL); or ARGS
	$(PYTHON) -m pytest $(or $(ARGS),-n auto)

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || $(MAKE) --no-print-directory install-chromium

.PHONY: install-chromium
install-chromium:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Instalando o Chromium para os testes de navegador…"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	else \
		echo "ATENÇÃO: sem o Chromium os testes de navegador serão pulados (no Debian: apt install chromium)." >&2; \
	fi

.PHONY: libreoffice
libreoffice:
	@{ command -v soffice && fc-list | grep -q "Liberation Sans"; } >/dev/null || $(MAKE) --no-print-directory install-libreoffice

.PHONY: install-libreoffice
install-libreoffice:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Instalando o LibreOffice para os testes dos arquivos do Word…"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			libreoffice-writer-nogui fonts-liberation fontconfig >/dev/null; \
	else \
		echo "ATENÇÃO: sem o LibreOffice os testes dos arquivos do Word serão pulados (no Debian: apt install libreoffice-writer-nogui fonts-liberation)." >&2; \
	fi

# A validator of PDF/A, for the tests of what documents become; a Java where the machine has none.
PREFLIGHT := libpdfbox2-java libjaxb-api-java $(if $(shell command -v java),,default-jre-headless)

.PHONY: preflight
preflight:
	@{ command -v java && ls /usr/share/java/preflight.jar /usr/share/java/jaxb-api.jar; } >/dev/null 2>&1 || $(MAKE) --no-print-directory install-preflight

.PHONY: install-preflight
install-preflight:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Instalando o Preflight para os testes dos arquivos PDF…"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(PREFLIGHT) >/dev/null; \
	else \
		echo "ATENÇÃO: sem o Preflight os testes que validam os arquivos PDF serão pulados (no Debian: apt install $(PREFLIGHT))." >&2; \
	fi

# Each apart, so that `make -j check` runs several at once; the longest first.
CHECKS := check-types check-vulnerabilities check-templates check-lint check-format check-layers check-migrations \
	check-deployment
.PHONY: check $(CHECKS)
check: $(CHECKS) ## lint, format, templates, layers, migrations, deployment settings, types, known vulnerabilities
$(CHECKS): $(INSTALLED_DEV)

check-types:
	$(CHECK_ENV) $(PYTHON) -m mypy accounts audit conversations documents jurisprudence projects romagent uploads
check-vulnerabilities:
	$(PYTHON) .ci/vulnerabilities.py
check-templates:
	$(PYTHON) -m djlint --quiet --lint templates
check-lint:
	$(PYTHON) -m ruff check .
check-format:
	$(PYTHON) -m ruff format --check .
check-layers:
	$(CHECK_ENV) $(VENV)/bin/lint-imports --no-cache
check-migrations:
	$(CHECK_ENV) $(PYTHON) manage.py makemigrations --check --dry-run
check-deployment:
	$(CHECK_ENV) $(PYTHON) manage.py check --deploy --fail-level WARNING

.PHONY: fix
fix: $(INSTALLED_DEV) ## mend what the tools can mend
	$(PYTHON) -m ruff check --fix --exit-zero --quiet .
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check .

.PHONY: migrations
migrations: $(INSTALLED_DEV) ## write the migrations that the models ask for; nothing needs to run
	$(CHECK_ENV) $(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations $(ARGS)
	@$(PYTHON) -m ruff format --quiet */migrations

.PHONY: manage
manage: $(INSTALLED) ## a command on what `make run` keeps running in another terminal: make manage ARGS="dbstats"
	@$(PYTHON) -m romagent.embedded.manage $(or $(ARGS),help)

.PHONY: bench
bench: $(INSTALLED_DEV) ## measure: all, or a choice (ARGS="--only live,pages"); see benchmarks/README.md
	$(PYTHON) -m benchmarks $(ARGS)

.PHONY: chaos
chaos: $(INSTALLED_DEV) ## break everything while fifty lawyers work, for longer than the tests do; or ARGS="--seconds 600 --seed 7"
	$(PYTHON) -m tests.chaos $(ARGS)

.PHONY: requirements
requirements: $(INSTALLED_DEV) ## compile requirements*.in, after changing them
	$(VENV)/bin/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--strip-extras --allow-unsafe -o requirements.txt requirements.in
	$(VENV)/bin/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--strip-extras --allow-unsafe -o requirements-dev.txt requirements-dev.in
