"""Runs the tests of the whole screen as on a slower and on a faster machine: what they assert must not depend on it.

    python -m pytest -p tests.stress.pace --pace late|early tests/tui

``late`` lets the store take a random while before and after each answer; ``early`` lets every answer come before the
next key. Tests of keys that are meant to come before the answers hold these back themselves.
"""

import asyncio
import random
import time
from collections.abc import Callable
from typing import TypeVar

import pytest

import tests.tui.driving
from crmcli.tui.desk import Desk

T = TypeVar("T")
_BEFORE_S = 0.15
_AFTER_S = 0.1
_KEY_S = 0.08  # in which the answers to a key have come


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that says which of the two it is."""
    parser.addoption("--pace", choices=("late", "early"), required=True)


@pytest.fixture(autouse=True)
def _paced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.config.getoption("--pace") == "early":
        monkeypatch.setattr(tests.tui.driving, "_turn", _wait)
    else:
        chance = random.Random(request.node.nodeid)
        monkeypatch.setattr(Desk, "read", _late(Desk.read, chance))
        monkeypatch.setattr(Desk, "write", _late(Desk.write, chance))


async def _wait(*_given: object) -> None:
    await asyncio.sleep(_KEY_S)


def _late(ask: Callable[..., T], chance: random.Random) -> Callable[..., T]:
    def asked(*given: object) -> T:
        time.sleep(chance.random() * _BEFORE_S)
        try:
            return ask(*given)
        finally:
            time.sleep(chance.random() * _AFTER_S)

    return asked
