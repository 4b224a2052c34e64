"""What is proposed for the life cycle of customers: for the commands on it, and lent to the scheduler."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from crmcli.cli.session import current

if TYPE_CHECKING:
    from sqlite3 import Connection

    from crmcli.reports.proposals import Chosen, Proposed
    from crmcli.services.life_cycle import Move


def proposed(con: "Connection", refs: Sequence[str] | None = None, where: str | None = None) -> "Iterator[Proposed]":
    """Return what is proposed for customers: those named, those that meet a condition, or all.

    UsageError when both are given, when a record is named that is never a customer, or when the condition means
    nothing for organizations.
    """
    from crmcli.config.life_cycle import LifeCycle
    from crmcli.reports.measures import Surroundings
    from crmcli.reports.proposals import proposals

    settings = current().settings
    limits = (settings.lifecycle or LifeCycle()).limits
    world = Surroundings(settings.currency, settings.timezone, settings.calendar, None)
    return proposals(con, world, limits, _chosen(refs, where))


def moves_of(found: "Iterable[Proposed]") -> "dict[str, list[Move]]":
    """Return the customers, by entity, who are to change their phase."""
    from crmcli.services.life_cycle import Move

    moves: dict[str, list[Move]] = {}
    for one in found:
        if one.is_news:
            moves.setdefault(one.entity, []).append(Move(one.id, one.phase, one.proposed))
    return moves


def due_moves(con: "Connection") -> "dict[str, list[Move]]":
    """Return everybody who is to change their phase: what the scheduler asks for once a day."""
    return moves_of(proposed(con))


def _chosen(refs: Sequence[str] | None, where: str | None) -> "dict[str, Chosen]":
    from crmcli.catalogue import ENTITIES
    from crmcli.cli.finding import find_all
    from crmcli.errors import UsageError
    from crmcli.reports.proposals import ALL, Chosen

    if refs and where:
        raise UsageError("name customers, or say --where")
    if refs:
        named = find_all(refs)
        if strange := [ENTITIES[entity].plural for entity in named if entity not in ALL]:
            raise UsageError(f"{strange[0]} are no customers", hint="organizations, and contacts without one")
        return {entity: Chosen(ids=ids) for entity, ids in named.items()}
    return _meeting(where) if where else dict(ALL)


def _meeting(where: str) -> "dict[str, Chosen]":
    """Return the customers who meet a condition; contacts only where it means something for them."""
    from crmcli.cli.listing import compile_clause
    from crmcli.errors import CrmError
    from crmcli.reports.proposals import Chosen

    found = {"organization": Chosen(compile_clause("organization", where))}
    try:
        found["contact"] = Chosen(compile_clause("contact", where))
    except CrmError as error:
        current().streams.note(f"without contacts: {error.message}")
    return found
