"""What ``crm remind`` tells about, and when: what the table ``[remind]`` of the settings file says.

Imported only when the file has the table, or by who reminds.
"""

import re
from typing import Any, NamedTuple

from crmcli.domain.schema import did_you_mean
from crmcli.errors import ConfigError

KINDS = ("task", "event", "next_step", "follow_up", "idle", "ticket")
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_HINTS = {
    "kinds": 'kinds = ["task", "event"]',
    "before": 'before = ["1d", "15min"]',
    "day_from": 'day_from = "08:00"',
}


class RemindSettings(NamedTuple):
    """``kinds`` are told about. ``before`` are the times before an event that has no reminders of its own.

    ``day_from`` is the hour from which what belongs to a day is told of.
    """

    kinds: tuple[str, ...] = KINDS
    before: tuple[str, ...] = ("15min",)
    day_from: str = "00:00"


def read_remind_settings(table: Any) -> RemindSettings:
    """Return what the table says; ConfigError for other keys and values that mean nothing."""
    if not isinstance(table, dict):
        raise ConfigError("[remind] must be a table")
    for key in table:
        if key not in _HINTS:
            raise ConfigError(f"[remind] has no {key!r}", hint=did_you_mean(key, list(_HINTS)) or ", ".join(_HINTS))
    found: dict[str, Any] = {}
    for key, value in table.items():
        found[key] = _day_from(value) if key == "day_from" else _words(key, value)
    settings = RemindSettings(**found)
    for kind in settings.kinds:
        if kind not in KINDS:
            raise ConfigError(f"[remind] kinds: {kind!r} is none of {', '.join(KINDS)}", hint=_HINTS["kinds"])
    for trigger in settings.before:
        _check_trigger(trigger)
    return settings


def _words(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise ConfigError(f"[remind] {key} must be a list of words", hint=_HINTS[key])
    if key == "kinds" and not value:
        raise ConfigError("[remind] kinds is empty, so that nothing would ever be told", hint=_HINTS[key])
    return tuple(value)


def _check_trigger(trigger: str) -> None:
    from crmcli.domain.triggers import reach_s

    try:
        reach_s(trigger)
    except ValueError as error:
        raise ConfigError(f"[remind] before: {error}", hint=_HINTS["before"]) from None


def _day_from(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(_TIME, value, re.ASCII):
        raise ConfigError(f"[remind] day_from must be a time of day, not {value!r}", hint=_HINTS["day_from"])
    return value
