#!/usr/bin/env bash
# The image, without a Docker daemon and without a registry: BuildKit's linter over the whole Dockerfile, Docker's own library over the Compose
# file, and two images by buildah, each run as it is meant to be (read-only, not as root, with the image's own command): around
# a binary that was built before, and by all stages from source. For the base image of the first stage, which no registry gives
# here, stands one that is made of this machine's Go and of the programs that the stage calls. Needs Go and root; installs buildah.
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/install.sh buildah

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

echo 'keys and passwords of an installation stay out of the build context, and what was installed for checks'
context=$scratch/context
mkdir -p "$context"/{deploy,.venv-spark,web/test/node_modules}
cp .dockerignore "$context/"
touch "$context"/{.env,.env.pilot,metrics.key,tls.pem,go.mod} "$context/deploy"/{.env,patient-id.key,tls.pem} \
	"$context"/.venv-spark/libxgboost.so "$context/web/test/node_modules/playwright.js"
printf 'FROM scratch\nCOPY . /\n' >"$context/Dockerfile"
buildah bud --quiet --format docker --tag context:ci "$context" >/dev/null
sent=$(cd "$(buildah mount "$(buildah from --pull-never context:ci)")" && find . -type f | sort | tr '\n' ' ')
[ "$sent" = './Dockerfile ./go.mod ' ] || { echo "sent: $sent" >&2; exit 1; }
buildah rm --all >/dev/null

make build
rm -rf bin/image && mkdir -p bin/image
cp bin/sepsis /etc/ssl/certs/ca-certificates.crt bin/image/
buildah bud --quiet --format docker --build-arg FROM_STAGE=prebuilt --build-arg VERSION=ci --tag sepsis:ci . >/dev/null
run_image() { # NAME
	buildah inspect --type image "$1" >"$scratch/image.json"
	python3 .ci/image.py "$scratch/image.json" "$(buildah mount "$(buildah from --pull-never "$1")")"
}
run_image sepsis:ci
buildah rm --all >/dev/null # some kinds of storage keep a whole copy of each

echo 'all stages, from source'
base=$(buildah from scratch)
root=$(buildah mount "$base")
mkdir -p "$root"/{bin,etc/ssl/certs,go,root,tmp,usr/bin,usr/local}
cp -R "$(go env GOROOT)" "$root/usr/local/go"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
for program in sh bash make sha256sum cut mkdir cp; do
	cp "$(command -v $program)" "$root/bin/"
	ldd "$(command -v $program)" | grep -o '/[^ ]*' | while read -r library; do install -D "$library" "$root$library"; done
done
buildah config --env PATH=/usr/local/go/bin:/bin --env GOPATH=/go --env GOTOOLCHAIN=local "$base"
buildah commit --quiet "$base" "docker.io/library/golang:$(sed -n 's/^ARG GO_VERSION=//p' Dockerfile)" >/dev/null
buildah rm "$base" >/dev/null
# What was downloaded and compiled before is at hand, as it would be to a second build.
buildah bud --quiet --format docker --pull-never --build-arg FROM_STAGE=build --build-arg "TARGETARCH=$(go env GOARCH)" --build-arg VERSION=ci --tag sepsis:source \
	--volume "$(go env GOMODCACHE):/go/pkg/mod" --volume "$(go env GOCACHE):/root/.cache/go-build" . >"$scratch/build.log" || { cat "$scratch/build.log" >&2; exit 1; }
run_image sepsis:source
