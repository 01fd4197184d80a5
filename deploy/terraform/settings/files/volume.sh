#!/bin/bash
# At each boot, before anything is mounted: waits for the data volume, which is attached only once the instance exists, and makes
# a file system where there is nothing at all. What holds anything is never overwritten.
set -euo pipefail
device=/dev/sdf
seconds=${volume_seconds}

for ((waited = 0; waited < seconds; waited++)); do
	[ ! -e "$device" ] || break
	sleep 1
done
if [ ! -e "$device" ]; then
	echo "sepsis: no data volume at $device after $seconds s: attach it and reboot" >&2
	exit 1
fi

# 0: blkid knows what is there; 2: there is nothing; others: it cannot tell.
found=0
blkid --probe "$device" >/dev/null || found=$?
if [ "$found" = 2 ]; then
	# Without -f it refuses by itself what holds something.
	mkfs.xfs -q -L sepsis "$device"
	udevadm settle
	exit
fi
if [ "$(blkid --probe --output value --match-tag LABEL "$device")" != sepsis ]; then
	echo "sepsis: $device holds something else than the data volume and is left as it is" >&2
	exit 1
fi
