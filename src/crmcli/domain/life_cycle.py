"""The phases of the relationship with a customer, proposed from what the customer does.

A proposal depends on the behaviour alone, never on the phase that stands: the same behaviour gives the same phase.
What a customer did is gathered elsewhere, and so is whether a person's choice forbids to change it.
"""

from typing import TYPE_CHECKING, NamedTuple

from crmcli.domain.plurals import counted

if TYPE_CHECKING:
    from decimal import Decimal

YEAR_DAYS = 365  # in which purchases are counted for the frequency


class Thresholds(NamedTuple):
    """Where one phase ends and the next begins.

    ``dissolution_intervals``: how many times the customer's own interval may pass without a purchase;
    ``dissolution_days``: how many days, for a customer without an own interval. ``commitment_purchases``: how many
    purchases in a year show commitment.
    """

    dissolution_intervals: int = 2
    dissolution_days: int = 365
    commitment_purchases: int = 4


class Behaviour(NamedTuple):
    """What a customer did: purchases in all and in the last year, days since the last one, the own interval in days.

    ``earlier`` and ``later`` are the mean values of the first and of the second half of the purchases, None where
    there are fewer than two with a known value. ``answered`` says that talk went both ways.
    """

    purchases: int = 0
    in_a_year: int = 0
    days_since: int = 0
    interval: float | None = None
    earlier: "Decimal | None" = None
    later: "Decimal | None" = None
    answered: bool = False


class Proposal(NamedTuple):
    """A phase, and why the behaviour speaks for it."""

    phase: str
    why: str


def propose(behaviour: Behaviour, limits: Thresholds) -> Proposal:
    """Return the phase that fits: dissolution before all, then from the closest to the loosest relationship."""
    found = behaviour
    if not found.purchases:
        if found.answered:
            return Proposal("exploration", "no purchase, but an answered touch")
        return Proposal("awareness", "no purchase and no answered touch")
    if gone := _dissolved(found, limits):
        return Proposal("dissolution", gone)
    if found.in_a_year >= limits.commitment_purchases:
        told = counted(found.in_a_year, "purchase")
        return Proposal("commitment", f"{told} in {YEAR_DAYS} days, of {limits.commitment_purchases} needed")
    if found.purchases == 1:
        return Proposal("exploration", "the first purchase, and no other yet")
    if found.earlier is None or found.later is None:
        return Proposal("exploration", f"{found.purchases} purchases, but of unknown value")
    told = f"{found.purchases} purchases, {found.later:.2f} each of late after {found.earlier:.2f}"
    if found.later > found.earlier:
        return Proposal("expansion", f"{told}: the value rises")
    return Proposal("exploration", f"{told}: the value does not rise")


def _dissolved(found: Behaviour, limits: Thresholds) -> str:
    """Return why a customer counts as gone; empty when not."""
    silent = f"no purchase for {counted(found.days_since, 'day')}"
    if found.interval is None:
        longest = limits.dissolution_days
        return f"{silent}, more than {longest}" if found.days_since > longest else ""
    if found.days_since <= limits.dissolution_intervals * found.interval:
        return ""
    return f"{silent}, more than {limits.dissolution_intervals} times the own interval of {found.interval:g} days"
