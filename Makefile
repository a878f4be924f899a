# Every command a contributor types. `make` alone lists them.
#
#   make demo [PORT=8123] [DATA=demo.db]    serve the demonstration until Ctrl-C
#   make test                               the whole suite, with the coverage gates
#   make test-long                          the same, with larger budgets for searches and faults
#   make mutate [ARGS='--seed 7']           change the code in 200 places, and see which tests notice
#   make mutate-npm                         change the npm package in every place; takes an hour
#   make wasm                               build the npm package's verifier, and check that it is reproducible
#   make dev-page                           build the page of the demonstration from its source
#   make types                              write the TypeScript contract of packages/python-auth
#   make docs                               build the documentation site into build/site
#   make test-lowest                        what meets other packages, on the lowest versions that are allowed

.DEFAULT_GOAL := help
.SUFFIXES:
.PHONY: help demo docs test test-long test-lowest mutate mutate-npm types dev-page check fmt bench wasm freeze build clean

# The suite starts hundreds of processes, and without bytecode each would compile the whole package again.
unexport PYTHONDONTWRITEBYTECODE

VENV   := .venv
BIN    := $(VENV)/bin
LOWEST := .venv-lowest
WASM   := .venv-wasm
PORT   ?=
DATA   ?=
ARGS   ?=

# Packages whose every branch is tested; the run fails below it.
COVERED := flows services jwt crypto stores

# The tests of what meets other packages, which run on their lowest versions too.
ON_LOWEST := tests/unit/client tests/unit/crypto tests/unit/providers tests/unit/repositories tests/unit/stores/redis tests/contract/test_revocation_store.py tests/integration/fastapi

# The distribution's interpreter, else the newest in reach; at least 3.11, and able to make environments.  Empty when
# there is none.  One that was built from source has the optimisations of a distribution only if its builder asked for
# them, and may need twice the time.
PYTHON ?= $(shell for name in /usr/bin/python3 python3.13 python3.12 python3.11 python3 python; do \
	"$$name" -c 'import ensurepip, venv, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$name"; break; }; done)

PIP := PIP_BUILD_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

help:
	@echo 'make demo    serve the demonstration (PORT=8123, DATA=demo.db)'
	@echo 'make test    run every test with the coverage gates (ARGS="-k login")'
	@echo 'make test-long  the same with more inputs, faults and kinds of stores; takes a good while'
	@echo 'make mutate  change the code in 200 places, and see which changes no test notices'
	@echo 'make mutate-npm  the same with every place of the client and the Next.js entry; takes an hour'
	@echo 'make test-lowest  what meets other packages, on their lowest allowed versions'
	@echo 'make types   write the TypeScript contract of the npm package, from the Python models'
	@echo 'make dev-page  build the page of the demonstration, which is committed'
	@echo 'make docs    build the documentation site, which is read without a server'
	@echo 'make check   lint, types, import contracts, sizes, drift'
	@echo 'make fmt     format and apply safe fixes'
	@echo 'make bench   measure, side by side with other libraries'
	@echo 'make wasm    build the verifier of the npm package from its source'
	@echo 'make freeze  write constraints.txt from the current environment'
	@echo 'make build   build the wheel and the source distribution into dist/'

# ── set-up ───────────────────────────────────────────────────────────────────────────────────────────
# A stamp per set of packages: reinstalled only when the declaration or the pins change.

$(BIN)/python:
	@test -n '$(PYTHON)' || { echo 'bymax-auth needs Python 3.11 or newer with the venv module (on Debian: python3-venv), and none is on the PATH (or: make PYTHON=/path/to/python).' >&2; exit 1; }
	@'$(PYTHON)' -m venv $(VENV) || { rm -rf $(VENV); echo 'Could not create $(VENV): install the venv module of $(PYTHON) (on Debian: python3-venv).' >&2; exit 1; }

$(VENV)/.demo-ready: pyproject.toml constraints.txt | $(BIN)/python
	@test -e $(VENV)/.dev-ready || echo 'Installing what the demonstration needs…'
	@$(PIP) --editable '.[cli]'
	@touch $@

$(VENV)/.dev-ready: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'Installing the development environment…'
	@$(PIP) --upgrade pip
	@$(PIP) --editable '.[all]' --group dev --group bench
	@touch $@ $(VENV)/.demo-ready

$(VENV)/.mutate-ready: pyproject.toml constraints.txt $(VENV)/.dev-ready
	@echo 'Installing what makes mutants…'
	@$(PIP) --group mutate
	@touch $@

$(LOWEST)/.ready: pyproject.toml tools/lowest_versions.py | $(BIN)/python
	@echo 'Installing the lowest versions…'
	@$(BIN)/python -m venv $(LOWEST)
	@$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@$(BIN)/python tools/lowest_versions.py > $(LOWEST)/lowest.txt
	@$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check --constraint $(LOWEST)/lowest.txt --editable '.[all]' --group test httpx uvloop
	@touch $@

$(WASM)/.ready: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'Installing the compiler…'
	@$(BIN)/python -m venv $(WASM)
	@$(WASM)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@$(WASM)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group wasm
	@touch $@

# ── commands ─────────────────────────────────────────────────────────────────────────────────────────

demo: $(VENV)/.demo-ready
	@$(BIN)/python tools/foreground.py $(BIN)/bymax-auth dev $(if $(PORT),--port '$(PORT)') $(if $(DATA),--data '$(DATA)') $(ARGS)

test: $(VENV)/.dev-ready
	@$(BIN)/python tools/run_tests.py --fully-covered '$(COVERED)' -- -n 3 --dist worksteal $(ARGS)

test-long: $(VENV)/.dev-ready
	@TEST_BUDGET=long $(BIN)/python tools/run_tests.py --fully-covered '$(COVERED)' -- -n 3 --dist worksteal $(ARGS)

test-lowest: $(LOWEST)/.ready
	@$(LOWEST)/bin/python -m pytest -q --no-cov -W default::DeprecationWarning $(ON_LOWEST) $(ARGS)

mutate-npm: $(VENV)/.dev-ready
	@$(BIN)/python -m tools.npm_package mutate

mutate: $(VENV)/.mutate-ready
	@$(BIN)/python tools/mutate.py $(ARGS)

types: $(VENV)/.dev-ready
	@$(BIN)/python -m bymax_auth.codegen.typescript

dev-page: $(VENV)/.dev-ready
	@$(BIN)/python tools/generate_dev_page.py

docs: $(VENV)/.dev-ready
	@$(BIN)/python -m tools.documentation

check: $(VENV)/.dev-ready
	@$(BIN)/python tools/run_checks.py

fmt: $(VENV)/.dev-ready
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@$(BIN)/python -m tools.npm_package fmt

bench: $(VENV)/.dev-ready
	@$(BIN)/python -m benchmarks $(ARGS)

# The compiler makes the module, and then again in two other folders, to compare every byte.
wasm: $(WASM)/.ready
	@$(WASM)/bin/python tools/generate_verifier.py
	@$(WASM)/bin/python tools/generate_verifier.py --check

freeze: $(VENV)/.mutate-ready $(WASM)/.ready
	@sh tools/freeze.sh

build: $(VENV)/.dev-ready
	@$(BIN)/python -m build --outdir dist

clean:
	@rm -rf build dist htmlcov .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
