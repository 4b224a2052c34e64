"""Business hours and service levels: what the tables ``[calendar]`` and ``[[sla]]`` of the settings file say.

Imported only when the file has such a table. How time is measured belongs to ``domain.calendar`` and ``domain.sla``;
each reader raises ConfigError with a reason that reads well after the name of the file and the line.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from crmcli.domain.calendar import BusinessCalendar
from crmcli.domain.durations import UNITS, parse_duration
from crmcli.domain.enums import values
from crmcli.domain.schema import did_you_mean
from crmcli.domain.sla import AT_RISK_SHARE_BP, Budgets
from crmcli.domain.text import fold
from crmcli.errors import ConfigError

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CALENDAR = ("zone", *_WEEK, "holidays", "exceptions")
_BUDGET = ("first_response", "resolution", "at_risk")
_FITTING = ("organizations", "tags", "categories")
_LEVEL = ("name", *_FITTING, *_BUDGET, *values("priority"))


class Level(NamedTuple):
    """One service level. What it fits is folded text; one that fits nothing in particular is the default."""

    name: str
    organizations: frozenset[str]  # names, domains or refs
    tags: frozenset[str]  # of the organization
    categories: frozenset[str]  # of the ticket
    budgets: Mapping[str, Budgets]  # by priority

    @property
    def is_default(self) -> bool:
        """Whether the level is for tickets that no other one fits."""
        return not (self.organizations or self.tags or self.categories)


def choose(levels: Sequence[Level], organization: Collection[str], tags: Collection[str], category: str) -> str | None:
    """Return the name of the level of a ticket: by organization, else by its tags, else by category, else the default.

    All texts are folded; ``organization`` holds everything the organization is known by.
    """
    fits = (
        (level for level in levels if not level.organizations.isdisjoint(organization)),
        (level for level in levels if not level.tags.isdisjoint(tags)),
        (level for level in levels if category in level.categories),
        (level for level in levels if level.is_default),
    )
    return next((level.name for found in fits for level in found), None)


def budgets_of(levels: Sequence[Level], name: str | None, priority: str) -> Budgets:
    """Return what a level grants a ticket of a priority; no limits when there is no such level."""
    return next((level.budgets[priority] for level in levels if level.name == name), Budgets())


def read_calendar(table: Any) -> BusinessCalendar:
    """Return the calendar of the table ``[calendar]``; one without any working time is refused.

    One that names no zone is in that of the settings; see ``BusinessCalendar.within``.
    """
    _check_keys("calendar", table, _CALENDAR)
    try:
        week = {number: _ranges(table.get(day, [])) for number, day in enumerate(_WEEK)}
        holidays = frozenset(_day(day) for day in table.get("holidays", []))
        exceptions = {_day(day): _ranges(ranges) for day, ranges in table.get("exceptions", {}).items()}
        return BusinessCalendar(week, table.get("zone"), holidays, exceptions)
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigError(f"calendar: {error}", hint='monday = ["09:00-13:00", "14:00-18:00"]') from None


def read_levels(tables: Any) -> tuple[Level, ...]:
    """Return the levels of the tables ``[[sla]]``, in their order; names differ and at most one is the default."""
    if not isinstance(tables, list):
        raise ConfigError("sla must be a list of tables", hint="head each one with [[sla]]")
    levels = tuple(_level(table) for table in tables)
    names = [level.name for level in levels]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"sla: there are two service levels {twice!r}")
    defaults = [level.name for level in levels if level.is_default]
    if len(defaults) > 1:
        raise ConfigError(
            f"sla: {' and '.join(defaults)} both fit every ticket", hint=f"say in one of them {' or '.join(_FITTING)}"
        )
    return levels


def _level(table: Any) -> Level:
    _check_keys("sla", table, _LEVEL)
    name = table.get("name")
    if not isinstance(name, str) or not name.strip():
        raise ConfigError("sla: name is missing", hint='name = "standard"')
    for priority in values("priority"):
        _check_keys(f"sla {name}: {priority}", table.get(priority, {}), _BUDGET)
    budgets = {
        priority: _budgets(f"sla {name}", {**table, **table.get(priority, {})}) for priority in values("priority")
    }
    organizations, tags, categories = (_folded(f"sla {name}: {key}", table.get(key, [])) for key in _FITTING)
    return Level(name, organizations, tags, categories, budgets)


def _budgets(where: str, table: Mapping[str, Any]) -> Budgets:
    share = table.get("at_risk", AT_RISK_SHARE_BP // 100)
    if type(share) is not int or not 0 <= share <= 100:
        raise ConfigError(f"{where}: at_risk is a percentage from 0 to 100, not {share!r}")
    return Budgets(_seconds(where, table, "first_response"), _seconds(where, table, "resolution"), share * 100)


def _seconds(where: str, table: Mapping[str, Any], key: str) -> int | None:
    text = table.get(key)
    if text is None:
        return None
    try:
        seconds = parse_duration(str(text))
    except ValueError as error:
        raise ConfigError(f"{where}: {key}: {error}") from None
    if any(UNITS.get(word) in ("d", "w") for word in re.findall("[a-z]+", fold(text))):
        raise ConfigError(f"{where}: {key} is in hours of work, so {text!r} has no fixed length", hint=f'{key} = "16h"')
    return seconds


def _folded(where: str, given: Any) -> frozenset[str]:
    if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
        raise ConfigError(f"{where} must be a list of texts, not {given!r}")
    return frozenset(fold(text) for text in given)


def _ranges(given: Any) -> list[tuple[str, str]]:
    if not isinstance(given, list):
        raise ValueError(f"{given!r} is not a list of hours")
    ranges = []
    for text in given:
        opening, dash, closing = str(text).partition("-")
        if not dash:
            raise ValueError(f"{text!r} is not a range of hours")
        ranges.append((opening.strip(), closing.strip()))
    return ranges


def _day(given: object) -> str:
    from datetime import date

    try:
        return date.fromisoformat(str(given)).isoformat()  # TOML has dates of its own; they print alike
    except ValueError:
        raise ValueError(f"{given!r} is not a day such as 2026-12-25") from None


def _check_keys(where: str, table: Any, known: Sequence[str]) -> None:
    if not isinstance(table, dict):
        raise ConfigError(f"{where} must be a table, not {table!r}")
    for key in table:
        if key not in known:
            raise ConfigError(f"{where} has no {key!r}", hint=did_you_mean(key, list(known)))
