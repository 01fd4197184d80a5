#!/usr/bin/env bash
# Installs Debian's packages of those programs that are not there: install.sh PROGRAM[=PACKAGE[,PACKAGE]] ... Where no package is named, it has
# the program's name. Needs root, or sudo, when there is something to install.
set -euo pipefail

# Where programs stand that not everybody's PATH leads to; PostgreSQL's server is in none.
PATH=$PATH:/usr/sbin:$(printf '%s:' /usr/lib/postgresql/*/bin)

missing=()
for need in "$@"; do
	command -v "${need%%=*}" >/dev/null && continue
	IFS=, read -ra packages <<<"${need#*=}"
	missing+=("${packages[@]}")
done
[ ${#missing[@]} -gt 0 ] || exit 0
as_root=(env)
[ "$(id -u)" = 0 ] || as_root=(sudo)
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
