"""Figures that count customers by what each of them bought and when: trial, retention, frequency, churn and their kin.

Each is an aggregate over the purchases of one customer, added up over customers; SQL does both. Which customers count
stands in ``customers``, of which time in ``windows``, and what is counted in the definitions.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from crmcli.conditions.expression import Clause
from crmcli.domain.periods import ALL
from crmcli.reports.acts import ACTS, CUSTOMER, IN_P
from crmcli.reports.customers import BY_DEAL, CustomerFrame, customer_labels, purchases
from crmcli.reports.definitions.kpi import Kpi, Tally
from crmcli.reports.figures import Exclusion, Figure, Side
from crmcli.reports.frame import Frame
from crmcli.reports.groups import Group
from crmcli.reports.presenting import rounded, value_of
from crmcli.reports.windows import windows

_NOBODY = "no customer"
_UNLIMITED = "the period has no limits"
_BELOW_EACH = "0"  # where every member of the target stands below the line


class _Sums(NamedTuple):
    """What the customers of a group add up to, and the purchases in the period that nobody made."""

    above: int
    below: int
    nobody: int


def figure(frame: Frame, kpi: Kpi, group: Group) -> Figure:
    """Return a figure of one group; of the whole each customer counts once, whatever the groups."""
    tally = _tally(kpi)
    mine = frame_for(frame, group)
    found = _sums(mine, tally)
    values = list(found) if group.values is None else group.values
    sums = [found[value] for value in values if value in found]
    above, nobody = sum(each.above for each in sums), sum(each.nobody for each in sums)
    excluded = (Exclusion(_NOBODY, nobody),) if nobody else ()
    over = Side(Fraction(above), above, "n")
    if kpi.unit == "n":
        return Figure(kpi, group, over.number, above, None, over, None, excluded)
    below = _members(mine, group) if tally.below is None else sum(each.below for each in sums)
    under = Side(Fraction(below), below, "n")
    if tally.limits and any(getattr(frame.period, edge) is None for edge in tally.limits):
        return Figure(kpi, group, None, below, _UNLIMITED, excluded=excluded)
    if not below:
        return Figure(kpi, group, None, 0, kpi.missing, over, under, excluded)
    return Figure(kpi, group, Fraction(above, below), below, None, over, under, excluded)


def group_values(frame: Frame, kpi: Kpi) -> set[object]:
    """Return the stored values of the groups that have something to count."""
    mine, tally = frame_for(frame), _tally(kpi)
    values = {value for value, sums in _sums(mine, tally).items() if sums.above or sums.below or sums.nobody}
    grouped = kpi.unit != "n" and tally.below is None and mine.groups_customers
    return values | (set(_member_counts(mine)) if grouped else set())


def rows(frame: Frame, kpi: Kpi) -> Iterator[tuple[object, dict[str, object]]]:
    """Yield the group and the cells of each customer of a figure, then of each purchase that nobody made."""
    mine, tally = frame_for(frame), _tally(kpi)
    counted = kpi.unit == "n"
    clause = _by_customer(mine, tally, every_member=tally.below is None and not counted)
    found = mine.con.execute(f"SELECT customer, grp, above, below FROM ({clause.sql}) ORDER BY 1", clause.parameters)
    kept = [row for row in found if row[0] is not None and (row[2] or row[3])]
    labels = customer_labels(mine.con, [row[0] for row in kept])
    for (_, group, above, below), label in zip(kept, labels, strict=True):
        told: dict[str, object] = {"ref": label["ref"], "title": label["name"], "numerator": above}
        yield group, told | {"denominator": None if counted else below, "excluded": None, "unit": "n"}
    for group, ref, title in _of_nobody(mine):
        cells = {"ref": ref, "title": title, "numerator": None, "denominator": None}
        yield group, cells | {"excluded": _NOBODY, "unit": "n"}


def formula(frame: Frame, figure: Figure) -> str:
    """Return how a figure comes about, with the numbers in it."""
    kpi = figure.kpi
    value = "n/a" if figure.value is None else value_of(figure, frame.options.currency)
    if kpi.unit == "n":
        return f"{kpi.key} = {kpi.numerator} = {value}"
    sides = " / ".join(
        str(rounded(side.number, "n", frame.options.currency)) if side else "n/a"
        for side in (figure.above, figure.below)
    )
    return f"{kpi.key} = {kpi.numerator} / {kpi.denominator} = {sides} = {value}"


def frame_for(frame: Frame, group: Group | None = None) -> CustomerFrame:
    """Return a frame of customers, settled, with the groups of this one; without any for the whole."""
    key = "whole" if group is not None and group.values is None and frame.options.by is not None else "customers"
    if key == "customers" and isinstance(frame, CustomerFrame):
        return frame
    if key not in frame.kept:
        options = frame.options
        if key == "whole":
            options = options._replace(by=None)
        elif not isinstance(frame, CustomerFrame):
            options = options._replace(own={**options.own, BY_DEAL: True})
        frame.kept[key] = CustomerFrame(frame.con, options)
        frame.kept[key].settle(ACTS.entity)
    found: CustomerFrame = frame.kept[key]
    return found


def _tally(kpi: Kpi) -> Tally:
    if kpi.tally is None:
        raise ValueError(f"{kpi.key} counts no customers")
    return kpi.tally


def _sums(frame: CustomerFrame, tally: Tally) -> dict[object, _Sums]:
    """Return what customers add up to, by the stored value of their group."""
    key = f"sums {tally}"
    if key not in frame.kept:
        clause = _by_customer(frame, tally)
        sql = (
            "SELECT grp, COALESCE(SUM(above) FILTER (WHERE customer IS NOT NULL), 0),"
            " COALESCE(SUM(below) FILTER (WHERE customer IS NOT NULL), 0),"
            f" COALESCE(SUM(bought) FILTER (WHERE customer IS NULL), 0) FROM ({clause.sql}) GROUP BY grp"
        )
        frame.kept[key] = {grp: _Sums(*sums) for grp, *sums in frame.con.execute(sql, clause.parameters)}
    found: dict[object, _Sums] = frame.kept[key]
    return found


def _by_customer(frame: CustomerFrame, tally: Tally, *, every_member: bool = False) -> Clause:
    """Return a query of what each customer counts in each group, NULL being nobody; or each member of the target."""
    acts, around = purchases(frame), windows(frame)
    above, below = (sql.format(**around.words) for sql in (tally.above, tally.below or _BELOW_EACH))
    counted = (
        f"SELECT a.customer, a.grp, {above} AS above, {below} AS below, SUM({IN_P}) AS bought"
        f" FROM ({acts.sql}) a GROUP BY a.customer, a.grp"
    )
    parameters = {**acts.parameters, **around.parameters}
    if not every_member:
        return Clause(counted, parameters)
    members = frame.members()
    if frame.options.by is None or frame.groups_customers:
        whole = f"({members.sql}) m LEFT JOIN ({counted}) t ON t.customer = m.customer"
        group = "m.grp"
    else:
        groups = f"(SELECT DISTINCT grp FROM ({acts.sql})) g"
        match = "t.customer = m.customer AND t.grp IS g.grp"
        whole = f"{groups} CROSS JOIN ({members.sql}) m LEFT JOIN ({counted}) t ON {match}"
        group = "g.grp"
    sql = f"SELECT m.customer, {group} AS grp, COALESCE(t.above, 0) AS above, 1 AS below FROM {whole}"
    return Clause(sql, {**parameters, **members.parameters})


def _members(frame: CustomerFrame, group: Group) -> int:
    """Return how many members of the target a group has: all of them where groups are not those of customers."""
    counts = _member_counts(frame)
    if group.values is None or not frame.groups_customers:
        return sum(counts.values())
    return sum(counts.get(value, 0) for value in group.values)


def _member_counts(frame: CustomerFrame) -> dict[object, int]:
    if "members" not in frame.kept:
        members = frame.members()
        sql = f"SELECT grp, COUNT(*) FROM ({members.sql}) GROUP BY grp"
        frame.kept["members"] = dict(frame.con.execute(sql, members.parameters).fetchall())
    found: dict[object, int] = frame.kept["members"]
    return found


def _of_nobody(frame: CustomerFrame) -> Iterator[tuple[object, Any, Any]]:
    """Yield the group, ref and name of each purchase of the period that nobody made."""
    kind, clause = frame.selection(ACTS, ALL)
    within = windows(frame).parameters
    sql = (
        f"SELECT {frame.group_sql(ACTS.entity)}, 'D' || r.id, r.name FROM {kind.table} r WHERE r.deleted_at IS NULL"
        f" AND {clause.sql} AND {IN_P.replace('a.at', 'r.closed_at')} AND {CUSTOMER} IS NULL ORDER BY r.id"
    )
    yield from frame.con.execute(sql, {**clause.parameters, **within})
