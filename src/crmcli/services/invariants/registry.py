"""Which invariant settles which entity; its module is imported when the entity is first written."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcli.services.drafts import Draft
    from crmcli.services.writer import Writer

Invariant = Callable[["Draft", "Writer"], None]


@cache
def invariant_of(entity: str) -> Invariant:
    """Return the function that derives what follows from a draft and notes what is wrong with it."""
    settle: Invariant = import_module(f"crmcli.services.invariants.{entity}").settle
    return settle
