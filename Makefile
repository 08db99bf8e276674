# make demo   the pipeline on the example of Georgia      make test   all checks and tests, as in CI
# make region the regional studies of the examples        make long   all cases and the full campaigns
# make manual the manual as a site → docs/_site            make lowest tests with the oldest and newest libraries, on each installed Python
# make golden update the committed outputs                make pictures  the pictures of the README and the manual
# make clean  remove all of these outputs
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
DEMO = demo/georgia

# Tests start many processes: each would compile the package and its libraries anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo region test checked packages long lowest lint types manual golden pictures clean

demo: $(VENV)/demo.done
	./install-debian-packages
	$(BIN)/sdmxmig demo $(DEMO)
	@echo 'Next: $(BIN)/sdmxmig open $(DEMO)'

region: $(VENV)/demo.done
	./install-debian-packages
	for country in georgia moldova sweden chile colombia mexico peru; do $(BIN)/sdmxmig run examples/$$country || exit 1; done
	$(BIN)/sdmxmig region examples/region
	$(BIN)/sdmxmig region examples/latin-america

# mypy takes longest and one processor: the tests begin before it has ended.
test: $(VENV)/dev.done
	$(MAKE) -j 2 types checked

# Every page is read and every link resolved; `make manual` and `make long` also write the site.
checked: lint packages
	$(BIN)/python -m sphinx -b dummy -W --keep-going -q docs docs/_site
	$(BIN)/python -m benchmarks.stated_errors --small
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

packages:
	./install-debian-packages --for-tests

lint: $(VENV)/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev.done
	$(BIN)/mypy

manual: $(VENV)/dev.done
	$(BIN)/python -m sphinx -b html -W --keep-going -q docs docs/_site

long: $(VENV)/dev.done manual
	SDMXMIG_WHOLE=1 $(BIN)/python -m pytest -n 2 --dist loadfile -m "long or not long"
	$(BIN)/python -m benchmarks.stated_errors
	$(BIN)/python -m benchmarks.campaigns
	$(BIN)/python -m benchmarks.vtl_verdicts
	$(BIN)/python -m benchmarks.planted_kinds --of 10000 --clean 1000 --jobs 2 --write

golden: $(VENV)/dev.done
	$(BIN)/python -m pytest tests/quality/test_golden.py tests/quality/rules/test_rule_examples.py --update-golden

pictures: $(VENV)/dev.done
	$(BIN)/python docs/pictures/draw.py

lowest: $(VENV)/dev.done
	$(BIN)/python -m benchmarks.declared_versions

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

$(VENV)/demo.done: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[report,web]'
	touch $@

# Not half of what is installed is ever imported: that is compiled then.
$(VENV)/dev.done: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable '.[dev]'
	touch $@ $(VENV)/demo.done

clean:
	rm -rf $(VENV) .venv-vtlengine demo docs/_site examples/*/out dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
