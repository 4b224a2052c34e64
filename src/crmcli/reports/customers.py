"""Customers: who belongs to the target of a figure, in which group each stands, and how each is called.

The target is what a condition on organizations and contacts says (``--target``), and without one everybody who ever
bought; it is the one of today, since segments are not frozen yet. Groups are those of a field of the customer, or of
the deal by which something was bought. What is computed of customers belongs to ``tallies`` and the reports.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause, value
from crmcli.conditions.operands import Operand
from crmcli.config.customers import DEFAULTS, CustomerRules, read_percent
from crmcli.domain.periods import ALL, Period
from crmcli.domain.rows import Rows
from crmcli.domain.schema import Entity
from crmcli.errors import ConditionError, UsageError
from crmcli.queries.columns import find_operand
from crmcli.queries.labels import Labels
from crmcli.reports.acts import ACTS, CUSTOMER, KINDS, customer_sql
from crmcli.reports.frame import Frame
from crmcli.reports.groups import Groups, refuse_ungrouped
from crmcli.reports.result import Options
from crmcli.reports.sets import RecordSet

BY_DEAL = "by_deal"  # of a report's own options: a field that deals have too is read of them, not of the customer
_EVERYBODY = "every customer who ever bought"
_PREFIXES = {"organization": "o", "contact": "p"}  # of parameters; those of the condition on deals begin with c
_BOUGHT = (
    "EXISTS (SELECT 1 FROM deal d WHERE d.contact_id = r.id AND d.organization_id IS NULL AND d.outcome = 'won'"
    " AND d.deleted_at IS NULL)"
)


class CustomerFrame(Frame):
    """A frame of purchases: only those of the target, grouped by what customers are too."""

    @property
    def rules(self) -> CustomerRules:
        """The rules by which customers are judged."""
        return self.options.customers or DEFAULTS

    @property
    def margin(self) -> int | None:
        """The percent of a purchase that is left; None where nobody said. UsageError for what is no percent."""
        asked = self.options.own.get("margin")
        if asked is None:
            return self.rules.margin
        try:
            return read_percent(asked)
        except ValueError as error:
            raise UsageError(f"--margin: {error}", hint="--margin 30") from None

    @property
    def target(self) -> str | None:
        """The condition that customers must meet to belong to the target; None when all do."""
        return self.options.own.get("target")

    def condition(self, kind: Entity) -> Clause | None:
        """Return what deals must meet besides being purchases: to be those of the target, too."""
        where = super().condition(kind)
        if self.target is None or kind.name != ACTS.entity:
            return where
        those = self._chosen(self.target, {})
        of_target = Clause(f"{CUSTOMER} IN (SELECT customer FROM ({those.sql}))", those.parameters)
        if where is None:
            return of_target
        return Clause(f"({where.sql}) AND {of_target.sql}", {**where.parameters, **of_target.parameters})

    def grouping(self, kind: Entity) -> Groups:
        """Return by what deals are grouped: by a field of their customers, or by one of their own."""
        if kind.name != ACTS.entity or self.options.by is None or not self.groups_customers:
            return super().grouping(kind)
        found = {
            name: find_operand(f"{name}.{operand.path}", kind, self.fields) for name, operand in self._fields_by.items()
        }
        sides = [f"({value(found[name].hops, found[name].field.sql)})" if name in found else "NULL" for name in KINDS]
        field = next(iter(found.values())).field
        return Groups(f"CASE WHEN r.organization_id IS NOT NULL THEN {sides[0]} ELSE {sides[1]} END", field)

    @property
    def groups_customers(self) -> bool:
        """Whether groups are those of a field of the customer; else each purchase may stand in another one."""
        by = self.options.by
        if by is None:
            return False
        found = self._fields_by
        if "organization" in found and BY_DEAL not in self.options.own:
            return True
        try:
            find_operand(by, ENTITIES[ACTS.entity], self.fields)
        except UsageError:
            return bool(found)
        return False

    def members(self) -> Clause:
        """Return a query of the members of the target: ``customer`` and, where groups are those of customers, ``grp``.

        Without a target everybody is a member who ever bought anything, whatever the condition on deals.
        """
        grouped = (
            {name: self._grp(operand) for name, operand in self._fields_by.items()} if self.groups_customers else {}
        )
        if self.target is not None:
            return self._chosen(self.target, grouped)
        kind, bought = Frame(self.con, self.options._replace(where=None, by=None, is_alone=False)).selection(ACTS, ALL)
        everybody = (
            f"SELECT DISTINCT {CUSTOMER} AS customer FROM {kind.table} r WHERE r.deleted_at IS NULL AND {bought.sql}"
        )
        sides = [
            f"(SELECT {grouped[name]} FROM {ENTITIES[name].table} r WHERE r.id = e.customer / 2)"
            if name in grouped
            else "NULL"
            for name in KINDS
        ]
        sql = (
            f"SELECT e.customer, CASE e.customer % 2 WHEN 0 THEN {sides[0]} ELSE {sides[1]} END AS grp"
            f" FROM ({everybody}) e WHERE e.customer IS NOT NULL"
        )
        return Clause(sql, bought.parameters)

    def those(self, condition: str, prefix: str) -> Clause:
        """Return a query of the customers, column ``customer``, that meet a condition; ``prefix`` tells parameters."""
        return self._chosen(condition, {}, prefix)

    def _chosen(self, condition: str, grouped: dict[str, str], prefix: str = "t") -> Clause:
        """Return a query of the customers that meet a condition on organizations, on contacts, or on both."""
        from crmcli.conditions.condition import compile as compile_condition

        parts: list[str] = []
        parameters: dict[str, Any] = {}
        failed: list[ConditionError | UsageError] = []
        for name in KINDS:
            kind = ENTITIES[name]
            try:
                clause = compile_condition(condition, kind, self.options.scope).clause(prefix + _PREFIXES[name])
            except (ConditionError, UsageError) as error:
                failed.append(error)
                continue
            alone = f" AND ({kind.fields['organization'].sql} IS NULL OR {_BOUGHT})" if name == "contact" else ""
            parts.append(
                f"SELECT {customer_sql(name)} AS customer, {grouped.get(name, 'NULL')} AS grp FROM {kind.table} r"
                f" WHERE r.deleted_at IS NULL AND {clause.sql}{alone}"
            )
            parameters |= clause.parameters
        if not parts:
            raise failed[0]
        return Clause(" UNION ALL ".join(parts), parameters)

    @property
    def _fields_by(self) -> dict[str, Operand]:
        """The field of the grouping on each kind of customer that has it; UsageError for one that groups nothing."""
        found = {}
        for name in KINDS:
            kind = ENTITIES[name]
            try:
                found[name] = find_operand(self.options.by or "", kind, self.fields)
            except UsageError:
                continue
            refuse_ungrouped(found[name], kind)
        return found

    @staticmethod
    def _grp(operand: Operand) -> str:
        return value(operand.hops, operand.field.sql)


def open_frame(con: sqlite3.Connection, options: Options, *, by_deal: bool = False) -> CustomerFrame:
    """Return the frame of a report on purchases, settled."""
    frame = CustomerFrame(con, options._replace(own={**options.own, BY_DEAL: True}) if by_deal else options)
    frame.settle(ACTS.entity)
    return frame


def target_fact(frame: CustomerFrame) -> tuple[str, str]:
    """Tell who the target is."""
    return "Target", f"{frame.target}, as of today" if frame.target is not None else _EVERYBODY


def purchases(frame: CustomerFrame, *columns: str, records: RecordSet = ACTS, period: Period = ALL) -> Clause:
    """Return a query of purchases: ``customer`` (NULL for nobody), ``at``, the stored value ``grp``, other columns."""
    kind, clause = frame.selection(records, period)
    heads = (f"{CUSTOMER} AS customer", "r.closed_at AS at", f"{frame.group_sql(ACTS.entity)} AS grp")
    sql = (
        f"SELECT {', '.join((*heads, *columns))}"
        f" FROM {kind.table} r WHERE r.deleted_at IS NULL AND {clause.sql} LIMIT -1"
    )  # all of them, and each looked up once: with a limit the query is not taken apart into the one around it
    return Clause(sql, clause.parameters)


def customer_labels(con: sqlite3.Connection, customers: Sequence[int]) -> Rows:
    """Return how customers are called, a ``ref`` and a ``name`` each, in their order."""
    known = Labels(con)
    refs: dict[int, str | None] = {}
    names: dict[int, str | None] = {}
    for place, name in enumerate(KINDS):
        those = [customer for customer in customers if customer % len(KINDS) == place]
        ids = [customer // len(KINDS) for customer in those]
        known.want(name, ids)
        refs.update(zip(those, known.refs(name, ids), strict=True))
        names.update(zip(those, known.names(name, ids), strict=True))
    return Rows({key: [*map(told.__getitem__, customers)] for key, told in (("ref", refs), ("name", names))})
