"""Rules on key figures: the threshold that ``[rule.kpi]`` names, and what stands in the place of the record.

Such a rule has no record, so it may ask for none and change none. What a figure is worth is told by whoever runs them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.kpis import MAIN
from crmcli.domain.periods import parse_period
from crmcli.domain.schema import Entity, Field, did_you_mean
from crmcli.rules.action_keys import OUTSIDE_ACTIONS
from crmcli.rules.mistakes import Mistake
from crmcli.rules.rule import Rule
from crmcli.rules.world import World

KPI, CROSSED = "kpi", "crossed"
_ACTIONS = frozenset({*OUTSIDE_ACTIONS, "task", "event", "stop"})
_NEEDS_RECORD = ("when", "watch", "crossed", "react_to_self")
_DEFAULT_PERIOD = "this-quarter"
FIGURE = Entity(
    KPI, KPI, "", "", "Key figure", "key figures", "", (),
    {
        "key": Field("key", "text", "Key"),
        "label": Field("label", "text", "Figure"),
        "value": Field("value", "decimal", "Value"),
        "threshold": Field("threshold", "decimal", "Threshold"),
        "direction": Field("direction", "text", "Direction"),
        "period": Field("period", "text", "Period"),
    },
)  # fmt: skip


class Threshold(NamedTuple):
    """A level of a figure in a period: crossed when the figure comes to it from below, or falls below it."""

    key: str
    level: Decimal
    is_above: bool
    period: str

    def is_beyond(self, value: Decimal) -> bool:
        """Say whether a value of the figure is on the side that the rule waits for."""
        return value >= self.level if self.is_above else value < self.level

    def values(self, label: str, value: Decimal) -> dict[str, Any]:
        """Return what the texts of the rule may say, by the keys of ``FIGURE``."""
        direction = "above" if self.is_above else "below"
        return {
            "key": self.key, "label": label, "value": value, "threshold": self.level, "direction": direction,
            "period": self.period,
        }  # fmt: skip


def entity_of(name: str) -> Entity:
    """Return the kind of record that a rule is about; of a key figure what stands in its place."""
    return FIGURE if name == KPI else ENTITIES[name]


def read_threshold(rule: Rule, world: World, mistakes: list[Mistake]) -> Threshold | None:
    """Return the threshold of a rule on a key figure; None of another rule, and where there are mistakes, noted."""
    place = rule.place.at(KPI)
    if (rule.kpi is not None) != (rule.entity == KPI):
        hint = 'on = ["kpi.crossed"]' if rule.kpi is not None else '[rule.kpi] with key = "win_rate" and below = 0.3'
        reason = "is only for the event kpi.crossed" if rule.kpi is not None else "is missing"
        mistakes.append(Mistake(place, reason, hint))
        return None
    if rule.kpi is None:
        return None
    before = len(mistakes)
    _check_whole(rule, mistakes)
    key = _key(rule.kpi, rule, mistakes)
    period = rule.kpi.get("period", _DEFAULT_PERIOD)
    try:
        parse_period(period, world.scope.now, world.scope.zone)
    except ValueError as error:
        mistakes.append(Mistake(place.at("period"), str(error)))
    if ("above" in rule.kpi) == ("below" in rule.kpi):
        mistakes.append(Mistake(place, "needs either above or below", "below = 0.3"))
    if len(mistakes) > before:
        return None
    is_above = "above" in rule.kpi
    return Threshold(key, Decimal(str(rule.kpi["above" if is_above else "below"])), is_above, period)


def _key(table: Mapping[str, Any], rule: Rule, mistakes: list[Mistake]) -> str:
    key = str(table.get("key", ""))
    if key not in MAIN and "key" in table:
        hint = did_you_mean(key, list(MAIN)) or "crm report show kpi"
        mistakes.append(Mistake(rule.place.at("kpi.key"), f"there is no figure {key!r}", hint))
    return key


def _check_whole(rule: Rule, mistakes: list[Mistake]) -> None:
    """Note what needs a record."""
    given = {"when": rule.when, "watch": rule.watch, "crossed": rule.crossed, "react_to_self": rule.reacts_to_itself}
    for key in _NEEDS_RECORD:
        if given[key]:
            mistakes.append(Mistake(rule.place.at(key), "a key figure is no record"))
    for action in rule.actions:
        if action.kind not in _ACTIONS:
            told = f"{action.kind!r} needs a record, and a key figure is none"
            mistakes.append(Mistake(action.place.at("action"), told, f"there are {', '.join(sorted(_ACTIONS))}"))
        elif "unless_open" in action.values:
            mistakes.append(Mistake(action.place.at("unless_open"), "needs a record, and a key figure is none"))
