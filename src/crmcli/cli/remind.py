"""``crm remind``: what newly needs attention, for a terminal, cron, a mailbox or the desktop.

What there is to tell is found by ``queries.reminders``; that it was told is kept by ``services.reminding``, once it was
delivered.
"""

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from crmcli.cli import completing
from crmcli.cli.options import DryRun, ExitCode, format_option
from crmcli.cli.session import current
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.queries.occurrences import Row
    from crmcli.queries.watch import Thing, Watch
    from crmcli.services.messages.recipients import Recipient
    from crmcli.services.results import Context

app = typer.Typer(add_completion=False)
FORMATS = ("text", "md", "html", "json", "ics")
_WHOLE = ("json", "ics")  # formats that say so when there is nothing
_LONGEST_NOTICE = 2000  # characters
_UNSENT = "there is no account to send mail from, so it was printed: crm config edit adds [accounts.work]"
_TERMINAL, _DESKTOP = "terminal", "desktop"  # audiences; that of a mail is its address


class _Post(NamedTuple):
    """A mail: to whom, as typed, and under which name it goes out once a day."""

    to: str | None
    key: str


class _Wanted(NamedTuple):
    """The options that say what is told: again what was told already, or from a stored instant on; of whom."""

    everything: bool
    since: str | None
    owner: str | None


@app.command()
def remind(
    to: Annotated[
        str | None, typer.Argument(metavar="[TO]", help="With --mail: an address or a user; without, yourself.")
    ] = None,
    mail: Annotated[bool, typer.Option("--mail", help="Send it as one mail, once a day.")] = False,
    notify: Annotated[bool, typer.Option("--notify", help="Show it on the desktop, by the [rules] notify program.")] = (
        False
    ),
    everything: Annotated[bool, typer.Option("--all", help="Tell again what was told already.")] = False,
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="What came up since then, told or not; see crm help dates.")
    ] = None,
    owner: Annotated[
        str | None, typer.Option(metavar="USER", help="Of one user.", autocompletion=completing.refs("user"))
    ] = None,
    key: Annotated[str, typer.Option(metavar="NAME", help="With --mail: one mail a day for each name.")] = "daily",
    mark: Annotated[
        bool, typer.Option("--mark/--no-mark", help="Keep that it was told, when it was delivered.")
    ] = True,
    dry_run: DryRun = False,
    exit_code: ExitCode = False,
    output: Annotated[str | None, format_option(FORMATS, "text")] = None,
) -> None:
    """Tell what newly needs attention, and nothing twice.

    Due and overdue tasks, events on their day and before they begin, next steps, people to follow up, deals that stand
    still, tickets whose service level is at risk: by urgency, with what was said last. Silent when there is nothing.
    What was told is kept when it was delivered, apart for the terminal, each address and the desktop.

    Examples:
        crm remind
        crm remind --all --no-mark
        crm remind --since yesterday -o md
        crm remind --mail anna@example.com
    """
    _check(to, mail, notify, output)
    wanted = _Wanted(everything, since, owner)
    way = _Post(to, key) if mail else _DESKTOP if notify else _TERMINAL
    if mark and not dry_run:
        found = _deliver(way, wanted, output)
    else:
        found = bool(_print(way if isinstance(way, str) else _recipient(way.to).to, wanted, output))
    if exit_code and not found:
        raise typer.Exit(1)


def _check(to: str | None, mail: bool, notify: bool, output: str | None) -> None:
    """Refuse options that do not go together, and formats that there are not."""
    if output is not None and output not in FORMATS:
        raise UsageError(f"there is no format {output!r}", hint=f"use one of {', '.join(FORMATS)}")
    if to is not None and not mail:
        raise UsageError(f"{to!r}: a reader is named with --mail", hint="crm remind --mail anna@example.com")
    if mail and notify:
        raise UsageError("--mail and --notify do not go together", hint="crm remind --notify")


def _deliver(way: "_Post | str", wanted: _Wanted, output: str | None) -> bool:
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
        found = _tell(_TERMINAL, wanted, output)
        if found:
            session.streams.warn(_UNSENT)
        return found


def _tell(audience: str, wanted: _Wanted, output: str | None) -> bool:
    """Print what is new, or show it on the desktop, and keep that; say whether there was anything."""
    if audience == _TERMINAL:
        things = _print(audience, wanted, output)
    elif things := _new(audience, wanted):
        _show(things)
    if things:
        from crmcli.services.reminding import keep_told

        keep_told(_context(), audience, things)
    return bool(things)


def _print(audience: str, wanted: _Wanted, output: str | None) -> "list[Thing]":
    """Write what is new whole to standard output and return it."""
    things = _new(audience, wanted)
    if things or output in _WHOLE:
        _write(_rows(things), output)
        current().streams.flush()
    return things


def _new(audience: str, wanted: _Wanted) -> "list[Thing]":
    from crmcli.cli.readings import read_moment
    from crmcli.queries.reminders import Audience, new_things

    since = read_moment(wanted.since, "since", "past").utc if wanted.since else None
    return new_things(current().reader(), _watch(wanted.owner), Audience(audience, wanted.everything, since))


def _watch(owner: str | None) -> "Watch":
    from crmcli.cli.finding import find_id
    from crmcli.config.remind_settings import RemindSettings
    from crmcli.queries.watch import Watch

    settings = current().settings
    user = find_id("user", owner) if owner else None
    chosen = settings.remind or RemindSettings()
    return Watch(chosen, settings.timezone, user, None, settings.calendar, settings.service_levels)


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


def _show(things: "Sequence[Thing]") -> None:
    from crmcli.output import reminders
    from crmcli.services.reminding import show_on_desktop

    rows = _rows(things)
    text = reminders.text(rows, current().zone).rstrip()
    show_on_desktop(_context(), f"{reminders.summary(rows)}\n{text}"[:_LONGEST_NOTICE])


def _mail(post: _Post, wanted: _Wanted) -> bool:
    """Mail what is new, and what is left of earlier runs; say whether anything is new."""
    from crmcli.integrations.messages import Letter
    from crmcli.output import reminders
    from crmcli.queries.reminders import has_undelivered
    from crmcli.services.reminding import Told, send_digest

    session = current()
    recipient = _recipient(post.to)
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


def _recipient(to: str | None) -> "Recipient":
    """Return who gets the mail: whom the words name, else the user at the keyboard, else the account's own address."""
    from crmcli.config.sending import Mail, chosen
    from crmcli.rules.action_keys import SERVICE
    from crmcli.services.messages.recipients import find_recipient

    settings, con = current().settings, current().reader()
    account = chosen(settings.mail or Mail(), settings.accounts)
    try:
        found = find_recipient(con, settings.user if to is None else to, SERVICE)
    except ValueError as error:
        if to is not None:
            raise UsageError(str(error), hint="crm remind --mail anna@example.com") from None
        found = find_recipient(con, "", SERVICE)
    if not found.to and to is None and account:
        found = find_recipient(con, account.sender, SERVICE)
    if not found.to:
        raise UsageError("nobody is named to mail to", hint="crm remind --mail anna@example.com")
    return found


def _context() -> "Context":
    """Return what a service is called with, the reading being over."""
    from crmcli.cli.masking import masked
    from crmcli.services.results import Command, Context

    session = current()
    session.close()
    command = Command(masked(session.arguments), "\0".join(session.arguments), kind="remind")
    return Context(session.store_path, session.settings, command, session.paths.rules, session.paths)
