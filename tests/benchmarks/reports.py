"""Prints what each report costs over many deals, set against its own SQL in the ``sqlite3`` shell, the worst first.

    python tests/benchmarks/reports.py [--deals N] [--runs N] [--home DIR] [WORD ...]

Each report of ``crm report list`` runs with its usual period and with all of time, in a process of its own. Its SQL is
written down once (``own_sql``), and the shell runs it over the same store. All figures are processor time, user and
system, as the kernel accounts for it, the least of some runs, start-up included. The limit of a report is 1.5 times its
SQL and eight times ``python -c pass``, and two seconds at most. Nothing is asserted here.

The store is built in a temporary folder, or in ``--home``, where it is found again. With words only commands that have
all of them run.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from crmcli.reports.index import REPORTS
from tests.benchmarks.startup import spend
from tests.benchmarks.stores import NOW, ZONE, build

ROOT = Path(__file__).parents[2]
SQL_TIMES = 1.5
STARTS = 8
MOST_MS = 2000
OWN_ARGUMENTS = {  # without which a report has little to tell
    "clv": "--margin 30",
    "penetration": "--item source",
    "cross-sell": "--item source",
    "redemption": "org --responded industry=retail",
}
FURTHER = (
    "report kpi --period all --by owner -o json",
    "report kpi --period 2024",
    "report kpi --period all --where source=website",
    "report kpi --period 2024 --as-of 2024-12-31",
    "report kpi --as-of 2025-12-31",
    "report kpi --period all --explain win_rate",
    "report forecast --period 2026 --by owner",
    "report lost --period all --by last_open_stage",
    "report lost-reasons --period all --by competitor",
    "report stage-conversion --period 2024 --as-of 2024-12-31",
    "report stage-conversion --period all --where source=website",
    "report time-in-stage --period all --by owner",
    "report lead-response --period all --by owner",
    "report rfm --top 50",
    "report best-customers --top 50",
    "report at-risk --top 50",
    "report churn --period 2025 --after own",
    "report frequency --period all --by industry",
    "report rhythm log --period all",
    "report tickets --period all -o csv --by channel",
    "pivot deal --rows owner --cols stage --measure amount",
    "pivot deal --rows created:month --cols outcome",
    "pivot deal --rows source --cols closed:quarter --measure weighted_amount --share row",
    "pivot lead --rows source --cols status",
    "pivot log --rows occurred:weekday --cols occurred:hour",
    "pivot log --rows owner --cols kind",
    "pivot ticket --rows channel --cols priority",
)
_STAND_IN = (  # for the shell, where there is none
    "import pathlib, sqlite3, sys\n"
    "sqlite3.connect(sys.argv[1]).executescript(pathlib.Path(sys.argv[2]).read_text(encoding='utf-8'))"
)


class Cost(NamedTuple):
    """What a command and its SQL cost, in milliseconds of processor time, and how that stands to the limit."""

    command: str
    own_ms: float
    sql_ms: float
    limit_ms: float
    exit_code: int

    @property
    def ratio(self) -> float:
        """The part of the limit that the command takes up."""
        return self.own_ms / self.limit_ms


def main() -> None:
    """Build the store, run each command and its SQL, and print a table."""
    parser = argparse.ArgumentParser(description="What the reports cost.")
    parser.add_argument("--deals", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--home", type=Path, help="where the store is built, or has been")
    parser.add_argument("words", nargs="*", help="only commands with all of these words")
    given = parser.parse_args()
    os.environ["CRMCLI_NOW"] = NOW
    with tempfile.TemporaryDirectory() as scratch:
        home = given.home or Path(scratch)
        if not (home / "data" / "crm.db").exists():
            build(home / "data" / "crm.db", given.deals)
        wanted = [command for command in commands() if set(given.words) <= set(command.split())]
        sys.stdout.write(table(list(measured(wanted, home, Path(scratch) / "own.sql", given.runs)), given.deals))


def commands() -> Iterator[str]:
    """Yield every report with its usual period and over all of time, then the further ones."""
    for name in REPORTS:
        report = " ".join(filter(None, ("report", name, OWN_ARGUMENTS.get(name))))
        yield report
        yield f"{report} --period all"
    yield from FURTHER


def measured(wanted: list[str], home: Path, script: Path, runs: int) -> Iterator[Cost]:
    """Yield what each command costs; the bare interpreter runs between them, so that all bear the same load."""
    environ = {"HOME": str(home), "PATH": os.defpath, "CRMCLI_HOME": str(home), "CRMCLI_NOW": NOW,
               "CRMCLI_TIMEZONE": ZONE, "TZ": ZONE, "PYTHONPATH": str(ROOT)}  # fmt: skip
    python = sys.executable
    shell = sql_runner()
    for command in wanted:
        argv = [python, str(Path(python).parent / "crm"), *command.split()]
        code, _ = spend([python, "-m", "tests.benchmarks.own_sql", str(script), *command.split()], environ)
        own, sql, bare = zip(
            *(
                (
                    spend(argv, environ)[1],
                    spend([*shell, str(home / "data" / "crm.db"), read(script)], environ)[1],
                    spend([python, "-c", "pass"], environ)[1],
                )
                for _ in range(runs)
            ),
            strict=True,
        )
        limit = min(SQL_TIMES * min(sql) + STARTS * min(bare), MOST_MS)
        cost = Cost(command, min(own), min(sql), limit, code)
        sys.stderr.write(f"{cost.ratio:6.2f}  crm {command}\n")
        yield cost


def sql_runner() -> list[str]:
    """Return the program that runs SQL of a file over a store: the shell, else the module of the interpreter."""
    found = shutil.which("sqlite3")
    return [found, "-batch"] if found else [sys.executable, "-c", _STAND_IN]


def read(script: Path) -> str:
    """Return how the program that runs SQL is told its file."""
    return f".read {script}" if shutil.which("sqlite3") else str(script)


def table(costs: list[Cost], deals: int) -> str:
    """Return the costs as a Markdown table, the worst first; what is above its limit is marked."""
    by = "the sqlite3 shell" if shutil.which("sqlite3") else "Python's sqlite3 module, since there is no sqlite3 shell"
    lines = [
        f"{deals} deals; SQL run by {by}; processor time in ms",
        "",
        "| command | CPU ms | its SQL | limit | of the limit |",
        "| --- | --- | --- | --- | --- |",
    ]
    for cost in sorted(costs, key=lambda cost: -cost.ratio):
        told = f"**{cost.ratio:.2f}**" if cost.ratio > 1 else f"{cost.ratio:.2f}"
        failed = f", exit {cost.exit_code}" if cost.exit_code else ""
        lines.append(
            f"| `crm {cost.command}`{failed} | {cost.own_ms:.0f} | {cost.sql_ms:.0f} | {cost.limit_ms:.0f} | {told} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
