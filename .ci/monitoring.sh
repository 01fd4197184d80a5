#!/usr/bin/env bash
# The rules and the dashboard against a real Prometheus that watches a real service, and the dashboard against the types of Grafana's own schemas.
# Needs Go and Python; installs Prometheus.
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/install.sh prometheus

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

promtool check config --syntax-only deploy/monitoring/prometheus.yml
promtool test rules .ci/alerts_test.yml
(cd tools && go run ./dashboardcheck ../deploy/monitoring/dashboard.json)
make build
python3 .ci/monitoring.py "$scratch"
