"""Prints what rules cost, as ratios to the same work without rules, all in one run.

    python tests/benchmarks/rules.py [--rows N] [--runs N] [--crm CRM]

The rules are ordinary ones about contacts, all for imports too: a few of them act on a row, most look and rest. Writes
and imports are processes of their own, of which the least user and system time counts as the kernel accounts for it;
loading and judging happen in this process. Nothing is asserted.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.conditions.condition import compile
from crmcli.conditions.scope import Scope
from crmcli.rules.files import load_files
from tests.benchmarks.imports import HERE, spend, write_contacts

SEVERAL, MANY = 10, 50
EVALUATIONS = 100_000
FIVE_TERMS = "source = website and country = IT and job_title is not empty and do_not_call = no and first_name ~ nn"
KINDS = (  # a condition, and what is done where it holds
    ("job_title = CEO{n} and source = website", 'action = "set"\nvalues = { rating = "hot" }'),
    ("country = IT and first_name = Anna and tags has vip{n}", 'action = "tag"\nadd = ["italy"]'),
    ("source = referral and job_title is not empty", 'action = "set"\nvalues = { rating = "warm" }'),
    ("emails is empty and phones is empty", 'action = "warn"\nmessage = "{{ record.ref }} cannot be reached"'),
    ("last_name = Rossi and city = Milano{n}", 'action = "tag"\nadd = ["milan"]'),
    ("tags has news and country != IT", 'action = "set"\nvalues = { language = "en" }'),
    ("do_not_email = yes or do_not_call = yes", 'action = "tag"\nadd = ["quiet"]'),
    ("organization is empty and source = website", 'action = "warn"\nmessage = "{{ record.ref }} has no employer"'),
    ("job_title ~ sales{n} and country in [FR, DE, ES]", 'action = "set"\nvalues = { department = "sales" }'),
    ("first_name is empty and last_name is empty", 'action = "tag"\nadd = ["nameless"]'),
)


def main() -> None:
    """Measure and print each figure with the limit it is held against."""
    parser = argparse.ArgumentParser(description="What rules cost.")
    parser.add_argument("--crm", type=Path, default=HERE / "crm")
    parser.add_argument("--rows", type=int, default=10_000, help="of the import")
    parser.add_argument("--runs", type=int, default=3, help="of each; the least counts")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        file = write_contacts(folder / "contacts.csv", given.rows)
        homes = {count: folder / str(count) for count in (0, SEVERAL, MANY)}
        for count, home in homes.items():
            set_up(given.crm, home, count)
        writes = {count: least(given.runs, partial(edit, given.crm, home)) for count, home in homes.items()}
        imports = {count: least(given.runs, partial(bring_in, given.crm, home, file)) for count, home in homes.items()}
        loading = least(given.runs, partial(load, homes[MANY] / "config" / "rules"))
    judging = least(given.runs, judge)
    for told, figure, limit in (
        (f"one write, {MANY} rules", f"{writes[MANY] / writes[0]:.2f} x", "1.15 x"),
        (f"import of {given.rows:,} rows, {SEVERAL} rules", f"{imports[SEVERAL] / imports[0]:.2f} x", "2.00 x"),
        (f"import of {given.rows:,} rows, {MANY} rules", f"{imports[MANY] / imports[0]:.2f} x", "1.60 x"),
        (f"{EVALUATIONS:,} evaluations of five terms", f"{judging * 1000:.0f} ms", "100 ms"),
        (f"loading {MANY} rules", f"{loading * 1000:.1f} ms", "20 ms"),
    ):
        sys.stdout.write(f"{told:42} {figure:>9}   limit {limit}\n")


def least(runs: int, cost: Callable[[], float]) -> float:
    """Return the least of some measurements, in seconds of processor time."""
    return min(cost() for _ in range(runs))


def environ(home: Path) -> dict[str, str]:
    """Return the environment of a program that works in a home of its own."""
    return {"HOME": str(home), "CRMCLI_HOME": str(home), "PATH": os.defpath}


def set_up(crm: Path, home: Path, count: int) -> None:
    """Make a store with a contact under so many rules."""
    home.mkdir()
    spend([str(crm), "init"], environ(home))
    folder = home / "config" / "rules"
    folder.mkdir(exist_ok=True)
    if count:
        (folder / "rules.toml").write_text("schema = 1\n" + "".join(map(rule, range(count))), encoding="utf-8")
    spend([str(crm), "contact", "add", "--first-name", "Anna", "--last-name", "Rossi"], environ(home))


def rule(number: int) -> str:
    """Return the text of one rule."""
    when, do = KINDS[number % len(KINDS)]
    head = f'\n[[rule]]\nid = "rule-{number}"\non = ["contact.created", "contact.updated"]\nimports = true\n'
    return head + f'when = "{when.format(n=number // len(KINDS) or "")}"\n\n[[rule.do]]\n{do}\n'


def edit(crm: Path, home: Path) -> float:
    """Return what it costs to change the contact."""
    return spend([str(crm), "contact", "edit", "C1", "--set", f"city={time.monotonic_ns()}"], environ(home)).seconds


def bring_in(crm: Path, home: Path, file: Path) -> float:
    """Return what an import costs, and take it back."""
    seconds = spend([str(crm), "import", "contact", str(file), "--create"], environ(home)).seconds
    spend([str(crm), "undo", "--yes"], environ(home))
    return seconds


def load(folder: Path) -> float:
    """Return what it costs to read the rule files; what it takes to import their readers is paid before."""
    load_files(folder)
    load_files.cache_clear()
    begun = time.process_time()
    load_files(folder)
    return time.process_time() - begun


def judge() -> float:
    """Return what so many evaluations of a condition cost."""
    scope = Scope(clock.now(), "UTC", "en", lambda entity, text: ())
    condition = compile(FIVE_TERMS, ENTITIES["contact"], scope)
    record = {"source": "website", "country": "IT", "job_title": "CEO", "do_not_call": 0, "first_name": "Anna"}
    begun = time.process_time()
    for _ in range(EVALUATIONS):
        condition.match(record, None)
    return time.process_time() - begun


if __name__ == "__main__":
    main()
