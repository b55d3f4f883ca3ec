# Everything a fresh machine needs is installed by the targets themselves.

# Tests start processes by the hundred, and each would compile what it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test compiled coverage lint platforms format languages bench package lock clean

PYTHON ?= python3
BIN := .venv/bin
# Two processes for each processor (tests/conftest.py) take file after file, the longest first.
SHARED := --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

help:  ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo:  ## Start oO with made-up services of its own: see events and tasks, do one, revoke, reconnect
	@PYTHON=$(PYTHON) packaging/setup.sh run
	@exec $(BIN)/oo-desktop --demo

test:  ## Lint, types, import contracts, every test, the 20 slowest
	@PYTHON=$(PYTHON) packaging/setup.sh test
	@$(MAKE) --no-print-directory --jobs=2 lint compiled
	@$(BIN)/python -m pytest $(SHARED) --durations=20 $(ARGS)

# Once for all processes, on the processor that lint leaves; errors are told by the run itself.
compiled:
	@$(BIN)/python -m pytest --collect-only --quiet $(ARGS) >/dev/null 2>&1 || true

coverage:  ## Every test again, with what they cover: half as slow again, so apart
	@PYTHON=$(PYTHON) packaging/setup.sh test
	@$(BIN)/python -m pytest $(SHARED) --cov --cov-report=term $(ARGS)

lint:  ## Lint, types and import contracts only; changes nothing
	@PYTHON=$(PYTHON) packaging/setup.sh run
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

platforms:  ## Types once more, as Windows and macOS have them
	@PYTHON=$(PYTHON) packaging/setup.sh run
	@printf '%s\n' win32 darwin | \
		xargs -P 2 -I {} $(BIN)/mypy --platform {} --cache-dir .mypy_cache/{} oo_desktop

format:  ## Repair what ruff can repair
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

languages:  ## Collect the sentences of the code into the catalogues of each language
	@PYTHON=$(PYTHON) packaging/setup.sh run
	@$(BIN)/python packaging/languages.py update

bench:  ## Start-up, memory, wake-ups and stalls beside a bare PySide6 tray
	@PYTHON=$(PYTHON) packaging/setup.sh test
	@$(BIN)/python -m tests.bench

package:  ## Build wheel, sdist, Debian package, tarball and bill of materials into dist/
	@packaging/debian-packages.sh package
	@cksum packaging/tools-lock.txt | cmp -s - build/tools/stamp || { \
		rm -rf build/tools && $(PYTHON) -m venv build/tools && \
		build/tools/bin/pip install -qq --disable-pip-version-check --require-hashes --no-deps \
			--requirement packaging/tools-lock.txt && \
		cksum packaging/tools-lock.txt >build/tools/stamp; }
	@build/tools/bin/python packaging/package.py

PIN := --quiet --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links --no-annotate --no-header
lock:  ## Pin and hash the dependencies anew
	@$(BIN)/pip install --quiet pip-tools
	@$(BIN)/pip-compile $(PIN) --all-extras --output-file packaging/lock.txt pyproject.toml
	@# What packages ship, in the versions that are tested.
	@sed -nE 's/^([a-z0-9-]+==[^ ]+) .*/\1/p' packaging/lock.txt >packaging/constraints.tmp
	@$(BIN)/pip-compile $(PIN) --extra sandbox --constraint packaging/constraints.tmp \
		--output-file packaging/runtime-lock.txt pyproject.toml
	@rm packaging/constraints.tmp
	@$(BIN)/pip-compile $(PIN) --output-file packaging/tools-lock.txt packaging/tools.in
	@# One lock for every Python: the release of Qt that 3.11 needs serves the others, too.
	@sed -i -E 's/^(pyside6-essentials==[^ ]+) ; python_version < "3.12"/\1/' \
		packaging/lock.txt packaging/runtime-lock.txt

clean:  ## Remove what the other targets made
	rm -rf .venv .setup build dist .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
