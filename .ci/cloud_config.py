"""Checks a cloud-init document beyond its schema, and takes out the files that it writes and the scripts of its bootcmd.

    python cloud_config.py USER_DATA FOLDER

The schema lets unknown top-level keys pass, such as run_cmd for runcmd: they are held against those that it names.
Needs Debian's cloud-init and python3-yaml.
"""

import json
import pathlib
import sys

import cloudinit.config
import yaml


def known_keys():
    """The top-level keys of cloud-init's own schema."""
    folder = pathlib.Path(cloudinit.config.__file__).parent / "schemas"
    schema = json.loads((folder / "schema-cloud-config-v1.json").read_text(encoding="utf-8"))
    return {key for part in schema["$defs"].values() for key in part.get("properties", {})}


def main():
    """Checks one document."""
    text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    if unknown := set(document) - known_keys():
        sys.exit(f"{sys.argv[1]}: unknown keys {sorted(unknown)}")
    if (size := len(text.encode())) > 16 << 10:
        sys.exit(f"{sys.argv[1]}: {size} bytes; EC2 takes 16 KiB")
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir()
    for number, command in enumerate(document["bootcmd"]):
        (folder / f"bootcmd-{number}").write_text(command[-1], encoding="utf-8")
    for file in document["write_files"]:
        (folder / pathlib.PurePath(file["path"]).name).write_text(file["content"], encoding="utf-8")
    print(f"{sys.argv[1]}: {', '.join(sorted(document))}; {len(document['write_files'])} files")


main()
