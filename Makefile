# Everything a fresh machine needs is installed by the targets themselves.
.PHONY: help demo test coverage lint format languages bench lock clean

PYTHON ?= python3
BIN := .venv/bin
# A process for each processor, which takes file after file; those that take longest come first.
SHARED := --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

help:  ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo:  ## Start oO with made-up services of its own: see events and tasks, do one, revoke, reconnect
	@PYTHON=$(PYTHON) packaging/setup.sh run
	@exec $(BIN)/oo-desktop --demo

test:  ## Lint, types, import contracts, every test, the 20 slowest
	@PYTHON=$(PYTHON) packaging/setup.sh test
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest $(SHARED) --durations=20 $(ARGS)

coverage:  ## Every test again, with what they cover: half as slow again, so apart
	@PYTHON=$(PYTHON) packaging/setup.sh test
	@$(BIN)/python -m pytest $(SHARED) --cov --cov-report=term $(ARGS)

lint:  ## Lint, types and import contracts only; changes nothing
	@PYTHON=$(PYTHON) packaging/setup.sh run
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@printf '%s\n' win32 darwin | \
		xargs -P 2 -I {} $(BIN)/mypy --platform {} --cache-dir .mypy_cache/{} oo_desktop
	@$(BIN)/lint-imports

format:  ## Repair what ruff can repair
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

languages:  ## Collect the sentences of the code into the catalogues of each language
	@PYTHON=$(PYTHON) packaging/setup.sh run
	@$(BIN)/python packaging/languages.py update

bench:  ## Start-up, memory, wake-ups and stalls beside a bare PySide6 tray
	@PYTHON=$(PYTHON) packaging/setup.sh test
	@$(BIN)/python -m tests.bench

lock:  ## Pin and hash the dependencies anew
	@$(BIN)/pip install --quiet pip-tools
	@$(BIN)/pip-compile --quiet --generate-hashes --all-extras --strip-extras --allow-unsafe \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-annotate --no-header \
		--output-file packaging/lock.txt pyproject.toml
	@# One lock for every Python: the release of Qt that 3.11 needs serves the others, too.
	@sed -i -E 's/^(pyside6-essentials==[^ ]+) ; python_version < "3.12"/\1/' packaging/lock.txt

clean:  ## Remove what the other targets made
	rm -rf .venv .setup build dist .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
