# Everything that the project does, by name. `make demo` and `make test` are all a newcomer needs.
UV     := .boot/bin/uv
PYTHON := .venv/bin/python
RUN    := .venv/bin
STAMP  := .venv/.synced

.PHONY: demo test test-quick lint acceptance bench mail-report year soak deep fuzz fuzz-api conformance servers format clean
.DEFAULT_GOAL := help

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

# uv lives in a folder of its own, so that nothing has to be installed beforehand but Python and make.
$(UV):
	@python3 -m venv .boot
	@.boot/bin/pip install --quiet --disable-pip-version-check 'uv==0.13.9'

$(STAMP): $(UV) pyproject.toml uv.lock
	@$(UV) sync --quiet --frozen --compile-bytecode
	@touch $(STAMP)

demo: $(STAMP)  ## set everything up, then play a whole conversation
	@$(RUN)/mailbot demo

test: $(STAMP) servers  ## all tests, with real servers (installed where missing)
	$(RUN)/pytest -n auto --dist loadgroup

test-quick: $(STAMP)  ## the tests that need no server
	$(RUN)/pytest -n auto -m "not servers and not slow"

servers:  ## Dovecot, Postfix, faketime: from Debian's packages, where missing
	@bash tests/servers/install.sh

lint: $(STAMP)  ## ruff, mypy, import-linter
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/lint-imports

acceptance: $(STAMP) servers  ## the tests from outside, where they are present
	$(RUN)/pytest ../shared/acceptance -c /dev/null --rootdir ../shared/acceptance -p no:cacheprovider -q -n auto

bench: $(STAMP) servers  ## figures, as ratios measured in one run
	$(PYTHON) -m bench

mail-report: $(STAMP)  ## how well public mails are read, into docs/mail.md
	@cd tests && ../$(PYTHON) -m corpora

fuzz-api: $(STAMP)  ## the API against its own description, for some minutes
	MAILBOT_FUZZ_EXAMPLES=300 $(RUN)/pytest -q tests/web/api/test_schemathesis.py

conformance: $(STAMP)  ## TM Forum's conformance kit against an API of its own: KIT=folder (docs/api.md)
	@cd tests && ../$(PYTHON) -m conformance $(if $(KIT),"$(abspath $(KIT))")

year: $(STAMP)  ## a simulated year of a provider: 10,000 requests, and every query against a brute reading
	@cd tests && ../$(PYTHON) -m year

deep: $(STAMP) servers  ## what is tried by chance, with other examples each time, and more of them
	HYPOTHESIS_PROFILE=deep $(RUN)/pytest -n auto -m hypothesis

fuzz: $(STAMP)  ## ten million inputs at every door where words come in; an hour or two
	@$(UV) sync --quiet --frozen --group fuzz
	@cd tests && ../$(PYTHON) -m fuzz

soak: $(STAMP)  ## bots killed at random moments, 100,000 times; hours
	@cd tests && ../$(PYTHON) -m system.soak

format: $(STAMP)
	$(RUN)/ruff check --fix --quiet . ; $(RUN)/ruff format --quiet .

clean:
	rm -rf .venv .boot build dist
