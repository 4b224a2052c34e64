"""Prints what the search for duplicates costs over many contacts, in processor time of a whole process.

    python tests/benchmarks/dedupe.py [--contacts N] [--runs N]

A store is built in a temporary folder: people of invented names in firms with a domain of their own, most with e-mail,
phone and town, one in fifty twice. Each scan runs in a process of its own; the figure is the median of its user and
system time as the kernel accounts for it, with the most memory it held. Nothing is asserted here.
"""

import argparse
import os
import random
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from multiprocessing import Process
from pathlib import Path
from typing import Any

from crmcli.services.results import Command, Context
from crmcli.services.setup import create_store
from crmcli.services.writer import write
from tests.benchmarks.imports import spend
from tests.benchmarks.stores import NOW, SETTINGS, ZONE, fill

FIRST = ("Anna", "Marco", "Luca", "Giulia", "Sara", "Paolo", "Elena", "Davide", "Chiara", "Matteo", "Irene", "Fabio")
SYLLABLES = (
    "ro",
    "bian",
    "ver",
    "fer",
    "con",
    "mar",
    "del",
    "gal",
    "pel",
    "ri",
    "sci",
    "tti",
    "ni",
    "chi",
    "lli",
    "no",
)
TOWNS = ("Milano", "Roma", "Torino", "Napoli", "Bologna", "Forlì", "Padova", "Bari")
COMMANDS = ("--version", "dedupe scan contact -o json", "dedupe scan contact --min-score 90 -o json")


def main() -> None:
    """Build the store, run each command and print a table."""
    parser = argparse.ArgumentParser(description="What the search for duplicates costs.")
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    os.environ["CRMCLI_NOW"] = NOW
    crm = str(Path(sys.executable).parent / "crm")
    with tempfile.TemporaryDirectory() as home:
        builder = Process(target=build, args=(Path(home) / "data" / "crm.db", given.contacts))
        builder.start()  # a process of its own, since one that is started counts the memory of who starts it
        builder.join()
        environ = {"HOME": home, "PATH": os.defpath, "CRMCLI_HOME": home, "CRMCLI_NOW": NOW, "CRMCLI_TIMEZONE": ZONE}
        print(f"{given.contacts} contacts, median of {given.runs} runs, processor time")  # noqa: T201
        for command in COMMANDS:
            costs = [spend([crm, *command.split()], environ) for _ in range(given.runs)]
            seconds = statistics.median(cost.seconds for cost in costs)
            print(f"{seconds:8.2f} s  {max(cost.megabytes for cost in costs):5.0f} MB  crm {command}")  # noqa: T201


def build(path: Path, count: int) -> None:
    """Create a store with so many contacts; rows are copies of a written one, so that no column is left to chance."""
    create_store(path, SETTINGS)

    def work(writer: Any) -> None:
        firm = writer.create("organization", {"name": "Acme"})
        writer.create("contact", {"last_name": "Rossi", "emails": ["a@example.com"], "organization": firm.id})

    write(Context(path, SETTINGS, Command("crm contact add")), work)
    with closing(sqlite3.connect(path)) as con:
        con.row_factory = sqlite3.Row
        models = {
            table: dict(con.execute(f"SELECT * FROM {table}").fetchone())
            for table in ("organization", "contact", "contact_point", "organization_contact")
        }
        people = list(drawn(count))
        firms = sorted({firm for *_, firm, _ in people})
        fill(
            con,
            "organization",
            ({**models["organization"], "id": n, "uid": f"o{n:08x}", "name": f"Firm {n}"} for n in firms),
        )
        fill(con, "contact", (contact(models["contact"], *person) for person in people))
        fill(con, "contact_point", points(models["contact_point"], people))
        fill(con, "organization_contact", (
            {**models["organization_contact"], "id": n + 1, "contact_id": n, "organization_id": firm}
            for n, _, _, firm, _ in people
        ))  # fmt: skip
        con.commit()
        con.execute("ANALYZE")


def drawn(count: int) -> Iterator[tuple[int, str, str, int, str | None]]:
    """Yield people drawn at random, always the same ones: number, first and last name, firm, town."""
    chance = random.Random(1)
    before: tuple[str, str, int, str | None] | None = None
    for number in range(2, count + 2):
        if before is None or chance.random() > 0.02:
            last = "".join(chance.choices(SYLLABLES, k=3)).capitalize()
            town = chance.choice(TOWNS) if chance.random() < 0.8 else None
            before = (chance.choice(FIRST), last, 2 + chance.randrange(max(1, count // 8)), town)
        yield number, *before


def contact(model: dict[str, Any], number: int, first: str, last: str, _: int, town: str | None) -> dict[str, Any]:
    """Return the row of a person."""
    return {**model, "id": number, "uid": f"c{number:08x}", "first_name": first, "last_name": last, "city": town}


def points(model: dict[str, Any], people: list[tuple[int, str, str, int, str | None]]) -> Iterator[dict[str, Any]]:
    """Yield an e-mail for nine in ten, and a phone for two in three."""
    chance = random.Random(2)
    row = 2
    for number, first, last, firm, _ in people:
        mail = f"{first}.{last}{number % 50 if number % 3 else ''}@firm{firm}.example".lower()
        phone = f"+3902{number:08d}" if number % 40 else f"+39021{firm:07d}"
        for kind, value, share in (("email", mail, 0.9), ("phone", phone, 0.66)):
            if chance.random() < share:
                yield {**model, "id": row, "record_id": number, "kind": kind, "value": value, "value_norm": value}
                row += 1


if __name__ == "__main__":
    main()
