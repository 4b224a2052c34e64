"""Prints what the reports cost over many deals, in processor time of a whole process, start-up included.

    python tests/benchmarks/reports.py [--deals N] [--runs N]

A store is built in a temporary folder: deals over five years, four in ten open, the others won and lost in turn, most
in euro. Each command then runs in a process of its own; the figure is the median of its user and system time as the
kernel accounts for it. Nothing is asserted here.
"""

import argparse
import os
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from crmcli.config.settings import Settings
from crmcli.services.results import Command, Context
from crmcli.services.setup import create_store
from crmcli.services.writer import write
from tests.benchmarks import histories, services

NOW = "2026-03-18T12:00:00+01:00"
ZONE = "Europe/Rome"
SETTINGS = Settings(
    currency="EUR", country="IT", timezone=ZONE, locale="en", user="anna", pipeline="sales", rows=50,
    durability="full", allow_network_fs=False, sql_seconds=10, sql_rows=100_000, snapshots=False,
    origins={},
)  # fmt: skip
DEALS_PER_FIRM = 10
SOURCES = ("website", "referral", "event", None)
COMMANDS = (
    "--version",
    "report list",
    "report kpi",
    "report kpi --period all",
    "report kpi --period all --by owner -o json",
    "report kpi --period 2024",
    "report kpi --period all --where source=website",
    "report kpi --period 2024 --as-of 2024-12-31",
    "report kpi --period all --explain win_rate",
    "report pipeline",
    "report forecast",
    "report forecast --period all",
    "report forecast --period 2026 --by owner",
    "report snapshot",
    "report forecast-accuracy --period 2026-02",
    "report coverage --period 2026-Q1",
    "report attainment --period 2026-Q1",
    "report won --period 2025",
    "report lost --period all --by lost_reason",
    "report lost --period all --by last_open_stage",
    "report sales --period 2025 --by owner",
    "report average-purchase --period all",
    "report frequency --period all --by industry",
    "report repeat-rate",
    "report trial --period 2025",
    "report penetration --period 2025 --item source",
    "report retention --period 2024 --by industry",
    "report churn --period 2025",
    "report churn --period 2025 --after own",
    "report clv --margin 30",
    "report rfm --top 50",
    "report best-customers --top 50",
    "report at-risk --top 50",
    "report cohort",
    "report cross-sell --item source",
    "report redemption org --responded industry=retail",
    *(
        f"report {name}{period}"
        for name in (
            "win-rate",
            "win-loss",
            "lost-reasons",
            "funnel",
            "stage-conversion",
            "time-in-stage",
            "velocity",
            "cycle-length",
            "push",
            "stale",
            "offers-month",
            "leads",
            "sources",
            "hot-leads-by-industry",
            "lead-response",
            "lead-conversion",
            "mql-to-sql",
            "score-quality",
            "activity",
            "due-contact",
        )
        for period in ("", " --period all")
    ),
    "report stage-conversion --period 2024 --as-of 2024-12-31",
    "pivot deal --rows owner --cols stage --measure amount",
    "pivot deal --rows created:month --cols outcome",
    "pivot deal --rows source --cols closed:quarter --measure weighted_amount --share row",
    "pivot log --rows occurred:weekday --cols occurred:hour",
    "report tickets --period all -o csv --by channel",
    "report first-response --period all --by owner",
    "report resolution --period all --by owner",
    "report resolution --first --period all --by owner",
    "report backlog --period all",
    "report reopen-rate --period all --by owner",
    "report first-contact --period all --by owner",
    "report sla --period all --by owner",
    "report csat --period all --by owner",
    "report interventions --period all --by owner",
    "report rhythm --period all",
    "report rhythm log --period all",
    "report adoption --period all",
    "report duplicates",
    "report lifecycle --period 2025",
    "report ambassadors",
    "lifecycle propose",
)


def main() -> None:
    """Build the store, run each command and print a table."""
    parser = argparse.ArgumentParser(description="What the reports cost.")
    parser.add_argument("--deals", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    os.environ["CRMCLI_NOW"] = NOW
    with tempfile.TemporaryDirectory() as home:
        build(Path(home) / "data" / "crm.db", given.deals)
        environ = {"HOME": home, "PATH": os.defpath, "CRMCLI_HOME": home, "CRMCLI_NOW": NOW, "CRMCLI_TIMEZONE": ZONE}
        print(f"{given.deals} deals, median of {given.runs} runs, processor time")  # noqa: T201
        for command in COMMANDS:
            seconds = statistics.median(cost(command.split(), environ) for _ in range(given.runs))
            print(f"{seconds * 1000:8.0f} ms  crm {command}")  # noqa: T201


def build(path: Path, count: int) -> None:
    """Create a store with so many deals; rows are copies of a written one, so that no column is left to chance."""
    create_store(path, SETTINGS)
    context = Context(path, SETTINGS, Command("crm deal add"))

    def work(writer: Any) -> None:
        organization = writer.create("organization", {"name": "Acme"})
        writer.create("user", {"handle": "bea"})
        writer.create("deal", {"name": "Deal", "organization": organization.id})
        writer.create("lead", {"last_name": "Rossi"})
        writer.create("interaction", {"kind": "call", "occurred_at": writer.now})
        ticket = writer.create("ticket", {"subject": "Help"})
        writer.create("ticket_comment", {"ticket": ticket.id, "body": "Hello"})

    write(context, work)
    with closing(sqlite3.connect(path)) as con:
        con.row_factory = sqlite3.Row
        entry = histories.model_of(con, "state_log", "entity = 'deal'")
        stages = dict(con.execute("SELECT key, id FROM stage").fetchall())
        deals = list(drawn(histories.model_of(con, "deal"), stages, count))
        people = list(histories.leads(histories.model_of(con, "lead"), int(count * histories.LEADS_PER_DEAL)))
        talks = count * histories.INTERACTIONS_PER_DEAL
        asked = list(services.tickets(histories.model_of(con, "ticket"), int(count * services.TICKETS_PER_DEAL)))
        entries = chain(
            histories.stage_entries(entry, stages, deals), histories.lead_entries(entry, people),
            services.states(entry, asked), services.phases(entry),
        )  # fmt: skip
        firm = histories.model_of(con, "organization")
        numbers = range(2, count // DEALS_PER_FIRM + 2)
        fill(con, "organization", (firm | histories.firm(n) | services.in_phase(n) for n in numbers))
        fill(con, "ticket", asked)
        fill(con, "ticket_comment", services.comments(histories.model_of(con, "ticket_comment"), asked))
        fill(con, "deal", deals)
        fill(con, "lead", people)
        fill(con, "state_log", histories.numbered(entries, 1000))
        fill(con, "interaction", histories.interactions(histories.model_of(con, "interaction"), talks))
        fill(con, "activity_link", histories.links(talks, len(deals), len(people)))
        con.commit()
        con.execute("ANALYZE")


def drawn(model: dict[str, Any], stages: dict[str, int], count: int) -> Iterator[dict[str, Any]]:
    """Yield deals drawn at random, always the same ones."""
    chance = random.Random(1)
    first = datetime(2021, 3, 1, 9)
    for number in range(2, count + 2):
        created = first + timedelta(minutes=chance.randrange(5 * 365 * 24 * 60))
        closed = created + timedelta(minutes=chance.randrange(200 * 24 * 60))
        outcome = chance.choice(("open", "open", "won", "won", "lost"))
        is_open = outcome == "open"
        yield model | {
            "id": number,
            "uid": f"{number:08x}-0000-4000-8000-000000000000",
            "name": f"Deal {number}",
            "stage_id": stages["quote_sent" if is_open else outcome],
            "outcome": outcome,
            "amount_minor": chance.choice((None, *(chance.randrange(10_000_000) for _ in range(19)))),
            "currency": chance.choice(("EUR",) * 19 + ("USD",)),
            "exchange_rate": None if is_open else "0.92",
            "probability_bp": {"open": 6500, "won": 10_000, "lost": 0}[outcome],
            "created_at": f"{created:%Y-%m-%dT%H:%M:%SZ}",
            "closed_at": None if is_open else f"{closed:%Y-%m-%dT%H:%M:%SZ}",
            "expected_close": f"{closed:%Y-%m-%d}",
            "lost_reason": "price" if outcome == "lost" else None,
            "last_open_stage_id": None if is_open else stages["quote_sent"],
            "source": chance.choice(SOURCES),
            "owner_id": chance.choice((1, 2)),
            "organization_id": chance.randrange(1, count // DEALS_PER_FIRM + 2),
        }


def fill(con: sqlite3.Connection, table: str, rows: Any) -> None:
    """Insert rows that all have the same columns."""
    rows = iter(rows)
    head = next(rows)
    marks = ", ".join(f":{column}" for column in head)
    con.executemany(f"INSERT INTO {table} ({', '.join(head)}) VALUES ({marks})", [head, *rows])


def cost(arguments: list[str], environ: dict[str, str]) -> float:
    """Run one command and return its processor time in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program = [str(Path(sys.executable).parent / "crm"), *arguments]
    subprocess.run(program, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
