"""The full audit of the terminal: every command, every format, pipe and terminal, with every hostile string there is.

``python -m tests.stress.audit_tty FOLDER ROUNDS FLIPS`` works in FOLDER and prints figures as JSON: runs, and what was
found. A round calls each command once for each of its arguments and options; FLIPS bits of a store are damaged, one
each time. Exits with 1 when there are findings. The fast tier is ``tests/e2e/test_hostile.py``.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, cycle
from pathlib import Path
from random import Random
from typing import Any

from tests.e2e import audit
from tests.e2e.filling import Filled, fill
from tests.e2e.forking import Ran, at_terminal, crm
from tests.e2e.naughty import OWN, public
from tests.e2e.test_faults import CALLS_ON_DAMAGE, check_told, flip, store

Call = tuple[str, ...]


def readings(filled: Filled) -> Iterator[tuple[Call, Ran]]:
    """Call every reading command in every format, on a pipe and on a narrow and a wide terminal."""
    for path, calls in audit.READING.items():
        for call in calls:
            for name in audit.formats_of(path):
                words = (*path, *call, *(("-o", name) if name else ()))
                yield path, crm(filled.home, *words)
                for columns in (80, 200):
                    yield path, at_terminal(filled.home, *words, columns=columns)


def writings(filled: Filled, folder: Path, rounds: int) -> Iterator[tuple[Call, Ran]]:
    """Call every command with a hostile string in each place, each round with other strings, on copies of the store."""
    strings = cycle(text.replace("\0", "\udcff") for text in (*OWN, *public()) if not text.isspace())
    for _ in range(rounds):
        for path in audit.COMMANDS:
            home = folder / "copy"
            shutil.copytree(filled.home, home)
            sure = audit.without_questions(path)
            for number, call in enumerate(audit.variants(path, strings)):
                yield path, (at_terminal if number % 2 else crm)(home, *path, *call, *sure)
            shutil.rmtree(home)


def damages(filled: Filled, folder: Path, flips: int) -> Iterator[Ran]:
    """Run commands on stores of which one bit is wrong."""
    for seed in range(flips):
        home = folder / "damaged"
        shutil.copytree(filled.home, home)
        flip(store(home), Random(seed))
        for words in CALLS_ON_DAMAGE:
            yield crm(home, *words)
        shutil.rmtree(home)


def run(folder: Path, rounds: int, flips: int) -> dict[str, Any]:
    """Run everything and return the figures."""
    filled = fill(folder / "filled", (*OWN, *public()))
    small = fill(folder / "small", OWN[:5], ("organization", "contact"))
    figures: dict[str, Any] = {"records": len(filled.kept), "runs": 0, "damaged": 0, "findings": []}
    for path, ran in chain(readings(filled), writings(filled, folder, rounds)):
        figures["runs"] += 1
        figures["findings"] += complaints(partial(audit.check_quiet, path, ran))
    for ran in damages(small, folder, flips):
        figures["damaged"] += 1
        figures["findings"] += complaints(partial(check_told, ran))
    return figures


def complaints(check: Callable[[], None]) -> list[str]:
    """Return what a check complains about."""
    try:
        check()
    except AssertionError as error:
        return [str(error)[:500]]
    return []


if __name__ == "__main__":
    told = run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
    raise SystemExit(1 if told["findings"] else 0)
