#!/usr/bin/env bash
# Makes everything that a release consists of, for the tag of the present commit:
#
#     deploy/release.sh v1.2.3 [FOLDER]
#
# FOLDER (bin/release) gets an archive with the binary for each system, a bill of materials (CycloneDX) for each, the Python
# package, the image for each processor, for `docker load`, and SHA256SUMS. The same commit and Go release give the same
# archives. Needs buildah; with WITHOUT_IMAGE=1 there are no images. With SNAPSHOT=1 any commit and name will do: to try it out.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -ge 1 ] || { echo 'usage: deploy/release.sh VERSION [FOLDER]' >&2; exit 2; }
version=$1
out=${2:-bin/release}
targets=${TARGETS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64}

if [ "${SNAPSHOT:-0}" != 1 ]; then
	[[ $version =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9a-z.]+)?$ ]] || { echo "$version is not a version such as v1.2.3" >&2; exit 1; }
	[ "$(git describe --exact-match --match "$version" 2>/dev/null)" = "$version" ] || { echo "the present commit does not have the tag $version" >&2; exit 1; }
	[ -z "$(git status --porcelain)" ] || { echo 'there are changes that are not committed' >&2; exit 1; }
	grep -q "^## ${version#v}" CHANGELOG.md || { echo "CHANGELOG.md has no section ## ${version#v}" >&2; exit 1; }
fi

if [ "${WITHOUT_IMAGE:-0}" != 1 ] && ! command -v buildah >/dev/null; then
	echo 'the images need buildah, which is not installed; WITHOUT_IMAGE=1 makes the release without them' >&2
	exit 1
fi

rm -rf "$out"
mkdir -p "$out"
out=$(cd "$out" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
commit_time=$(git log -1 --format=%ct)

build() { # SYSTEM PROCESSOR: leaves bin/sepsis
	GOOS=$1 GOARCH=$2 make build VERSION="$version" >/dev/null
}

archive() { # SYSTEM PROCESSOR
	local name=sepsis-$version-$1-$2
	mkdir "$scratch/$name"
	cp bin/sepsis LICENSE README.md README.fr.md CHANGELOG.md CONTRIBUTING.md "$scratch/$name"
	cp -R docs "$scratch/$name" # those who run it read on a bad day, and perhaps without a network
	mkdir -p "$scratch/$name/clients/python" && cp clients/python/README.md "$scratch/$name/clients/python"
	mkdir "$scratch/$name/deploy"
	cp -R deploy/rolling deploy/monitoring "$scratch/$name/deploy"
	if [ "$1" = linux ]; then cp deploy/systemd/sepsis.service "$scratch/$name"; fi
	tar --directory "$scratch" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$commit_time" --mode='u+rw,go+r-w' \
		--create "$name" | gzip --no-name --best >"$out/$name.tar.gz"
	(cd tools && go run ./sbom ../bin/sepsis "$version") >"$out/$name.cdx.json"
}

image() { # PROCESSOR
	rm -rf bin/image && mkdir -p bin/image
	cp bin/sepsis /etc/ssl/certs/ca-certificates.crt bin/image/
	local storage=(--root "$scratch/root" --runroot "$scratch/run" --storage-driver vfs)
	buildah "${storage[@]}" bud --quiet --format docker --isolation chroot --arch "$1" --timestamp "$commit_time" \
		--build-arg FROM_STAGE=prebuilt --build-arg VERSION="$version" --tag "sepsis:$1" . >/dev/null
	buildah "${storage[@]}" push --quiet "sepsis:$1" "docker-archive:$out/sepsis-$version-image-$1.tar:sepsis:$version"
}

for target in $targets; do
	system=${target%/*} processor=${target#*/}
	echo "$target"
	build "$system" "$processor"
	archive "$system" "$processor"
	if [ "$system" = linux ] && [ "${WITHOUT_IMAGE:-0}" != 1 ]; then image "$processor"; fi
done

# What follows a hyphen goes where PEP 440 takes any text: v1.2.3-rc.1 is 1.2.3.dev0+rc.1, which comes before 1.2.3.
python_version() {
	local number=0.0.0 rest=${version//[^0-9A-Za-z]/.}
	if [[ $version =~ ^v([0-9]+\.[0-9]+\.[0-9]+)(-(.+))?$ ]]; then number=${BASH_REMATCH[1]} rest=${BASH_REMATCH[3]//[^0-9A-Za-z]/.}; fi
	echo "$number${rest:+.dev0+$rest}"
}

cp -R clients/python "$scratch/client"
sed --in-place "s/^version = .*/version = \"$(python_version)\"/" "$scratch/client/pyproject.toml"
python3 -m venv "$scratch/venv"
SOURCE_DATE_EPOCH=$commit_time "$scratch/venv/bin/pip" wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$out" "$scratch/client"

(cd "$out" && sha256sum -- * >"$scratch/SHA256SUMS" && mv "$scratch/SHA256SUMS" .)
ls -l "$out"
