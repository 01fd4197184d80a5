#!/usr/bin/env bash
# Replaces the instances behind a balancer one after the other, so that no request is lost:
#
#     roll.sh COMMAND URL...
#
# COMMAND URL restarts the instance at that address with what is to run from now on, such as a script that calls
# `ssh HOST systemctl restart sepsis`, and returns when the old process has ended. The next instance follows when this
# one has been healthy for SETTLE seconds (5), longer than the balancer needs to notice. When one does not become healthy
# within PATIENCE seconds (60), nothing more is touched and the script fails: the others still run what ran before. Going
# back is the same script with a COMMAND that starts the old version.
set -euo pipefail

[ $# -ge 2 ] || { echo 'usage: roll.sh COMMAND URL...' >&2; exit 2; }
command=$1
shift
settle=${SETTLE:-5}
patience=${PATIENCE:-60}

healthy_since() { # URL: waits until it has been healthy for long enough
	local began=$SECONDS since=
	while [ $((SECONDS - began)) -lt "$patience" ]; do
		if "${SEPSIS:-sepsis}" health --url "$1" --timeout 2s >/dev/null 2>&1; then
			since=${since:-$SECONDS}
			[ $((SECONDS - since)) -lt "$settle" ] || return 0
		else
			since=
		fi
		sleep 0.2
	done
	return 1
}

for url in "$@"; do
	echo "$(date -u +%FT%TZ) restarting $url"
	"$command" "$url"
	if ! healthy_since "$url"; then
		echo "$url is not healthy after $patience s; the instances after it were not touched" >&2
		exit 1
	fi
done
echo "$(date -u +%FT%TZ) all $# instances are healthy"
