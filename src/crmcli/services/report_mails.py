"""Reports by mail: asked for by a person, or by the schedules of the settings, each time of a schedule once.

What a report says is found by ``reports`` and written as a letter by who calls. Letters go through the outbox, as every
mail does; a time that was missed is caught up with, the last one only.
"""

import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import NamedTuple

from crmcli.config.report_schedules import ReportSchedule
from crmcli.domain.cron import last_time
from crmcli.domain.zones import wall_shown
from crmcli.errors import CrmError, UsageError
from crmcli.integrations.messages import Letter
from crmcli.rules.action_keys import SERVICE
from crmcli.services.delivery.deliver import Delivered, deliver_due
from crmcli.services.delivery.own import key_of, post
from crmcli.services.messages.recipients import Recipient, find_recipient
from crmcli.services.results import Context
from crmcli.services.writer import Writer, write
from crmcli.store.reader import open_reader

_THROUGH = "SELECT through FROM job_run WHERE name = ?"
_PUT = (
    "INSERT INTO job_run (name, through, at) VALUES (?1, ?2, ?2)"
    " ON CONFLICT (name) DO UPDATE SET through = excluded.through, at = excluded.at"
)
Compose = Callable[[ReportSchedule, str], Letter]  # of a schedule and the stored instant it is for; to nobody yet


class Slot(NamedTuple):
    """A time of a schedule that has come, a stored instant; empty where the clock of the schedule only starts."""

    schedule: ReportSchedule
    at: str


def send_report(context: Context, name: str, to: Sequence[str], letter: Letter) -> Delivered:
    """Mail a report to addresses or users now; what cannot go out yet stays in the outbox.

    UsageError when somebody is neither.
    """
    posted: list[int] = []

    def work(writer: Writer) -> None:
        key = str(uuid.uuid4())
        for recipient in readers_of(writer.unit.raw, to):
            posted.append(_post(writer, name, key, recipient, letter))

    write(_reporting(context), work, rules=False)
    return deliver_due(context, posted)


def due_slots(context: Context, schedules: Iterable[ReportSchedule], now: str) -> list[Slot]:
    """Return the schedules whose time has come since they last ran, with the last such time."""
    zone = context.settings.timezone
    with closing(open_reader(context.store, zone)) as con:
        through = {one: con.execute(_THROUGH, (_job(one),)).fetchone() for one in schedules}
    found = []
    for schedule, row in through.items():
        at = last_time(schedule.cron, row[0], now, zone) if row else ""
        if at is not None:
            found.append(Slot(schedule, at))
    return found


def readers_of(con: sqlite3.Connection, to: Sequence[str]) -> list[Recipient]:
    """Return who gets a report; UsageError when one is neither an address nor a user with one."""
    found = []
    for text in to:
        try:
            recipient = find_recipient(con, text, SERVICE)
        except ValueError as error:
            raise UsageError(str(error), hint="--mail anna@example.com") from None
        if not recipient.to:
            raise UsageError(f"the user {text} has no e-mail address", hint=f"crm user edit {text} --email ADDRESS")
        found.append(recipient)
    return found


def post_slots(context: Context, slots: Iterable[Slot], compose: Compose, now: str) -> Iterator[str]:
    """Put the mails of slots into the outbox, each with how far its schedule came; yield what could not be done."""
    for slot in slots:
        letter = _composed(slot, compose, context.settings.timezone) if slot.at else None
        yield from _keep(context, slot, letter, now)


def _composed(slot: Slot, compose: Compose, zone: str) -> Letter:
    """Return the letter of a slot; where the report fails, one that says so."""
    name = slot.schedule.name
    try:
        return compose(slot.schedule, slot.at)
    except Exception as error:  # whatever it is, who waits for the report has to know
        reason = str(error) if isinstance(error, CrmError) else f"{type(error).__name__}: {error}"
        hint = f"\n{error.hint}" if isinstance(error, CrmError) and error.hint else ""
        told = (
            f"The report {slot.schedule.report} of {wall_shown(slot.at, zone)} could not be made:\n\n{reason}{hint}\n"
        )
        return Letter("", f"{name}: the report failed", f"{told}\nIts schedule is [[report.schedule]] {name}.\n")


def _keep(context: Context, slot: Slot, letter: Letter | None, now: str) -> list[str]:
    """Store mails and progress together, so that whenever the process dies each slot is mailed once."""
    schedule, troubles = slot.schedule, []

    def work(writer: Writer) -> None:
        if letter:
            for reader in schedule.to:
                try:
                    (recipient,) = readers_of(writer.unit.raw, [reader])
                except UsageError as error:
                    troubles.append(f"report {schedule.name}: {error.message}")
                    continue
                _post(writer, schedule.name, slot.at, recipient, letter)
        writer.unit.execute(_PUT, [(_job(schedule), now)])

    write(_reporting(context), work, rules=False)
    return troubles


def _post(writer: Writer, name: str, occasion: str, recipient: Recipient, letter: Letter) -> int:
    key = key_of("report", name, occasion, recipient.to)
    addressed = letter._replace(to=recipient.to)
    return post(writer, key, recipient, addressed, f"the report {name} to {recipient.to}")


def _reporting(context: Context) -> Context:
    return replace(context, command=replace(context.command, kind="report", dry_run=False, idempotency_key=None))


def _job(schedule: ReportSchedule) -> str:
    return f"report {schedule.name}"
