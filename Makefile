# Two commands do everything on a machine with Python 3.11 or later and make:
#   make demo   the main job on the embedded demo help centre
#   make test   every test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo test lint soak bench lock clean

setup: $(READY)

# The lock file carries hashes, so nothing but the named files can be installed.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "helpwatch needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: setup
	$(BIN)/helpwatch demo

test: setup lint
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: setup
	$(BIN)/ruff check .

soak: setup
	HELPWATCH_PROFILE=soak $(BIN)/python -m pytest -m soak --override-ini addopts="-ra --strict-markers"

# Articles of the measured help centres, and of those that webchanges and changedetection.io watch
# as well (0: none).
# The store is measured on a simulated year of STORE_DAYS days with STORE_ARTICLES articles; the year
# lies in memory where there is a /dev/shm (half a gigabyte).
# What it measures goes to bench/results and into README. An idle machine is needed, and for the
# default about half an hour, two thirds of it for the year: STORE_DAYS=40 is enough to see what a
# version, a fetch and a day take. SIZES="1000 5000 20000" WATCHED=5000 takes an hour more.
SIZES ?= 1000 5000
WATCHED ?= 500
WATCHED_BY_CHANGEDETECTION ?= 100
STORE_ARTICLES ?= 5000
STORE_DAYS ?= 365
YEAR_FOLDER := $(if $(wildcard /dev/shm),--year-folder /dev/shm)

bench: setup
	$(BIN)/python -m bench.read_pages
	$(BIN)/python -m bench.diff_texts
	$(BIN)/python -m bench.report
	$(BIN)/python -m bench.trends_recall 2000 60
	$(BIN)/python -m bench.store --articles $(STORE_ARTICLES) --days $(STORE_DAYS) $(YEAR_FOLDER)
	$(BIN)/python -m bench.whole $(SIZES)
	$(BIN)/python -m bench.turns --watched $(WATCHED) \
		--watched-by-changedetection $(WATCHED_BY_CHANGEDETECTION)
	$(BIN)/python -m bench.summary --write-readme

# Renews the exact versions; needs `uv` on the path.
lock:
	uv pip compile pyproject.toml --all-extras --group dev --generate-hashes --no-emit-index-url --no-header \
		--universal --python-version 3.11 --quiet --upgrade --output-file requirements.lock

clean:
	rm -rf $(VENV) helpwatch-demo
