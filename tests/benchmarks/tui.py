"""Prints how fast the whole screen is over many open deals: on a terminal of its own, and key by key.

    python -m tests.benchmarks.tui [--deals N ...] [--keys N] [--idle SECONDS]

A store is built in a temporary folder, all deals open, over the stages of the pipeline. The first paint is from the
start of the process to the first card on its terminal; the idle processor is what the kernel accounts to it while
nobody does anything; a key is from its press to the cursor being where it belongs and the screen drawn, once in peace
and once while another process writes a hundred times a second. Nothing is asserted here.
"""

import argparse
import asyncio
import os
import pty
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from crmcli.config import paths
from crmcli.config.settings import load
from crmcli.tui.app import CrmApp
from crmcli.tui.board.screen import BoardScreen
from crmcli.tui.desk import Desk
from tests.benchmarks.stores import NOW, ZONE, build
from tests.command import PROGRAM, environment
from tests.tui.driving import settle, unhurried

SIZE = (140, 45)
PATIENCE_S = 30
RUNS = 5
OPEN = "SELECT id FROM stage WHERE kind = 'open' ORDER BY position"
_WRITES = """
import sqlite3, sys, time
con = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
while True:
    con.execute("UPDATE deal SET next_step = 'Call', version = version + 1 WHERE id = 2")
    time.sleep(0.01)
"""


def main() -> None:
    """Measure over each number of deals."""
    parser = argparse.ArgumentParser(description="How fast the whole screen is.")
    parser.add_argument("--deals", type=int, nargs="+", default=[1_000, 20_000])
    parser.add_argument("--keys", type=int, default=40)
    parser.add_argument("--idle", type=float, default=10)
    given = parser.parse_args()
    os.environ["CRMCLI_NOW"] = NOW
    for count in given.deals:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            store = home / "data" / "crm.db"
            build(store, count)
            all_open(store)
            env = environment(home, CRMCLI_NOW=NOW, CRMCLI_TIMEZONE=ZONE, TERM="xterm")
            paints = [first_paint(env) for _ in range(RUNS)]
            wall, processor = (
                statistics.median(one) * 1000 for one in zip(*(paint[:2] for paint in paints), strict=True)
            )
            idle = first_paint(env, given.idle).idle
            told = [f"first paint {wall:.0f} ms ({processor:.0f} ms of processor)", f"idle {idle:.2%} of a processor"]
            os.environ |= env
            told.append(f"a key {keys(given.keys)}")
            with writing(store):
                told.append(f"under 100 writes a second {keys(given.keys)}")
            print(f"{count} open deals: {', '.join(told)}")  # noqa: T201


def all_open(store: Path) -> None:
    """Open every deal again, over the stages."""
    with closing(sqlite3.connect(store)) as con:
        stages = [stage for (stage,) in con.execute(OPEN)]
        for place, stage in enumerate(stages):
            con.execute(
                "UPDATE deal SET outcome = 'open', closed_at = NULL, lost_reason = NULL, exchange_rate = NULL,"
                " last_open_stage_id = NULL, stage_id = ? WHERE id % ? = ?",
                (stage, len(stages), place),
            )
        con.commit()
        con.execute("ANALYZE")


class Paint(NamedTuple):
    """Seconds to the first card, those of the processor among them, and the share of it that idling costs."""

    wall: float
    processor: float
    idle: float


def first_paint(env: dict[str, str], idle_s: float = 0) -> Paint:
    """Start the board, and idle for a while if that is asked for."""
    controller, terminal = pty.openpty()
    shown = bytearray()

    def drain() -> None:
        with suppress(OSError):
            while part := os.read(controller, 65536):
                shown.extend(part)

    Thread(target=drain, daemon=True).start()
    start = time.perf_counter()
    argv = [sys.executable, "-c", PROGRAM, "tui", "board"]
    with subprocess.Popen(argv, env=env, stdin=terminal, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        while b"Deal " not in shown and time.perf_counter() - start < PATIENCE_S:
            time.sleep(0.002)
        painted = time.perf_counter() - start
        processor, share = used(process.pid), 0.0
        if idle_s:
            time.sleep(3)
            before = used(process.pid)
            time.sleep(idle_s)
            share = (used(process.pid) - before) / idle_s
        process.terminate()
    os.close(controller)
    return Paint(painted, processor, share)


def used(pid: int) -> float:
    """Return the processor time of a process in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def keys(count: int) -> str:
    """Return how long keys take that move the cursor."""
    found: list[float] = []

    async def run() -> None:
        here = paths.locate(os.environ, None)
        app = CrmApp(Desk(here, load(here, os.environ)), "deal")
        async with app.run_test(size=SIZE) as pilot:
            app._get_ready()  # which it does by itself after a moment
            await settle(pilot)
            board = app.screen
            assert isinstance(board, BoardScreen)
            assert board.view
            for number in range(count):
                before, view = board.view.cursor, board.view
                start = time.perf_counter()
                await pilot.press("k" if number % 20 > 15 else "j")
                while view.cursor == before and time.perf_counter() - start < PATIENCE_S:
                    await asyncio.sleep(0)
                app.screen._on_timer_update()
                await asyncio.sleep(0)
                found.append(time.perf_counter() - start)
                await asyncio.sleep(0.03)
            app.exit()

    with unhurried():
        asyncio.run(run())
    return f"{statistics.median(found) * 1000:.0f} ms, at worst {max(found) * 1000:.0f} ms"


@contextmanager
def writing(store: Path) -> Iterator[None]:
    """Let another process write a hundred times a second."""
    process = subprocess.Popen([sys.executable, "-c", _WRITES, str(store)])
    try:
        yield
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
