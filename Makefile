# Everything a user or the build needs; each target sets up what it lacks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SOURCES := cloudmigrate flows tasks blocks reports tests

.PHONY: help setup demo test test-faults check check-types check-style check-iac bench up lock clean

help:  ## Show the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(STAMP)  ## Make .venv with the cloudmigrate command and all that the other targets need.

# The lock names everything, so nothing is resolved; bytecode is made on all cores, and some packages hold templates that are no Python.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "CloudMigrate needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --no-compile --require-hashes -r requirements.lock
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)  ## Assess a simulated estate on a local AWS emulator, end to end.
	@$(BIN)/cloudmigrate demo

# Workers and the commands that tests start would else compile every module anew where bytecode is not to be written.
test: $(STAMP)  ## Run all tests.
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest

test-faults: $(STAMP)  ## Kill every itinerary at every boundary of its journal, and break its calls; writes faults.xml.
	$(BIN)/python -m tests.execution.fault_cases --xml faults.xml

check: $(STAMP)  ## Lint, format, types, layers and SQL style.
	@$(MAKE) --no-print-directory -j 2 check-types check-style

check-types: $(STAMP)  ## Types alone.
	$(BIN)/mypy

check-style: $(STAMP)  ## All but types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint cloudmigrate

# Terraform asks a provider over gRPC: the stand-in of the AWS provider has an environment of its own. Without it only formatting is checked.
check-iac: $(STAMP)  ## Let cfn-lint judge every template, and terraform or tofu, where there is one, the Terraform that we make; IAC=DIR for a tree of yours.
	@if command -v terraform || command -v tofu; then $(MAKE) --no-print-directory .venv-grpc/.installed || true; fi
	@$(BIN)/python -m tests.check_iac --grpc-python .venv-grpc/bin/python $(if $(IAC),--tree $(IAC))
	@$(BIN)/python -m tests.check_iac.checkov_delta $(wildcard .venv-checkov/bin/checkov)

.venv-grpc/.installed:
	$(PYTHON) -m venv .venv-grpc
	.venv-grpc/bin/python -m pip install --quiet grpcio==1.85.3
	@touch $@

# Peers that the benchmarks compare with have environments of their own: they pin much, and users need none of them.
PEERS ?= .venv-polars/.installed .venv-c7n/.installed .venv-flowlogs/.installed
SCALE ?= 1

bench: $(STAMP) $(PEERS)  ## Measure against named peers; SCALE=0.05 for a small run.
	$(BIN)/python -m tests.bench --scale $(SCALE) --polars-python .venv-polars/bin/python --c7n-python .venv-c7n/bin/python --flowlogs-python .venv-flowlogs/bin/python

.venv-flowlogs/.installed:
	$(PYTHON) -m venv .venv-flowlogs
	.venv-flowlogs/bin/python -m pip install --quiet flowlogs-reader==5.0.1
	@touch $@

.venv-polars/.installed:
	$(PYTHON) -m venv .venv-polars
	.venv-polars/bin/python -m pip install --quiet polars==2.1.0 pyarrow==26.0.1 numpy==2.4.6
	@touch $@

.venv-c7n/.installed:
	$(PYTHON) -m venv .venv-c7n
	.venv-c7n/bin/python -m pip install --quiet c7n==0.9.53
	@touch $@

up: $(STAMP)  ## Start Prefect server and worker with all deployments; Ctrl-C ends it all.
	@$(BIN)/cloudmigrate up

lock: $(STAMP)  ## Resolve requirements.lock anew.
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra dev pyproject.toml -o requirements.lock

clean:  ## Remove the environment and the demo's files.
	rm -rf $(VENV) .venv-polars .venv-c7n .venv-flowlogs .venv-grpc .venv-checkov demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
