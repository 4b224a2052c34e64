"""Named sets of records, of which every figure is made: which records, and by which of their dates a period picks them.

Conditions are SQL over the record's row, alias ``r``; ``{key}`` stands for a field of the catalogue and ``:today`` for
the local day, ``{rows:deal}`` for the rows of deals as they were. Deleted records, and with them the losers of a merge,
are in no set.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.domain.closed_lists import ENUMS

if TYPE_CHECKING:
    from sqlite3 import Connection

    Source = Callable[[Connection, "Origin", Mapping[str, Any]], str]

ASKED: Mapping[str, Any] = MappingProxyType({  # what single reports are asked, as conditions and measures bind it
    "within": 90, "accepted": False, "life_cycle": "sql", "target": 86_400, "width": 20,
})  # fmt: skip


class Origin(NamedTuple):
    """What a source is made from: ``table`` stands for that of the entity; what it keeps in memory is called ``name``.

    Of a set that ``is_narrow`` only the rows that meet ``where`` (alias ``r``) count, and by ``columns`` they are
    chosen and grouped.
    """

    name: str
    table: str
    where: str = "TRUE"
    columns: frozenset[str] = frozenset()


class RecordSet(NamedTuple):
    """Records of one entity. ``noun`` names them in the plural, ``condition`` and ``event`` are SQL.

    ``event`` is the instant (or day) that must lie in the period; a set without one does not depend on the period, or
    with ``at_end`` shows its records as they were when the period ended. ``found`` reads from the store what the
    condition needs besides, by the name of a parameter. ``source`` returns what stands for the table of the entity,
    with further columns, ``fields`` among them, and there may be several rows of a record: ``title`` is how each is
    called, in SQL. ``reads`` are the tables from which it is made.
    """

    entity: str
    noun: str
    condition: str = "TRUE"
    event: str = ""
    by_day: bool = False
    at_end: bool = False
    found: "Callable[[Connection], dict[str, Any]] | None" = None
    source: "Source | None" = None
    title: str = ""
    fields: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    is_narrow: bool = False

    def narrowed(self, condition: str) -> "RecordSet":
        """Return those of the records that meet a further condition, if there is one."""
        return self._replace(condition=f"({self.condition}) AND ({condition})") if condition else self

    @property
    def filters(self) -> str:
        """Which records these are, and by what a period picks them, in words that a reader of the schema knows."""
        words = self.condition.replace("r.", "").replace("TRUE", "all").replace("{", "").replace("}", "")
        told = [self.noun if "SELECT" in self.condition else words]
        if self.at_end:
            told.append("as they were at the end of the period")
        elif self.event:
            told.append(
                f"{self.event.replace('r.', '')} in the period" if "SELECT" not in self.event else "in the period"
            )
        else:
            is_limited = self.source is not None or ":from_" in self.condition or ":to_utc" in self.condition
            told.append("in the period" if is_limited else "whatever the period")
        return ", ".join(told)


_OPEN, _LOST = (
    ", ".join(repr(choice.key) for choice in ENUMS["lead_status"] if choice.kind == kind) for kind in ("open", "lost")
)

LEADS_CREATED = RecordSet("lead", "leads created", event="r.created_at")
LEADS_CONVERTED = RecordSet("lead", "leads converted", "r.status = 'converted'", "r.converted_at")
LEADS_LOST = RecordSet("lead", "leads lost", f"r.status IN ({_LOST})", "r.lost_at")

DEALS_CREATED = RecordSet("deal", "deals created", event="r.created_at")
DEALS_OPEN = RecordSet("deal", "open deals", "r.outcome = 'open'", at_end=True)
DEALS_WON = RecordSet("deal", "deals won", "r.outcome = 'won'", "r.closed_at")
DEALS_LOST = RecordSet("deal", "deals lost", "r.outcome = 'lost'", "r.closed_at")
DEALS_CLOSED = RecordSet("deal", "closed deals", "r.outcome <> 'open'", "r.closed_at")
DEALS_EXPECTED = RecordSet(
    "deal", "open deals expected to close", "r.outcome = 'open'", "r.expected_close", by_day=True
)
DEALS_OVERDUE = RecordSet("deal", "overdue open deals", "r.outcome = 'open' AND r.expected_close < :today")
DEALS_UNDATED = RecordSet("deal", "open deals without a date", "r.outcome = 'open' AND r.expected_close IS NULL")

_AHEAD = "r.outcome = 'open' AND r.expected_close >= :today"
_CATEGORY = "COALESCE(r.forecast_category, 'pipeline')"
DEALS_AHEAD = RecordSet("deal", "open deals ahead", _AHEAD, "r.expected_close", by_day=True)
AHEAD_BY_CATEGORY = {
    key: RecordSet(
        "deal", f"open deals ahead, {key.replace('_', ' ')}", f"{_AHEAD} AND {_CATEGORY} = '{key}'",
        "r.expected_close", by_day=True,
    )
    for key in ("commit", "best_case", "pipeline", "omitted")
}  # fmt: skip
DEALS_AHEAD_KEPT = RecordSet(
    "deal", "open deals ahead that are not omitted", f"{_AHEAD} AND {_CATEGORY} <> 'omitted'",
    "r.expected_close", by_day=True,
)  # fmt: skip

LIVE = frozenset({DEALS_OPEN, DEALS_EXPECTED, DEALS_OVERDUE, DEALS_UNDATED, DEALS_AHEAD, DEALS_AHEAD_KEPT})
LIVE |= frozenset(AHEAD_BY_CATEGORY.values())  # converted at the rates of today

TASKS_DUE = RecordSet("task", "open tasks due", "{is_open} = 1", "r.due_at")
TASKS_OVERDUE = RecordSet("task", "overdue tasks", "{is_overdue} = 1")
INTERACTIONS = RecordSet("interaction", "interactions", event="r.occurred_at")

TICKETS_OPENED = RecordSet("ticket", "tickets opened", event="r.opened_at")
TICKETS_CLOSED = RecordSet("ticket", "tickets closed", "{is_open} = 0", "r.resolved_at")
TICKETS_OPEN = RecordSet("ticket", "open tickets", "{is_open} = 1", at_end=True)

_OWN_STEP = "r.next_step_due, CASE WHEN r.next_step IS NOT NULL THEN '9999-12-31' END"
_PLANNED = (
    "(SELECT MIN({day}) FROM activity_link l JOIN {activity} x ON x.id = l.activity_id WHERE l.entity = '{entity}'"
    " AND l.record_id = r.id AND +l.activity_entity = '{activity}' AND x.deleted_at IS NULL AND {ahead})"
)
_TASK = ("task", "COALESCE(substr(x.due_wall, 1, 10), '9999-12-31')", "x.status IN ('todo', 'doing', 'waiting')")
_EVENT = (
    "event",
    "CASE WHEN x.rrule IS NULL THEN substr(x.start_wall, 1, 10) ELSE '9999-12-31' END",
    "x.status <> 'cancelled' AND (x.rrule IS NOT NULL OR x.end_at >= crm_now())",
)


def step_day(entity: str) -> str:
    """Return the day of a record's next step: of its own, else of an open task, else of an event to come.

    An SQL expression that is NULL where there is no step at all, and 9999-12-31 where its day is not known.
    """
    planned = (
        _PLANNED.format(entity=entity, activity=activity, day=day, ahead=ahead)
        for activity, day, ahead in (_TASK, _EVENT)
    )
    return f"COALESCE({', '.join((_OWN_STEP, *planned))})"


def _steps(records: RecordSet) -> tuple[RecordSet, ...]:
    """Return those of open records without a next step, with one in the past, and with one ahead."""
    day = step_day(records.entity)
    return tuple(
        records._replace(noun=f"{records.noun} {told}", condition=f"{records.condition} AND {day} {state}")
        for told, state in (
            ("without a next step", "IS NULL"),
            ("with a next step in the past", "< :today"),
            ("with a next step ahead", ">= :today"),
        )
    )


OPEN_WITH_STEPS = {
    "deal": DEALS_EXPECTED._replace(noun="open deals"),
    "lead": RecordSet("lead", "open leads", f"r.status IN ({_OPEN})", "r.created_at"),
}
NEXT_STEPS = {entity: _steps(records) for entity, records in OPEN_WITH_STEPS.items()}  # none, in the past, ahead
