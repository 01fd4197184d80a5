#!/usr/bin/env bash
# A release of the present commit, for trial: what it consists of, and that the same commit gives the same archive. Needs Go,
# Python and root; buildah, which .ci/image.sh installs.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
require() { "$@" || { echo "does not hold: $*" >&2; exit 1; }; }

if deploy/release.sh v0.0.0-none "$scratch/refused" 2>/dev/null; then
	echo 'a release without its tag was made' >&2
	exit 1
fi

SNAPSHOT=1 TARGETS='linux/amd64 linux/arm64 darwin/arm64' deploy/release.sh v0.0.0-trial "$scratch/first"
cd "$scratch/first"
require sha256sum --quiet --check SHA256SUMS
for target in linux-amd64 linux-arm64 darwin-arm64; do
	require test -s "sepsis-v0.0.0-trial-$target.tar.gz"
	require grep -q '"bomFormat": "CycloneDX"' "sepsis-v0.0.0-trial-$target.cdx.json"
done
require grep -q '"version": "v0.0.0-trial"' sepsis-v0.0.0-trial-linux-amd64.cdx.json
for processor in amd64 arm64; do
	tar --extract --to-stdout --file "sepsis-v0.0.0-trial-image-$processor.tar" >"$scratch/image-$processor"
	require grep -q "\"architecture\":\"$processor\"" "$scratch/image-$processor"
done
require ls sepsis_client-*.whl
tar --extract --file sepsis-v0.0.0-trial-linux-amd64.tar.gz --directory "$scratch"
require [ "$("$scratch/sepsis-v0.0.0-trial-linux-amd64/sepsis" version)" = 'sepsis v0.0.0-trial' ]
cd - >/dev/null

SNAPSHOT=1 TARGETS=linux/amd64 deploy/release.sh v0.0.0-trial "$scratch/second" >/dev/null
require cmp "$scratch/first/sepsis-v0.0.0-trial-linux-amd64.tar.gz" "$scratch/second/sepsis-v0.0.0-trial-linux-amd64.tar.gz"
require cmp "$scratch/first/sepsis-v0.0.0-trial-linux-amd64.cdx.json" "$scratch/second/sepsis-v0.0.0-trial-linux-amd64.cdx.json"
require cmp "$scratch/first"/sepsis_client-*.whl "$scratch/second"/sepsis_client-*.whl
