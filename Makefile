# Two commands: `make demo` shows Fadeout at work, `make test` runs everything that guards it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := $(CURDIR)/var/demo

# Tests in as many processes side by side (docs/explanation/tests.md).
PROCESSES ?= 2

.PHONY: demo test screenshots bench bench-sizes bench-contacts bench-plans bench-clicks bench-mails bench-targets lock docs messages clean

demo: $(VENV)/installed
	FADEOUT_HOME=$(DEMO)/home FADEOUT_KEYS=$(DEMO)/keys $(BIN)/fadeout demo

test: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder

bench: $(VENV)/installed-dev
	$(BIN)/python -m bench

bench-sizes: $(VENV)/installed-dev
	$(BIN)/python -m bench.sizes

bench-contacts: $(VENV)/installed-dev
	$(BIN)/python -m bench.contacts

bench-plans: $(VENV)/installed-dev
	$(BIN)/python -m bench.plans

bench-clicks: $(VENV)/installed-dev
	$(BIN)/python -m bench.clicks

bench-mails: $(VENV)/installed-dev
	$(BIN)/python -m bench.mails

bench-targets: $(VENV)/installed-dev
	$(BIN)/python -m bench.targets

# The command reference and the data map are made from the code; a test compares them.
docs: $(VENV)/installed-dev
	$(BIN)/python -m docs.generate

# Texts that people see and their translations; a test compares them.
messages: $(VENV)/installed-dev
	$(BIN)/python -m docs.messages

# The pictures of the console, of a house of today: look at them before you keep them.
screenshots: $(VENV)/installed-dev
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.browser.screenshots

# What we run on and what we build with, pinned with hashes and without addresses.
lock: $(VENV)/installed-dev
	$(BIN)/uv pip compile -q pyproject.toml requirements.in --universal --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 -o requirements.txt
	$(BIN)/uv pip compile -q requirements-dev.in --universal --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 -o requirements-dev.txt

clean:
	rm -rf $(VENV) var

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Fadeout needs Python 3.11 or newer; set PYTHON=python3.11, say."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@
