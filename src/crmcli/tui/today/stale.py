"""Stale deals: those that stand still in their stage and those without a next step, unless they were put off.

Putting a deal off gives its next step a day; until then it is not stale, whatever its stage allows.
"""

import sqlite3
from collections.abc import Mapping

from crmcli.queries.reminders import Audience, new_things
from crmcli.queries.watch import Thing, Watch

_PUT_OFF = "SELECT id FROM deal WHERE outcome = 'open' AND deleted_at IS NULL AND next_step_due > ?"
_UNPLANNED = "SELECT r.id FROM deal r WHERE r.outcome = 'open' AND r.deleted_at IS NULL AND {day} IS NULL ORDER BY r.id"
_EVERYTHING = Audience("", again=True)  # whoever was told of it already


def waiting(con: sqlite3.Connection, watch: Watch) -> list[Thing]:
    """Return what a watch finds, told or not, the most urgent first; of idle deals those that were not put off."""
    put_off = {record_id for (record_id,) in con.execute(_PUT_OFF, (watch.today,))}
    found = new_things(con, watch, _EVERYTHING)
    return [thing for thing in found if not (thing.kind == "idle" and thing.id in put_off)]


def stale_deals(con: sqlite3.Connection, watch: Watch) -> Mapping[int, str]:
    """Return why deals are stale by their ids, those first that stand still longest."""
    from crmcli.reports.sets import step_day

    idle = watch._replace(settings=watch.settings._replace(kinds=("idle",)))
    reasons = {thing.id: str(thing.detail) for thing in waiting(con, idle)}
    for (record_id,) in con.execute(_UNPLANNED.format(day=step_day("deal"))):
        reasons[record_id] = ", ".join((*filter(None, [reasons.get(record_id)]), "no next step"))
    return reasons
