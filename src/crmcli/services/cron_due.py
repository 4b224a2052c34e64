"""What commands that cron starts would send and do now, and what would keep them from it; nothing is done."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing

from crmcli import clock
from crmcli.config.paths import Paths
from crmcli.config.settings import Settings
from crmcli.domain.plurals import counted
from crmcli.domain.zones import wall_shown
from crmcli.errors import ConfigError, CrmError
from crmcli.queries.reminders import Audience, new_things
from crmcli.queries.watch import Thing, watch_of
from crmcli.services.findings import FAILURE, OK, WARNING, Finding
from crmcli.services.reminding import TERMINAL, addressee, is_mailed
from crmcli.services.report_mails import Compose, due_slots, readers_of
from crmcli.services.results import Command, Context
from crmcli.services.ticking import tick
from crmcli.store.reader import open_reader

_LATER = (
    "SELECT COUNT(*) AS number, MIN(not_before) AS at, MAX(last_error) AS reason FROM outbox"
    " WHERE status = 'pending' AND not_before > ?"
)
_WORDS = {"next_step": "next step", "follow_up": "follow-up", "idle": "idle deal"}


def examine_due(paths: Paths, settings: Settings, compose: Compose) -> Iterator[Finding]:
    """Yield what ``crm tick`` and ``crm remind`` would do now, as the lines of ``crm cron show`` call them."""
    context = Context(paths.store, settings, Command("crm cron check", dry_run=True), paths.rules, paths)
    yield _tick(context)
    yield from _reports(context, compose)
    with closing(open_reader(paths.store, settings.timezone, cadences=settings.follow)) as con:
        yield from _waiting(con, settings)
        yield _reminders(con, settings)


def _tick(context: Context) -> Finding:
    try:
        found = tick(context)
    except ConfigError as error:
        return Finding("rules", FAILURE, error.message)
    if found.is_running:
        return Finding("crm tick", OK, "is running at this moment")
    told = [f"{counted(len(found.done), 'rule')} due"] if found.done else []
    told += (
        [f"{counted(len(found.reports), 'report')} to be mailed: {', '.join(found.reports)}"] if found.reports else []
    )
    told += ["the forecast of the day to be kept"] if found.keeps_forecast else []
    told += [f"{counted(found.waiting, 'message')} to be sent"] if found.waiting else []
    return Finding("crm tick", OK, ", ".join(told) or "nothing is due")


def _reports(context: Context, compose: Compose) -> Iterator[Finding]:
    """Yield the scheduled reports that could not be made, or that nobody would get."""
    now = clock.now_text()
    ahead = {slot.schedule.name: slot.at for slot in due_slots(context, context.settings.reports, now)}
    for schedule in context.settings.reports:
        try:
            with closing(open_reader(context.store, context.settings.timezone)) as con:
                readers_of(con, schedule.to)
            compose(schedule, ahead.get(schedule.name) or now)
        except CrmError as error:
            yield Finding(f"report {schedule.name}", FAILURE, error.message)


def _waiting(con: sqlite3.Connection, settings: Settings) -> Iterator[Finding]:
    """Yield what was tried in vain and waits for another try."""
    number, at, reason = con.execute(_LATER, (clock.now_text(),)).fetchone()
    if number:
        waits = f"{counted(number, 'message')} {'waits' if number == 1 else 'wait'} for another try"
        told = f"{waits} after {wall_shown(at, settings.timezone)}"
        yield Finding("outbox", WARNING, f"{told}: {reason}" if reason else told)


def _reminders(con: sqlite3.Connection, settings: Settings) -> Finding:
    try:
        mailed = addressee(con, settings, None).to if settings.accounts else None
    except CrmError as error:
        return Finding("crm remind", FAILURE, error.message)
    things = new_things(con, watch_of(settings), Audience(mailed or TERMINAL))
    if not things:
        return Finding("crm remind", OK, "nothing is new")
    told = _summed(things)
    if mailed is None:
        return Finding("crm remind", OK, f"{told} to be printed")
    if is_mailed(con, settings.timezone, mailed):
        told = f"{told} new since the mail of this day to {mailed}; the next day's mail tells of it"
        return Finding("crm remind", OK, told)
    return Finding("crm remind", OK, f"{told} to be mailed to {mailed}")


def _summed(things: Sequence[Thing]) -> str:
    """Return how many there are of each kind: ``1 event and 2 tasks``."""
    kinds = sorted(Counter(thing.kind for thing in things).items())
    told = [counted(number, _WORDS.get(kind, kind)) for kind, number in kinds]
    return " and ".join([part for part in (", ".join(told[:-1]), told[-1]) if part])
