"""The ways in which ``crm remind`` tells what is new: printed, mailed, or shown on the desktop; each is kept once done.

What there is to tell is found by ``queries.reminders``; that it was told is kept by ``services.reminding``.
"""

from typing import TYPE_CHECKING, NamedTuple

import typer

from crmcli.cli.session import current

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.queries.occurrences import Row
    from crmcli.queries.watch import Thing, Watch
    from crmcli.services.messages.recipients import Recipient
    from crmcli.services.results import Context

TERMINAL, DESKTOP = "terminal", "desktop"  # audiences; that of a mail is its address
_WHOLE = ("json", "ics")  # formats that say so when there is nothing
_LONGEST_NOTICE = 2000  # characters
_UNSENT = "there is no account to send mail from, so it was printed: crm config edit adds [accounts.work]"


class Post(NamedTuple):
    """A mail: to whom, as typed, and under which name it goes out once a day."""

    to: str | None
    key: str


class Wanted(NamedTuple):
    """The options that say what is told: again what was told already, or from a stored instant on; of whom."""

    everything: bool
    since: str | None
    owner: str | None


def deliver(way: Post | str, wanted: Wanted, output: str | None) -> bool:
    """Tell what is new and keep that, unless another run is at it; say whether there was anything, as far as known."""
    from crmcli.services.reminding import remind_lock

    session = current()
    with remind_lock(session.store_path) as is_ours:
        if not is_ours:
            if session.streams.is_terminal:
                session.streams.note("another crm remind is running")
            return True
        if isinstance(way, str):
            return _tell(way, wanted, output)
        if session.settings.accounts:
            return _mail(way, wanted)
        found = _tell(TERMINAL, wanted, output)
        if found:
            session.streams.warn(_UNSENT)
        return found


def _tell(audience: str, wanted: Wanted, output: str | None) -> bool:
    """Print what is new, or show it on the desktop, and keep that; say whether there was anything."""
    if audience == TERMINAL:
        things = show(audience, wanted, output)
    elif things := _new(audience, wanted):
        _notify(things)
    if things:
        from crmcli.services.reminding import keep_told

        keep_told(_context(), audience, things)
    return bool(things)


def show(audience: str, wanted: Wanted, output: str | None) -> "list[Thing]":
    """Write what is new whole to standard output and return it."""
    things = _new(audience, wanted)
    if things or output in _WHOLE:
        _write(_rows(things), output)
        current().streams.flush()
    return things


def _new(audience: str, wanted: Wanted) -> "list[Thing]":
    from crmcli.cli.readings import read_moment
    from crmcli.queries.reminders import Audience, new_things

    since = read_moment(wanted.since, "since", "past").utc if wanted.since else None
    return new_things(current().reader(), _watch(wanted.owner), Audience(audience, wanted.everything, since))


def _watch(owner: str | None) -> "Watch":
    from crmcli.cli.finding import find_id
    from crmcli.queries.watch import watch_of

    return watch_of(current().settings, find_id("user", owner) if owner else None)


def _rows(things: "Sequence[Thing]") -> "list[Row]":
    from crmcli.queries.reminders import present

    return present(current().reader(), things)


def _write(rows: "list[Row]", output: str | None) -> None:
    from crmcli.output import reminders

    session = current()
    if output == "json":
        from crmcli.output.json import dump_rows

        dump_rows(rows, session.streams.write)
    elif output == "ics":
        from crmcli import clock
        from crmcli.formats.ical_reminders import write_reminders
        from crmcli.output.safe import safe

        inert = [{key: safe(text) if isinstance(text, str) else text for key, text in row.items()} for row in rows]
        write_reminders(inert, session.zone, clock.now_text(), session.streams.write)
    elif output == "html":
        session.streams.write(reminders.html(rows, session.zone, _title()))
    else:
        render = reminders.markdown if output == "md" else reminders.text
        session.streams.write(render(rows, session.zone))


def _title() -> str:
    from crmcli import clock
    from crmcli.domain.zones import local_time

    return f"Reminders of {local_time(clock.now_text(), current().zone):%A %d %B %Y}"


def _notify(things: "Sequence[Thing]") -> None:
    from crmcli.output import reminders
    from crmcli.services.reminding import show_on_desktop

    rows = _rows(things)
    text = reminders.text(rows, current().zone).rstrip()
    show_on_desktop(_context(), f"{reminders.summary(rows)}\n{text}"[:_LONGEST_NOTICE])


def _mail(post: Post, wanted: Wanted) -> bool:
    """Mail what is new, and what is left of earlier runs; say whether anything is new."""
    from crmcli.integrations.messages import Letter
    from crmcli.output import reminders
    from crmcli.queries.reminders import has_undelivered
    from crmcli.services.reminding import Told, send_digest

    session = current()
    recipient = recipient_of(post.to)
    things = _new(recipient.to, wanted)
    if not things and not has_undelivered(session.reader(), recipient.to):
        return False
    told = None
    if things:
        rows, title = _rows(things), _title()
        text = reminders.text(rows, session.zone)
        told = Told(Letter(recipient.to, title, text, reminders.html(rows, session.zone, title)), tuple(things))
    delivered = send_digest(_context(), recipient, post.key, told)
    for warning in delivered.warnings:
        session.streams.warn(warning)
    if delivered.has_failed:
        raise typer.Exit(8)
    if delivered.counts.get("done") and session.streams.is_terminal:
        session.streams.note(f"mailed to {recipient.to}")
    return bool(things)


def recipient_of(to: str | None) -> "Recipient":
    """Return who gets the mail: whom the words name, else the user at the keyboard, else the account's own address."""
    from crmcli.services.reminding import addressee

    return addressee(current().reader(), current().settings, to)


def _context() -> "Context":
    """Return what a service is called with, the reading being over."""
    from crmcli.cli.masking import masked
    from crmcli.services.results import Command, Context

    session = current()
    session.close()
    command = Command(masked(session.arguments), "\0".join(session.arguments), kind="remind")
    return Context(session.store_path, session.settings, command, session.paths.rules, session.paths)
