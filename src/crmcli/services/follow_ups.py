"""What people do with follow-ups: follow somebody at a cadence, stop, put off, spread what is overdue over days.

Each is one write and one undoable step, whatever kinds of records it is about. Whom to contact when is told by
``queries.follow_ups``.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from crmcli import clock
from crmcli.domain.cadences import NEVER
from crmcli.domain.zones import local_date
from crmcli.errors import UsageError
from crmcli.queries.follow_ups import FOLLOWED, Row, due_follow_ups
from crmcli.rules.durations import Times, is_working
from crmcli.services.results import Context, Result, Wanted
from crmcli.services.writer import Writer, write

About = Mapping[str, Sequence[int]]  # ids by entity: contact, organization, lead


def follow(context: Context, about: About, every: str) -> Result:
    """Follow records at a cadence (``2w``), their own from now on, counted from the last contact.

    A day that was chosen for the next contact is given up.
    """
    return _save(context, about, {"follow_every": every, "next_contact_on": None})


def stop(context: Context, about: About) -> Result:
    """Follow records no more, whatever the settings say of their tags, stages and tiers."""
    return follow(context, about, NEVER)


def snooze(context: Context, about: About, until: str) -> Result:
    """Put off the next contact until a local day; from the contact after it on the cadence counts again."""
    return _save(context, about, {"next_contact_on": until})


def spread(context: Context, days: int, owner: int | None = None, *, first_only: bool = False) -> Result:
    """Spread the overdue follow-ups over the working days among so many from today on, the most pressing first.

    Each owner has as many on every day as on any other, one more at most. ``first_only`` leaves those alone with whom
    there was contact before. UsageError when there is no working day among them. ``told`` has a line for each record:
    ``ref``, ``name``, ``owner``, ``due`` and ``next``, the new day.
    """
    told: list[dict[str, Any]] = []

    def work(writer: Writer) -> None:
        today = date.fromisoformat(local_date(writer.now, writer.zone))
        yesterday = (today - timedelta(days=1)).isoformat()
        rows = due_follow_ups(writer.unit.raw, yesterday, writer.zone, owner)
        waiting = [row for row in rows if not (first_only and row["last_contacted_at"])]
        told.extend(_spread(waiting, _working_days(context, today, days)))
        for entity in FOLLOWED:
            moved = [one for one in told if one["entity"] == entity]
            writer.save_many(entity, [Wanted({"next_contact_on": one["next"]}, one["id"]) for one in moved])
        writer.told += [{key: one[key] for key in ("ref", "name", "owner", "due", "next")} for one in told]

    return write(context, work)


def _spread(rows: Sequence[Row], days: Sequence[str]) -> list[Row]:
    """Return the rows with ``next``, the day each of them comes to stand on, in the order of owners and days."""
    found = []
    for _, group in groupby(sorted(rows, key=_owner), _owner):
        own = list(group)
        found += [row | {"next": days[place * len(days) // max(len(own), len(days))]} for place, row in enumerate(own)]
    return found


def _owner(row: Row) -> str:
    return str(row["owner"] or "")


def _working_days(context: Context, first: date, count: int) -> list[str]:
    settings = context.settings
    times = Times(clock.now(), settings.timezone, settings.locale, settings.calendar)
    try:
        found = [day for day in map(first.__add__, map(timedelta, range(count))) if is_working(day, times)]
    except OverflowError:
        raise UsageError("--over leads out of the calendar", hint="crm follow spread --over 30d") from None
    if not found:
        raise UsageError("there is no working day among them", hint="crm follow spread --over 30d")
    return [day.isoformat() for day in found]


def _save(context: Context, about: About, values: Mapping[str, Any]) -> Result:
    def work(writer: Writer) -> None:
        for entity, ids in about.items():
            writer.save_many(entity, [Wanted(dict(values), record_id) for record_id in ids])

    return write(context, work)
