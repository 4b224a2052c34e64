"""How often people and organizations are to be contacted: what the table ``[follow]`` of the settings file says.

Imported only when the file has the table. A record's own cadence stands in the store.
"""

from collections.abc import Callable, Mapping
from typing import Any

from crmcli.domain.cadences import Cadences, parse_cadence
from crmcli.domain.enums import choose, values
from crmcli.domain.schema import did_you_mean
from crmcli.domain.text import fold
from crmcli.errors import ConfigError

_GROUPS = ("tags", "stages", "tiers")
_EXAMPLE = 'tags = { vip = "2w" }'


def read_follow(table: Any) -> Cadences | None:
    """Return the cadences that the table gives; None for an empty one. ConfigError says what is wrong."""
    if not isinstance(table, dict):
        raise ConfigError("[follow] must be a table", hint=_EXAMPLE)
    for key in table:
        if key not in _GROUPS:
            raise ConfigError(f"[follow] has no {key!r}", hint=did_you_mean(key, [*_GROUPS]) or ", ".join(_GROUPS))
    found = Cadences(
        _group(table, "tags", fold),
        _group(table, "stages", lambda name: _choice("lifecycle_stage", name)),
        _group(table, "tiers", lambda name: _choice("rating", name)),
    )
    return found if any(found) else None


def _group(table: Mapping[str, Any], group: str, known: Callable[[str], str]) -> dict[str, str]:
    """Return the cadences of a group by the stored form of what they are for."""
    given = table.get(group, {})
    if not isinstance(given, dict):
        raise ConfigError(f"[follow] {group} must be a table of names and cadences", hint=_EXAMPLE)
    found = {}
    for name, every in given.items():
        if not isinstance(every, str):
            raise ConfigError(f"[follow] {group}.{name} must be a text such as 2w", hint=_EXAMPLE)
        try:
            found[known(name)] = parse_cadence(every)
        except ValueError as error:
            raise ConfigError(f"[follow] {group}.{name}: {error}", hint=_EXAMPLE) from None
    return found


def _choice(enum: str, name: str) -> str:
    key = choose(enum, name)
    if key is None:
        raise ValueError(f"there is none of that name; use {', '.join(values(enum))}")
    return key
