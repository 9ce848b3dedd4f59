.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
export PYTHONUTF8 := 1
# Else each process would compile everything again, and pytest would rewrite every assertion: five seconds of a core, each time.
export PYTHONDONTWRITEBYTECODE :=

# The harness with its extras, and what the service, the tests of both and their checks need.
ALL := --editable '.[all]' --group service --group telemetry --group test --group check --group docs
# A terminal shows the progress; a log does not need the names of all packages.
QUIET := $(shell test -t 2 || echo --quiet)
# uv installs and compiles in seconds; where it cannot reach the package index, pip (which reads its own settings) is used.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	@echo "setting up .venv (once): an interpreter of its own"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt pip uv
	@echo "setting up .venv: $$(grep -c == constraints.txt) packages, some 20 s where they are near"
	@$(BIN)/uv pip install $(QUIET) --python $(BIN)/python --constraint constraints.txt --compile-bytecode $(ALL) \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt $(ALL)
	@echo "setting up .venv: compiling"
	@$(BIN)/python -m compileall -q -j 0 app harness loadtests scenarios
	@touch $@

.PHONY: setup
setup: $(STAMP) ## Create .venv with pinned packages (every other target does this by itself)

.PHONY: verify
verify: $(STAMP) ## Create a roadmap on a real stack and prove it
	@$(BIN)/harness verify

.PHONY: test
test: check fast e2e ## Every test this machine can run

.PHONY: check
check: $(STAMP) ## Lint, types and the import rule
	@$(BIN)/python -m scripts.check --sarif .harness/sarif/check.sarif

# A scenario waits a third of its time: three of them keep two cores busy. An idle process takes tests from the others.
WORKERS ?= $(shell expr 3 \* $$(getconf _NPROCESSORS_ONLN) / 2)
SIDE_BY_SIDE = -n $(WORKERS) --dist worksteal

# Each test's promise and result as a file for CI; it has the name of the target.
JUNIT = --junitxml=.harness/junit/$@$(if $(SHARD),-$(subst /,of,$(SHARD)))

.PHONY: fast
fast: $(STAMP) ## Tests without servers; with OCCASION=change a third of the variants of one kind
	@$(BIN)/pytest -q -m "not e2e" --substrate embedded $(WHEN) $(SIDE_BY_SIDE) $(JUNIT).xml

# An engine, and containers that start their own interpreters, leave less of a core for tests that wait.
BESIDE_AN_ENGINE = -n 2 --dist worksteal

# The scenarios that a change runs on a substrate, and the piece of them; `harness schedule` prints every pair of scenario and
# substrate.
WHEN = $(if $(OCCASION),--occasion $(OCCASION)) $(if $(SHARD),--shard $(SHARD))

.PHONY: e2e
e2e: $(STAMP) ## Tests on real stacks; SUBSTRATE=embedded, containers or image says where, SHARD=2/4 which piece
	@$(BIN)/pytest -m "e2e and not docker and not nightly" $(SIDE_BY_SIDE) $(WHEN) $(if $(SUBSTRATE),--substrate $(SUBSTRATE)) $(JUNIT)$(if $(SUBSTRATE),-$(SUBSTRATE)).xml

.PHONY: test-containers
test-containers: OCCASION = change
test-containers: $(STAMP) ## What a change runs with servers in containers, and the tests of what has to do with an engine
	@$(BIN)/pytest -m e2e $(WHEN) --substrate containers --require-docker $(BESIDE_AN_ENGINE) $(JUNIT).xml scenarios harness/tests/substrates/engine

# Tests that start an engine themselves, on every substrate, are played by test-containers.
.PHONY: test-image
test-image: OCCASION = change
test-image: $(STAMP) ## What a change runs with every member in a container of its own, the roles from the image that is deployed
	@$(BIN)/pytest -m e2e $(WHEN) --substrate image --require-docker $(BESIDE_AN_ENGINE) $(JUNIT).xml scenarios

.PHONY: test-compose
test-compose: $(STAMP) ## Docker compose as the README shows it
	@$(BIN)/pytest -m compose --require-docker $(JUNIT).xml scenarios/compose

.PHONY: images
images: $(STAMP) ## The images of containers: pulled, or built where no registry can be reached
	@$(BIN)/harness images fetch || $(BIN)/harness images build

.PHONY: nightly
nightly: $(STAMP) fast ## What is too long for every change: versions of the servers, the largest tier, a long nemesis, every benchmark, a falsehood for each statement
	@$(BIN)/pytest -m e2e --substrate containers --postgres 15,17 --redis 7,8 --require-docker $(BESIDE_AN_ENGINE) $(JUNIT)-versions.xml scenarios harness/tests/substrates/engine
	@$(BIN)/pytest -m e2e --substrate containers --tier team --require-docker $(JUNIT)-team.xml scenarios
	@$(BIN)/pytest -m "e2e or nightly" --substrate embedded $(SIDE_BY_SIDE) $(JUNIT)-embedded.xml
	@$(BIN)/pytest -m e2e --substrate image --require-docker $(BESIDE_AN_ENGINE) $(JUNIT)-image.xml scenarios
	@for seed in 1 2 3; do $(BIN)/harness nemesis --seed $$seed --minutes 10 || exit; done
	@$(BIN)/harness bench
	@$(BIN)/python -m scenarios.roadmaps.mutants fast
	@$(BIN)/python -m scenarios.roadmaps.mutants stack

.PHONY: nemesis
nemesis: $(STAMP) ## A minute of faults at random under load, with a fresh seed; SUBSTRATE and MINUTES say where and how long
	@$(BIN)/harness nemesis --minutes $(or $(MINUTES),1) $(if $(SUBSTRATE),--substrate $(SUBSTRATE))

.PHONY: reliability
reliability: $(STAMP) ## docs/reliability.md from the figures of RUNS, or from those that were kept
	@$(BIN)/harness reliability $(RUNS)

.env: ## Random secrets for docker compose; one that is there stays
	@umask 077; awk '/^[A-Z_]+=$$/ { c = "$(PYTHON) -c \"import secrets; print(secrets.token_hex(32))\""; c | getline s; close(c); $$0 = $$0 s } 1' .env.example >$@

.PHONY: bench
bench: $(STAMP) ## Start, reset, stop and throughput against their floors
	@$(BIN)/harness bench

# The SDK's own tests need a plugin and pins of their own, so they have their own environment.
CONFORMANCE := .harness/conformance/venv
JUDGED := --editable '.[all]' --group test --group conformance
$(CONFORMANCE)/.installed: $(STAMP)
	@echo "setting up $(CONFORMANCE) (once)"
	@$(BIN)/python -m venv --clear $(CONFORMANCE)
	@$(BIN)/uv pip install --quiet --python $(CONFORMANCE)/bin/python --constraint constraints.txt $(JUDGED) \
	  || $(CONFORMANCE)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt $(JUDGED)
	@touch $@

.PHONY: conformance
conformance: $(CONFORMANCE)/.installed ## The official SDK's own tests against the scripted OpenAI
	@$(CONFORMANCE)/bin/python -m harness.experiments.conformance

# pip-audit needs many packages, so it has an environment of its own.
AUDIT := .harness/audit/venv
$(AUDIT)/.installed: $(STAMP)
	@echo "setting up $(AUDIT) (once)"
	@$(BIN)/python -m venv --clear $(AUDIT)
	@$(BIN)/uv pip install --quiet --python $(AUDIT)/bin/python --constraint constraints.txt --group audit \
	  || $(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt pip-audit
	@touch $@

.PHONY: audit-dependencies
audit-dependencies: $(AUDIT)/.installed ## Whether a pinned version is known to be vulnerable; needs PyPI, and fails without it
	@$(AUDIT)/bin/python -m scripts.audit_dependencies

.PHONY: load
load: $(STAMP) ## The concurrency table in four minutes: counts, budgets, drain, scaling
	@$(BIN)/python -m loadtests check --quick

.PHONY: nightly-load
nightly-load: $(STAMP) ## What takes hours: every tier in full, and faults that must turn their check red
	@$(BIN)/pytest -m nightly $(JUNIT).xml
	@$(BIN)/python -m loadtests check --tier team --mutant slow-provider; test $$? = 1
	@$(BIN)/python -m loadtests check --tier team --mutant leaked-connections; test $$? = 1
	@$(BIN)/python -m loadtests check --full

.PHONY: docs
docs: $(STAMP) ## The documents as a site, built without a network; a link to nothing fails it
	@$(BIN)/python -m scripts.docs_site

.PHONY: screenshots
screenshots: $(STAMP) ## The README's pictures of a red trace and of a load report, from the pages as they are now
	@$(BIN)/python -m scripts.screenshots

.PHONY: wheel
wheel: $(STAMP) ## The harness alone, as a package for other projects, into dist/
	@$(BIN)/python -m hatchling build --target wheel --directory dist

.PHONY: format
format: $(STAMP) ## Format and mend what ruff can mend
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^\.?[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
