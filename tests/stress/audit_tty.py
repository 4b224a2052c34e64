"""The full audit of the terminal: every command, every format, pipe and terminal, with every hostile string there is.

``python -m tests.stress.audit_tty FOLDER ROUNDS FLIPS [EACH]`` works in FOLDER and prints figures as JSON: runs, and
what was found. A round calls each command once for each of its arguments and options; FLIPS bits of a store are
damaged, one each time. With EACH only every so many-th call is made. How far it is, and each finding as it comes, stand
on standard error. Exits with 1 when there are findings. The fast tier is ``tests/e2e/test_hostile.py``.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, count, cycle
from pathlib import Path
from random import Random
from typing import Any

from tests.e2e import audit
from tests.e2e.filling import Filled, fill
from tests.e2e.forking import Ran, at_terminal, crm
from tests.e2e.naughty import OWN, public
from tests.e2e.test_faults import CALLS_ON_DAMAGE, check_told, flip, store

Call = tuple[str, ...]
TOLD_EACH = 100  # runs


def readings(filled: Filled, picked: Iterator[bool]) -> Iterator[tuple[Call, Ran]]:
    """Call every reading command in every format, on a pipe and on a narrow and a wide terminal."""
    for path, calls in audit.READING.items():
        for call in calls:
            for name in audit.formats_of(path):
                words = (*path, *call, *(("-o", name) if name else ()))
                if next(picked):
                    yield words, crm(filled.home, *words)
                for columns in (80, 200):
                    if next(picked):
                        yield words, at_terminal(filled.home, *words, columns=columns)


def writings(filled: Filled, folder: Path, rounds: int, picked: Iterator[bool]) -> Iterator[tuple[Call, Ran]]:
    """Call every command with a hostile string in each place, each round with other strings, on copies of the store."""
    strings = cycle(text.replace("\0", "\udcff") for text in (*OWN, *public()) if not text.isspace())
    for _ in range(rounds):
        for path in audit.COMMANDS:
            home = folder / "copy"
            shutil.copytree(filled.home, home)
            sure = audit.without_questions(path)
            for number, call in enumerate(audit.variants(path, strings)):
                if next(picked):
                    words = (*path, *call, *sure)
                    yield words, (at_terminal if number % 2 else crm)(home, *words)
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


def run(folder: Path, rounds: int, flips: int, each: int = 1) -> dict[str, Any]:
    """Run everything, or every ``each``-th call, and return the figures."""
    picked = (number % each == 0 for number in count())
    filled = fill(folder / "filled", (*OWN, *public()))
    small = fill(folder / "small", OWN[:5], ("organization", "contact"))
    figures: dict[str, Any] = {"records": len(filled.kept), "runs": 0, "damaged": 0, "findings": []}
    for words, ran in chain(readings(filled, picked), writings(filled, folder, rounds, picked)):
        figures["runs"] += 1
        figures["findings"] += complaints(words, partial(audit.check_quiet, words, ran))
        tell(figures, " ".join(words[:2]))
    for ran in damages(small, folder, flips):
        figures["damaged"] += 1
        figures["findings"] += complaints(("damaged",), partial(check_told, ran))
        tell(figures, "damaged stores")
    return figures


def complaints(words: Call, check: Callable[[], None]) -> list[str]:
    """Return what a check of a command complains about, told at once."""
    try:
        check()
    except AssertionError as error:
        found = f"{' '.join(words)[:300]!a}: {str(error)[:500]!a}"
        sys.stderr.write(f"found: {found}\n")
        return [found]
    return []


def tell(figures: dict[str, Any], where: str) -> None:
    """Tell now and then how far the audit is."""
    if (done := figures["runs"] + figures["damaged"]) % TOLD_EACH == 0:
        sys.stderr.write(f"{done} runs, {len(figures['findings'])} findings, at {where}\n")


if __name__ == "__main__":
    told = run(Path(sys.argv[1]), *map(int, sys.argv[2:]))
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
    raise SystemExit(1 if told["findings"] else 0)
