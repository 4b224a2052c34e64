"""Lines of a crontab(5) and units of systemd for commands that are to run by the clock.

Written so that they work in the empty environment in which both start programs: absolute paths, every variable named.
What is to run, and when, is decided by who asks.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from shlex import join, quote
from typing import NamedTuple

from crmcli.domain.zones import zone_of

_NAMES = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Moments(NamedTuple):
    """When a command runs: every so many minutes, or at hour and minute on weekdays (Sunday is 0)."""

    every_minutes: int = 0
    hour: int = 0
    minute: int = 0
    weekdays: frozenset[int] = frozenset(range(7))


class Job(NamedTuple):
    """A command that runs by the clock: its words, when, what for, and the variables that it needs."""

    name: str
    summary: str
    words: Sequence[str]
    moments: Moments
    environment: Mapping[str, str]


def elsewhere(moments: Moments, zone: str, other: str, day: date) -> Moments:
    """Return the moments of a zone by the clock of another one (IANA), as the two stand to each other on a day."""
    if moments.every_minutes:
        return moments
    here = datetime.combine(day, time(moments.hour, moments.minute), zone_of(zone))
    there = here.astimezone(zone_of(other))
    turn = (there.date() - day).days
    return Moments(0, there.hour, there.minute, frozenset((weekday + turn) % 7 for weekday in moments.weekdays))


def crontab(jobs: Sequence[Job], notes: Sequence[str] = ()) -> str:
    """Return the lines of a crontab, below the lines of a note; the moments are those of the machine's own zone.

    No zone is named: what a crontab says of one (``CRON_TZ``) is not heard by every cron. ValueError when a word holds
    a control character, which a line cannot.
    """
    lines = [f"# {note}" for note in notes]
    for job in jobs:
        lines += [f"# {job.summary}", f"{_when(job.moments)} {_command(job)}"]
    return "\n".join(lines) + "\n"


def units(jobs: Sequence[Job], zone: str) -> dict[str, str]:
    """Return the unit files of systemd by name: a service and a timer for each job, in a zone (IANA).

    A timer catches up once on what was missed while the machine was off. ValueError as ``crontab``.
    """
    found = {}
    for job in jobs:
        found[f"crm-{job.name}.service"] = _service(job)
        found[f"crm-{job.name}.timer"] = _timer(job, zone)
    return found


def _when(moments: Moments) -> str:
    if moments.every_minutes:
        return f"*/{moments.every_minutes} * * * *"
    days = "*" if len(moments.weekdays) == len(_NAMES) else ",".join(map(str, sorted(moments.weekdays)))
    return f"{moments.minute} {moments.hour} * * {days}"


def _command(job: Job) -> str:
    variables = [f"{name}={quote(value)}" for name, value in job.environment.items()]
    return _checked(" ".join([*variables, join(job.words)])).replace("%", r"\%")  # a bare one ends the command


def _service(job: Job) -> str:
    variables = [f"Environment={_quoted(f'{name}={value}')}" for name, value in job.environment.items()]
    start = " ".join(_quoted(word).replace("$", "$$") for word in job.words)
    lines = ("[Unit]", f"Description={job.summary}", "", "[Service]", "Type=oneshot", *variables, f"ExecStart={start}")
    return "\n".join(lines) + "\n"


def _timer(job: Job, zone: str) -> str:
    moments = job.moments
    if moments.every_minutes:
        when = f"*:0/{moments.every_minutes}"
    else:
        names = ",".join(_NAMES[day] for day in (1, 2, 3, 4, 5, 6, 0) if day in moments.weekdays)
        days = "" if len(moments.weekdays) == len(_NAMES) else f"{names} "
        when = f"{days}*-*-* {moments.hour:02}:{moments.minute:02}:00 {zone}"
    lines = ("[Unit]", f"Description={job.summary}", "", "[Timer]", f"OnCalendar={when}", "Persistent=true", "",
             "[Install]", "WantedBy=timers.target")  # fmt: skip
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a word as systemd reads it: systemd.syntax(7), specifiers and quotes taken literally."""
    escaped = _checked(text).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return escaped if re.fullmatch(r"[A-Za-z0-9_./:=@,+%-]+", escaped) else f'"{escaped}"'


def _checked(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError(f"{text!r} holds a line break or another control character")
    return text
