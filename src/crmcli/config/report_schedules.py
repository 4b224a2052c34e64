"""Reports that are mailed by the clock: what the tables ``[[report.schedule]]`` of the settings file say.

Imported only when the file has such a table. Which reports there are, and which options they take, is known by who runs
them: ``crm config check`` tells a mistake in that, and so does the mail itself.
"""

import re
from typing import Any, NamedTuple

from crmcli.domain.cron import Cron, parse_cron
from crmcli.domain.emails import deliverable
from crmcli.domain.schema import did_you_mean
from crmcli.errors import ConfigError

_KEYS = ("name", "report", "options", "parameters", "to", "cron")
_SCALARS = (str, int, float)
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HINTS = {
    "name": 'name = "friday-figures"',
    "report": 'report = "kpi"',
    "parameters": 'parameters = { least = "5000" }',
    "options": 'options = { period = "this-week", by = "owner" }',
    "to": 'to = "anna@example.com"',
    "cron": 'cron = "0 16 * * fri"',
}


Value = str | int | float | bool | tuple[str | int | float, ...]


class ReportSchedule(NamedTuple):
    """A report, the options it is asked with as the file has them, to whom it is mailed, and when."""

    name: str
    report: str
    to: tuple[str, ...]
    cron: Cron
    options: tuple[tuple[str, Value], ...] = ()


def read_report(table: Any) -> tuple[ReportSchedule, ...]:
    """Return the schedules of the table ``[report]``; ConfigError says what is wrong with one."""
    if not isinstance(table, dict) or [*table] != ["schedule"] or not isinstance(table["schedule"], list):
        raise ConfigError("[report] holds schedules alone", hint="head each one with [[report.schedule]]")
    found: dict[str, ReportSchedule] = {}
    for number, entry in enumerate(table["schedule"], start=1):
        schedule = _schedule(f"report.schedule {number}", entry)
        if schedule.name in found:
            raise ConfigError(f"report.schedule {number}: there is one named {schedule.name!r} already")
        found[schedule.name] = schedule
    return tuple(found.values())


def _schedule(where: str, entry: Any) -> ReportSchedule:
    if not isinstance(entry, dict):
        raise ConfigError(f"{where} must be a table", hint="head it with [[report.schedule]]")
    for key in entry:
        if key not in _KEYS:
            raise ConfigError(f"{where} has no {key!r}", hint=did_you_mean(key, [*_KEYS]) or ", ".join(_KEYS))
    name, report, cron = (_text(where, entry, key) for key in ("name", "report", "cron"))
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{where}: {name!r} is no name: small letters, digits and -", hint=_HINTS["name"])
    try:
        times = parse_cron(cron)
    except ValueError as error:
        raise ConfigError(f"{where}: cron: {error}", hint=_HINTS["cron"]) from None
    options = _values(where, entry, "parameters") | _values(where, entry, "options")
    return ReportSchedule(name, report, _readers(where, entry.get("to")), times, tuple(options.items()))


def _values(where: str, entry: dict[str, Any], key: str) -> dict[str, Value]:
    """Return the options of a table, lists as tuples; which ones the report takes is known by its command."""
    found = entry.get(key, {})
    if not isinstance(found, dict):
        raise ConfigError(f"{where}: {key} must be a table", hint=_HINTS[key])
    for name, value in found.items():
        if not all(isinstance(one, _SCALARS) for one in (value if isinstance(value, list) else [value])):
            raise ConfigError(
                f"{where}: {key}: {name} must be a text, a number, true, false or a list", hint=_HINTS[key]
            )
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}


def _readers(where: str, to: Any) -> tuple[str, ...]:
    """Return the addresses, in normal form, and the handles of users that a report goes to, each once."""
    given = to if isinstance(to, list) else [to]
    if not given or not all(isinstance(one, str) and one.strip() for one in given):
        raise ConfigError(f"{where}: to must be an address or a user, or a list of them", hint=_HINTS["to"])
    try:
        return tuple(dict.fromkeys(deliverable(one) if "@" in one else one.strip() for one in given))
    except ValueError as error:
        raise ConfigError(f"{where}: to: {error}", hint=_HINTS["to"]) from None


def _text(where: str, entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{where}: {key} must be a text", hint=_HINTS[key])
    return value.strip()
