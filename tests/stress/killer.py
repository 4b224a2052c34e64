"""Kill a writing process at random moments, many times; every acknowledged record must be there afterwards.

``python -m tests.stress.killer FOLDER KILLS`` prints one JSON object with the figures. A child that has everything
imported already writes one contact per transaction and acknowledges each after its commit; SIGKILL comes after a
random delay. The checker (``tests.stress.invariants``) shares no code with the product.
"""

import json
import os
import random
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from crmcli.config.settings import Settings
from crmcli.services.results import Command, Context
from crmcli.services.setup import create_store
from crmcli.services.writer import write
from tests.stress.invariants import findings

SETTINGS = Settings("EUR", "IT", "Europe/Rome", "en", "anna", "sales", 50, "full", False, 10, 100_000, False, {})


def run(folder: Path, kills: int, seed: int = 7) -> dict[str, int | list[str]]:
    """Kill ``kills`` times and return acknowledged, lost and broken counts."""
    store = folder / "crm.db"
    create_store(store, SETTINGS)
    chance = random.Random(seed)
    acknowledged: list[int] = []
    for round_ in range(kills):
        acknowledged += _one_kill(store, round_, chance.uniform(0.002, 0.12))
    with closing(sqlite3.connect(store)) as con:
        there = {row[0] for row in con.execute("SELECT last_name FROM contact")}
    lost = [number for number in acknowledged if f"P{number}" not in there]
    return {
        "kills": kills,
        "acknowledged": len(acknowledged),
        "stored": len(there),
        "lost": len(lost),
        "broken": findings(str(store)),
    }


def _one_kill(store: Path, round_: int, delay_s: float) -> list[int]:
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        _write_for_ever(store, round_, writable)
    os.close(writable)
    with os.fdopen(readable, "rb") as acks:
        ready = acks.readline()  # the first commit: from here on any moment may be the last
        time.sleep(delay_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        text = (ready + acks.read()).decode()
    return [int(line) for line in text.split("\n")[:-1]]


def _write_for_ever(store: Path, round_: int, writable: int) -> None:
    context = Context(store, SETTINGS, Command("crm contact add"))
    for number in range(round_ * 100_000, (round_ + 1) * 100_000):
        name = f"P{number}"
        write(context, lambda writer, name=name: writer.create("contact", {"last_name": name}))  # type: ignore[misc]  # bound now
        os.write(writable, f"{number}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    figures = run(Path(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(json.dumps(figures) + "\n")
    raise SystemExit(1 if figures["lost"] or figures["broken"] else 0)
