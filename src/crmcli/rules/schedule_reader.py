"""Reads ``[rule.time]``: anchor and offset, or cron, every mistake noted with its key."""

import re
from collections.abc import Callable, Mapping
from datetime import time
from typing import TypeVar

from crmcli.conditions.operands import Operand, resolve
from crmcli.conditions.tokens import Source
from crmcli.conditions.tree import Path
from crmcli.domain.cron import parse_cron
from crmcli.domain.durations import parse_offset
from crmcli.domain.schema import Entity
from crmcli.domain.zones import zone_of
from crmcli.errors import ConditionError
from crmcli.rules.durations import Due, Times, parse_due
from crmcli.rules.events import CHANGING, TIME
from crmcli.rules.mistakes import Mistake
from crmcli.rules.rule import Rule
from crmcli.rules.schedules import Schedule
from crmcli.rules.world import World

_TIME_OF_DAY = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_Read = TypeVar("_Read")


def read_schedule(rule: Rule, entity: Entity, world: World, mistakes: list[Mistake]) -> Schedule | None:
    """Return when a rule by time falls due; None where it is no such rule, or has mistakes, which are noted."""
    if (rule.time is not None) != (TIME in rule.events):
        hint = f'on = ["{entity.noun}.time"]' if rule.time is not None else '[rule.time] with anchor = "..." or cron'
        reason = "is only for the event time" if rule.time is not None else "is missing"
        mistakes.append(Mistake(rule.place.at("time"), reason, hint))
        return None
    if rule.time is None:
        return None
    before = len(mistakes)
    found = _TimeTable(rule, rule.time, entity, world, mistakes).schedule()
    return found if len(mistakes) == before else None


class _TimeTable:
    def __init__(
        self, rule: Rule, table: Mapping[str, str], entity: Entity, world: World, mistakes: list[Mistake]
    ) -> None:
        self._place = rule.place.at("time")
        self._table = table
        self._entity = entity
        self._world = world
        self._mistakes = mistakes

    def schedule(self) -> Schedule:
        """Return what the table says, as far as it can be read."""
        zone = self._zone()
        if "cron" not in self._table:
            return self._by_anchor(zone)
        for key in ("anchor", "offset", "calendar", "at"):
            if key in self._table:
                self._note(key, "does not go with cron, which says by itself when")
        return Schedule(zone, self._read("cron", parse_cron))

    def _by_anchor(self, zone: str) -> Schedule:
        for key, example in (("anchor", "closed_at"), ("offset", "+14d")):
            if key not in self._table:
                self._note(key, "is missing", f'write {key} = "{example}", or cron = "0 8 * * *"')
        times = self._world.times._replace(zone=zone)
        offset = self._read("offset", lambda text: _parse_offset(text, times)) or Due("")
        business = self._table.get("calendar") == "business"
        return Schedule(zone, None, self._anchor(), offset, business, self._read("at", _parse_time))

    def _anchor(self) -> Operand | None:
        text = self._table.get("anchor", "")
        if not text:
            return None
        try:
            found = resolve(Path(tuple(text.split(".")), 0), self._entity, self._world.scope.fields, Source(text))
        except ConditionError as error:
            self._note("anchor", error.problem, error.hint)
            return None
        if found.field.type not in ("date", "instant"):
            self._note("anchor", f"{text} is neither a date nor a time")
        elif found.path in CHANGING:
            self._note("anchor", f"{text} moves with every write, the rule's own too")
        return found

    def _zone(self) -> str:
        zone = self._table.get("zone", self._world.scope.zone)
        try:
            zone_of(zone)
        except ValueError as error:
            self._note("zone", str(error))
            return "UTC"
        return zone

    def _read(self, key: str, read: Callable[[str], _Read]) -> _Read | None:
        try:
            return read(self._table[key]) if key in self._table else None
        except ValueError as error:
            self._note(key, str(error))
            return None

    def _note(self, key: str, reason: str, hint: str | None = None) -> None:
        self._mistakes.append(Mistake(self._place.at(key), reason, hint))


def _parse_offset(text: str, times: Times) -> Due:
    """Return an offset: business hours and days as in due times, else what the calendar alone decides."""
    if text.strip().endswith(("bh", "bd")):
        return parse_due(text, times)
    parse_offset(text)
    return Due(text)


def _parse_time(text: str) -> time:
    found = _TIME_OF_DAY.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no time of day; write 08:00")
    return time(int(found[1]), int(found[2]))
