"""Figures of money that are no sum, told in each currency: the same figure of the deals in that currency alone.

What a sum, a mean or a median is in each currency comes with it, see ``figures``.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from crmcli.reports.frame import Frame

if TYPE_CHECKING:
    from crmcli.reports.figures import Figure

_DEAL = "deal"


class Own(NamedTuple):
    """The part of a figure of money that stands in one currency, and its value in that."""

    currency: str
    records: int
    value: Fraction


def in_each(frame: Frame, compute: "Callable[[Frame], Figure]") -> tuple[Own, ...]:
    """Return what a figure comes to in each currency, in that; nothing where all deals are in the base currency."""
    found = {currency: compute(alone) for currency, alone in _frames(frame).items()}
    return tuple(Own(code, part.records, part.value) for code, part in found.items() if part.value is not None)


def _frames(frame: Frame) -> dict[str, Frame]:
    """Return a frame for each currency, with the deals in it alone, settled for these."""
    if "alone" not in frame.kept:
        frame.kept["alone"] = {code: _alone(frame, code) for code in _currencies(frame)}
    found: dict[str, Frame] = frame.kept["alone"]
    return found


def _currencies(frame: Frame) -> list[str]:
    if not frame.is_mixed(_DEAL):
        return []
    return [
        code for (code,) in frame.con.execute("SELECT DISTINCT currency FROM deal WHERE deleted_at IS NULL ORDER BY 1")
    ]


def _alone(frame: Frame, currency: str) -> Frame:
    made = type(frame)(frame.con, frame.options._replace(currency=currency, is_alone=True))
    made.past = frame.past
    made.settle(_DEAL)
    return made
