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

mkdir "$scratch/bare" # a machine without buildah
ln -s "$(command -v bash)" "$(command -v dirname)" "$scratch/bare"
if refusal=$(PATH=$scratch/bare SNAPSHOT=1 deploy/release.sh v0.0.0-trial "$scratch/refused" 2>&1); then
	echo 'a release without its images was made' >&2
	exit 1
fi
require grep -q WITHOUT_IMAGE <<<"$refusal"

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
require test -s sepsis_client-0.0.0.dev0+trial-py3-none-any.whl
cd - >/dev/null

# The first commands of docs/operator-guide.md must unpack it, and what the guide then installs and runs must be there.
sed -n '/^```sh$/,/^```$/{//!p}' docs/operator-guide.md | sed 's/v1\.2\.3/v0.0.0-trial/g' >"$scratch/guide"
sed '/^install/,$d' "$scratch/guide" >"$scratch/unpack"
(
	cd "$scratch/first"
	source "$scratch/unpack"
	for file in $(awk '$1 == "install" && $2 == "-m" { print $4 }' "$scratch/guide") deploy/monitoring/{alerts.yml,dashboard.json} deploy/rolling/haproxy.cfg; do
		require test -s "$file"
	done
	require test -x deploy/rolling/roll.sh
	for file in $(grep -ohP '\]\((?!https?:)\K[^)#]+' README.md README.fr.md | sort -u); do require test -e "$file"; done
	require [ "$(./sepsis version)" = 'sepsis v0.0.0-trial' ]
)

SNAPSHOT=1 TARGETS=linux/amd64 deploy/release.sh v0.0.0-trial "$scratch/second" >/dev/null
require cmp "$scratch/first/sepsis-v0.0.0-trial-linux-amd64.tar.gz" "$scratch/second/sepsis-v0.0.0-trial-linux-amd64.tar.gz"
require cmp "$scratch/first/sepsis-v0.0.0-trial-linux-amd64.cdx.json" "$scratch/second/sepsis-v0.0.0-trial-linux-amd64.cdx.json"
require cmp "$scratch/first"/sepsis_client-*.whl "$scratch/second"/sepsis_client-*.whl
