"""Prints what taking an import back costs: processor time as a ratio to that of the import, and memory as rows grow.

    python -m tests.benchmarks.undo [--runs N] [--batch N] [--crm CRM] [ROWS ...]

The file is that of ``imports.py``. Import and undo run in turn, each run in a fresh store; the ratio is that of the
least processor time of each, user and system. ``--batch`` is that of the import. Memory
is the peak of the resident set. Nothing is asserted.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.imports import HERE, SIZES, Cost, environ_of, spend, take_in, write_contacts


def main() -> None:
    """Measure the sizes named, or the usual ones, and print a table."""
    parser = argparse.ArgumentParser(description="What taking an import back costs.")
    parser.add_argument("--crm", type=Path, default=HERE / "crm")
    parser.add_argument("--runs", type=int, default=2, help="of each size; the least counts")
    parser.add_argument("--batch", type=int, help="import in batches of so many rows")
    parser.add_argument("rows", nargs="*", type=int, default=SIZES)
    given = parser.parse_args()
    sys.stdout.write("    rows  import s  undo s  ratio  import MB  undo MB\n")
    options = ["--batch", str(given.batch)] if given.batch else []
    for rows in given.rows:
        with tempfile.TemporaryDirectory() as scratch:
            file = write_contacts(Path(scratch, "contacts.csv"), rows)
            pairs = [measure(given.crm, file, Path(scratch, str(run)), *options) for run in range(given.runs)]
        there, back = (min(costs, key=lambda cost: cost.seconds) for costs in zip(*pairs, strict=True))
        times = f"{there.seconds:8.1f}  {back.seconds:6.1f}  {back.seconds / there.seconds:5.2f}"
        sys.stdout.write(f"{rows:8}  {times}  {there.megabytes:9.0f}  {back.megabytes:7.0f}\n")
        sys.stdout.flush()


def measure(crm: Path, file: Path, home: Path, *options: str) -> tuple[Cost, Cost]:
    """Import a file into a fresh store, and take it back."""
    environ = environ_of(home)
    there = take_in(crm, file, environ, *options)
    return there, spend([str(crm), "import", "undo", "1", "--yes"], environ)


if __name__ == "__main__":
    main()
