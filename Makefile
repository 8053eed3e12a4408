# Everything needs Python 3.11 or newer, make and git; the rest is installed into .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
BENCH ?= ../shared/bench
EXAMPLES ?= 20000
SECONDS ?= 600

.PHONY: demo test quality quality-html hooks fuzz fuzz-short fuzz-guided faults determinism linear lint generated speed profile clean

demo: .venv/.package  ## clean copies of seeds/ in clean/, with a summary of what went and why
	$(BIN)/cleaner clean seeds --out clean

test: lint  ## format, lint, types, tests
	$(BIN)/pytest -n auto

lint: .venv/.tools
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

quality: .venv/.package  ## the quality benchmark on BENCH, against the pinned floors
	$(BIN)/python benchmarks/quality.py $(BENCH) --floors benchmarks/floors.json

quality-html: .venv/.package  ## the same for HTML pages
	$(BIN)/python benchmarks/quality.py $(BENCH) --html --floors benchmarks/floors.json

hooks: .venv/.tools  ## the pre-commit hooks, installed from the last commit into a fresh repository
	$(BIN)/pytest -m slow tests/test_pre_commit.py

fuzz: .venv/.tools  ## the property tests with EXAMPLES examples each, and how many were tried
	CLEANER_LONG_RUN=1 CLEANER_EXAMPLES=$(EXAMPLES) $(BIN)/pytest tests/test_properties.py tests/test_prefilter.py -n auto --hypothesis-show-statistics

fuzz-short: .venv/.fuzzer  ## guided fuzzing of each target for some seconds, from the fixtures
	$(BIN)/python fuzz/run.py --optional

fuzz-guided: .venv/.fuzzer  ## guided fuzzing of each target for SECONDS, from where the last run stopped
	$(BIN)/python fuzz/run.py --keep --seed 0 --seconds $(SECONDS)

faults: .venv/.tools  ## 200 kills at random moments and all other faults
	$(BIN)/python benchmarks/faults.py

determinism: .venv/.tools  ## the same bytes with other hash seeds, locales, workers, chunks and Pythons (PYTHONS=… for others)
	$(BIN)/python benchmarks/determinism.py $(if $(wildcard $(BENCH)),--bench $(BENCH)) $(PYTHONS)

linear: .venv/.package  ## does twice the text take twice the time? documents and lines made to trap each rule (25 minutes)
	$(BIN)/python benchmarks/linear.py

generated: .venv/.package  ## what is made of the rules and has to be committed with them
	$(BIN)/python tools/needles.py
	$(BIN)/cleaner clean seeds --out fixtures/seeds --prune --quiet --isolated
	$(BIN)/cleaner rule --output-format markdown > docs/rules.md

speed: .venv/.package  ## how fast it is on the texts and pages of BENCH, against the floors (some minutes)
	$(BIN)/python benchmarks/speed.py $(BENCH)

profile: .venv/.package  ## where the time goes when texts and pages of BENCH are cleaned
	$(BIN)/python benchmarks/speed.py $(BENCH) --profile

clean:
	rm -rf .venv clean *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache

.venv/.package: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

.venv/.tools: .venv/.package
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group dev
	touch $@

.venv/.fuzzer: .venv/.tools
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group fuzz
	touch $@
