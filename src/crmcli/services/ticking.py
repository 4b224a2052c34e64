"""What falls due by the clock, job after job, done by one process at a time.

A job works through a window, from where the last run ended to now: what was missed is done late, and once.
"""

import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crmcli import clock
from crmcli.domain.zones import local_date
from crmcli.queries.rule_states import TRIPPED, load_states
from crmcli.services.automation.reactions import files_of
from crmcli.services.delivery.deliver import Delivered, deliver_due
from crmcli.services.due_rules import Done, end_matches, find_due, run_due
from crmcli.services.kpi_rules import run_crossed
from crmcli.services.left_series import go_on
from crmcli.services.life_cycle import move_daily
from crmcli.services.results import Context, Result, manner_of
from crmcli.services.scores import rescore
from crmcli.services.win_chances import reckon_chances
from crmcli.store.job_lock import job_lock
from crmcli.store.queue import write_queue
from crmcli.store.reader import LOCK_WAIT_S, open_reader
from crmcli.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmcli.services.report_mails import Compose

RULE_BOT = "rule-bot"  # who acts when nobody is at the keyboard
_JOB = "rules"
_SCORES = "scores"
_CHANCES = "chances"
_PHASES = "lifecycle"
_THROUGH = "SELECT through FROM job_run WHERE name = ?"
_PUT = (
    "INSERT INTO job_run (name, through, at) VALUES (?1, ?2, ?2)"
    " ON CONFLICT (name) DO UPDATE SET through = excluded.through, at = excluded.at"
)
_WAITING = (
    "SELECT COUNT(*) FROM outbox WHERE status = 'sending' OR (status = 'pending' AND COALESCE(not_before, '') <= :now)"
)
_STRANGE = timedelta(days=1)  # that the last run was later than now: the clock was set back


@dataclass
class Tick:
    """What was due and what became of it. ``is_running`` says that another process is at it, so nothing was done."""

    done: list[Done] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    tripped: list[str] = field(default_factory=list)
    is_running: bool = False
    reports: list[str] = field(default_factory=list)  # names of schedules whose time has come
    keeps_forecast: bool = False  # of the day, which was not kept yet
    waiting: int = 0  # rows of the outbox that a dry run leaves where they are
    delivered: Delivered = field(default_factory=lambda: Delivered({}))

    @property
    def failed(self) -> list[Done]:
        """What was due and could not be done."""
        return [one for one in self.done if one.outcome == "failed"]


def tick(context: Context, compose: "Compose | None" = None) -> Tick:
    """Do what is due by now; ConfigError when a rule file is wrong. A dry run tells it and keeps nothing.

    ``compose`` writes the letters of scheduled reports; without it none is mailed.
    """
    with job_lock(context.store, "tick") as is_ours:
        if not is_ours:
            return Tick(is_running=True)
        found = run_jobs(context)
        _mail_reports(context, compose, found)
        _deliver(context, found)
        _fetch(context, found)
    return found


def run_jobs(context: Context) -> Tick:
    """Do what is due by now, except that nothing is sent."""
    found = Tick()
    command = replace(context.command, kind="rule", actor_kind=RULE_BOT, idempotency_key=None)
    go_on(replace(context, command=replace(command, text="crm tick")))
    once_a_day(replace(context, command=replace(command, kind=_SCORES)), _SCORES, _reckon_scores)
    once_a_day(replace(context, command=command), _CHANCES, reckon_chances)
    once_a_day(replace(context, command=replace(command, kind=_PHASES)), _PHASES, move_daily)
    _run_rules(replace(context, command=command), found)
    found.done += run_crossed(replace(context, command=command))
    _keep_forecast(context, found)
    return found


def _keep_forecast(context: Context, found: Tick) -> None:
    """Keep the forecast of the day, once."""
    if not context.settings.snapshots:
        return
    from crmcli.services.snapshots import is_kept, keep

    found.keeps_forecast = not is_kept(context) and keep(context) > 0


def once_a_day(context: Context, job: str, work: "Callable[[Context], object]") -> None:
    """Do a job that was not yet done today, in the zone of the user; nothing in a dry run."""
    zone, now = context.settings.timezone, clock.now_text()
    with closing(open_reader(context.store, zone)) as con:
        row = con.execute(_THROUGH, (job,)).fetchone()
    is_done = row is not None and local_date(row[0], zone) >= local_date(now, zone)
    if not is_done and not context.command.dry_run and work(context) is not None:
        _put_through(context, job, now)


def _reckon_scores(context: Context) -> Result | None:
    """Reckon the scores of leads, whose points fade and whose conditions speak of days; None without any."""
    return rescore(context) if files_of(context).scores else None


def _mail_reports(context: Context, compose: "Compose | None", found: Tick) -> None:
    """Put the reports whose time has come into the outbox."""
    if not context.settings.reports:
        return
    from crmcli.services.report_mails import due_slots, post_slots

    now = clock.now_text()
    slots = due_slots(context, context.settings.reports, now)
    found.reports = [slot.schedule.name for slot in slots if slot.at]
    if compose and not context.command.dry_run:
        found.warnings += post_slots(context, slots, compose, now)


def _deliver(context: Context, found: Tick) -> None:
    """Send what waits in the outbox, of these rules and of earlier writes."""
    with closing(open_reader(context.store, context.settings.timezone)) as con:
        (found.waiting,) = con.execute(_WAITING, {"now": clock.now_text()}).fetchone()
    if found.waiting and not context.command.dry_run:
        found.delivered = deliver_due(context)
    context.posted.clear()


def _fetch(context: Context, found: Tick) -> None:
    """Fetch the foreign calendars whose time has come."""
    if context.paths is None or context.command.dry_run or not context.settings.foreign:
        return
    from crmcli.integrations.fetching import fetch

    found.warnings += fetch(context.settings.foreign, context.paths.cache, only_due=True)


def _run_rules(context: Context, found: Tick) -> None:
    """Run the rules that fell due since the last time; the first time only starts the clock."""
    from crmcli.queries.due_records import Window

    files, settings, now = files_of(context), context.settings, _settled_now(context)
    with closing(open_reader(context.store, settings.timezone, cadences=settings.follow)) as con:
        row = con.execute(_THROUGH, (_JOB,)).fetchone()
        if row is None and not files:
            return
        since = row[0] if row else now
        window = Window(since, now, settings.calendar, settings.service_levels)
        due = find_due(con, context, files, window)
        found.tripped = sorted(name for name, state in load_states(con).items() if state.state == TRIPPED)
    if since > clock.stored(datetime.fromisoformat(now) + _STRANGE):
        found.warnings.append(f"the clock was set back: rules by time wait until it has passed {since} again")
    prepared = replace(context, rules=due.rules)
    end_matches(prepared, due.ended)
    found.done += [run_due(prepared, one) for one in due.runs]
    if (row is None or since < now) and not context.command.dry_run:
        _put_through(context, _JOB, now)


def _put_through(context: Context, job: str, now: str) -> None:
    """Keep that everything of a job up to an instant is done."""
    with UnitOfWork(context.store, manner_of(context.settings), context.command.text) as unit:
        unit.execute(_PUT, [(job, now)])
        unit.commit()


def _settled_now(context: Context) -> str:
    """Return the present instant; nothing that was begun before it is still being written."""
    with write_queue(context.store, context.command.text, time.monotonic() + LOCK_WAIT_S):
        return clock.now_text()
