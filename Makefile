# Everything runs in .venv; `make setup` is fast when nothing changed and is what the others call.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
OUT ?= out/demo
# The journey's bridges listen on three fixed ports, so tests/e2e runs one after another, on a loopback of its own; all
# other tests run beside it. Its output comes at the end, in one piece. It ends with this shell, Ctrl-C included.
JOURNEY := tests/e2e
BESIDE := -n 3 --dist worksteal --ignore=$(JOURNEY)
run_tests = status=0; \
	setsid tests/own_loopback.sh $(BIN)/python -m pytest -p no:cacheprovider $(1) $(JOURNEY) > .journey.log 2>&1 & journey=$$!; \
	trap 'kill -- -$$journey 2>/dev/null || :' EXIT; \
	$(BIN)/python -m pytest $(1) $(BESIDE) || status=$$?; \
	wait $$journey || status=$$?; \
	cat .journey.log; exit $$status
SETUP_INPUTS := requirements-setup.lock requirements-dev.lock debian-packages.txt setup.cfg bridge/setup.cfg plugins/cecsign/setup.cfg Makefile
PACKAGES := cectrust bridge/cectrust_bridge plugins/cecsign/cectrust_cecsign

.PHONY: help setup demo demo-unattended test test-long lint bench bridge-dist lock clean

help:
	@echo "make demo             set everything up and start it; prints addresses, IDs and passwords"
	@echo "make demo-unattended  OUT=DIR [CONTRACT=FILE.pdf] [BROWSERS=chromium,firefox]: the whole journey, unattended"
	@echo "make test             the everyday tests;  make test-long: all of them, with figures in out/figures"
	@echo "make lint             ruff, mypy, import-linter"
	@echo "make bench            measurements, with ratios to the physical limit"
	@echo "make bridge-dist      the bridge's bundle and .deb in dist/ [UPDATE_KEY=public key of your updates]"
	@echo "make setup            environment in .venv and Debian packages (the others call it)"
	@echo "make lock             new versions into the lock files"

setup: .setup-stamp

.setup-stamp: $(SETUP_INPUTS)
	@missing=$$(comm -23 <(sort debian-packages.txt) \
	    <(dpkg-query -W -f '$${db:Status-Abbrev}$${Package}\n' 2>/dev/null | sed -n 's/^ii //p' | sort -u)); \
	if [ -n "$$missing" ]; then \
	    if [ "$$(id -u)" = 0 ]; then as_root=(); \
	    elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then as_root=(sudo); \
	    else echo "Please install, then run make again: apt-get install -y --no-install-recommends" $$missing; exit 1; fi; \
	    "$${as_root[@]}" apt-get update -qq; \
	    "$${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e . -e bridge -e plugins/cecsign
	@touch $@

demo: setup
	$(BIN)/cectrust demo

demo-unattended: setup
	$(BIN)/python -m tests.e2e.unattended --out "$(OUT)" $(if $(CONTRACT),--contract "$(CONTRACT)") \
		$(if $(BROWSERS),--browsers "$(BROWSERS)")

test: setup
	@$(call run_tests,-m "not long")

# Figures that tests measure are kept there and shown at the end, whatever the tests say.
test-long: export TEST_FIGURES := $(CURDIR)/out/figures
test-long: setup
	@rm -rf "$$TEST_FIGURES"; failed=0; ( $(call run_tests,) ) || failed=$$?; \
	$(BIN)/python -m bridge.tests.figures "$$TEST_FIGURES"; exit $$failed
	$(BIN)/python -m tests.e2e.unattended --out out/firefox --browsers firefox

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/lint-imports --config setup.cfg

bench: setup
	$(BIN)/python -m tests.benchmarks

bridge-dist: setup
	$(PYTHON) bridge/packaging/build.py --out dist $(if $(UPDATE_KEY),--update-key "$(UPDATE_KEY)")

# Hashes and no addresses: the index is the reader's own affair.
COMPILE = $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 \
	--universal --custom-compile-command "make lock"

lock: setup
	$(COMPILE) --upgrade requirements-setup.in -o requirements-setup.lock
	$(COMPILE) --upgrade requirements.in -o requirements.lock
	$(COMPILE) --upgrade bridge/requirements.in -o requirements-bridge.lock
	$(COMPILE) --upgrade -c requirements-bridge.lock bridge/packaging/requirements.in -o requirements-bridge-dist.lock
	$(COMPILE) --upgrade -c requirements.lock plugins/cecsign/requirements.in -o plugins/cecsign/requirements.lock
	$(COMPILE) --upgrade -c requirements.lock requirements-dev.in -o requirements-dev.lock

clean:
	rm -rf .venv .setup-stamp .journey.log build dist out *.egg-info bridge/*.egg-info plugins/*/*.egg-info
