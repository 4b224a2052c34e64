"""Many processes write at once; no update may be lost and none refused.

``python -m tests.stress.writers FOLDER PROCESSES WRITES`` prints one JSON object with the figures. Each write reads one
number, adds one and saves it, and adds a record beside it, in one transaction.
"""

import json
import os
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from crmcli.services.results import Command, Context
from crmcli.services.setup import create_store
from crmcli.services.writer import Writer, write
from tests.stress.invariants import findings
from tests.stress.killer import SETTINGS


def run(folder: Path, processes: int, writes: int) -> dict[str, object]:
    """Write from ``processes`` processes and return what was refused, what was lost and how long it took at worst."""
    store = folder / "crm.db"
    create_store(store, SETTINGS)
    context = Context(store, SETTINGS, Command("crm org edit"))
    write(context, lambda writer: writer.create("organization", {"name": "Counter", "employees": 0}))
    started = time.monotonic()
    children = [_start(context, number, writes) for number in range(processes)]
    waits = [_collect(child, readable) for child, readable in children]
    with closing(sqlite3.connect(store)) as con:
        counted = con.execute("SELECT employees FROM organization WHERE id = 1").fetchone()[0]
        added = con.execute("SELECT COUNT(*) FROM contact").fetchone()[0]
    wanted = processes * writes
    worst = max((wait for own in waits for wait in own), default=0.0)
    return {
        "writes": wanted,
        "refused": wanted - sum(len(own) for own in waits),
        "lost": wanted - counted,
        "records": added,
        "worst_wait_s": round(worst, 3),
        "seconds": round(time.monotonic() - started, 2),
        "broken": findings(str(store)),
    }


def _start(context: Context, number: int, writes: int) -> tuple[int, int]:
    readable, writable = os.pipe()
    child = os.fork()
    if child:
        os.close(writable)
        return child, readable
    os.close(readable)
    for count in range(writes):
        name = f"P{number}-{count}"

        def work(writer: Writer, name: str = name) -> None:
            present = writer.image("organization", 1)["employees"]
            writer.update("organization", 1, {"employees": present + 1})
            writer.create("contact", {"last_name": name})

        before = time.monotonic()
        write(context, work)
        os.write(writable, f"{time.monotonic() - before:.6f}\n".encode())
    os._exit(0)


def _collect(child: int, readable: int) -> list[float]:
    with os.fdopen(readable) as acks:
        waits = [float(line) for line in acks.read().split()]
    os.waitpid(child, 0)
    return waits


if __name__ == "__main__":
    figures = run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.write(json.dumps(figures) + "\n")
    raise SystemExit(1 if figures["lost"] or figures["refused"] or figures["broken"] else 0)
