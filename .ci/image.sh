#!/usr/bin/env bash
# The image, without a Docker daemon: BuildKit's linter over the whole Dockerfile, Docker's own library over the Compose file, the last stage built from a binary by
# buildah and run as it is meant to be (read-only, not as root, with the image's own command), and a build from just the
# files that .dockerignore lets through. Needs Go and root; installs buildah.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v buildah >/dev/null || apt-get install --quiet --quiet --no-install-recommends buildah >/dev/null

scratch=$(mktemp -d)
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
buildah() { command buildah --root "$scratch/root" --runroot "$scratch/run" "$@"; }
cleanup() {
	buildah rm --all >/dev/null 2>&1 || true
	rm -rf "$scratch"
}
trap cleanup EXIT

echo 'tools: style and tests'
make tools

echo 'BuildKit'\''s linter, and Docker'\''s reader of Compose files'
(cd tools && go run ./dockerlint ../Dockerfile && go run ./composecheck ../docker-compose.yml POSTGRES_PASSWORD=x)

make build
rm -rf bin/image && mkdir -p bin/image
cp bin/sepsis /etc/ssl/certs/ca-certificates.crt bin/image/
buildah bud --quiet --format docker --build-arg FROM_STAGE=prebuilt --build-arg VERSION=ci --tag sepsis:ci . >/dev/null
buildah inspect --type image sepsis:ci >"$scratch/image.json"
container=$(buildah from --pull-never sepsis:ci)
root=$(buildah mount "$container")

python3 .ci/image.py "$scratch/image.json" "$root"

echo 'a build from what .dockerignore lets through'
printf 'FROM scratch\nCOPY . /\n' | buildah bud --quiet --file - --tag context . >/dev/null
context=$(buildah mount "$(buildah from --pull-never context)")
test ! -e "$context/.git" -a ! -e "$context/docs"
(cd "$context" && make build VERSION=ci >/dev/null)
"$context/bin/sepsis" version
