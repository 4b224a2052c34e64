"""What rules are understood and done in: the scope of their conditions, business hours, and how literals are read."""

from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.conditions.condition import Scope
from crmcli.domain.calendar import BusinessCalendar
from crmcli.domain.inputs import Reading, is_unclear, read_value
from crmcli.domain.plurals import counted
from crmcli.domain.schema import Field
from crmcli.errors import CrmError
from crmcli.rules.durations import Times

NUMBERS = frozenset({"int", "money", "percent", "decimal", "rate"})  # types of fields


class World(NamedTuple):
    """What actions are understood in: the scope of conditions, the business hours, if any, the folder of templates."""

    scope: Scope
    calendar: BusinessCalendar | None = None
    templates: Path | None = None

    @property
    def times(self) -> Times:
        """What due times are counted from."""
        return Times(self.scope.now, self.scope.zone, self.scope.locale, self.calendar)

    @property
    def reading(self) -> Reading:
        """What literals depend on."""
        return Reading(self.scope.now, self.scope.zone, self.scope.locale, self.scope.country)


def typed(field: Field, raw: Any, world: World) -> Any:
    """Return the typed value of a field that a literal of TOML or a rendered text means; ValueError says why none."""
    if isinstance(raw, list):
        if not (field.multi or field.type == "json"):
            raise ValueError("takes one value, not a list")
        return raw
    if field.type == "ref":
        return _one_record(field, str(raw), world)
    if not isinstance(raw, str):  # a number of TOML has a decimal point, whatever the language
        text = format(raw, "f") if isinstance(raw, Decimal) else str(raw).lower()
        return read_value(field, text, world.reading._replace(locale="en"))
    value = read_value(field, raw, world.reading)
    if is_unclear(field, raw):
        raise ValueError(f"{raw!r} can be read in two ways; write it without separators of thousands")
    return value


def _one_record(field: Field, text: str, world: World) -> int | None:
    if not text.strip():
        return None
    try:
        found = world.scope.resolve(field.ref, text)
    except CrmError as error:
        raise ValueError(error.message + (f"; {error.hint}" if error.hint else "")) from None
    if len(found) != 1:
        raise ValueError(f"{text!r} fits {counted(len(found), 'record')}; name one by its ref")
    return found[0]
