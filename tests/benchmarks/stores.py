"""Builds a store of many deals, with what belongs to them, for the benchmarks to read.

Deals over five years, four in ten open, the others won and lost in turn, most in euro; always the same ones.
"""

import random
import sqlite3
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
