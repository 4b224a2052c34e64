"""The sides of a pivot: a field of the records, or the stretch of time that a date falls into.

What stands in the cells belongs to ``pivot_measures``.
"""

import sqlite3
from collections.abc import Callable, Iterable
from typing import NamedTuple

from crmcli.conditions.expression import value
from crmcli.conditions.scope import Fields
from crmcli.domain.schema import Entity, Field, did_you_mean
from crmcli.errors import UsageError
from crmcli.queries.columns import find_operand, heading
from crmcli.reports.groups import Group, Groups
from crmcli.reports.presenting import named

TOTAL = "Total"
_TIMES = ("date", "instant")
_LONGEST = 40  # characters of a value at the head of a column


class Axis(NamedTuple):
    """A side: its name as it is typed, its heading, the SQL of its stored values over alias ``r``, its field.

    ``unit`` is that of ``domain.buckets`` where the values are stretches of time.
    """

    name: str
    heading: str
    sql: str
    field: Field
    unit: str = ""
    moment: str = ""  # the SQL of the dates or instants that the stretches are of


class Member(NamedTuple):
    """One row or column of a side: its stored value, what is printed, its whole text and, of a record, its ref."""

    value: object
    printed: str
    label: object
    ref: str | None = None

    @property
    def heading(self) -> str:
        """The text at the head of a column."""
        return self.printed if len(self.printed) <= _LONGEST else f"{self.printed[:_LONGEST]}…"


def read_axis(text: str, kind: Entity, fields: Fields) -> Axis:
    """Return the side that a text such as ``owner`` or ``created:month`` means; UsageError when it means none."""
    from crmcli.domain.buckets import UNITS

    name, colon, unit = (part.strip() for part in text.partition(":"))
    operand = find_operand(name, kind, fields)
    field, path = operand.field, operand.path
    stored = value(operand.hops, field.shown or field.sql)
    if not colon:
        _refuse_sides(path, field)
        return Axis(path, heading(operand), value(operand.hops, field.sql), field)
    if field.type not in _TIMES:
        raise UsageError(f"{path} has no {unit}: it is no date", hint=f"write {path} alone", code="field.undated")
    if unit not in UNITS or (unit == "hour" and field.type == "date"):
        known = [one for one in UNITS if one != "hour" or field.type == "instant"]
        raise UsageError(
            f"{path} is not parted by {unit!r}", hint=did_you_mean(unit, known) or f"one of {', '.join(known)}"
        )
    return Axis(
        f"{path}:{unit}", f"{heading(operand)} ({unit})", f"crm_bucket({stored}, '{unit}')", field, unit, stored
    )


def members(con: sqlite3.Connection, axis: Axis, values: Iterable[object]) -> list[Member]:
    """Return the rows or columns of a side, in their order, each printed so that it is told from all others."""
    found = set(values)
    if axis.unit:
        from crmcli.domain.buckets import gapless, label

        known = gapless(axis.unit, [str(one) for one in found if one is not None])
        groups = [Group((one,), label(one, axis.unit)) for one in known] + [Group((None,))] * (None in found)
    else:
        groups = Groups(axis.sql, axis.field).labelled(con, found)
    return _told_apart([_member(group) for group in groups])


def pick(axis: Axis, known: list[Member], text: str) -> list[Member]:
    """Return the rows or columns that a text names: as printed, by the whole value, or by ref; all for the total."""
    wanted = text.strip()
    if wanted in (TOTAL, ""):
        return known
    ways: tuple[Callable[[Member], object], ...] = (
        lambda member: member.printed,
        lambda member: member.heading,
        lambda member: member.label,
        lambda member: member.ref,
    )
    for way in ways:
        if found := next((member for member in known if way(member) == wanted), None):
            return [found]
    names = [member.printed for member in known]
    hint = did_you_mean(wanted, names) or f"one of {', '.join(names[:8])} or {TOTAL}"
    raise UsageError(f"no {axis.name} is called {text!r} here", hint=hint, code="pivot.no_cell")


def inside(heading: str) -> str:
    """Return a heading as it stands inside a sentence."""
    return heading[:1].lower() + heading[1:]


def _refuse_sides(path: str, field: Field) -> None:
    """Raise UsageError for a field whose values make no rows or columns."""
    if field.type == "instant":
        hint = f"write {path}:month, or week, quarter, year, weekday, hour"
        raise UsageError(f"{path} is another one in each record", hint=hint, code="field.ungroupable")
    if field.multi or field.type in ("json", "money"):
        why = "a record can have several" if field.multi or field.type == "json" else "amounts belong in the cells"
        hint = f"--measure {path}" if field.type == "money" else f'--where "{path} has VALUE" parts the records, too'
        raise UsageError(f"a pivot cannot stand on {path}: {why}", hint=hint, code="field.ungroupable")


def _member(group: Group) -> Member:
    if group.value is None:
        return Member(None, str(named(None, None)), None)
    label = group.label
    if isinstance(label, bool):
        label = "yes" if label else "no"
    text = str(group.value if label is None else label)
    if text in (TOTAL, named(None, None)):  # a value that reads as what the pivot itself writes
        text = f"“{text}”"
    return Member(group.value, text, label, group.ref)


def _told_apart(found: list[Member]) -> list[Member]:
    """Return the members with what is printed made unique: by the ref where there is one, else by a number."""
    from collections import Counter

    often = Counter(member.printed for member in found)
    taken = {member.printed for member in found if often[member.printed] == 1}
    apart: list[Member] = []
    for member in found:
        printed = member.printed
        if often[printed] > 1:
            tries = (f"{printed} ({mark})" for mark in (member.ref, *range(1, len(found) + 2)) if mark is not None)
            printed = next(told for told in tries if told not in taken)
            taken.add(printed)
        apart.append(member._replace(printed=printed))
    return apart
