"""Prints what importing contacts costs: processor time as a ratio to ``sqlite-utils insert``, and memory as rows grow.

    python tests/benchmarks/imports.py [--runs N] [--crm CRM] [--sqlite-utils PROGRAM] [ROWS ...]

Both programs read the same invented file in turn; the ratio is that of the least processor time of each, user and
system, as the kernel accounts for the finished process. Memory is the peak of the resident set. Nothing is asserted.
"""

import argparse
import csv
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

HERE = Path(sys.executable).parent
SIZES = (20_000, 100_000, 200_000)
CUSTOM = (("Tier", "text"), ("Seats", "int"))  # headers of columns that custom fields hold, and their types
HEADER = ("First Name", "Last Name", "Email", "Phone", "Company", "Job Title", "Lead Source", "Tags", "Country")


class Cost(NamedTuple):
    """What a process cost: processor time in seconds and peak memory in MB."""

    seconds: float
    megabytes: float


def main() -> None:
    """Measure the sizes named, or the usual ones, and print a table."""
    parser = argparse.ArgumentParser(description="What importing contacts costs.")
    parser.add_argument("--crm", type=Path, default=HERE / "crm")
    parser.add_argument("--sqlite-utils", type=Path, default=HERE / "sqlite-utils")
    parser.add_argument("--runs", type=int, default=2, help="of each program and size; the least counts")
    parser.add_argument("rows", nargs="*", type=int, default=SIZES)
    given = parser.parse_args()
    sys.stdout.write("    rows  crm s  sqlite-utils s  ratio  crm MB\n")
    for rows in given.rows:
        with tempfile.TemporaryDirectory() as scratch:
            file = write_contacts(Path(scratch, "contacts.csv"), rows)
            pairs = [measure(given.crm, given.sqlite_utils, file, Path(scratch, str(run))) for run in range(given.runs)]
        own, other = (min(costs, key=lambda cost: cost.seconds) for costs in zip(*pairs, strict=True))
        ratio = own.seconds / other.seconds
        sys.stdout.write(f"{rows:8}  {own.seconds:5.1f}  {other.seconds:14.1f}  {ratio:5.2f}  {own.megabytes:6.0f}\n")
        sys.stdout.flush()


def write_contacts(path: Path, rows: int) -> Path:
    """Write a file of invented contacts, fifty to a company, and return its path."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow((*HEADER, *(header for header, _ in CUSTOM)))
        for n in range(rows):
            company = n % max(rows // 50, 1)
            out.writerow(
                (
                    ("Anna", "Bob", "Carla")[n % 3],
                    f"Rossi {n}",
                    f"p{n}@corp{company}.example",
                    f"+1212{2000000 + n}",
                    f"Company {company}",
                    ("CEO", "CTO", "")[n % 3],
                    "Website",
                    ("", "vip", "vip, news")[n % 3],
                    "IT",
                    ("gold", "silver", "bronze")[n % 3],
                    n % 50 + 1,
                )
            )
    return path


def measure(crm: Path, sqlite_utils: Path, file: Path, home: Path) -> tuple[Cost, Cost]:
    """Import a file with both programs, one after the other, into fresh stores."""
    environ = environ_of(home)
    own = take_in(crm, file, environ)
    other = spend(
        [str(sqlite_utils), "insert", str(home / "s.db"), "contacts", str(file), "--csv", "--silent"], environ
    )
    return own, other


def environ_of(home: Path) -> dict[str, str]:
    """Make a home, and return the environment of programs that live there."""
    home.mkdir()
    return {"HOME": str(home), "CRMCLI_HOME": str(home), "PATH": os.defpath}


def take_in(crm: Path, file: Path, environ: dict[str, str], *options: str) -> Cost:
    """Import a file into a fresh store."""
    spend([str(crm), "init"], environ)
    maps = []
    for header, kind in CUSTOM:
        spend([str(crm), "field", "add", "contact", header.lower(), "--label", header, "--type", kind], environ)
        maps += ["--map", f"{header}={header.lower()}"]
    return spend([str(crm), "import", "contact", str(file), "--create", *maps, *options], environ)


def spend(command: list[str], environ: dict[str, str]) -> Cost:
    """Run a command to its end and return what it cost; a failure ends the program."""
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, stream) for stream in (0, 1, 2)]
    process = os.posix_spawn(command[0], command, environ, file_actions=actions)
    os.close(null)
    _, status, usage = os.wait4(process, 0)
    if status:
        sys.exit(f"failed: {' '.join(command)}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
