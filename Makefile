# Everything a newcomer needs is here; `make help` lists it.  Needs git, make and Python 3.11 or newer with venv.

PYTHON  ?= python3
UV      := 0.13.9
UPGRADE ?=
BIN     := .venv/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check install --quiet
EXAMPLE := examples/lapd-2016/06-burglary-2016.yaml

unexport PYTHONPATH PYTHONHOME PIP_TARGET PIP_USER PIP_REQUIRE_VIRTUALENV

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help run audit prove test check bench soak mutate lock format clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1@\2/p' Makefile | awk -F@ '{ printf "%-14s %s\n", $$1, $$2 }'

run: .venv/.core ## install what is needed, then decide the first example
	$(BIN)/comity decide $(EXAMPLE)

audit: .venv/.audit ## install what `comity audit` and `comity sample` need
	@echo "now: $(BIN)/comity audit --help"

prove: .venv/.prove .venv/.audit ## install the solver, then prove every claim of the library
	$(BIN)/comity prove

test: .venv/.dev ## the tests: the fast ones first, then the slow ones
	@bash tools/machine.sh java chromium postgres
	$(BIN)/python -m pytest -n 2 -m "not slow and not soak"
	@if grep -rqs "mark\.slow" tests --include="*.py"; then \
	  echo "$(BIN)/python -m pytest -n 2 -m 'slow and not soak'"; \
	  $(BIN)/python -m pytest -n 2 -m "slow and not soak"; fi

check: .venv/.dev ## style, types, documentation, and the law library itself
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src
	$(BIN)/python tools/check_docs.py
	$(BIN)/comity check
	$(BIN)/comity fmt --check src/comity/law

bench: .venv/.bench ## one decision, and tables of cases, measured beside their peers in the same run
	$(BIN)/python bench/run.py
	$(BIN)/python bench/audit.py
	$(BIN)/python bench/prove.py

soak: .venv/.dev ## long random runs, and the mutation test of the law
	$(BIN)/python -m pytest -n 2 -m soak
	$(BIN)/python -m tools.mutate

mutate: .venv/.dev ## change every rule of the law in small ways: do its examples and claims notice?
	$(BIN)/python -m tools.mutate

format: .venv/.dev ## rewrite the Python files and the law library in their one style
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/comity fmt src/comity/law

clean: ## remove what the other targets made
	rm -rf .venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .coverage htmlcov
	find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +

# A change of a lock brings its packages in at the next call; otherwise nothing is installed twice.

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Comity needs Python 3.11 or newer; name one with: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv \
	  || { echo "Python has no venv; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@touch $@

.venv/.core: .venv/.made requirements/core.lock requirements/build.lock pyproject.toml
	$(PIP) --require-hashes -r requirements/core.lock -r requirements/build.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.prove: .venv/.core requirements/prove.lock
	$(PIP) --require-hashes -r requirements/prove.lock
	@touch $@

.venv/.audit: .venv/.core requirements/audit.lock
	$(PIP) --require-hashes -r requirements/audit.lock
	@touch $@

.venv/.dev: .venv/.core requirements/dev.lock
	$(PIP) --require-hashes -r requirements/dev.lock
	@touch $@

.venv/.bench: .venv/.core requirements/bench.lock
	$(PIP) --require-hashes -r requirements/bench.lock
	@touch $@

COMPILE = build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
          --no-emit-index-url --no-header --no-annotate $(UPGRADE)

lock: ## pin every package again; UPGRADE=--upgrade takes the newest
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/python -m pip --disable-pip-version-check install --quiet uv==$(UV)
	$(COMPILE) pyproject.toml -o requirements/core.lock
	echo "hatchling>=1.27" | $(COMPILE) - -o requirements/build.lock
	$(COMPILE) pyproject.toml --extra audit -c requirements/core.lock -o requirements/audit.lock
	$(COMPILE) pyproject.toml --extra prove -c requirements/core.lock -o requirements/prove.lock
	$(COMPILE) pyproject.toml --extra dev --extra audit --extra speed --extra warehouse --extra prove -c requirements/core.lock \
	  -c requirements/build.lock -c requirements/audit.lock -o requirements/dev.lock
	$(COMPILE) pyproject.toml --extra bench --extra audit --extra speed --extra warehouse --extra prove -c requirements/core.lock \
	  -c requirements/build.lock -c requirements/dev.lock -o requirements/bench.lock
