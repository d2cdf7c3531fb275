# Every verb makes what it needs; `make help` lists them.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
PARALLEL ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo demo-nhanes test lint bench docs oracle lowest clean

help:  ## list the verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 13

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "surveykit needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade "pip>=25.1"
	$(RUN) -m pip install --quiet -e ".[docx]"
	@touch $@

$(VENV)/.developer: $(VENV)/.installed
	$(RUN) -m pip install --quiet -e . --group dev
	@touch $@

demo: $(VENV)/.installed  ## rehearse a national survey: sample, forms, returns, queries, weights, report
	rm -rf demo
	$(VENV)/bin/surveykit demo --folder demo

demo-nhanes: $(VENV)/.installed  ## real answers: forms out, workbooks in, the published figures of NHANES
	$(VENV)/bin/surveykit demo --road nhanes --folder demo-nhanes

test: $(VENV)/.developer lint  ## tests, documents' code blocks, lint and types
	$(RUN) -m pytest -n $(PARALLEL) --dist loadfile

lint: $(VENV)/.developer  ## ruff (all rules) and mypy (strict)
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy

bench: $(VENV)/.developer  ## speed and memory as ratios to peers, in one run
	$(RUN) -m benchmarks

docs: $(VENV)/.developer  ## build the documentation site offline into docs/_build
	$(RUN) docs/generate.py
	$(RUN) -m sphinx -W -q -b html docs docs/_build

oracle: $(VENV)/.developer  ## remake the reference numbers where R with survey is installed
	sh tests/oracle/run.sh

lowest:  ## run the tests on the lowest versions that pyproject.toml declares
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --upgrade uv
	.venv-lowest/bin/uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct -e . --group dev
	.venv-lowest/bin/python -m pytest -n $(PARALLEL) --dist loadfile

clean:  ## remove environments and everything that was made
	rm -rf $(VENV) .venv-lowest demo demo-nhanes build dist docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis
