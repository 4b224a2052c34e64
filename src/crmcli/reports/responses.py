"""Who of a target responded: figures over leads, contacts or organizations, until campaigns have members of their own.

The target is everybody whom ``--target`` fits, all of them reached; who responded is whom ``--responded`` fits.
Contacts made are the outgoing interactions of the period with them, or the sum of a field that counts them
(``--contacts``).
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause, value
from crmcli.domain.periods import utc_edges
from crmcli.errors import UsageError
from crmcli.queries.columns import find_operand
from crmcli.queries.labels import own_ref_sql
from crmcli.reports.definitions.kpi import Kpi
from crmcli.reports.figures import Figure, Side
from crmcli.reports.frame import Frame
from crmcli.reports.groups import Group
from crmcli.reports.presenting import rounded, value_of

_UNASKED = "nobody said who responded: crm report redemption --responded CONDITION"
_NUMBERS = ("int", "decimal")
_INTERACTIONS = (
    "(SELECT COUNT(*) FROM activity_link l JOIN interaction i ON i.id = l.activity_id WHERE l.entity = '{entity}'"
    " AND l.record_id = r.id AND +l.activity_entity = 'interaction' AND i.deleted_at IS NULL"
    " AND i.direction = 'out' AND i.occurred_at >= :p_from AND i.occurred_at < :p_to)"
)


class _Sums(NamedTuple):
    """Subjects reached, those who responded, and contacts made."""

    reached: int = 0
    responded: int = 0
    contacts: int = 0


_SIDES = {  # of each figure: what stands above, and below the line
    "redemption": ("responded", "reached"),
    "responses": ("responded", ""),
    "reached": ("reached", ""),
    "contacts_made": ("contacts", ""),
    "contacts_per_response": ("contacts", "responded"),
}


class ResponseFrame(Frame):
    """A frame over the kind of record that is asked for, contacts where none is."""

    @property
    def entity(self) -> str:
        """The kind of record of the target."""
        return self.options.entity or "contact"

    def settle(self, entity: str) -> None:
        """Understand the condition and the grouping for the records of the target, whatever the entity."""
        super().settle(self.entity)

    def groups(self, entity: str, values: set[object]) -> list[Group]:
        """Return groups of the records of the target."""
        return super().groups(self.entity, values)

    def subjects(self) -> Clause:
        """Return a query of the target: ``grp``, ``ref``, ``title``, and what each counts for ``_Sums``."""
        from crmcli.conditions.condition import compile as compile_condition

        kind, asked = ENTITIES[self.entity], self.options.own
        responded = compile_condition(asked["responded"], kind, self.options.scope).clause("a")
        start, end = utc_edges(self.period, self.zone)
        parameters: dict[str, Any] = {**responded.parameters, "p_from": start or "", "p_to": end or "9999"}
        conditions = ["r.deleted_at IS NULL"]
        target = asked.get("target")
        for clause in (
            compile_condition(target, kind, self.options.scope).clause("t") if target else None,
            self.condition(kind),
        ):
            if clause is not None:
                conditions.append(f"({clause.sql})")
                parameters |= clause.parameters
        sql = (
            f"SELECT {self.group_sql(self.entity)} AS grp, {own_ref_sql(kind)} AS ref, {kind.title} AS title,"
            f" 1 AS reached, ({responded.sql}) AS responded, COALESCE({self._contacts()}, 0) AS contacts"
            f" FROM {kind.table} r WHERE {' AND '.join(conditions)}"
        )
        return Clause(sql, parameters)

    def _contacts(self) -> str:
        """Return the expression for the contacts made with a record."""
        name = self.options.own.get("contacts")
        if name is None:
            return _INTERACTIONS.format(entity=self.entity)
        operand = find_operand(name, ENTITIES[self.entity], self.fields)
        if operand.field.type not in _NUMBERS:
            raise UsageError(f"{operand.path} counts no contacts", hint="a field that holds a number")
        return f"CAST({value(operand.hops, operand.field.sql)} AS INTEGER)"


def figure(frame: Frame, kpi: Kpi, group: Group) -> Figure:
    """Return a figure of one group of the target."""
    found = _sums(frame)
    if found is None:
        return Figure(kpi, group, None, 0, _UNASKED)
    those = [sums for value, sums in found.items() if group.values is None or value in group.values]
    above_key, below_key = _SIDES[kpi.key]
    above = sum(getattr(sums, above_key) for sums in those)
    over = Side(Fraction(above), above, "n")
    if not below_key:
        return Figure(kpi, group, over.number, above, None, over)
    below = sum(getattr(sums, below_key) for sums in those)
    under = Side(Fraction(below), below, "n")
    if not below:
        return Figure(kpi, group, None, 0, kpi.missing, over, under)
    return Figure(kpi, group, Fraction(above, below), below, None, over, under)


def group_values(frame: Frame, kpi: Kpi) -> set[object]:
    """Return the stored values of the groups of the target."""
    return set(_sums(frame) or ())


def rows(frame: Frame, kpi: Kpi) -> Iterator[tuple[object, dict[str, object]]]:
    """Yield the group and the cells of each record of the target that counts."""
    if not isinstance(frame, ResponseFrame) or _sums(frame) is None:
        return
    above, below = _SIDES[kpi.key]
    clause = frame.subjects()
    sql = f"SELECT grp, ref, title, {above}, {below or 'NULL'} FROM ({clause.sql})"
    for group, ref, title, numerator, denominator in frame.con.execute(sql, clause.parameters):
        if numerator or denominator:
            told: dict[str, object] = {"ref": ref, "title": title, "numerator": numerator}
            yield group, told | {"denominator": denominator, "excluded": None, "unit": "n"}


def formula(frame: Frame, found: Figure) -> str:
    """Return how a figure comes about, with the numbers in it."""
    kpi, currency = found.kpi, frame.options.currency
    told = "n/a" if found.value is None else value_of(found, currency)
    if found.above is None or found.below is None:
        return f"{kpi.key} = {kpi.numerator} = {told}"
    numbers = " / ".join(str(rounded(side.number, "n", currency)) for side in (found.above, found.below))
    return f"{kpi.key} = {kpi.numerator} / {kpi.denominator} = {numbers} = {told}"


def _sums(frame: Frame) -> dict[object, _Sums] | None:
    """Return what each group adds up to; None where nobody said who responded."""
    if not isinstance(frame, ResponseFrame) or frame.options.own.get("responded") is None:
        return None
    if "responses" not in frame.kept:
        clause = frame.subjects()
        sql = f"SELECT grp, SUM(reached), SUM(responded), SUM(contacts) FROM ({clause.sql}) GROUP BY grp"
        frame.kept["responses"] = {grp: _Sums(*sums) for grp, *sums in frame.con.execute(sql, clause.parameters)}
    found: dict[object, _Sums] = frame.kept["responses"]
    return found
