# The one door for people and for CI. Each target makes its own .venv on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo run test check fix bench lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# `venv --without-pip` and `pip --python` also work where ensurepip is missing (Debian without python3-venv's wheels).
$(BIN)/python:
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.run: requirements.txt pyproject.toml | $(BIN)/python
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(BIN)/python
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run

# What Milepost is measured against. Where there are no wheels for these (musl), the bench goes on without.
$(VENV)/.bench: requirements-bench.txt | $(VENV)/.dev
	@if $(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements-bench.txt; \
	then touch $@; else echo "what Milepost is measured against cannot be installed here: make bench leaves it out"; fi

demo: $(VENV)/.run ## replay the sample day and serve its page until Ctrl-C
	@$(BIN)/milepost demo $(ARGS)

run: $(VENV)/.run ## run the service with ./config.toml
	@$(BIN)/milepost run $(ARGS)

test: $(VENV)/.dev ## run the tests (MILEPOST_REQUIRE=all turns skips into failures)
	@$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev ## format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

fix: $(VENV)/.dev ## format and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.dev $(VENV)/.bench ## measure: ratios of one run, see tests/bench
	@$(BIN)/python -m tests.bench $(ARGS)

lock: ## write the hash-locked requirement files anew (needs uv)
	uv lock
	uv export --quiet --frozen --no-emit-project --no-default-groups --group build --no-header -o requirements.txt
	uv export --quiet --frozen --no-emit-project --group dev --no-header -o requirements-dev.txt
	uv export --quiet --frozen --only-group bench --no-header -o requirements-bench.txt

clean: ## remove the environment and the caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
