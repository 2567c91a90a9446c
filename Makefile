# exec-nt: every target prints its own help with `make help`.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv || echo .uv/bin/uv)
STAMP := $(VENV)/.made
export UV_CUSTOM_COMPILE_COMMAND := make lock
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

.DEFAULT_GOAL := help
.PHONY: help env demo test fast lint bench docs lock clean study

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(STAMP) ## make the environment from the lock (brings uv where it is missing)

$(STAMP): requirements.lock pyproject.toml
	@command -v $(UV) >/dev/null || $(PYTHON) -m pip install --quiet --target .uv uv
	@test -x $(BIN)/python || $(UV) venv --quiet --python 3.13 $(VENV)
	@$(UV) pip sync --quiet --require-hashes requirements.lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## a simulated day, a VWAP and a TWAP parent, and the report; under a minute
	@$(BIN)/python backtests/demo.py

test: $(STAMP) ## every test but the soak
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests

fast: $(STAMP) ## the fast set, under two minutes
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow and not data" tests --ignore tests/bench

lint: $(STAMP) ## ruff, mypy --strict, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(STAMP) ## speed against a yardstick in the same run
	@$(BIN)/python -m pytest tests/bench -s

docs: $(STAMP) ## the tables of docs/algorithms.md, from the parameter structs
	@$(BIN)/exec-nt algos --page docs/algorithms.md

study: $(STAMP) ## the tables of backtests/README.md; needs the real data (EXEC_NT_DATA)
	@$(BIN)/python backtests/real_day.py
	@$(BIN)/python backtests/algorithms.py

lock: ## pin every version anew, with hashes
	@$(UV) pip compile --quiet --upgrade --generate-hashes --group dev --python 3.13 pyproject.toml -o requirements.lock

clean: ## remove the environment and every cache
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .import_linter_cache .uv OUT
