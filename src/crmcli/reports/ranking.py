"""Lists of scored customers, as the reports on the best, on those at risk and on all of them show them."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from crmcli.domain.money import exponent, from_minor
from crmcli.domain.zones import local_date
from crmcli.queries.columns import Shown
from crmcli.reports.acts import ACTS
from crmcli.reports.customers import CustomerFrame, customer_labels
from crmcli.reports.lifetime import margin_of
from crmcli.reports.presenting import head, named, rounded
from crmcli.reports.purchasing import target_fact
from crmcli.reports.result import Chart, Options, ReportResult, Sheet
from crmcli.reports.scoring import Scored, rule_of

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
_SCORED_BY = "Scored by"
_GROUP_COLUMNS = (
    Shown("customers", "Customers", "int"),
    Shown("share", "Share", "bar"),
    Shown("value", "Value", "money"),
    Shown("purchases", "Purchases", "int"),
)


def ranked(frame: CustomerFrame, title: str, those: Sequence[Scored], facts: Facts) -> ReportResult:
    """Return a report that lists scored customers in their order, or counts them by group."""
    listed = customers_sheet(frame, title, those)
    groups = group_sheet(frame, those, title) if frame.options.by else None
    return result_of(frame, title, [*([groups] if groups else []), listed], groups or listed, those, facts)


def result_of(
    frame: CustomerFrame,
    title: str,
    sheets: Sequence[Sheet],
    main: Sheet,
    those: Sequence[Scored],
    facts: Facts,
) -> ReportResult:
    """Return the finished report; the document holds each sheet under the noun of its rows."""
    options = frame.options
    unknown = sum(one.bought.unknown for one in those)
    document = {**head(options.period, options), "target": frame.target, "scored_by": dict(facts)[_SCORED_BY]}
    document |= {sheet.noun: [_for_programs(row) for row in sheet.rows] for sheet in sheets}
    warnings = (f"{unknown} purchases without an amount or a rate add no value",) if unknown else ()
    people = tuple(_for_people(sheet, options) for sheet in sheets)
    machine = main._replace(rows=[_for_programs(row) for row in main.rows])
    told = (target_fact(frame), *facts)
    return ReportResult(
        title, options.period, options.currency, people, machine, document, len(those), told, warnings=warnings
    )


def scored_by(found: list[Scored]) -> tuple[str, str]:
    """Tell by what customers were scored."""
    return _SCORED_BY, rule_of(found)


def customers_sheet(frame: CustomerFrame, title: str, those: Sequence[Scored]) -> Sheet:
    """Return the customers in their order, as many as are to be listed."""
    options = frame.options
    shown = those[: options.top] if options.top else those[: options.rows]
    labels = customer_labels(frame.con, [one.bought.customer for one in shown])
    margin = margin_of(frame)
    rows: list[Row] = []
    for one in shown:
        label, value = labels[one.bought.customer], worth(frame, [one])
        rows.append({
            "ref": label.ref, "name": label.name, "rfm": f"{one.r}{one.f}{one.m}", "segment": one.segment,
            "recency": one.bought.recency, "frequency": one.bought.frequency, "value": value,
            "margin": None if margin is None else worth(frame, [one], Fraction(margin, 100)),
            "last": local_date(one.bought.last_at, frame.zone), "purchases": one.bought.purchases,
            "currency": options.currency, "r": one.r, "f": one.f, "m": one.m,
        })  # fmt: skip
    columns = tuple(column for column in _COLUMNS if column.key != "margin" or margin is not None)
    return Sheet(title, columns, rows, "customers", len(those), "ref", ("value",))


def group_sheet(frame: CustomerFrame, those: Sequence[Scored], title: str) -> Sheet:
    """Return how many of these customers there are by group, and what they bought."""
    name = (frame.options.by or "").replace("_", " ")
    groups = frame.groups(ACTS.entity, {one.bought.group for one in those})
    rows = [
        {"group": group.label, **({"group_ref": group.ref} if group.ref else {})}
        | counts(frame, [one for one in those if one.bought.group == group.value], len(those))
        for group in groups
    ]
    rows = sorted(rows, key=lambda row: -int(str(row["customers"])))[: frame.options.top] if frame.options.top else rows
    by = Shown("group", name.capitalize(), "text")
    chart = Chart("bars", "group", ("customers",))
    return Sheet(f"{title} by {name}", (by, *_GROUP_COLUMNS), rows, "groups", None, "group", ("customers",), chart)


def counts(frame: CustomerFrame, those: Sequence[Scored], among: int) -> Row:
    """Return how many customers these are, their share of all, and what they bought."""
    return {
        "customers": len(those),
        "share": len(those) / among if among else 0.0,
        "value": worth(frame, those),
        "purchases": sum(one.bought.purchases for one in those),
        "currency": frame.options.currency,
    }


def worth(frame: CustomerFrame, those: Sequence[Scored], part: Fraction = Fraction(1)) -> object:
    """Return what customers bought, or a part of it; None where no purchase of theirs has an amount and a rate."""
    if those and not any(one.bought.is_valued for one in those):
        return None
    if len(those) == 1 and part == 1:
        return money(frame, those[0].bought.value)
    sums: dict[int, int] = {}  # by denominator: fractions are slow to add
    for one in those:
        value = one.bought.value
        sums[value.denominator] = sums.get(value.denominator, 0) + value.numerator
    return money(frame, part * sum((Fraction(*parts[::-1]) for parts in sums.items()), Fraction(0)))


def money(frame: CustomerFrame, minor: int | Fraction) -> object:
    """Return minor units of the base currency as they are printed."""
    if minor.denominator == 1:
        return from_minor(minor.numerator, frame.options.currency)
    return rounded(Fraction(minor, 10 ** exponent(frame.options.currency)), "money", frame.options.currency)


def _for_programs(row: Mapping[str, object]) -> Row:
    return {key: cell for key, cell in row.items() if key != "share"}


def _for_people(sheet: Sheet, options: Options) -> Sheet:
    rows = [{**row, "group": named(row["group"], options.by)} if "group" in row else row for row in sheet.rows]
    return sheet._replace(rows=rows)
