"""Which phase each customer's behaviour speaks for, and which phase stands: organizations, and contacts without one.

Those who cannot be buyers (suppliers, partners, resellers, competitors) are left out unless they bought. A phase that a
person set stays until that person, or another, empties it; nothing here writes.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from json import dumps, loads
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.domain.families import activities
from crmcli.domain.life_cycle import YEAR_DAYS, Behaviour, Thresholds, propose
from crmcli.domain.zones import day_number
from crmcli.reports.acts import KINDS, Act, acts, customer_sql, own_intervals
from crmcli.reports.measures import AMOUNT, Excluded, Surroundings

if TYPE_CHECKING:
    from decimal import Decimal

PHASE = "lifecycle_phase"
_TALKS = "i.is_automatic = 0 AND i.kind <> 'note' AND i.deleted_at IS NULL"
_MUTUAL = "i.kind IN ('meeting', 'visit') OR i.outcome = 'connected'"
_NO_BUYERS = "'partner', 'reseller', 'supplier', 'competitor'"
_STANDS = (  # why the phase that stands does: the latest entry of the log that was no taking back
    "SELECT json_array(w.cause, w.reason) FROM state_log w WHERE w.entity = '{entity}' AND w.record_id = r.id"
    f" AND w.field = '{PHASE}' AND w.to_value = r.{PHASE} AND w.cause <> 'undo' ORDER BY w.id DESC LIMIT 1"
)
_ALONE = (
    "NOT EXISTS (SELECT 1 FROM organization_contact p JOIN organization o ON o.id = p.organization_id"
    " WHERE p.contact_id = r.id AND p.is_active = 1 AND o.deleted_at IS NULL)"
)


class Proposed(NamedTuple):
    """A customer, the phase that stands (None for none), the one proposed and why.

    ``held`` says that a person set the one that stands, and ``reason`` what they said.
    """

    entity: str
    id: int
    name: str
    phase: str | None
    proposed: str
    why: str
    held: bool = False
    reason: str | None = None

    @property
    def ref(self) -> str:
        """The ref of the customer."""
        return ENTITIES[self.entity].ref(self.id)

    @property
    def is_news(self) -> bool:
        """Whether the phase would change."""
        return not self.held and self.proposed != self.phase


class Chosen(NamedTuple):
    """Which customers of an entity are asked for: by a condition, by their ids, or all with neither."""

    where: Clause | None = None
    ids: Sequence[int] | None = None


ALL = {entity: Chosen() for entity in KINDS}


def proposals(
    con: sqlite3.Connection, world: Surroundings, limits: Thresholds, chosen: Mapping[str, Chosen] = ALL
) -> Iterator[Proposed]:
    """Yield what is proposed for the customers chosen, by entity, in the order of their numbers."""
    bought = _bought(con, world)
    for entity, those in chosen.items():
        for customer, record_id, name, phase, may_buy, answered, stands in con.execute(*_query(entity, those, bought)):
            found = bought.get(customer)
            if found is None and not may_buy:
                continue
            phase_now, why = propose(found or Behaviour(answered=bool(answered)), limits)
            cause, reason = loads(stands) if stands else ("", None)
            yield Proposed(entity, record_id, name, phase, phase_now, why, cause == "user", reason)


def _query(entity: str, those: Chosen, bought: Iterable[int]) -> tuple[str, dict[str, object]]:
    kind = ENTITIES[entity]
    conditions = ["r.deleted_at IS NULL"]
    parameters: dict[str, object] = {"bought": dumps(list(bought))}
    if those.where is not None:
        conditions.append(f"({those.where.sql})")
        parameters |= those.where.parameters
    if those.ids is not None:
        conditions.append("r.id IN (SELECT value FROM json_each(:ids))")
        parameters["ids"] = dumps(list(those.ids))
    buyer = f"COALESCE(r.type, '') NOT IN ({_NO_BUYERS})"
    may_buy = buyer if entity == "organization" else f"{buyer} AND {_ALONE}"
    customer = customer_sql(entity)
    sql = (
        f"SELECT {customer}, r.id, {kind.title}, r.{PHASE}, {may_buy},"
        f" CASE WHEN {customer} NOT IN (SELECT value FROM json_each(:bought)) THEN {_answered(entity)} END,"
        f" CASE WHEN r.{PHASE} IS NOT NULL THEN ({_STANDS.format(entity=entity)}) END"
        f" FROM {kind.table} r WHERE {' AND '.join(conditions)} ORDER BY r.id"
    )
    return sql, parameters


def _answered(entity: str) -> str:
    """Return the condition that talk went both ways: in and out, or in a call that was answered or face to face."""
    talk = (
        f"SELECT 1 FROM interaction i WHERE i.id IN ({activities(entity, 'interaction', 'r.id', former=True)})"
        f" AND {_TALKS} AND"
    )
    both = " AND ".join(f"EXISTS ({talk} i.direction = '{direction}')" for direction in ("in", "out"))
    return f"(EXISTS ({talk} ({_MUTUAL})) OR ({both}))"


def _bought(con: sqlite3.Connection, world: Surroundings) -> dict[int, Behaviour]:
    """Return what each customer bought, as far as it tells the phase."""
    found = [act for act in acts(con) if act.customer is not None]
    intervals = own_intervals(found, world.zone)
    return {
        customer: _behaviour(list(those), intervals.get(customer), world)
        for customer, those in groupby(found, attrgetter("customer"))
    }


def _behaviour(those: list[Act], interval: float | None, world: Surroundings) -> Behaviour:
    today = day_number(clock.now_text(), world.zone)
    days = [day_number(act.at, world.zone) for act in those]
    earlier, later = _halves(those, world)
    return Behaviour(
        purchases=len(those),
        in_a_year=sum(today - day < YEAR_DAYS for day in days),
        days_since=max(0, today - days[-1]),
        interval=interval,
        earlier=earlier,
        later=later,
    )


def _halves(those: list[Act], world: Surroundings) -> "tuple[Decimal | None, Decimal | None]":
    """Return the mean values of the first and of the second half of the purchases; one in the middle is in neither."""
    from decimal import Decimal

    from crmcli.domain.money import exponent

    known = [AMOUNT.value(world, act.minor, act.currency, act.rate) for act in those]
    values = [value for value in known if not isinstance(value, Excluded)]
    half = len(values) // 2
    if not half:
        return None, None
    scale = half * 10 ** exponent(world.currency)
    means = (Fraction(sum(part), scale) for part in (values[:half], values[-half:]))
    first, second = (Decimal(mean.numerator) / mean.denominator for mean in means)
    return first, second
