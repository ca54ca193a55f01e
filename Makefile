# `make demo` and `make test` need Python 3.11 or later and nothing else: each makes .venv and installs into it.
PYTHON ?= python3
BIN := .venv/bin
# Small tensors: more threads than this only get in each other's way
export OMP_NUM_THREADS ?= 1

.PHONY: demo test gallery quality style bench-data bench-scenes clean

demo: .venv/installed
	$(BIN)/spatialmosaic demo --out runs/demo

test: .venv/installed
	-$(BIN)/python tests/modeling/common/fetch.py  # needs the network once; without it these tests are skipped
	$(BIN)/pytest -n 2 --dist loadfile tests

gallery: .venv/installed
	$(BIN)/python -m generation.gallery

quality: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

style: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench-data: .venv/installed
	$(BIN)/python -m benchmarks.data
	$(BIN)/python -m benchmarks.storage

bench-scenes: .venv/installed
	$(BIN)/python -m benchmarks.scenes

clean:
	rm -rf .venv runs

# torch first and by its exact version: a range may pick a release of several gigabytes. lmms-eval last and alone: it
# asks for torchvision, which neither it nor anything here needs, and which CPU builds of torch cannot import
.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or later is needed; call make PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $$(grep '^torch==' constraints.txt)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $$(grep '^lmms-eval==' constraints.txt)
	touch $@
