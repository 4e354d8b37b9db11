# Short verbs. `make sure` is exactly what continuous integration runs.
.PHONY: help sure fast test lint types floors contract web demo serve lock rgw faults bench

DEV = ./qianbai dev

help:      ## these verbs
	@grep -hE '^[a-z]+: +## ' $(MAKEFILE_LIST) | sed 's/: *## /\t/'

sure:      ## everything, from nothing
	.ci/run

fast:      ## what changed most likely: style, floors, pure rules; under a minute
	$(DEV) ruff check . && $(DEV) lint-imports && ./qianbai test -m 'not slow' -x

test:      ## all tests; ARGS='-k visits' for some
	./qianbai test $(ARGS)

lint:      ## style and format
	$(DEV) ruff check . && $(DEV) ruff format --check .

types:     ## mypy --strict
	$(DEV) mypy

floors:    ## who may import whom
	$(DEV) lint-imports

contract:  ## writes openapi.yaml from the code
	$(DEV) python -m service.cli contract

web:       ## builds the web apps into web/dist, which is committed; needs Node 20 or later, see CONTRIBUTING.md
	cd web && npm ci && npm run types && npm run check && npm test && npm run build

demo:      ## a city worth clicking, on http://127.0.0.1:8000
	./qianbai serve --demo

serve:
	./qianbai serve

lock:      ## newest allowed versions into the two lock files; no registry's address is written
	$(DEV) uv pip compile $(LOCK) --extra heic pyproject.toml --output-file requirements.lock
	$(DEV) uv pip compile $(LOCK) --extra heic --extra dev --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock

LOCK = --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

rgw:       ## the photo store against a real Ceph RGW, before a release; QIANBAI_RGW and AWS_* name one that runs already
	$(DEV) python -m tests.support.rgw
	QIANBAI_REQUIRE=rgw ./qianbai test -m s3 -k rgw

faults:    ## kills, cuts and lies, the long form, and what was lost; ARGS='--only crash-loop --faults 50', tests/faults/README.md
	$(DEV) python -m tests.faults $(ARGS)

bench:     ## compares web servers; the other measurements are described in bench/README.md
	$(DEV) python -m bench.servers
