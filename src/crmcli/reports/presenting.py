"""Figures as rows and documents: rounded once, half up, with the words that go with them."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from crmcli.domain.money import exponent, from_minor
from crmcli.domain.periods import Period
from crmcli.queries.columns import Shown
from crmcli.queries.rates import rates_on
from crmcli.reports.groups import by_column
from crmcli.reports.result import Options, Sheet, as_of
from crmcli.reports.sets import LIVE

if TYPE_CHECKING:
    from fractions import Fraction

    from crmcli.reports.currencies import Own
    from crmcli.reports.figures import Exclusion, Figure, Side
    from crmcli.reports.frame import Frame

DRAWN = "share"  # the key of what is only drawn: the share of the largest
_NO_VALUE = {"last_open_stage": "(not known)"}  # what a record without a value means; elsewhere that there is none
_DECIMALS = 6  # of ratios, days and hours
_NOT_BELOW_0 = frozenset({"forecast_accuracy"})  # as people read them
_MACHINE = ("key", "value", "unit", "numerator", "denominator", "count", "reason")


def rounded(number: "Fraction", unit: str, currency: str) -> Decimal | int:
    """Return an exact number as it is printed: whole, with the decimals of the currency, or with at most six."""
    if unit == "n":
        return int(number)
    if unit.startswith("money"):
        return _half_up(number, exponent(currency))
    decimals = _half_up(number, _DECIMALS)
    return decimals.quantize(Decimal(1)) if decimals == decimals.to_integral_value() else decimals.normalize()


def value_of(figure: "Figure", currency: str) -> Decimal | int | None:
    """Return the printed value of a figure; None when it is undefined."""
    return None if figure.value is None else rounded(figure.value, figure.kpi.unit, currency)


def values_told(found: "Sequence[Figure]", currency: str) -> list[Decimal | int | None]:
    """Return the printed values of figures, many of which may have the very same number."""
    alike = {id(figure.value): figure for figure in found}
    told = {number: value_of(figure, currency) for number, figure in alike.items()}
    return [told[id(figure.value)] for figure in found]


def entry(figure: "Figure", options: Options) -> dict[str, object]:
    """Return a figure as one entry of the JSON document; with ``--by`` it names its group."""
    currency = options.currency
    told: dict[str, object] = {"key": figure.kpi.key, "label": figure.kpi.label}
    if options.by is not None:
        told |= figure.group.cells
    return told | {
        "value": value_of(figure, currency),
        "unit": figure.kpi.unit,
        "numerator": _number(figure.above, currency),
        "denominator": _number(figure.below, currency),
        "count": figure.records,
        "reason": figure.reason,
        "excluded": [_exclusion(exclusion) for exclusion in figure.excluded],
        **by_currency(figure, currency),
    }


def by_currency(figure: "Figure", base: str) -> dict[str, object]:
    """Return the part of a figure in each currency, in that currency; nothing where all are in the base one."""
    told = [
        {"currency": own.currency, "value": rounded(own.value, "money", own.currency), "count": own.records}
        for own in _mixed(figure, base)
    ]
    return {"by_currency": told} if told else {}


def _mixed(figure: "Figure", base: str) -> "tuple[Own, ...]":
    return figure.currencies if any(own.currency != base for own in figure.currencies) else ()


def currency_sheets(found: "Iterable[Figure]", options: Options) -> tuple[Sheet, ...]:
    """Return a sheet of the figures of money by currency, or none where all stand in the base currency."""
    rows = [
        {"label": figure.kpi.label, "group": named(figure.group.label, options.by), "code": own.currency,
         "value": rounded(own.value, "money", own.currency), "count": own.records, "currency": own.currency}
        for figure in found
        for own in _mixed(figure, options.currency)
    ]  # fmt: skip
    group = (by_column(options.by),) if options.by else ()
    columns = (Shown("label", "Figure", "text"), *group, Shown("code", "Currency", "text"),
               Shown("value", "In that currency", "money"), Shown("count", "Count", "int"))  # fmt: skip
    return (Sheet("By currency", columns, rows, "figures"),) if rows else ()


def rates_used(frame: "Frame", found: "Iterable[Figure]") -> dict[str, dict[str, object]]:
    """Return the rates of today by which open deals are converted, by currency; closed ones have their own."""
    live = [one for one in found if one.kpi.term.records in LIVE and one.kpi.how not in ("total", "velocity")]
    used = {own.currency for figure in live for own in figure.currencies} - {frame.options.currency}
    known = rates_on(frame.con, frame.today) if used else {}
    return {
        currency: {"rate": Decimal(known[currency][0]), "on": known[currency][1]}
        for currency in sorted(used)
        if currency in known
    }


def rates_told(rates: Mapping[str, Mapping[str, object]]) -> tuple[str, ...]:
    """Return a line that tells by which rates open deals were converted, where any was."""
    told = ", ".join(f"{currency} {rate['rate']} of {rate['on']}" for currency, rate in rates.items())
    return (f"open deals are converted at the rates of today: {told}",) if told else ()


def named(label: object, by: str | None) -> object:
    """Return how people read a group of records: by its label, or by the lack of a value in the field."""
    return _NO_VALUE.get(by or "", "(none)") if label is None else label


def figure_sheets(found: "list[Figure]", options: Options, title: str) -> tuple[Sheet, Sheet]:
    """Return figures as a sheet for people, and as one for programs whose rows are the entries of the document."""
    group = (by_column(options.by),) if options.by else ()
    people = (Shown("label", "Figure", "text"), *group, Shown("value", "Value", "figure"))
    people += (Shown("count", "Count", "int"), Shown("note", "Note", "text"))
    entries = [entry(figure, options) for figure in found]
    rows = [
        {**told, **_for_people(told, options.by), "note": note(figure)}
        for told, figure in zip(entries, found, strict=True)
    ]
    machine = (
        *(Shown(item.key, item.label, item.type) for item in group),
        *(Shown(key, key, "text") for key in _MACHINE),
    )
    return (
        Sheet(title, people, rows, "figures", None, "label", ("value",)),
        Sheet(title, machine, entries, "figures", None, "key", ("value",)),
    )


def for_programs(sheet: Sheet) -> Sheet:
    """Return a sheet without what is only drawn."""
    if all(column.key != DRAWN for column in sheet.columns):
        return sheet
    return sheet._replace(rows=[{key: cell for key, cell in row.items() if key != DRAWN} for row in sheet.rows])


def note(figure: "Figure") -> str:
    """Return what a reader must know of a figure: why it is missing, what was left out, how little is behind it."""
    told = [figure.reason] if figure.reason else []
    told += [f"{count} left out: {reason}" for reason, count in _left_out(figure).items() if reason != figure.reason]
    if figure.is_small:
        told.append("few records")
    return "; ".join(told)


def unconverted(found: "Iterable[Figure]") -> list[dict[str, object]]:
    """Return the amounts that could not be added for want of a rate, by figure, group and currency."""
    return [
        {"key": figure.kpi.key, "group": figure.group.label, **_exclusion(exclusion)}
        for figure in found
        if figure.kpi.how == "sum"
        for exclusion in figure.excluded
        if exclusion.currency
    ]


def warnings(found: "Iterable[Figure]") -> tuple[str, ...]:
    """Return a warning for each set of records and currency of which amounts stand apart."""
    apart: dict[tuple[str, str, str], tuple[int, int]] = {}
    sums = {(figure.kpi.term.records, figure.group.values): figure for figure in found if figure.kpi.how == "sum"}
    for (records, _), figure in sums.items():
        for exclusion in figure.excluded:
            if exclusion.currency:
                key = (records.noun, exclusion.currency, exclusion.reason)
                count, minor = apart.get(key, (0, 0))
                apart[key] = (count + exclusion.records, minor + exclusion.minor)
    return tuple(
        f"{noun}: {count} worth {from_minor(minor, currency)} {currency} stand apart, {reason}; crm rate add {currency}"
        for (noun, currency, reason), (count, minor) in apart.items()
    )


def head(period: Period, options: Options) -> dict[str, object]:
    """Return what every document begins with: the period, ``to`` excluded, the base currency, and when it was known."""
    told: dict[str, object] = {
        "period": {"from": period.start, "to": period.end, "label": period.label},
        "currency": options.currency,
    }
    if options.until is None:
        return told
    return told | {"known_until": options.until, "as_of": as_of(options.until, options.scope.zone)}


def _half_up(number: "Fraction", digits: int) -> Decimal:
    """Round an exact fraction, halves away from zero, without passing through a float or a precision."""
    scaled = abs(number.numerator) * 10**digits
    whole = (2 * scaled + number.denominator) // (2 * number.denominator)
    return Decimal(f"{whole if number >= 0 else -whole}E-{digits}")


def _number(side: "Side | None", currency: str) -> Decimal | int | None:
    return None if side is None else rounded(side.number, side.unit, currency)


def _exclusion(exclusion: "Exclusion") -> dict[str, object]:
    told: dict[str, object] = {"reason": exclusion.reason, "count": exclusion.records}
    if exclusion.currency:
        told |= {"currency": exclusion.currency, "amount": from_minor(exclusion.minor, exclusion.currency)}
    return told


def _left_out(figure: "Figure") -> dict[str, int]:
    counts: dict[str, int] = {}
    for exclusion in figure.excluded:
        counts[exclusion.reason] = counts.get(exclusion.reason, 0) + exclusion.records
    return counts


def _for_people(told: dict[str, object], by: str | None) -> dict[str, object]:
    value = told["value"]
    if told["key"] in _NOT_BELOW_0 and isinstance(value, Decimal):
        value = max(value, Decimal(0))
    return {"group": named(told.get("group"), by), "value": "n/a" if value is None else value}
