# Two commands do everything: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
UV := .bootstrap/bin/uv
ARGS ?=
export RASA_TELEMETRY_ENABLED = false
export SQLALCHEMY_SILENCE_UBER_WARNING = 1
export TF_CPP_MIN_LOG_LEVEL = 2

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: run
run: setup ## Train if needed and serve on http://127.0.0.1:8080 (PORT=…, ARGS="--log-level DEBUG")
	@exec $(BIN)/python -m bot serve $(ARGS)

.PHONY: demo
demo: setup-dev ## Clinic in a box: the product with pretend phones on one page (ARGS="--port 8090 --clinic-port 8080")
	@exec $(BIN)/python -m tools.demo $(ARGS)

.PHONY: test
test: setup-dev ## The whole suite, end-to-end tests included (ARGS="-k driving")
	@$(BIN)/python -m bot train
	@$(BIN)/python -m pytest $(ARGS)

.PHONY: check
check: setup-dev ## Lint, types, architecture, Rasa data, content, what is shipped in deploy/
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.check_content
	$(BIN)/python -m tools.vulnerabilities
	$(BIN)/rasa data validate --fail-on-warnings
	$(BIN)/python -m pytest -q -p no:cacheprovider --durations=0 --durations-min=5 tests/deploy

.PHONY: train
train: setup ## Train what is not trained yet (ARGS=--force: all again; --verbose: all that Rasa prints)
	@$(BIN)/python -m bot train $(ARGS)

.PHONY: evaluate
evaluate: setup-dev ## Held-out questions, cross-validation, `rasa test`: figures and a page with plots
	@$(BIN)/python -m tools.evaluation $(ARGS)

.PHONY: evaluate-safety
evaluate-safety: setup-dev ## Reports recognised, false alarms, asked back: figures and a page with plots (ARGS=FILE.jsonl)
	@$(BIN)/python -m tools.evaluation.safety $(ARGS)

.PHONY: evaluate-channels
evaluate-channels: setup-dev ## The same questions and reports over the web, SMS and voice, and webhook latency (ARGS="--every 4")
	@$(BIN)/python -m tools.evaluation.channels $(ARGS)

.PHONY: benchmark
benchmark: setup-dev ## This project beside Rasa's default pipeline, nearest neighbour, BM25
	@$(BIN)/python -m tools.benchmark $(ARGS)

.PHONY: sbom
sbom: setup-dev ## What is installed to run, as CycloneDX JSON in reports/sbom.json (ARGS=FILE)
	@$(BIN)/python -m tools.sbom $(ARGS)

.PHONY: torture
torture: setup-dev ## Kill everything while reports come in: is anything lost? (ARGS="--reports 500 --seed 1 --rasa")
	@$(BIN)/python -m tools.torture $(ARGS)

.PHONY: torture-texts
torture-texts: setup-dev ## Texts through a telephone company on a bad day: lost, twice, out of order? (ARGS="--texts 1000 --rate 20")
	@$(BIN)/python -m tools.torture.texts $(ARGS)

.PHONY: page-latency
page-latency: setup-dev ## From a report to its page, at 20 reports a second (ARGS="--postgres URL")
	@$(BIN)/python -m tools.torture.latency $(ARGS)

.PHONY: cluster
cluster: setup-dev ## Two gateways, Rasa servers, action servers and pagers on a PostgreSQL and Redis of its own (PORT=…)
	@$(BIN)/python -m bot train
	@exec $(BIN)/python -m tools.cluster $(ARGS)

.PHONY: load
load: setup-dev ## A clinic's day, faster until p95 passes a second (ARGS="--cluster", "--run", "--url URL", "--cluster --flood 20 --rates 10")
	@$(BIN)/python -m bot train
	@$(BIN)/python -m tools.load $(ARGS)

.PHONY: live-load
live-load: setup-dev ## A thousand connected chat elements: memory, delay of a staff message (ARGS="--streams 2000 --postgres URL")
	@$(BIN)/python -m tools.live_load $(ARGS)

.PHONY: escalations
escalations: setup ## List open escalations
	@$(BIN)/python -m bot escalations $(ARGS)

.PHONY: coverage
coverage: setup ## Whom a report would page in the next 14 days, and the gaps (ARGS="--tier urgent --days 30")
	@$(BIN)/python -m bot coverage $(ARGS)

.PHONY: format
format: setup-dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: lock
lock: $(UV) ## Renew the lock files (hashes, no package index named)
	$(UV) lock --upgrade
	@$(MAKE) --no-print-directory export

.PHONY: export
export: $(UV)
	$(UV) export --quiet --no-dev --no-emit-project --no-header --no-annotate --format requirements-txt -o requirements.lock > /dev/null
	$(UV) export --quiet --no-emit-project --no-header --no-annotate --format requirements-txt -o requirements-dev.lock > /dev/null

.PHONY: clean
clean: ## Remove environments, models and data made here
	rm -rf .bootstrap $(VENV) models var reports results .mypy_cache .ruff_cache .pytest_cache .rasa

# -- environment ---------------------------------------------------------------

.PHONY: setup setup-dev
setup: $(VENV)/.run-installed
setup-dev: $(VENV)/.dev-installed

$(UV):
	@command -v $(PYTHON) > /dev/null || { echo "Python 3.11 is needed: install it, or set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "assistant: preparing the installer …"
	@$(PYTHON) -m venv .bootstrap
	@.bootstrap/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-bootstrap.lock

$(VENV)/bin/python: | $(UV)
	@$(UV) venv --quiet --python $(PYTHON) $(VENV)

# The development environment holds everything that running needs, so it is
# never taken apart by `make run`.
$(VENV)/.run-installed: requirements.lock | $(VENV)/bin/python
	@if [ -e $(VENV)/.dev-installed ]; then $(MAKE) --no-print-directory setup-dev; else \
	  echo "assistant: installing packages (about 2 GB, a minute or two) …"; \
	  $(UV) pip sync --python $(VENV) --require-hashes --compile-bytecode --quiet requirements.lock; fi
	@touch $@

$(VENV)/.dev-installed: requirements-dev.lock | $(VENV)/bin/python
	@echo "assistant: installing packages for development (about 2 GB, a minute or two) …"
	@$(UV) pip sync --python $(VENV) --require-hashes --compile-bytecode --quiet requirements-dev.lock
	@touch $@ $(VENV)/.run-installed
