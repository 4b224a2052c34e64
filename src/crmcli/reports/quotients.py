"""Figures that are one figure divided by another."""

from fractions import Fraction

from crmcli.reports.definitions.kpi import Kpi
from crmcli.reports.figures import Figure, Side
from crmcli.reports.figures import figure as figure_of
from crmcli.reports.figures import group_values as values_of
from crmcli.reports.frame import Frame
from crmcli.reports.groups import Group
from crmcli.reports.presenting import rounded, value_of
from crmcli.reports.registry import KPIS


def figure(frame: Frame, kpi: Kpi, group: Group) -> Figure:
    """Return a figure of one group; unknown where either part is."""
    above, below = (figure_of(frame, KPIS[part], group) for part in kpi.parts)
    excluded = tuple(dict.fromkeys((*above.excluded, *below.excluded)))
    if above.value is None or not below.value:
        reason = above.reason or below.reason or kpi.missing
        return Figure(kpi, group, None, below.records, reason, excluded=excluded)
    over, under = (Side(part.value or Fraction(0), part.records, part.kpi.unit) for part in (above, below))
    return Figure(kpi, group, above.value / below.value, below.records, None, over, under, excluded)


def group_values(frame: Frame, kpi: Kpi) -> set[object]:
    """Return the stored values of the groups of either part."""
    return {value for part in kpi.parts for value in values_of(frame, KPIS[part])}


def formula(frame: Frame, found: Figure) -> str:
    """Return how a figure comes about, with the numbers in it."""
    kpi, currency = found.kpi, frame.options.currency
    sides = " / ".join(
        str(rounded(side.number, side.unit, currency)) if side else "n/a" for side in (found.above, found.below)
    )
    return f"{kpi.key} = {' / '.join(kpi.parts)} = {sides} = {value_of(found, currency)}"
