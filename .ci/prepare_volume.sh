#!/usr/bin/env bash
# Runs the script that looks after an instance's data volume ($1), with a file in the place of the device and the real blkid and
# mkfs.xfs, and looks at what is on the "volume" afterwards.
set -euo pipefail

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
device=$scratch/sdf
sed "s#^device=.*#device=$device#; s#^seconds=.*#seconds=\${SECONDS_TO_WAIT:-1}#" "$1" >"$scratch/volume"
mkdir "$scratch/bin"
printf '#!/bin/bash\n' >"$scratch/bin/udevadm"
chmod +x "$scratch/bin/udevadm"

volume() { PATH=$scratch/bin:$PATH:/sbin:/usr/sbin bash "$scratch/volume" 2>"$scratch/errors"; }
require() { "$@" || { echo "does not hold: $*" >&2; cat "$scratch/errors" >&2; exit 1; }; }
refused() { # WHY: the script fails, says why, and leaves the volume as it is
	local before
	before=$(sha256sum "$device" 2>/dev/null || true)
	! volume && grep -q "$1" "$scratch/errors" && [ "$before" = "$(sha256sum "$device" 2>/dev/null || true)" ]
}
tag() { blkid --probe --output value --match-tag "$1" "$device"; }

require refused 'no data volume'

# A late one: it appears while the script waits.
{ sleep 2 && truncate --size 512M "$scratch/late" && mv "$scratch/late" "$device"; } &
SECONDS_TO_WAIT=60 require volume
wait
require [ "$(tag TYPE) $(tag LABEL)" = 'xfs sepsis' ]

# The next boot changes nothing.
before=$(tag UUID)
require volume
require [ "$before" = "$(tag UUID)" ]

# Another file system, whatever its label, is nobody's to overwrite.
for label in other ''; do
	rm "$device"
	truncate --size 16M "$device"
	mkfs.ext4 -q -L "$label" "$device"
	require refused 'holds something else'
done
echo 'waited for, made once, and never overwritten'
