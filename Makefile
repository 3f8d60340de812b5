# Every target sets up what it needs. `make` alone tells what there is.
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
export VENV PORT
# Development by default: production is set up by its operator (docs/operators.md).
export ITPM_ENVIRONMENT ?= development
PYTEST := $(BIN)/python -m pytest
# Python may keep what it has compiled, whatever is set here: else each test process works out each test file anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test machine ready lint unit unit-sqlite unit-postgres engines bench bench-reports screenshots openapi messages lock clean base dev contract fuzz upgrade-drill faults

help:
	@echo "make demo         try it: the service, its worker and a pretend LMS; prints the address to open (PORT=$(PORT))"
	@echo "make test         everything that CI checks: lint, then all tests on SQLite and on PostgreSQL"
	@echo "make lint         style, types, import rules, templates, migrations, deployment check"
	@echo "make engines      every way into the frame in Chromium, Firefox and WebKit; writes the table in docs/browsers.md"
	@echo "make fuzz         looks for inputs that break what reads from outside (SECONDS=20 for each reader)"
	@echo "make bench        performance, as ratios against baselines of the same run"
	@echo "make upgrade-drill  an older version and this one side by side on one database (OLD=commit), there and back"
	@echo "make faults       kills, outages, a full disk and wrong clocks under a class that answers; figures; half an hour or more"
	@echo "make bench-reports  only what reports cost as tables grow (LEARNERS=2000 DATABASES=\"sqlite postgresql\")"
	@echo "make screenshots  makes the pictures in docs/ anew"
	@echo "make openapi      writes docs/openapi.yaml, the API's description, from the code"
	@echo "make messages     collects the texts for translation and compiles what is translated (needs GNU gettext)"
	@echo "make lock         locks requirements/*.in anew"
	@echo "make clean        removes what the targets above made"

base:
	@./bootstrap.sh base

dev:
	@./bootstrap.sh dev

contract:
	@./bootstrap.sh contract

demo: base
	@$(BIN)/python manage.py demo

# One after the other: side by side, browsers wait too long for their turn on a small machine and lose frames.
# What the tests begin with is made ready beside the checks, which leave a core idle.
test: machine
	@$(MAKE) --no-print-directory -j 2 lint ready
	@$(MAKE) --no-print-directory unit

unit: unit-sqlite unit-postgres

# Test files compiled for both Pythons and the migrated database, once for all the processes that need them at the same moment.
ready: dev
	@$(BIN)/python -m tests.template
	@$(PYTEST) --collect-only -q >/dev/null
	@second="$$(./bootstrap.sh second)" && "$$second/bin/python" -m pytest --collect-only -q >/dev/null

# Installs what is missing before any test begins.
machine: dev contract
	@./bootstrap.sh second >/dev/null
	@$(BIN)/python -m tests.machine all >/dev/null

# The browser walks belong to the first run. The second repeats the rest on PostgreSQL, and on the other Python if there is one;
# the walks with Firefox and WebKit belong to it, so that both take about as long.
# What need not be repeated on SQLite (tests/environment.py) is tried once, there. By file, because files share running services.
unit-sqlite: machine
	@CHROMIUM="$$($(BIN)/python -m tests.machine browser)" && export CHROMIUM && $(PYTEST) -n 3 --dist loadfile -m "not once and not engines"

unit-postgres: machine
	@CHROMIUM="$$($(BIN)/python -m tests.machine browser)" && export CHROMIUM && second="$$(./bootstrap.sh second)" && \
	  "$$second/bin/python" -m tests.machine with-postgres -- "$$second/bin/python" -m pytest -n 3 --dist loadfile -m "not browser"

lint: dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy itpm_byte lti
	@$(BIN)/lint-imports
	@$(BIN)/djlint --check --lint itpm_byte lti
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/bandit -q -c pyproject.toml -r itpm_byte lti
	@$(BIN)/python -m tests.checks

engines: dev
	@$(BIN)/python -m tests.machine engines >/dev/null
	@CHROMIUM="$$($(BIN)/python -m tests.machine browser)" && export CHROMIUM && ENGINES=all $(PYTEST) tests/engines

# Needs atheris, in an environment of its own. `make test` tries the same readers on what is in tests/fuzz/corpus/.
fuzz:
	@./bootstrap.sh fuzz
	@$(VENV)-fuzz/bin/python -m tests.fuzz $(or $(SECONDS),20)

# An older version (OLD=commit) and this one side by side on one database, there and back.
upgrade-drill: dev
	@$(BIN)/python -m tests.drills.upgrade

bench: dev
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench.reports

# LEARNERS=100000 DATABASES=postgresql: a million rows of progress, in half an hour.
bench-reports: dev
	@LEARNERS="$(LEARNERS)" DATABASES="$(DATABASES)" $(BIN)/python -m tests.bench.reports

faults: dev
	@$(BIN)/python -m tests.faults

screenshots: dev
	@CHROMIUM="$$($(BIN)/python -m tests.machine browser)" && export CHROMIUM && SCREENSHOTS=docs/images $(PYTEST) tests/browser/test_pictures.py tests/browser/test_registration.py tests/browser/test_doctor.py tests/browser/test_room.py tests/browser/test_settings.py

# The API's description, from its code; a test compares.
openapi: dev
	@$(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

messages: dev
	@$(BIN)/python manage.py makemessages -l fr -l ar --no-obsolete --no-wrap --add-location file -i tests -i "itpm_byte/sandbox/*"
	@$(BIN)/python manage.py compilemessages --ignore .venv --ignore .venv-second --verbosity 0

lock: dev
	@for set_of in base dev scale contract fuzz; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-header \
	    -c requirements/base.txt requirements/$$set_of.in -o requirements/$$set_of.txt; done

clean:
	rm -rf $(VENV) $(VENV)-second $(VENV)-contract $(VENV)-fuzz var staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
