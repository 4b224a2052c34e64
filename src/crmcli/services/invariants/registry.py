"""Which invariant settles which entity; its module is imported when the entity is first written."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmcli.services.drafts import Draft
    from crmcli.services.writer import Writer

Invariant = Callable[["Draft", "Writer"], None]
Consequence = Callable[[Sequence["Draft"], "Writer"], None]
Plainness = Callable[[Mapping[str, Sequence[Any]], "Writer"], bool]


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


@cache
def plainness_of(entity: str) -> Plainness | None:
    """Return what says of new records, given by their filled columns, that ``settle`` would leave them as they are."""
    is_plain: Plainness | None = getattr(_module(entity), "is_plain", None)
    return is_plain


def _module(entity: str) -> ModuleType:
    return import_module(f"crmcli.services.invariants.{entity}")
