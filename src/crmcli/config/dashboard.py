"""What ``crm report dashboard`` shows: the tables ``[[dashboard]]`` of the settings file, one for each panel.

Imported only when the file has such a table. Which reports, options and fields there are is known by who runs them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from crmcli.domain.periods import COMPARED
from crmcli.errors import ConfigError

_TEXTS = ("report", "title", "period", "compare", "by", "where")
SHARED = (*_TEXTS, "top", "keys")


class Panel(NamedTuple):
    """A report on the dashboard, with its options as they are typed.

    ``keys`` are the figures of the report kpi, ``own`` the options that only this report takes.
    """

    report: str
    title: str | None = None
    period: str | None = None
    compare: str | None = None
    by: str | None = None
    where: str | None = None
    top: int | None = None
    keys: tuple[str, ...] = ()
    own: Mapping[str, Any] = MappingProxyType({})


def read_dashboard(table: Any) -> tuple[Panel, ...]:
    """Return the panels in their order; ConfigError says what is wrong with one."""
    if not isinstance(table, list):
        raise ConfigError("dashboard must be a list of tables", hint="head each panel with [[dashboard]]")
    return tuple(_panel(f"dashboard {number}", entry) for number, entry in enumerate(table, start=1))


def _panel(where: str, entry: Any) -> Panel:
    if not isinstance(entry, dict):
        raise ConfigError(f"{where} must be a table", hint="head it with [[dashboard]]")
    for key, value in entry.items():
        if key not in SHARED and any(isinstance(one, dict | list) for one in _each(value)):
            raise ConfigError(f"{where}: {key} must be a value, or a list of them", hint=f'{key} = "..."')
        if key in _TEXTS and not (isinstance(value, str) and value.strip()):
            raise ConfigError(f"{where}: {key} must be a text", hint='report = "pipeline"')
    if "report" not in entry:
        raise ConfigError(f"{where} names no report", hint='report = "pipeline"')
    if entry.get("compare", "previous") not in COMPARED:
        raise ConfigError(f"{where}: compare is one of {', '.join(COMPARED)}", hint='compare = "previous"')
    top, keys = entry.get("top"), entry.get("keys", [])
    if top is not None and (isinstance(top, bool) or not isinstance(top, int) or top < 1):
        raise ConfigError(f"{where}: top must be a count", hint="top = 5")
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise ConfigError(f"{where}: keys must be a list of texts", hint='keys = ["win_rate", "won_amount"]')
    shared = {key: entry[key] for key in SHARED if key in entry}
    own = {key: value for key, value in entry.items() if key not in SHARED}
    return Panel(**{**shared, "keys": tuple(keys), "own": own})


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
