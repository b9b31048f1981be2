# The two commands: `make demo` runs the main job, `make test` passes the tests. Both set up what is missing:
# a virtual environment in .venv, and the cross compiler and emulator from the system's packages where they can be had
# (SPIKEC_NO_SYSTEM=1 declines the latter; the demo then runs on this computer instead of the emulated board).

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: demo test check setup clean
.DEFAULT_GOAL := demo

demo: setup
	$(BIN)/spikec demo

test: export SPIKEC_ALL_BOARDS = 1
test: setup check
	$(BIN)/python scripts/test.py

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup:
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup.sh

clean:
	rm -rf $(VENV) build dist runs
