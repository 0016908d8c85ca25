# Everything here also works without make: python -m crm_core start, python -m crm_core test.

PYTHON ?= python3
# Tools run in the environment that the program made, or in the Python at hand.
IN = $(if $(wildcard .venv/bin/python),.venv/bin/python,$(PYTHON))

.PHONY: check format lint types test docs run bench environment

check: lint types test  ## all that CI checks; the tests cover the documents too

environment:
	@$(PYTHON) -m crm_core test --version > /dev/null

format: environment
	$(IN) -m ruff format .
	$(IN) -m ruff check --fix .

lint: environment
	$(IN) -m ruff format --check .
	$(IN) -m ruff check .

types: environment
	$(IN) -m mypy

test:
	$(PYTHON) -m crm_core test

docs: environment
	$(IN) -m pytest tests/test_docs.py

run:
	$(PYTHON) -m crm_core start

bench: environment
	$(IN) -m pip install --quiet -r requirements-bench.txt
	$(IN) -m benchmarks
