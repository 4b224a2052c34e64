"""Literals turned into stored values, once, when a condition is compiled; ConditionError where one does not fit."""

import re
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from crmcli.conditions.currencies import DECIMALS
from crmcli.conditions.scope import Scope
from crmcli.conditions.tokens import Source
from crmcli.conditions.tree import Value
from crmcli.domain.counts import LARGEST
from crmcli.domain.schema import did_you_mean
from crmcli.domain.text import fold
from crmcli.errors import CrmError

if TYPE_CHECKING:
    from crmcli.domain.dates import Moment

_MOST_DIGITS = 30
_THOUSANDS = {"": 0, "k": 3, "m": 6}
_NUMBER = re.compile(r"([+-]?[0-9][0-9_]*)(?:\.([0-9]+))?([kKmM]?)(%?)(?: ([A-Za-z]{3}))?")
_TRUTH = {"true": 1, "yes": 1, "false": 0, "no": 0}


class Number(NamedTuple):
    """An exact decimal: ``digits`` divided by ten to the power of ``scale``, with the unit written after it."""

    digits: int
    scale: int
    unit: str = ""

    def whole(self, op: str, decimals: int) -> int | float | None:
        """Return what bounds an integer, stored with so many implied decimals, just as this number does.

        ``x < 10.5`` is ``x < 11`` for integers, ``x > 10.5`` is ``x > 10``, and nothing equals 10.5: None. A bound
        that no store can hold is infinite.
        """
        floor: int
        floor, rest = divmod(self.digits * 10**decimals, 10**self.scale)
        if rest and op == "=":
            return None
        bound = floor + 1 if rest and op in ("<", ">=") else floor
        return bound if abs(bound) <= LARGEST else float("inf" if bound > 0 else "-inf")


class Literals(NamedTuple):
    """Reads the literals of one condition."""

    source: Source
    scope: Scope

    def text(self, value: Value) -> str:
        """Return folded text, never empty."""
        return fold(value.text) or self._refuse(value, "there is no text to look for", "ask for it with `is empty`")

    def country(self, value: Value) -> str:
        """Return the folded code of a country, of anything else the folded text."""
        from crmcli.domain.countries import country_code

        return fold(country_code(value.text) or "") or self.text(value)

    def integer(self, value: Value, op: str) -> int | float | None:
        """Return the bound for an integer, as ``Number.whole`` does."""
        return self.number(value, units=("",)).whole(op, 0)

    def percent(self, value: Value, op: str) -> int | float | None:
        """Return the bound in basis points for a percentage, ``40`` or ``40%``."""
        return self.number(value, units=("", "%")).whole(op, 2)

    def real(self, value: Value) -> float:
        """Return a number for comparison with decimals of any size, exact to 15 digits."""
        number = self.number(value, units=("",))
        return float(number.digits / 10**number.scale)

    def amount(self, value: Value, op: str) -> tuple[dict[int, int | float | None], str]:
        """Return the bounds in minor units by the decimals of a currency, and the currency written, if any."""
        from crmcli.domain.money import exponent

        number = self.number(value)
        if number.unit == "%":
            self._refuse(value, "an amount is no percentage", f"write {value.text.removesuffix('%')}")
        try:
            sizes = (exponent(number.unit),) if number.unit else DECIMALS
        except ValueError as error:
            self._refuse(value, str(error))
        return {size: number.whole(op, size) for size in sizes}, number.unit

    def number(self, value: Value, units: tuple[str, ...] | None = None) -> Number:
        """Return a number: ``10000``, ``10_000``, ``10k``, ``1.5M``, ``-3``, ``40%``, ``10k EUR``."""
        found = _NUMBER.fullmatch(f"{value.text} {value.unit.text}" if value.unit else value.text)
        if found is None:
            self._refuse(value, f"{value.text!r} is not a number", "numbers are written 10000, 10_000, 10k, 1.5M")
        whole, decimals, factor, percent, currency = found.groups("")
        digits = whole.replace("_", "") + decimals
        unit = percent or currency.upper()
        if len(digits) > _MOST_DIGITS:
            self._refuse(value, "the number is too long")
        if units is not None and unit not in units:
            self._refuse(value, f"{unit} does not fit here", f"write {value.text[: -len(unit)].strip()}")
        return Number(int(digits) * 10 ** _THOUSANDS[factor.lower()], len(decimals), unit)

    def truth(self, value: Value) -> int:
        """Return 1 or 0."""
        found = _TRUTH.get(value.text.casefold())
        if found is None:
            self._refuse(value, f"{value.text!r} is neither true nor false")
        return found

    def choice(self, value: Value, enum: str) -> str:
        """Return the key of a value of a closed list, named by key, label, Italian word or alias."""
        from crmcli.domain.enums import choose, values

        found = choose(enum, value.text)
        if found is None:
            known = list(values(enum))
            hint = did_you_mean(value.text, known) or f"one of: {', '.join(known)}"
            self._refuse(value, f"{value.text!r} is not a value of this field", hint)
        return found

    def option(self, value: Value, options: tuple[str, ...]) -> str:
        """Return the folded option of a custom choice."""
        from crmcli.domain.forms import choose_option

        try:
            return fold(choose_option(options, value.text))
        except ValueError as error:
            raise self.source.error(str(error), value.position) from None

    def records(self, value: Value, entity: str) -> tuple[int, ...]:
        """Return the ids of the records of an entity that are meant."""
        try:
            found = self.scope.resolve(entity, value.text)
        except CrmError as error:
            raise self.source.error(error.message, value.position, error.hint) from error
        return found or self._refuse(value, f"no {entity} {value.text!r}")

    def day(self, value: Value) -> str:
        """Return a date; of an instant, the local one."""
        return self._moment(value).wall[:10]

    def span(self, value: Value) -> tuple[str, str] | str:
        """Return the edges of a local day, the second exclusive, or the one instant that is meant."""
        from crmcli.domain.zones import local_day_edges

        moment = self._moment(value)
        if not moment.is_date:
            return moment.utc
        try:
            return local_day_edges(moment.wall, self.scope.zone)
        except ValueError as error:
            raise self.source.error(str(error), value.position) from None

    def email(self, value: Value) -> str:
        """Return an e-mail address in normal form."""
        from crmcli.domain.emails import normalise

        try:
            return normalise(value.text)
        except ValueError as error:
            raise self.source.error(str(error), value.position, "look for a part of it with ~") from None

    def phone(self, value: Value) -> tuple[str, bool]:
        """Return a phone number in normal form, or the digits of a part of one, and whether it is a part."""
        from crmcli.domain.phones import normalise

        number = normalise(value.text, self.scope.country).e164
        return (number, False) if number else (self.digits(value), True)

    def digits(self, value: Value) -> str:
        """Return the digits of a phone number or of a part of one."""
        found = "".join(char for char in value.text if char in "0123456789")
        return found or self._refuse(value, f"{value.text!r} is not a phone number")

    def _moment(self, value: Value) -> "Moment":
        from crmcli.domain.dates import parse_moment

        try:
            return parse_moment(value.text, self.scope.now, self.scope.zone, self.scope.locale)
        except ValueError as error:
            raise self.source.error(str(error), value.position) from None

    def _refuse(self, value: Value, problem: str, hint: str | None = None) -> NoReturn:
        raise self.source.error(problem, value.position, hint)
