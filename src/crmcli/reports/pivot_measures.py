"""What stands in the cells of a pivot: a count, or the sum, mean, least or greatest value of a field.

Sums are exact: SQL adds whole numbers in two halves, which no sum overflows, and what is no whole number is added here
as fractions. Money of other currencies comes at the rate that figures use, or stands apart where there is none.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.conditions.expression import value
from crmcli.conditions.operands import Operand
from crmcli.conditions.scope import Fields
from crmcli.domain.schema import Entity, did_you_mean
from crmcli.errors import UsageError
from crmcli.queries.columns import find_operand, heading
from crmcli.queries.rates import DEAL_RATE, RECORD_RATE
from crmcli.reports.measures import AMOUNT, Excluded, Surroundings
from crmcli.reports.pivot_axes import inside
from crmcli.reports.presenting import rounded

if TYPE_CHECKING:
    from crmcli.reports.measures import Exact

_HOWS = {"sum": "sum", "total": "sum", "mean": "mean", "average": "mean", "min": "min", "max": "max"}
_TYPES = ("int", "money", "decimal", "percent", "rate")
_AS_TEXT = ("decimal", "rate")  # types that are stored as text
_SHARES = ("percent", "rate")  # types whose sums mean nothing
_NUMBERS = frozenset({"id", "number", "version", "team_id", "merged_into_id"})  # they name, they do not measure
_HALF = 32


class Measure(NamedTuple):
    """What is measured: ``how`` is count, sum, mean, min or max, of a field; ``type`` is that of the printed values."""

    how: str
    label: str
    type: str = "int"
    operand: Operand | None = None

    @property
    def name(self) -> str:
        """How the measure is typed."""
        return f"{self.how} {self.operand.path}" if self.operand else self.how

    @property
    def adds_up(self) -> bool:
        """Whether the cells of a row add up to its total."""
        return self.how in ("count", "sum")


class Cell:
    """What the records of a cell come to; cells add up to those of their totals."""

    __slots__ = ("apart", "count", "number", "size")

    def __init__(self) -> None:
        self.count = 0  # records
        self.size = 0  # those of them with a value
        self.number: Exact | None = None  # their sum, of which a mean is made too, or their least or greatest value
        self.apart: dict[str, tuple[int, int]] = {}  # records and minor units without a rate, by currency

    def add(self, other: "Cell", how: str) -> None:
        """Take the records of another cell in."""
        self.count += other.count
        self.size += other.size
        if other.number is not None:
            self.number = other.number if self.number is None else _TOGETHER[how](self.number, other.number)
        for currency, (count, minor) in other.apart.items():
            known = self.apart.get(currency, (0, 0))
            self.apart[currency] = (known[0] + count, known[1] + minor)


def _plus(one: "Exact", other: "Exact") -> "Exact":
    return one + other


_TOGETHER: "dict[str, Callable[[Exact, Exact], Exact]]" = {
    "count": _plus, "sum": _plus, "mean": _plus, "min": min, "max": max,
}  # fmt: skip


def read_measure(text: str, kind: Entity, fields: Fields) -> Measure:
    """Return the measure that a text such as ``count``, ``amount`` or ``mean amount`` means; UsageError for others."""
    words = text.replace(":", " ").split()
    if words in ([], ["count"]):
        return Measure("count", "Count")
    how = _HOWS.get(words[0]) if len(words) > 1 else "sum"
    if how is None or len(words) > 2:
        hint = did_you_mean(words[0], [*_HOWS]) or "write count, amount, mean amount, min amount or max amount"
        raise UsageError(f"there is no measure {text!r}", hint=hint)
    operand = find_operand(words[-1], kind, fields)
    field = operand.field
    if field.type not in _TYPES or field.options or operand.path in _NUMBERS:
        known = [one.key for one in kind.fields.values() if one.type in _TYPES and one.key not in _NUMBERS]
        hint = f"count, or one of {', '.join(known)}" if known else "write count"
        raise UsageError(f"{operand.path} is nothing to add up", hint=hint, code="field.no_number")
    if how == "sum" and field.type in _SHARES:
        raise UsageError(f"a sum of {operand.path} means nothing", hint=f'--measure "mean {operand.path}"')
    kind_of = "decimal" if field.type == "rate" or (field.type == "int" and how == "mean") else field.type
    name = heading(operand)
    label = name if how == "sum" else f"{how.capitalize()} {inside(name)}"
    return Measure(how, label, kind_of, operand)


def columns(measure: Measure) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the SQL over alias ``r`` of what records are grouped by for a measure, and of what is added up of them."""
    operand = measure.operand
    if operand is None:
        return (), ("COUNT(*)",)
    stored = value(operand.hops, operand.field.sql)
    if operand.field.type in _AS_TEXT:
        return (stored,), ("COUNT(*)",)
    kinds: tuple[str, ...] = ()
    if operand.field.type == "money":
        rate = DEAL_RATE if operand.entity.name == "deal" else RECORD_RATE
        currency = operand.currency
        kinds = (
            value(currency.hops, currency.field.sql) if currency else "NULL",
            value(operand.hops, rate),
        )
    parts = {"min": (f"MIN({stored})",), "max": (f"MAX({stored})",)}
    halves = (f"SUM({stored} >> {_HALF})", f"SUM({stored} & {(1 << _HALF) - 1})")
    return kinds, ("COUNT(*)", f"COUNT({stored})", *parts.get(measure.how, halves))


def cell_of(measure: Measure, world: Surroundings, found: Sequence[Any]) -> Cell:
    """Return the cell of one row of what ``columns`` ask for."""
    cell, operand = Cell(), measure.operand
    if operand is None:
        (cell.count,) = found
    elif operand.field.type in _AS_TEXT:
        stored, cell.count = found
        if stored is not None:
            number = Fraction(str(stored))
            cell.size, cell.number = cell.count, number * cell.count if measure.how in ("sum", "mean") else number
    else:
        of_money = found[:2] if operand.field.type == "money" else ()
        cell.count, cell.size, *parts = found[len(of_money) :]
        if cell.size:
            _fill(cell, world, of_money, (parts[0] << _HALF) + parts[1] if len(parts) > 1 else parts[0])
    return cell


def _fill(cell: Cell, world: Surroundings, of_money: Sequence[Any], number: int) -> None:
    """Give a cell its number, in the base currency where it is money, or set it apart."""
    converted = AMOUNT.value(world, number, *of_money) if of_money else number
    if isinstance(converted, Excluded):
        cell.apart, cell.size = {converted.currency: (cell.size, number)}, 0
    else:
        cell.number = converted


def shown(measure: Measure, cell: Cell | None, currency: str) -> object:
    """Return the printed value of a cell; None where there is none, such as the mean of nothing."""
    number = exact(measure, cell)
    if number is None:
        return None
    kind = measure.type
    if kind == "money":
        from crmcli.domain.money import exponent

        return rounded(Fraction(number) / 10 ** exponent(currency), "money", currency)
    if kind == "percent" or measure.how == "mean":
        return rounded(Fraction(number) / (100 if kind == "percent" else 1), "ratio", currency)
    return _plain(Fraction(number))


def exact(measure: Measure, cell: Cell | None) -> "Exact | None":
    """Return the exact value of a cell in stored units; sums of nothing are zero, unless amounts stand apart."""
    if cell is None:
        return 0 if measure.adds_up else None
    if measure.how == "count":
        return cell.count
    if measure.how == "sum" and cell.number is None and not cell.apart:
        return 0
    return Fraction(cell.number, cell.size) if measure.how == "mean" and cell.number is not None else cell.number


def _plain(number: Fraction) -> object:
    """Return a number with all its decimals, which end: it was added up from decimals."""
    if number.denominator == 1:
        return int(number)
    from decimal import Context, Decimal

    return Context(prec=100).divide(Decimal(number.numerator), Decimal(number.denominator))
