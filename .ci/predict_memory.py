"""Measures the memory of `sepsis predict` on inputs of several lengths.

    python predict_memory.py [--data ZIP ...] [--forms csv parquet zip] [--times 3 9] [--judge | --docs docs/predicting.md]

The stays of the data, or some synthetic ones, so many times (with other patient ids; of a part evenly chosen ones), as a CSV table, as
Parquet in one row group, and as files in a .zip; written in the same form. With --docs, as `make predict-memory` calls it, the table replaces what
stands in that file between <!-- memory --> and <!-- /memory -->, with commit, day and load.

With --judge it fails when the longest input takes over 20 MiB more than the shortest, but for what is promised: 14 bytes a stay of a table, 1,000 bytes a stay of
a .zip, and what Parquet's footer needs. The collector is then told to leave little (GOGC=20): what it leaves otherwise differs by more
than that from run to run. The shortest input must have some 150,000 hours: until then pages and compressors grow to their size. Needs pyarrow.
"""

import argparse
import csv
import datetime
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "bin/sepsis"
MARKED = re.compile(r"(<!-- memory -->\n).*?(<!-- /memory -->)", re.DOTALL)
NOISE = 20  # MiB
TIMES = [3, 9]
FORMS = ["csv", "parquet", "zip"]
# Bytes that may be kept: of each stay, and of each hour (100 columns' places and bounds for 10,000 rows in a Parquet footer).
KEPT = {"csv": (14, 0), "parquet": (14, 1), "zip": (1000, 0)}
TO_PARQUET = """
import sys, pyarrow, pyarrow.csv, pyarrow.parquet
types = pyarrow.csv.ConvertOptions(column_types={"patient_id": pyarrow.string()})
table = pyarrow.csv.read_csv(sys.argv[1], convert_options=types)
pyarrow.parquet.write_table(table, sys.argv[2], compression="zstd", row_group_size=max(1, len(table)))
"""


def synthetic(folder):
    """An archive of made-up stays."""
    subprocess.run([PROGRAM, "data", "synth", "--stays", "1200", "--out", folder / "made"], stdout=subprocess.DEVNULL, check=True)
    with zipfile.ZipFile(folder / "made.zip", "w") as archive:
        for file in sorted((folder / "made").rglob("*.psv")):
            archive.write(file, file.relative_to(folder / "made"))
    return [folder / "made.zip"]


def stays(archives, times):
    """Names and texts of the stays, so many times; of a part evenly chosen ones."""
    for again in range(max(1, int(times))):
        place = 0
        for path in archives:
            with zipfile.ZipFile(path) as archive:
                for name in sorted(archive.namelist()):
                    if not name.endswith(".psv"):
                        continue
                    place += 1
                    if int(place * times) != int((place - 1) * times):
                        yield f"{'-'.join(pathlib.PurePath(name).with_suffix('').parts[-2:])}-{again}", archive.read(name).decode()


def write(archives, times, form, target):
    """An input; gives the number of its stays and hours."""
    counts = [0, 0]

    def counted():
        for name, text in stays(archives, times):
            counts[0] += 1
            counts[1] += text.rstrip().count("\n")
            yield name, text
    if form == "zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in counted():
                archive.writestr(f"stays/{name}.psv", text)
        return counts
    table = target.with_suffix(".csv")
    with open(table, "w", encoding="utf-8", newline="") as file:
        rows, header = csv.writer(file), None
        for name, text in counted():
            first, *lines = text.split("\n")
            if header is None:
                header = ["patient_id", *first.split("|")]
                rows.writerow(header)
            rows.writerows([name, *line.replace("NaN", "").split("|")] for line in lines if line)
    if form == "parquet":
        subprocess.run([sys.executable, "-c", TO_PARQUET, table, target], check=True)
        table.unlink()
    return counts


def peak(arguments, eager):
    """Runs the program, and gives the most memory that it held (MiB) and the processor seconds. This process is far smaller."""
    environment = {**os.environ, "GOGC": "20"} if eager else None
    process = subprocess.Popen([PROGRAM, "predict", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(said)
    return usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def measure(archives, form, times, folder, eager):
    """One input, made, predicted and removed again."""
    target, out = folder / f"input.{form}", folder / ("out" if form == "zip" else f"out.{form}")
    count = write(archives, times, form, target)
    memory, seconds = peak(["--data", target, "--out", out, "--threads", "2"], eager)
    target.unlink()
    print(f"{form}: {count[0]} stays, {count[1]} hours: {memory:.0f} MiB, {seconds:.0f} s of processor time", flush=True)
    return count, memory, seconds


def circumstances():
    """What is measured, when, and what else the machine does."""
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    today = datetime.datetime.now(datetime.UTC).date()
    return f"Commit {commit}, {today}, {os.cpu_count()} processors, load average {os.getloadavg()[0]:.2f} before."


def row(times, found):
    """A row of the table: memory and rate by form."""
    (number, hours), _, _ = found[0]
    cells = [f"{times:g}", f"{number:,}", f"{hours:,}"]
    return "| " + " | ".join([*cells, *(f"{memory:.0f}" for _, memory, _ in found), *(f"{hours / seconds:,.0f}" for _, _, seconds in found)]) + " |"


def grows(form, first, last):
    """Whether memory grows by more than what is promised."""
    (stays_before, hours_before), before, _ = first
    (stays_after, hours_after), after, _ = last
    of_stay, of_hour = KEPT[form]
    promised = ((stays_after - stays_before) * of_stay + (hours_after - hours_before) * of_hour) / 2**20
    return after > before + NOISE + promised


def main():
    """Measures, prints, fills in, and judges."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, nargs="+")
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=FORMS)
    parser.add_argument("--times", nargs="+", type=float, default=TIMES)
    purpose = parser.add_mutually_exclusive_group()
    purpose.add_argument("--judge", action="store_true")
    purpose.add_argument("--docs", type=pathlib.Path)
    chosen = parser.parse_args()
    when = circumstances()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        archives = chosen.data or synthetic(folder)
        by_form = [[measure(archives, form, times, folder, chosen.judge) for times in chosen.times] for form in chosen.forms]
    heads = ["times the data", "stays", "hours", *(f"{form}, MiB" for form in chosen.forms), *(f"{form}, hours a second of processor time" for form in chosen.forms)]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    lines += [row(times, found) for times, *found in zip(chosen.times, *by_form, strict=True)]
    lines += ["", when]
    if chosen.docs:
        text = chosen.docs.read_text(encoding="utf-8")
        chosen.docs.write_text(MARKED.sub(lambda marks: marks[1] + "\n".join(lines) + "\n" + marks[2], text), encoding="utf-8")
    growing = [form for form, found in zip(chosen.forms, by_form, strict=True) if grows(form, found[0], found[-1])]
    if chosen.judge and growing:
        sys.exit(f"memory grows with the input: {', '.join(growing)}")


main()
