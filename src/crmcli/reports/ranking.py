"""Lists of scored customers, as the reports on the best, on those at risk and on all of them show them."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from operator import itemgetter, lt, sub

from crmcli.domain.columns import mapped
from crmcli.domain.money import from_minor
from crmcli.domain.rows import Rows
from crmcli.queries.columns import Shown
from crmcli.reports.acts import ACTS
from crmcli.reports.customers import CustomerFrame, customer_labels, target_fact
from crmcli.reports.groups import greatest
from crmcli.reports.presenting import for_programs, head, named
from crmcli.reports.result import Chart, Options, ReportResult, Sheet
from crmcli.reports.scoring import Scoring

Row = dict[str, object]
Facts = tuple[tuple[str, str], ...]
_COLUMNS = (
    Shown("ref", "Ref", "text"),
    Shown("name", "Name", "text"),
    Shown("rfm", "RFM", "text"),
    Shown("segment", "Segment", "text"),
    Shown("recency", "Days", "int"),
    Shown("frequency", "In 365 d", "int"),
    Shown("value", "Value", "money"),
    Shown("margin", "Margin", "money"),
    Shown("last", "Last bought", "date"),
    Shown("purchases", "Purchases", "int"),
)
_GROUP_COLUMNS = (
    Shown("customers", "Customers", "int"),
    Shown("share", "Share", "bar"),
    Shown("value", "Value", "money"),
    Shown("purchases", "Purchases", "int"),
)


def ranked(frame: CustomerFrame, title: str, found: Scoring, facts: Facts = ()) -> ReportResult:
    """Return a report that lists scored customers in their order, or counts them by group."""
    listed = customers_sheet(frame, title, found)
    groups = group_sheet(frame, found, title) if frame.options.by else None
    return result_of(frame, title, [*([groups] if groups else []), listed], groups or listed, found, facts)


def result_of(
    frame: CustomerFrame,
    title: str,
    sheets: Sequence[Sheet],
    main: Sheet,
    found: Scoring,
    facts: Facts,
) -> ReportResult:
    """Return the finished report; the document holds each sheet under the noun of its rows."""
    options = frame.options
    unknown = sum(found.customers.column("unknown"))
    document = {**head(options.period, options), "target": frame.target, "scored_by": found.rule}
    document |= {sheet.noun: for_programs(sheet).rows for sheet in sheets}
    warnings = (f"{unknown} purchases without an amount or a rate add no value",) if unknown else ()
    people = tuple(_for_people(sheet, options) for sheet in sheets)
    told = (target_fact(frame), ("Scored by", found.rule), *facts)
    matched = len(found.customers)
    return ReportResult(
        title, options.period, options.currency, people, for_programs(main), document, matched, told, warnings=warnings
    )


def customers_sheet(frame: CustomerFrame, title: str, found: Scoring) -> Sheet:
    """Return the customers in their order, as many as are to be listed, made column by column."""
    options = frame.options
    shown = found.customers[: options.top or options.rows]
    labels = customer_labels(frame.con, shown.column("customer"))
    recency, scores = shown.column("recency"), shown.column("scores")
    margin, currency = frame.margin, options.currency
    cells: dict[str, Sequence[object]] = {
        "ref": labels.column("ref"),
        "name": labels.column("name"),
        "rfm": mapped(lambda each: "".join(map(str, each)), scores),
        "segment": shown.column("segment"),
        "recency": recency,
        "frequency": shown.column("frequency"),
        "value": _worth(shown, currency, found.parts),
        "margin": [None] * len(shown) if margin is None else _worth(shown, currency, found.parts * 100, margin),
        "last": mapped(lambda days: str(found.last - timedelta(days=days)), recency),
        "purchases": shown.column("purchases"),
        "currency": [currency] * len(shown),
        **{key: mapped(itemgetter(place), scores) for place, key in enumerate("rfm")},
    }
    told = tuple(column for column in _COLUMNS if column.key != "margin" or margin is not None)
    return Sheet(title, told, Rows(cells), "customers", len(found.customers), "ref", ("value",))


def _worth(those: Rows, currency: str, parts: int, times: int = 1) -> list[Decimal | None]:
    unit, known = from_minor(1, currency), map(sub, those.column("purchases"), those.column("unknown"))
    return [
        _minor(value * times, parts) * unit if valued else None
        for value, valued in zip(those.column("value"), known, strict=True)
    ]


def group_sheet(frame: CustomerFrame, found: Scoring, title: str) -> Sheet:
    """Return how many of these customers there are by group, and what they bought."""
    by = frame.by_column(ACTS.entity)
    by_group = found.by("group")
    groups = frame.groups(ACTS.entity, set(by_group))
    rows = [group.cells | counts(found, by_group[group.value], frame.options.currency) for group in groups]
    rows = greatest(rows, lambda row: int(str(row["customers"])), frame.options.top)
    chart = Chart("bars", "group", ("customers",))
    title = f"{title} by {by.label.lower()}"
    return Sheet(title, (by, *_GROUP_COLUMNS), rows, "groups", None, "group", ("customers",), chart)


def counts(found: Scoring, those: Rows, currency: str) -> Row:
    """Return how many customers these are, their share of all that were found, and what they bought.

    The value is None where no purchase of theirs has an amount and a rate.
    """
    purchases, unknown = those.column("purchases"), those.column("unknown")
    value = money(currency, sum(those.column("value")), found.parts)
    return {
        "customers": len(those),
        "share": len(those) / len(found.customers) if found.customers else 0.0,
        "value": None if those and not any(map(lt, unknown, purchases)) else value,
        "purchases": sum(purchases),
        "currency": currency,
    }


def money(currency: str, value: int, parts: int) -> Decimal:
    """Return an amount in 1/``parts`` of minor units as it is printed, halves away from zero."""
    return from_minor(_minor(value, parts), currency)


def _minor(value: int, parts: int) -> int:
    minor = (2 * abs(value) + parts) // (2 * parts)
    return minor if value >= 0 else -minor


def _for_people(sheet: Sheet, options: Options) -> Sheet:
    if sheet.identity != "group":
        return sheet
    return sheet._replace(rows=[{**row, "group": named(row["group"], options.by)} for row in sheet.rows])
