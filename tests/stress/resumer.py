"""An import in batches that is killed at random and gone on with, until it is whole.

    python -m tests.stress.resumer FOLDER [TIMES]

Each round imports the same rows into an empty store: killed with SIGKILL after a random time, resumed, killed again ...
At the end every row must be in once, every bad row in the rejects file once, every reference set, and the undo of the
import must leave the store as it was.
"""

import csv
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from tests.command import PROGRAM, crm, environment
from tests.stress.invariants import findings

ROWS, BATCH = 1_000, 40
BAD = frozenset({17, 403, 404, 998})  # rows without an e-mail that can be one


def write_rows(path: Path) -> None:
    """Write the file: people, each under the one of the next row, a few of them with a bad address."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Number", "Last", "Mail", "Firm", "Boss"])
        for number in range(ROWS):
            mail = "nowhere" if number in BAD else f"p{number}@example.com"
            writer.writerow([number, f"Rossi {number}", mail, f"Firm {number % 7}", str(number + 1)])


IMPORT = (
    "import", "contact", "people.csv", "--create", "--batch", str(BATCH), "--rejects", "rejects.csv", "--map",
    "Number=external_id", "--map", "Last=last_name", "--map", "Mail=email", "--map", "Firm=organization", "--map",
    "Boss=reports_to.external_id",
)  # fmt: skip


def one_round(home: Path, chance: random.Random) -> int:
    """Import with kills until it is done; return how many kills hit. AssertionError when something is wrong."""
    home.mkdir(parents=True)
    write_rows(home / "people.csv")
    assert crm(home, "init").returncode == 0
    empty = crm(home, "export", "all").stdout
    kills, patience, job = 0, 1.0, None
    words: tuple[str, ...] = IMPORT
    while _killed(home, words, patience * chance.uniform(0.3, 1.6)):
        kills += 1
        before, job = job, _jobs(home)
        patience = patience * 1.5 if job == before else 1.0  # a busy machine needs more time to get anywhere
        words = ("import", "resume", "1") if job else IMPORT
        if job and job[0] == "done":  # killed after its last commit
            break
    _check(home)
    assert crm(home, "import", "undo", "1", "--yes").returncode == 0
    assert crm(home, "export", "all").stdout == empty
    return kills


def _killed(home: Path, words: tuple[str, ...], after_s: float) -> bool:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words], env=environment(home), cwd=home,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        time.sleep(after_s)
        process.send_signal(signal.SIGKILL)
        _, err = process.communicate()
    assert process.returncode in (-signal.SIGKILL, 6), err
    return process.returncode == -signal.SIGKILL


def _jobs(home: Path) -> tuple[str, int] | None:
    with closing(sqlite3.connect(home / "data" / "crm.db")) as con:
        found: tuple[str, int] | None = con.execute("SELECT status, last_row FROM import_job").fetchone()
        return found


def _check(home: Path) -> None:
    store = home / "data" / "crm.db"
    with closing(sqlite3.connect(store)) as con:
        (count,) = con.execute("SELECT COUNT(*) FROM contact").fetchone()
        (without,) = con.execute("SELECT COUNT(*) FROM contact WHERE reports_to_id IS NULL").fetchone()
        (rows,) = con.execute("SELECT COUNT(DISTINCT row_no) FROM import_row").fetchone()
        (firms,) = con.execute("SELECT COUNT(*) FROM organization").fetchone()
        assert _jobs(home) == ("done", ROWS + 1)
    assert (count, rows, firms) == (ROWS - len(BAD), ROWS - len(BAD), 7)
    assert without == len({number - 1 for number in BAD} - BAD) + 1, "the others have their superiors"
    with (home / "rejects.csv").open(encoding="utf-8") as stream:
        rejected = [int(row["Number"]) for row in csv.DictReader(stream)]
    assert sorted(rejected) == sorted(BAD)
    assert findings(str(store)) == []


def main(folder: Path, times: int) -> None:
    """Run so many rounds and print what came of them."""
    seed = int(os.environ.get("SEED", "1"))
    hits = 0
    for number in range(times):
        hits += one_round(folder / f"round-{number}", random.Random(seed * 1000 + number))
        sys.stdout.write(f"round {number + 1}: {hits} kills so far, all rows in, once each\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 50)
