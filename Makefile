# One command for each thing that is done often; `make` lists them.

export CGO_ENABLED = 0

GOLANGCI_LINT_VERSION = v2.15.0
GOLANGCI_LINT         = bin/tools/golangci-lint-$(GOLANGCI_LINT_VERSION)
VERSION              ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME             ?= 30s

# The folder with training_setA and training_setB of the PhysioNet/CinC Challenge 2019: each as NAME.zip, as a folder, or in training/, where
# `sepsis data fetch --out DATA` puts it.
DATA ?= ../shared/data/challenge-2019
SETS = $(foreach set,training_setA training_setB,$(firstword $(wildcard $(DATA)/$(set).zip $(DATA)/$(set) $(DATA)/training/$(set)) $(DATA)/$(set).zip))

# The price list that docs/capacity.md is made with.
PRICES ?= deploy/prices.json

# The modules of which bin/sepsis is made, each with its version, as vulnerability lists name them.
MODULES = go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}' ./cmd/sepsis | LC_ALL=C sort -u | sed '/^$$/d'

COHORT = $(addprefix --data ,$(SETS))

# Puts the packages that a file pins, of the programs that are measured beside, into .venv-peers.
define peers
	python3 -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement $(1)
endef

.PHONY: help run build image sbom release test test-postgres web screenshots lint tools model evidence served documents fuzz fuzz-keep vulncheck modules bench bench-peers bench-whole bench-large bench-service request-cost soak capacity first-steps predict-memory clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## serve the API from source, on localhost:8080
	go run ./cmd/sepsis serve

# The compiler's digests of the packages that figures are computed by: results of an evaluation are kept until one changes.
build: ## build the static binary bin/sepsis
	@computing=$$(go list -export -trimpath -deps -f '{{.ImportPath}} {{.BuildID}}' ./evaluate) && \
	computing=$$(echo "$$computing" | sha256sum | cut -d ' ' -f 1) && \
	set -x && go build -trimpath -ldflags "-s -w -X main.version=$(VERSION) -X main.computing=$$computing" -o bin/sepsis ./cmd/sepsis

image: ## build the container image sepsis:VERSION from source, with Docker
	docker build --build-arg VERSION=$(VERSION) --tag sepsis:$(VERSION) .

release: ## make all that a release consists of, of the present commit's tag VERSION, in bin/release
	deploy/release.sh $(VERSION)

sbom: build ## write the bill of materials of bin/sepsis to bin/sepsis.cdx.json (CycloneDX)
	cd tools && go run ./sbom ../bin/sepsis $(VERSION) > ../bin/sepsis.cdx.json

test: ## run all tests that need nothing but Go
	go test ./...

# One package at a time: the tests of faults stop and start the one server that all of them share.
test-postgres: ## run the tests that need a PostgreSQL, beside one that is started for them
	.ci/with_postgres.sh go test -count=1 -p 1 ./postgres/... ./cmd/sepsis -run 'Conformance|Fault|Slow|Reading|Postgres'

lint: $(GOLANGCI_LINT) ## check style, formatting, the arrows between the folders, go.mod, that docs/modules.txt is current, and that nothing built is committed
	@large=$$(git ls-files -z | xargs -0 -I{} find {} -maxdepth 0 -size +4M) && test -z "$$large" || { echo "larger than 4 MiB, so not to be committed: $$large"; exit 1; }
	$(GOLANGCI_LINT) run ./...
	go mod tidy -diff
	$(MODULES) | diff docs/modules.txt - # make modules

tools: $(GOLANGCI_LINT) ## check style and tests of tools/, a module of its own
	cd tools && ../$(GOLANGCI_LINT) run --allow-serial-runners ./... && go mod tidy -diff && go test ./...

$(GOLANGCI_LINT):
	GOBIN=$(CURDIR)/bin/tools go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	mv bin/tools/golangci-lint $@

model: ## train the default model bundle from DATA; make evidence comes after it
	go run ./cmd/sepsis train $(COHORT) --out model/default.sepsis --report docs/out-of-fold.json
	go run ./cmd/sepsis data check $(SETS) > docs/cleaning.txt
	go run ./cmd/sepsis data report $(COHORT) --out bin/data-report --docs docs/data.md

# Needs Python. What it costs is written down when no result of an earlier run was used: rm -r bin/evidence/cache.
evidence: build ## compare kinds of model and evaluate the recipe on DATA (bin/evidence/report.html), and refresh the documents and docs/evaluation-cost.*
	python3 .ci/evaluation_cost.py bin/sepsis --data $(SETS) --out bin/evidence --adr docs/adr/0004-kind-of-model.md \
		--json docs/evaluation-cost.json --markdown docs/evaluation-cost.md
	cp bin/evidence/report.json docs/evidence.json
	$(MAKE) documents

# Some 45 minutes on two processors.
served: build ## cross-validate the training as a whole on DATA, as the file is served, and refresh docs/served.json and the documents
	bin/sepsis evaluate $(COHORT) --studies served --out bin/served
	cp bin/served/report.json docs/served.json
	$(MAKE) documents

documents: ## make the model card, the TRIPOD+AI checklist, the figures of the README and of ADR 0006, monitor/scores.json and evidence/shipped.json again from docs/evidence.json and, if it is there, docs/served.json
	go run ./cmd/sepsis model documents --report docs/evidence.json $(addprefix --served ,$(wildcard docs/served.json)) --docs docs --readme README.md --adr docs/adr/0006-forecasts.md --scores monitor/scores.json --shown evidence/shipped.json

web: ## check the page in a real browser: types, every flow, accessibility, speed
	bash .ci/web.sh

screenshots: ## take the pictures of docs/screenshots again
	bash .ci/web.sh screenshots

fuzz: ## run each fuzz target, or those in FUZZERS, for FUZZTIME, and write down in docs/fuzzing.md what ran
	python3 .ci/fuzz.py $(FUZZTIME) $(FUZZERS) --markdown docs/fuzzing.md

fuzz-keep: ## keep the part of what fuzz found that reaches most, below testdata/fuzz, for go test to run each time
	python3 .ci/fuzz_keep.py

vulncheck: ## check the modules against the Go vulnerability database, which is fetched
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

modules: ## refresh docs/modules.txt, for a check against a vulnerability list where that database cannot be reached
	$(MODULES) > docs/modules.txt

bench: ## run all benchmarks
	go test -run '^$$' -bench . -benchmem ./...

# The machine must be free. KEEP_PROMISES=1 makes this and bench-service fail when a promise is missed.
request-cost: ## measure the processor time of a request beside a bare handler's, and refresh docs/request-cost.md
	SEPSIS_KEEP_PROMISES=$(KEEP_PROMISES) SEPSIS_REQUEST_COST=$(CURDIR)/docs/request-cost.md go test ./cmd/sepsis -count=1 -run '^TestRequestCost$$' -v

# The machine must be free. Needs wrk and Python. SOAK="--seconds 20" tries it.
soak: build ## answer a million requests, see that the service starts fast, stays small and does not grow, and refresh docs/soak.*
	python3 .ci/soak.py bin/sepsis --json docs/soak.json --markdown docs/soak.md $(SOAK)

# The machine must be free. Needs Linux with two processors and Python.
capacity: build ## measure what a prediction costs, and refresh docs/capacity.*, with the prices of PRICES
	python3 .ci/capacity.py --docs docs --prices $(PRICES)

# The machine must be free. Needs Python and, for the image, root and buildah, which is installed on Debian.
first-steps: ## time a new user's way from a clone to a prediction, and refresh docs/first-steps.md
	.ci/first_steps.sh --docs docs/first-steps.md

# Needs Python.
predict-memory: ## measure memory and rate of sepsis predict on parts of DATA, and refresh docs/predicting.md
	.ci/predict_memory.sh --data $(SETS) --forms csv parquet --times 0.25 0.5 1 --docs docs/predicting.md

# The machine must be free; `sepsis features --data ... --out FEATURES` makes the file. Needs Python.
bench-peers: ## measure gbdt beside XGBoost and LightGBM on FEATURES and how training grows, and refresh docs/gbdt-benchmark.*
	$(call peers,gbdt/testdata/requirements.txt)
	.venv-peers/bin/python gbdt/testdata/peers.py --features $(FEATURES) --rounds 50 --growth --growth-rounds 20 \
		--out docs/gbdt-benchmark.json --markdown docs/gbdt-benchmark.md --plot docs/gbdt-growth.svg
	.venv-peers/bin/python gbdt/testdata/peers.py --features $(FEATURES) --rounds 50 --losses 5 \
		--out docs/gbdt-log-loss.json --markdown docs/gbdt-log-loss.md --readme gbdt/README.md

# As bench-peers, without its growth and its loss by cross-validation: some 12 minutes.
bench-whole: ## measure gbdt beside XGBoost and LightGBM on all of FEATURES, and refresh docs/gbdt-whole-matrix.* and gbdt/README.md
	$(call peers,gbdt/testdata/requirements.txt)
	.venv-peers/bin/python gbdt/testdata/peers.py --features $(FEATURES) --rounds 50 --out docs/gbdt-whole-matrix.json --markdown docs/gbdt-whole-matrix.md \
		--readme gbdt/README.md

# The machine must be free, with 8 GiB or more. Needs Python.
bench-large: ## train gbdt on 10 million synthetic rows, and refresh docs/gbdt-large.json and gbdt/README.md
	$(call peers,gbdt/testdata/requirements.txt)
	.venv-peers/bin/python gbdt/testdata/peers.py --large 24 --out docs/gbdt-large.json --readme gbdt/README.md

# The machine must be free. Needs Linux with two processors, wrk and Python.
bench-service: build ## measure the service beside FastAPI, Pydantic and XGBoost, and refresh docs/service-benchmark.*
	$(call peers,bench/requirements.txt)
	.venv-peers/bin/python bench/service.py --sepsis bin/sepsis --json docs/service-benchmark.json --markdown docs/service-benchmark.md $(if $(KEEP_PROMISES),--keep-promises)

clean: ## remove what was built
	rm -rf bin .venv .venv-spark .venv-peers coverage.*
