# `make` lists the targets. Everything is installed into .venv, from locks with hashes.
SHELL := /bin/bash
# That of Debian, as production has it: it is built with optimizations, which one from elsewhere often is not.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo /usr/bin/python3 || echo python3)
BIN := .venv/bin
RESOLVE := uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	--extra postgres --extra oidc --extra sentry pyproject.toml
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
.DEFAULT_GOAL := help
.PHONY: help demo run test faults check fix quick tomorrow bench measure messages lock

help: ## lists the targets
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

demo: .venv/.app ## starts the demo (RESET=1: anew); needs neither root nor a database
	@$(BIN)/python -m wdtadmin.demo $(if $(RESET),--reset)

run: .venv/.app ## the same for developers, in a folder of its own: DEBUG, reloaded when the code changes (RESET=1: anew)
	@$(BIN)/python -m wdtadmin.demo --develop --folder var/run $(if $(RESET),--reset)

test: .venv/.dev ## installs what the tests need from Debian, and runs all of them
	@tests/install_programs.sh
	@$(BIN)/python -m tests

quick: .venv/.dev ## the tests that need neither PostgreSQL nor a browser nor patience
	@$(BIN)/python -m pytest -q -n 3 --dist worksteal -m "not slow and not browser and not faults"

tomorrow: ## the quick tests on a newer Python (TOMORROW_PYTHON=…) with the newest Django 6, in .venv-tomorrow
	@tests/tomorrow.sh

faults: .venv/.dev ## every fault on both databases, with more than 200 kills, and one table
	@tests/install_programs.sh
	@$(BIN)/python -m tests.faults $(if $(TIMES),--times $(TIMES))

check: .venv/.dev ## everything that can be known without running it; changes nothing
	@tests/check.sh

fix: .venv/.dev ## mends what can be mended: format, imports, generated documents
	$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/ruff format --quiet .
	@$(BIN)/python -m tests.manage documents --write

bench: .venv/.dev ## measures what docs/measurements.md claims of reading and of the history (half an hour)
	@tests/install_programs.sh
	@$(BIN)/python -m bench $(if $(DIVIDE),--divide $(DIVIDE))

measure: .venv/.dev ## counts how the application is built: functions, helpers, types, rooms, arrows, templates
	@$(BIN)/python -m bench.measure

messages: .venv/.dev ## takes new texts into the catalogue, and compiles it
	@$(BIN)/python -m tests.manage makemessages --locale=zh_Hans --no-location --no-wrap --no-obsolete \
		--ignore=.venv --ignore=.venv-tomorrow --ignore=tests --ignore=staticfiles --ignore=static --ignore=var --ignore=bench
	@sed -i '/^"POT-Creation-Date/d' cancellations/locale/zh_Hans/LC_MESSAGES/django.po
	@$(BIN)/python -m tests.manage compilemessages --locale=zh_Hans --verbosity=0

lock: ## resolves pyproject.toml into the locks (needs uv)
	@$(RESOLVE) --python-version 3.11 -o requirements/app.lock
	@$(RESOLVE) --python-version 3.11 --group dev -o requirements/dev.lock
	@cp requirements/dev.lock requirements/tomorrow.lock  # its versions stay, but for what is said otherwise
	@$(RESOLVE) --python-version 3.12 --group dev --override requirements/tomorrow.txt -o requirements/tomorrow.lock

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is missing. Install it: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/.app: requirements/app.lock | .venv/bin/python
	@echo "Installing what the application needs …"
	@$(PIP) -r requirements/app.lock
	@touch $@

.venv/.dev: requirements/dev.lock | .venv/bin/python
	@echo "Installing what the tests need …"
	@$(PIP) -r requirements/dev.lock
	@touch $@ .venv/.app
