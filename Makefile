# One command for each thing that is done often; `make` lists them.

export CGO_ENABLED = 0

GOLANGCI_LINT_VERSION = v2.15.0
GOLANGCI_LINT         = bin/tools/golangci-lint-$(GOLANGCI_LINT_VERSION)
VERSION              ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME             ?= 30s

# The folder with training_setA.zip and training_setB.zip of the PhysioNet/CinC Challenge 2019.
DATA ?= ../shared/data/challenge-2019

.PHONY: help run build test lint model evidence fuzz bench clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## serve the API from source, on localhost:8080
	go run ./cmd/sepsis serve

build: ## build the static binary bin/sepsis
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/sepsis ./cmd/sepsis

test: ## run all tests that need nothing but Go
	go test ./...

lint: $(GOLANGCI_LINT) ## check style, formatting, the arrows between the folders, and go.mod
	$(GOLANGCI_LINT) run ./...
	go mod tidy -diff

$(GOLANGCI_LINT):
	GOBIN=$(CURDIR)/bin/tools go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	mv bin/tools/golangci-lint $@

model: ## train the default model bundle from DATA
	go run ./cmd/sepsis train --data $(DATA)/training_setA.zip --data $(DATA)/training_setB.zip --out model/default.sepsis --report docs/out-of-fold.json
	go run ./cmd/sepsis data check $(DATA)/training_setA.zip $(DATA)/training_setB.zip > docs/cleaning.txt
	go run ./cmd/sepsis model card --format markdown > docs/model-card.md
	go run ./cmd/sepsis data report --data $(DATA)/training_setA.zip --data $(DATA)/training_setB.zip --out bin/data-report --docs docs/data.md

evidence: build ## evaluate the recipe on DATA: the report is bin/evidence/report.html
	bin/sepsis evaluate --data $(DATA)/training_setA.zip --data $(DATA)/training_setB.zip --out bin/evidence

fuzz: ## run each fuzz target for FUZZTIME
	@set -e; for package in $$(go list ./...); do \
		names=$$(go test -list '^Fuzz' $$package); \
		for name in $$(echo "$$names" | grep '^Fuzz'); do \
			echo "$$package $$name"; \
			go test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

bench: ## run all benchmarks
	go test -run '^$$' -bench . -benchmem ./...

clean: ## remove what was built
	rm -rf bin .venv coverage.*
