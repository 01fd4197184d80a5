#!/usr/bin/env bash
# A new user's way from a clone to a prediction, timed: see first_steps.py. Needs Go, Python, git and curl; installs buildah.
set -euo pipefail
cd "$(dirname "$0")/.."
.ci/install.sh buildah
python3 .ci/test_first_steps.py
python3 .ci/first_steps.py "$@"
