# `make run` and `make test` are all that a newcomer needs: each makes .venv and installs what is locked.

.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
# The first Python that is new enough; set PYTHON to choose another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
# --no-deps: the lock files are complete, and the hashes say what each file must be.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
SOURCES := flows transforms warehouse tests
ARTICLES ?= seeds/articles

.PHONY: help run test check format lint types wheel bench accuracy readme lock clean

help:
	@echo "make run      load $(ARTICLES) into data/ and answer three questions"
	@echo "make test     run the tests"
	@echo "make check    all that CI runs: lint, types, wheel, tests"
	@echo "make bench CORPUS=dir   time the way from files to DuckDB"
	@echo "make accuracy DIR=dir   score a recogniser (RECOGNISER=crf) on the annotated sets of a folder"
	@echo "make format | readme | lock | clean"

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Dateline needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python3 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment; on Debian: apt install python3-venv"; exit 1; }

$(VENV)/.runtime: $(BIN)/python requirements.lock pyproject.toml
	@echo "Installing Dateline into $(VENV) (about a minute, once) …"
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --require-hashes -r requirements-build.lock
	@$(INSTALL) --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@echo "Installing the development tools …"
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/.runtime
	@$(BIN)/dateline run $(ARTICLES)
	@for question in top_people closest_pairs rising_places; do echo; $(BIN)/dateline ask $$question || exit 1; done
	@echo
	@echo "Ask your own: $(BIN)/dateline query \"SELECT mention_type, count(*) FROM mentions GROUP BY 1\""

# In the order of the folders, or the few tests of flows, which take longest, would come last.
test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n auto --no-loadscope-reorder

check: lint types wheel test

format: $(VENV)/.dev
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

lint: $(VENV)/.dev
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/ruff check $(SOURCES)

types: $(VENV)/.dev
	@$(BIN)/mypy

# The wheel must work where nothing of the repository and no development tool is.
wheel: $(VENV)/.dev
	@sh tests/wheel_smoke_test.sh $(BIN)/python

bench: $(VENV)/.runtime
	@test -n "$(CORPUS)" || { echo "name a folder of articles: make bench CORPUS=dir"; exit 2; }
	@$(BIN)/python -m flows.bench "$(CORPUS)"

RECOGNISER ?= crf
accuracy: $(VENV)/.runtime
	@test -n "$(DIR)" || { echo "name a folder of annotated text: make accuracy DIR=dir"; exit 2; }
	@$(BIN)/python -m transforms.enrich.mentions.accuracy "$(DIR)" --recogniser "$(RECOGNISER)"

# The README's data dictionary and the answers of its examples are generated; tests hold them to what is so.
readme: $(VENV)/.dev
	@$(BIN)/python -m warehouse.dictionary README.md
	@PYTHONPATH=tests $(BIN)/python tests/readme_examples.py

# Needs uv. The lock files hold hashes only, so that they install from any index.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --group build -c requirements.lock -o requirements-build.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) data dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
