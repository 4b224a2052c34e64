"""``crm cron``: the lines by which cron or systemd run what is due, and what would come of it."""

import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.session import current
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from crmcli.formats.crontab import Job

app = typer.Typer(add_completion=False)
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_EVERY = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)  # minutes of which an hour is made
_NAMES = ("crm", "crmcli")  # of this program
_FOLDER = "~/.config/systemd/user"


@app.command()
def show(
    at: Annotated[str, typer.Option(metavar="TIME", help="When to remind.")] = "08:00",
    days: Annotated[str, typer.Option(metavar="DAYS", help="On which days to remind, such as mon-fri.")] = "*",
    every: Annotated[int, typer.Option(metavar="MINUTES", help="How often to look for what is due.")] = 5,
    systemd: Annotated[bool, typer.Option("--systemd", help="Units of systemd instead of lines for cron.")] = False,
) -> None:
    """Print the lines for cron, or the units for systemd.

    They name the program and this workspace whole, so that they work in an empty environment. Reminders go out by mail
    where there is an account, else they are printed, and cron mails what is printed. Nothing runs twice at a time.
    Hours are yours; where the machine is in another time zone, the lines for cron have its hours, and say so.

    Examples:
        crm cron show
        crm cron show --at 07:30 --days mon-fri
        crm cron show --systemd
    """
    from crmcli.formats.crontab import crontab, units

    session = current()
    zone = session.settings.timezone
    jobs = _jobs(_time(at), days, _minutes(every))
    try:
        if not systemd:
            session.streams.data(crontab(*_by_the_machine(jobs, zone)).rstrip("\n"))
            session.streams.note("crontab -e takes these lines; crm cron check tells what they would do now")
            return
        for name, text in units(jobs, zone).items():
            session.streams.data(f"# {_FOLDER}/{name}\n{text}")
    except ValueError as error:
        raise UsageError(str(error)) from None
    timers = " ".join(f"crm-{job.name}.timer" for job in jobs)
    session.streams.note(f"each belongs into the file named above it; then: systemctl --user enable --now {timers}")


@app.command()
def check(output: FormatWithoutRefs = None) -> None:
    """Tell what cron would do now, and what keeps it from that.

    Everything is looked at as cron sees it: without your variables, your keyring, and you. Nothing is sent. Exit code 2
    when configuration or rules are wrong, 7 for the store, 8 for the password of the account, 1 for anything else.

    Examples:
        crm cron check
    """
    from crmcli.cli.report_scheduled import compose
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.services.cron_health import examine_cron, needed_variables

    session = current()
    variables = needed_variables(session.environ, session.settings, session.db)
    session.close()
    verdict = examine_cron(session.environ, variables, _program(), compose)
    columns = (Column("subject", "Subject"), Column("verdict", "Verdict"), Column("text", "What there is to know"))
    rows = [finding._asdict() for finding in verdict.findings]
    write_table(Table(columns, rows, noun="findings"), session.streams, output)
    if verdict.code:
        raise typer.Exit(verdict.code)


def _jobs(time: tuple[int, int], days: str, minutes: int) -> "list[Job]":
    from crmcli.domain.cron import parse_cron
    from crmcli.formats.crontab import Job, Moments
    from crmcli.services.cron_health import needed_variables

    session = current()
    try:
        weekdays = parse_cron(f"0 0 * * {days}").weekdays
    except ValueError as error:
        raise UsageError(f"--days: {error}", hint="crm cron show --days mon-fri") from None
    variables = needed_variables(session.environ, session.settings, session.db)
    remind = ("remind", "--mail") if session.settings.accounts else ("remind",)
    program = _program()
    return [
        Job("tick", "crm: what is due, reports and deliveries", [*program, "tick"], Moments(minutes), variables),
        Job("remind", "crm: what needs attention", [*program, *remind], Moments(0, *time, weekdays), variables),
    ]


def _by_the_machine(jobs: "list[Job]", zone: str) -> "tuple[list[Job], tuple[str, ...]]":
    """Return the jobs by the clock of the machine, and what is to be said where that is another one."""
    from datetime import date

    from crmcli import clock
    from crmcli.config.checks import system_timezone
    from crmcli.domain.zones import local_date

    machine = system_timezone({})  # a TZ of this shell is not that of cron
    today = date.fromisoformat(local_date(clock.now_text(), zone))
    days = (today, today.replace(month=1, day=1), today.replace(month=7, day=1))  # winter and summer
    moved, *later = ([_moved(job, zone, machine, day) for job in jobs] for day in days)
    if moved == jobs and all(one == jobs for one in later):
        return jobs, ()
    told = [f"{one.moments.hour:02}:{one.moments.minute:02}" for one in (jobs[-1], moved[-1])]
    return moved, (
        f"The hours are those of this machine, {machine}: cron has no others, and Debian's passes over CRON_TZ.",
        f"{told[0]} in {zone} is {told[1]} here until clocks change; print these lines again then,",
        "or let systemd start them, which keeps your hours: crm cron show --systemd",
    )


def _moved(job: "Job", zone: str, machine: str, day: "date") -> "Job":
    from crmcli.formats.crontab import elsewhere

    return job._replace(moments=elsewhere(job.moments, zone, machine, day))


def _program() -> "Sequence[str]":
    """Return the words that start this program from anywhere, its path absolute."""
    typed = shutil.which(sys.argv[0]) if Path(sys.argv[0]).name in _NAMES else None
    for found in (typed, str(Path(sys.executable).with_name(_NAMES[0]))):
        if found and os.access(found, os.X_OK):
            return [str(Path(found).absolute())]
    return [sys.executable, "-c", "from crmcli.cli.main import main; main()"]


def _time(text: str) -> tuple[int, int]:
    found = _TIME.fullmatch(text)
    if found is None:
        raise UsageError(f"--at: {text!r} is no time of day", hint="crm cron show --at 08:00")
    return int(found[1]), int(found[2])


def _minutes(every: int) -> int:
    if every not in _EVERY:
        hint = f"one of {', '.join(map(str, _EVERY))}"
        raise UsageError(f"--every: an hour is not made of {every} minutes", hint=hint)
    return every
