"""Whether there is room on the disk for what is going to be written.

    python room.py FOLDER=GIB...

Says how much is free where each folder is, or will be, and fails where that is less than what all folders on the same file system
need together.
"""

import os
import pathlib
import sys

GIB = 2**30


def existing(folder):
    """The folder, or the nearest above it that there is already."""
    folder = pathlib.Path(folder).absolute()
    return next(path for path in (folder, *folder.parents) if path.exists())


def device(folder):
    """What tells one file system from another."""
    return existing(folder).stat().st_dev


def free(folder):
    """Bytes that this user may still write there."""
    room = os.statvfs(existing(folder))
    return room.f_bavail * room.f_frsize


def parse(arguments):
    """(folder, GiB) of each argument."""
    try:
        return [(folder, float(gib)) for folder, gib in (argument.rsplit("=", 1) for argument in arguments)]
    except ValueError:
        sys.exit(__doc__)


def disks(wanted, device_of=device):
    """What is wanted of each file system: its folders, and their GiB together."""
    together = {}
    for folder, gib in wanted:
        folders, sum_of = together.get(device_of(folder), ([], 0.0))
        together[device_of(folder)] = ([*folders, folder], sum_of + gib)
    return list(together.values())


def judge(wanted, device_of=device, free_of=free):
    """A line for each file system, with what to do where one has too little room, and whether all have enough."""
    lines, enough = [], True
    for folders, gib in disks(wanted, device_of):
        has = free_of(folders[0]) / GIB
        lines.append(f"{', '.join(folders)}: {has:.1f} GiB are free, {gib:g} GiB are needed")
        enough = enough and has >= gib
    if not enough:
        lines.append("too little room, so nothing was begun: `make clean` removes what was built here, `go clean -cache` what Go keeps, "
                     "and TMPDIR=FOLDER puts what is temporary on another disk")
    return lines, enough


def main():
    """Says it, and fails where there is too little."""
    lines, enough = judge(parse(sys.argv[1:]))
    print("\n".join(lines), file=sys.stdout if enough else sys.stderr)
    sys.exit(not enough)


if __name__ == "__main__":
    main()
