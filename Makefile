# Every target sets up what it needs. The first run builds a virtual environment from the lock files; later runs start at once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ANSWER := answer
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev

.PHONY: help answer serve test test-slow check contracts types style docs calibrate bench lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "remit needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(STAMP): requirements.lock pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Setting up (once, about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(STAMP)
	@echo "Setting up the checks (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

answer: $(STAMP) ## answer "how fast does ketamine work for anxiety?" and draw it into answer/
	@mkdir -p $(ANSWER)
	@$(BIN)/remit how-fast --chart $(ANSWER)/how-fast.svg --chart $(ANSWER)/how-fast.html

serve: $(STAMP) ## show the answers as pages in a browser, on this machine
	@$(BIN)/remit serve

test: $(DEV_STAMP) ## the fast tests
	$(BIN)/python -m pytest -n 2

test-slow: $(DEV_STAMP) ## the slow tests: recovery, coverage, speed limits
	$(BIN)/python -m pytest -m slow

style: $(DEV_STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(DEV_STAMP)
	$(BIN)/pyright

contracts: $(DEV_STAMP)
	$(BIN)/lint-imports

check: style types contracts ## style, types and import contracts

docs: $(DEV_STAMP) ## write the generated pages of docs/
	$(BIN)/remit evidence pages --out docs/evidence
	$(BIN)/remit validate exposure --page docs/validation/exposure.md
	$(BIN)/remit validate forecast --page docs/validation/forecast.md
	$(BIN)/remit calibrate --no-fit --page docs/validation/calibration.md
	$(BIN)/remit validate meta --data tests/golden --page docs/validation/meta.md
	@mkdir -p build
	$(BIN)/remit validate fit --data tests/golden --recovery 200 --kept build/recovery.done --page docs/validation/fit.md
	$(BIN)/remit validate events --data tests/golden --page docs/validation/events.md
	$(BIN)/remit validate trials --page docs/validation/trials.md
	$(BIN)/remit how-fast --chart docs/pictures/how-fast.svg
	$(BIN)/remit claims --chart docs/pictures/claims.svg
	$(BIN)/remit evidence forest --at 7d --chart docs/pictures/forest.svg
	$(BIN)/remit evidence without --masking open --chart docs/pictures/without.svg
	$(BIN)/remit screen --rules docs/safety-rules.md

calibrate: $(STAMP) ## fit the response model again, predict each trial from the others (an hour) and write the pages
	$(BIN)/remit calibrate --page docs/validation/calibration.md
	$(BIN)/remit validate trials --page docs/validation/trials.md

bench: $(DEV_STAMP) ## time the workloads beside a peer and write benchmarks/results/
	$(BIN)/python -m benchmarks

lock: ## write the lock files anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra build -o requirements.lock pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra build --extra dev -o requirements-dev.lock pyproject.toml

clean: ## remove the virtual environment and what was built
	rm -rf $(VENV) $(ANSWER) build dist
