"""Which invariant settles which entity; its module is imported when the entity is first written."""

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcli.services.drafts import Draft
    from crmcli.services.writer import Writer

Invariant = Callable[["Draft", "Writer"], None]
Consequence = Callable[[Sequence["Draft"], "Writer"], None]


@cache
def invariant_of(entity: str) -> Invariant:
    """Return the function that derives what follows from a draft and notes what is wrong with it."""
    settle: Invariant = _module(entity).settle
    return settle


@cache
def consequence_of(entity: str) -> Consequence | None:
    """Return the function that saves on other records what follows from drafts just stored, if there is one."""
    follow: Consequence | None = getattr(_module(entity), "follow", None)
    return follow


def _module(entity: str) -> ModuleType:
    return import_module(f"crmcli.services.invariants.{entity}")
