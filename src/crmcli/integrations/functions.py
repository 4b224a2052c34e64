"""Calls functions of Python that installed packages offer by name, in the group ``crmcli.functions``."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from threading import Thread
from time import monotonic
from typing import Any

from crmcli.integrations.sent import DONE, Sent
from crmcli.rules.outside_actions import FUNCTIONS


def call_function(name: str, argument: Mapping[str, Any], deadline: float) -> Sent:
    """Call a function with one argument and return what came of it; what it returns is not looked at.

    Whatever it raises is a failure that may pass. One that is not back at ``deadline``, a moment of ``time.monotonic``,
    is left alone: the end of the command ends it.
    """
    found = next(iter(entry_points(group=FUNCTIONS, name=name)), None)
    if found is None:
        return Sent("blocked", f"no package offers the function {name!r}")
    failures: list[str] = []

    def call() -> None:
        try:
            found.load()(argument)
        except Exception as error:  # whatever others write may raise whatever they like
            failures.append(f"{type(error).__name__}: {error}")

    thread = Thread(target=call, daemon=True)
    thread.start()
    thread.join(max(deadline - monotonic(), 0))
    if thread.is_alive():
        return Sent("temporary", f"the function {name} was not back in time")
    return Sent("temporary", f"the function {name} failed: {failures[0]}") if failures else DONE
