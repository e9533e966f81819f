# Every command sets up .venv from the hashed lock by itself; `make` alone lists them.
VENV := .venv
BIN := $(VENV)/bin
# The first of these that is there and is 3.11 or newer; override with `make PYTHON=/path/to/python demo`.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

# Tests run side by side, because most of them wait for something; `make WORKERS=0 test` runs one after the other.
WORKERS ?= 6

.PHONY: help demo run check-doors test games check format lock bench pictures clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/run.stamp ## Try everything here, with no account
	@$(BIN)/python -m bot demo

run: $(VENV)/run.stamp ## Serve the doors that .env opens
	@$(BIN)/python -m bot run

check-doors: $(VENV)/run.stamp ## Test every credential, permission and door
	@$(BIN)/python -m bot check

test: $(VENV)/dev.stamp ## Run the tests (what this machine lacks is skipped, with its reason)
	@# Hundreds of processes are started, also where nobody writes bytecode by himself.
	@$(BIN)/python -m compileall -q -j 0 bot triggers handlers playground tests benchmarks
	@$(BIN)/python -m pytest -rs -n $(WORKERS) --dist worksteal

games: $(VENV)/dev.stamp ## Play all 10,000 games against the sheet (`make test` plays some, .ci/run an eighth)
	@ALL_GAMES=1 REQUIRE_ALL=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests/triggers/sheet/test_property.py \
		tests/triggers/sheet/test_typed_answers.py tests/handlers/replies/sheet_tab/test_property.py

check: $(VENV)/dev.stamp ## Format, lint, types, imports, documents
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@# Those that install the program or build a door start many processes: `make test` runs them with the others.
	@$(BIN)/python -m pytest tests/house --ignore tests/house/test_wheel.py --ignore tests/house/test_new_door.py

format: $(VENV)/dev.stamp ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(VENV)/dev.stamp ## Compile the hashed locks from pyproject.toml
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		pyproject.toml --extra dev -c requirements.txt -o requirements-dev.txt

bench: $(VENV)/dev.stamp ## Print the figures that README quotes
	@$(BIN)/python -m benchmarks

pictures: $(VENV)/dev.stamp ## Take the pictures of the README (needs Chromium)
	@$(BIN)/python -m playground.pictures

clean: ## Remove what was installed and cached
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Bellhop needs Python 3.11 or newer, and found none. Install it, or say where it is: make PYTHON=/path/to/python"; exit 2; }
	@echo "Setting up $(VENV) (once) with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: on Debian and Ubuntu, apt install python3-venv"; rm -rf $(VENV); exit 2; }

$(VENV)/run.stamp: requirements.txt | $(VENV)/bin/python
	@test -f $(VENV)/dev.stamp || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
