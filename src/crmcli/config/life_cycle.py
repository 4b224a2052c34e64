"""The life cycle of relationships: what the table ``[lifecycle]`` of the settings file says.

Imported only when the file has the table. What the thresholds mean stands in ``domain.life_cycle``.
"""

from typing import Any, NamedTuple

from crmcli.domain.life_cycle import Thresholds
from crmcli.domain.schema import did_you_mean
from crmcli.errors import ConfigError

_DAILY = "daily"
_KEYS = (_DAILY, *Thresholds._fields)


class LifeCycle(NamedTuple):
    """The thresholds, and whether ``crm tick`` gives customers the phases proposed once a day."""

    limits: Thresholds = Thresholds()
    daily: bool = False


def read_life_cycle(table: Any) -> LifeCycle:
    """Return what the table says; ConfigError for unknown keys and for numbers that are none."""
    if not isinstance(table, dict):
        raise ConfigError("[lifecycle] must be a table", hint="daily = true")
    for key, value in table.items():
        if key not in _KEYS:
            raise ConfigError(f"[lifecycle] has no {key!r}", hint=did_you_mean(key, [*_KEYS]) or ", ".join(_KEYS))
        if key == _DAILY and not isinstance(value, bool):
            raise ConfigError(f"[lifecycle] {key} must be true or false, not {value!r}")
        if key != _DAILY and (type(value) is not int or value < 1):
            raise ConfigError(f"[lifecycle] {key} must be a whole number above 0, not {value!r}")
    limits = {key: value for key, value in table.items() if key != _DAILY}
    return LifeCycle(Thresholds(**limits), table.get(_DAILY, False))
