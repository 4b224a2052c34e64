"""Figures that set what was reached against a target: the target itself, its attainment, its coverage by open deals."""

from collections.abc import Iterator
from fractions import Fraction

from crmcli.reports.definitions.kpi import Kpi
from crmcli.reports.figures import Figure, Side
from crmcli.reports.figures import figure as figure_of
from crmcli.reports.frame import Frame
from crmcli.reports.groups import WHOLE, Group
from crmcli.reports.measures import AMOUNT, Excluded
from crmcli.reports.presenting import rounded, value_of
from crmcli.reports.sets import DEALS_WON
from crmcli.reports.targets import HOLDERS, aim, all_targets
from crmcli.reports.terms import Term

METRIC = "won_amount"
MET = "the target is met"
_WON = Term(DEALS_WON, AMOUNT)


def figure(frame: Frame, kpi: Kpi, group: Group) -> Figure:
    """Return a figure of one group."""
    aimed = aim(frame, METRIC, group)
    target = aimed.value
    if kpi.key == "target_amount":
        return Figure(kpi, group, target, len(aimed.targets), aimed.reason)
    won = _reached(frame, METRIC, group)
    if target is None:
        return Figure(kpi, group, None, won.records, aimed.reason)
    if kpi.key == "attainment":
        return _quotient(kpi, group, won, Side(target, len(aimed.targets), "money"))
    missing = Side(target - (won.value or 0), won.records, "money")
    if missing.number <= 0:
        return Figure(kpi, group, None, won.records, MET, _side(won), missing)
    return _quotient(kpi, group, _reached(frame, "pipeline_amount", group), missing)


def group_values(frame: Frame, kpi: Kpi) -> set[object]:
    """Return the stored values of the groups that won something, have something open, or a target."""
    found: set[object] = set(frame.counts(kpi.term.records, frame.period)) | set(frame.counts(DEALS_WON, frame.period))
    if frame.options.by in HOLDERS:
        place = HOLDERS.index(frame.options.by)
        found |= {one.holder[place] for one in all_targets(frame) if one.metric == METRIC} - {None}
    return found


def rows(frame: Frame, kpi: Kpi) -> Iterator[tuple[object, dict[str, object]]]:
    """Yield what stands above and below the line: deals won or open, and targets."""
    if kpi.key == "attainment":
        yield from _deals(frame, "won_amount", _WON, "numerator")
    elif kpi.key == "coverage":
        yield from _deals(frame, "pipeline_amount", kpi.term, "numerator")
        yield from _deals(frame, "won_amount", _WON, "denominator", -1)
    side = "numerator" if kpi.key == "target_amount" else "denominator"
    by_group = frame.options.by is not None
    groups = frame.groups("deal", group_values(frame, kpi)) if by_group else [WHOLE]
    for group in groups:
        for target in aim(frame, METRIC, group).targets:
            number = None if target.value is None else rounded(target.value, "money", frame.options.currency)
            yield group.value, _cells("target_amount", target.ref, target.period.label, side, number)


def formula(_frame: Frame, figure: Figure) -> str:
    """Return how the value of a figure comes about, with the numbers in it."""
    currency, kpi = _frame.options.currency, figure.kpi
    value = "n/a" if figure.value is None else value_of(figure, currency)
    if kpi.key == "target_amount":
        return f"{kpi.key} = sum over {figure.records} targets = {value}"
    sides = (rounded(side.number, side.unit, currency) if side else "n/a" for side in (figure.above, figure.below))
    above, below = sides
    under = kpi.denominator if kpi.key == "attainment" else f"({kpi.denominator})"
    return f"{kpi.key} = {kpi.numerator} / {under} = {above} / {below} = {value}"


def _reached(frame: Frame, key: str, group: Group) -> Figure:
    from crmcli.reports.registry import KPIS

    return figure_of(frame, KPIS[key], group)


def _side(reached: Figure) -> Side:
    return Side(reached.value or Fraction(0), reached.records, "money", reached.excluded)


def _quotient(kpi: Kpi, group: Group, reached: Figure, below: Side) -> Figure:
    if reached.value is None:
        return Figure(kpi, group, None, reached.records, reached.reason, None, below, reached.excluded)
    value = reached.value / below.number
    return Figure(kpi, group, value, reached.records, None, _side(reached), below, reached.excluded)


def _deals(frame: Frame, part: str, term: Term, side: str, sign: int = 1) -> Iterator[tuple[object, dict[str, object]]]:
    from crmcli.reports.explain import exactly

    for row in frame.rows(term, frame.period):
        if isinstance(row.value, Excluded):
            yield row.group, {**_cells(part, row.ref, row.title, side, None), "excluded": row.value.reason}
        else:
            yield row.group, _cells(part, row.ref, row.title, side, sign * exactly(frame, term, row.value))


def _cells(part: str, ref: str, title: str, side: str, number: object) -> dict[str, object]:
    told = {"part": part, "ref": ref, "title": title, "numerator": None, "denominator": None, "excluded": None}
    return told | {side: number, "unit": "money"}
