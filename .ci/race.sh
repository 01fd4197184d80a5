#!/usr/bin/env bash
# The race detector on what serves, records, counts and learns at the same time. Needs Go and a C compiler, which it installs on Debian.
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/install.sh gcc=gcc,libc6-dev
export CGO_ENABLED=1
# sqlstore, which has no tests of its own, runs under those of sqlite.
go test -race -count=1 -timeout 10m ./gbdt ./server/... ./access/... ./audit/... ./monitor/... ./sqlite/... ./load/... ./cdsclient ./fhir ./linear ./neural ./parallel
# Of the model what trains and predicts on many goroutines; all of it would take minutes and hold no more of them.
go test -race -count=1 -timeout 10m ./model -run '^Test(MarginsOfManyRows|ExplanationDescribes|ForecastsFollowTheSite)$'
# The program: listening, access, shutdown, another model in use, faults of clients, and the real process under load.
go test -race -count=1 -timeout 10m ./cmd/sepsis -run '^Test(WhoNeedsAKey|KeysOfTheCommandLine|Shutdown|SecondSignalEndsAtOnce|ReloadOnHangup|FlushComesLast|Health.*|SlowClients|ConnectionsAreBounded|BodiesOfAnyLength|APanicIsOfOneRequest|ServeEndsWhenAsked|Bench|TerminatedUnderLoad|KilledDuringABatch)$'
