"""The form of rule files: which keys there are, of which type, and which belong to a later version.

A key that is documented but not built yet is a mistake like an unknown one: a rule never does less than it says.
"""

from collections.abc import Collection, Mapping
from typing import Any

from crmcli.domain.schema import did_you_mean, near_or_all
from crmcli.rules.action_keys import ACTIONS, EVERY_ACTION, LATER, LATER_ACTIONS, Key
from crmcli.rules.mistakes import Mistake, Place

_TYPES: dict[str, tuple[tuple[type[Any], ...], str]] = {
    "text": ((str,), "text"),
    "texts": ((list,), "a list of texts"),
    "words": ((str, list), "text or a list of texts"),
    "truth": ((bool,), "true or false"),
    "number": ((int,), "a whole number"),
    "figure": ((int, float), "a number"),
    "table": ((dict,), "a table"),
    "tables": ((list,), "a list of tables"),
}
ONCE = ("per_write", "per_match", "per_record", "per_day", "per_anchor")
_PARTS: dict[str, type[Any]] = {"texts": str, "words": str, "tables": dict}  # of a list
_NUMBERS = frozenset({"number", "figure"})
FILE = {"schema": Key("number", required=True), "rule": Key("tables"), "score": Key("tables")}
RULE = {
    "id": Key("text", required=True),
    "name": Key("text"),
    "on": Key("texts", required=True),
    "when": Key("text"),
    "crossed": Key("truth"),
    "watch": Key("texts"),
    "once": Key("text", choices=ONCE),
    "order": Key("number"),
    "enabled": Key("truth"),
    "imports": Key("truth"),
    "as": Key("text"),
    "react_to_self": Key("truth"),
    "time": Key("table"),
    "kpi": Key("table"),
    "guard": Key("table"),
    "do": Key("tables", required=True),
}
TIME = {
    "anchor": Key("text"),
    "offset": Key("text"),
    "cron": Key("text"),
    "calendar": Key("text", choices=("calendar", "business")),
    "at": Key("text"),
    "zone": Key("text"),
}
KPI = {
    "key": Key("text", required=True),
    "above": Key("figure"),
    "below": Key("figure"),
    "period": Key("text"),
}
GUARD = {
    "max_runs_per_record_per_day": Key("number"),
    "max_runs_per_hour": Key("number"),
    "max_actions": Key("number"),
}


def check_action(table: Mapping[str, Any], place: Place, mistakes: list[Mistake]) -> str | None:
    """Return the kind of an action; None, with the mistakes noted, when something is wrong with its form."""
    kind = table.get("action")
    if not isinstance(kind, str):
        mistakes.append(Mistake(place.at("action"), "is missing", f"one of {', '.join(ACTIONS)}"))
        return None
    if kind not in ACTIONS:
        reason = LATER if kind in LATER_ACTIONS else "is no action"
        hint = None if kind in LATER_ACTIONS else did_you_mean(kind, list(ACTIONS)) or f"one of {', '.join(ACTIONS)}"
        mistakes.append(Mistake(place.at("action"), f"{kind!r} {reason}", hint))
        return None
    before = len(mistakes)
    check_keys(table, {**EVERY_ACTION, **ACTIONS[kind]}, place, mistakes)
    return kind if len(mistakes) == before else None


def check_keys(
    table: Mapping[str, Any],
    keys: Mapping[str, Key],
    place: Place,
    mistakes: list[Mistake],
    later: Collection[str] = (),
) -> None:
    """Note every key that is unknown, missing, of the wrong type or without a supported value."""
    for name in table:
        if name in later:
            mistakes.append(Mistake(place.at(name), LATER))
        elif name not in keys:
            hint = near_or_all(name, keys)
            mistakes.append(Mistake(place.at(name), "there is no such key", hint))
    for name, key in keys.items():
        if name in table:
            _check_value(table[name], key, place.at(name), mistakes)
        elif key.required:
            mistakes.append(Mistake(place.at(name), "is missing"))


def fits(value: Any, key: Key) -> bool:
    """Say whether a value is of the type that a key takes."""
    if type(value) not in _TYPES[key.kind][0]:
        return False
    return not isinstance(value, list) or all(type(part) is _PARTS[key.kind] for part in value)


def _check_value(value: Any, key: Key, place: Place, mistakes: list[Mistake]) -> None:
    if not fits(value, key):
        mistakes.append(Mistake(place, f"must be {_TYPES[key.kind][1]}, not {value!r}"))
    elif key.required and not value and key.kind not in _NUMBERS:
        mistakes.append(Mistake(place, "is empty"))
    elif key.choices and value not in key.choices:
        hint = did_you_mean(value, list(key.choices)) or f"there is {', '.join(key.choices)}"
        mistakes.append(Mistake(place, f"{value!r} is not one of its values", hint))
