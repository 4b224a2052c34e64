"""Prints what starting a command costs, as a ratio to ``python -c pass`` of the same environment.

    python tests/benchmarks/startup.py [--python PYTHON] [--pairs N] [COMMAND ...]

The product is installed into a clean environment of its own, since development tools slow down every start (or give one
by --python). Each command and the bare interpreter run in turn; the figure is the median of the pairwise ratios of
processor time, user and system, as the kernel accounts for the finished process. Nothing is asserted here.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
COMMANDS = (
    "--version",
    "--help",
    "lead --help",
    "config path",
    "config get",
    "status",
    "find rossi",
    "query rossi",
    "lead list",
    "deal list -o json",
    "contact show C1",
    "task due",
    "follow due",
    "remind --no-mark",
    "agenda week",
    "report kpi",
    "report pipeline",
    "history",
)


class Cost(NamedTuple):
    """Processor time of a command and of the bare interpreter in milliseconds, and their pairwise ratio; medians."""

    command: str
    exit_code: int
    own_ms: float
    bare_ms: float
    ratio: float


def main() -> None:
    """Measure the commands named, or the usual ones, and print a table."""
    parser = argparse.ArgumentParser(description="What starting a command costs.")
    parser.add_argument("--python", type=Path, help="interpreter of an environment that has the product")
    parser.add_argument("--pairs", type=int, default=11, help="runs of each command (at least 9)")
    parser.add_argument("commands", nargs="*", default=COMMANDS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        python = given.python or clean_environment(Path(scratch))
        environ = {"HOME": scratch, "PATH": os.defpath, "CRMCLI_HOME": f"{scratch}/home"}
        subprocess.run(
            [python.parent / "crm", "demo", f"{scratch}/home"], env=environ, capture_output=True, check=False
        )
        costs = [measure(command, python, environ, max(9, given.pairs)) for command in given.commands]
    sys.stdout.write(table(costs))


def clean_environment(folder: Path) -> Path:
    """Install the product, and nothing else, and return the interpreter that has it."""
    python = folder / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", ROOT], check=True)
    return python


def measure(command: str, python: Path, environ: dict[str, str], pairs: int) -> Cost:
    """Run a command and the bare interpreter in turn and return what they cost."""
    crm = [str(python), str(python.parent / "crm"), *command.split()]
    bare = [str(python), "-c", "pass"]
    exit_code, _ = spend(crm, environ)  # warms the file cache, and the byte code where pip did not compile it
    runs = [(spend(bare, environ)[1], spend(crm, environ)[1]) for _ in range(pairs)]
    ratio = statistics.median(own / base for base, own in runs)
    own_ms = statistics.median(own for _, own in runs)
    return Cost(command, exit_code, own_ms, statistics.median(base for base, _ in runs), ratio)


def spend(argv: list[str], environ: dict[str, str]) -> tuple[int, float]:
    """Run a program with no terminal and return its exit code and processor time in milliseconds."""
    silence = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 1, 2)]
    process = os.posix_spawn(argv[0], argv, environ, file_actions=silence)
    _, status, usage = os.wait4(process, 0)
    return os.waitstatus_to_exitcode(status), (usage.ru_utime + usage.ru_stime) * 1000


def table(costs: Sequence[Cost]) -> str:
    """Return the costs as a Markdown table."""
    lines = ["| command | exit | CPU ms | python -c pass | ratio |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| `crm {c.command}` | {c.exit_code} | {c.own_ms:.1f} | {c.bare_ms:.1f} | {c.ratio:.1f} |" for c in costs
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
