"""Pivots: every cell and total is what plain Python makes of the list, and leads back to its records."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.domain.periods import ALL
from crmcli.domain.zones import to_utc
from crmcli.errors import UsageError
from crmcli.queries.records import ListQuery, list_records
from crmcli.queries.scope import make_scope
from crmcli.reports.pivot import MOST_COLUMNS, drill, greatest, read_grid, read_question
from crmcli.reports.pivot_result import result
from crmcli.reports.result import Options, ReportResult
from tests.unit.queries.conftest import ZONE, World
from tests.unit.reports.conftest import Reporting

_DRAWN = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(["open", "won", "lost"]),
        "source": st.sampled_from([None, "website", "referral"]),
        "amount_minor": st.none() | st.integers(-(2**62), 2**62),
        "currency": st.sampled_from(["EUR", "EUR", "USD", "JPY"]),
        "exchange_rate": st.none() | st.sampled_from(["0.9", "1.2345678"]),
        "created": st.dates(min_value=date(2025, 11, 1), max_value=date(2026, 5, 1)),
    }
)
_KEYS = {"source": "source", "outcome": "outcome", "created:month": "created", "created:weekday": "weekday"}


def options(world: World, rows: str, entity: str = "deal", **asked: Any) -> Options:
    scope = make_scope(world.con, ZONE, "en", None, "IT")
    own = {"rows": rows.split(",")} | {key: asked.pop(key) for key in ("cols", "measure", "share") if key in asked}
    return Options(ALL, "EUR", scope, entity=entity, own=own)._replace(**asked)


def pivot(world: World, rows: str, entity: str = "deal", **asked: Any) -> ReportResult:
    wanted = options(world, rows, entity, **asked)
    question = read_question(world.con, wanted)
    return result(greatest(read_grid(world.con, wanted, question), wanted.top), wanted)


def cells(found: ReportResult) -> dict[str, tuple[object, ...]]:
    """Return the rows by what stands before the cells."""
    columns = [column.key for column in found.main.columns]
    first = columns.index("total")
    return {
        ", ".join(str(row[key]) for key in columns[:first]): tuple(row[key] for key in columns[first:])
        for row in found.main.rows
    }


def refs(world: World, cell: str, rows: str, **asked: Any) -> list[object]:
    wanted = options(world, rows, **asked)
    question = read_question(world.con, wanted)
    query = ListQuery(drill(world.con, wanted, question, cell), columns=("ref",))
    return [row["ref"] for row in list_records(world.con, question.kind, query).rows]


def plainly(measure: str, records: Sequence[dict[str, Any]]) -> Fraction | int | None:
    """Return a measure over records that a list gave: counts, or amounts in euro, exactly."""
    if measure == "count":
        return len(records)
    rates = [1 if row["currency"] == "EUR" else _frozen(row) for row in records]
    amounts = [
        Fraction(row["amount"]) * Fraction(rate)
        for row, rate in zip(records, rates, strict=True)
        if row["amount"] is not None and rate is not None
    ]
    if measure == "amount":
        apart = any(row["amount"] is not None for row in records) and not amounts
        return None if apart else sum(amounts, Fraction(0))
    if not amounts:
        return None
    return {"mean": sum(amounts, Fraction(0)) / len(amounts), "min": min(amounts), "max": max(amounts)}[measure[:-7]]


def _frozen(row: dict[str, Any]) -> Any:
    """Return the rate of a closed deal; that of an open one is of the day, and there are none."""
    return None if row["outcome"] == "open" else row["exchange_rate"]


def rounded(number: Fraction | int | None) -> object:
    if number is None or isinstance(number, int):
        return number
    twice = 2 * abs(number) * 100
    cents = (twice.numerator + twice.denominator) // (2 * twice.denominator)
    return Decimal(cents if number >= 0 else -cents) / 100


def shown(value: object) -> object:
    """Return a cell without the decimals that only tell its currency."""
    return Decimal(value) if isinstance(value, Decimal) else value


@settings(max_examples=60)
@given(
    drawn=st.lists(_DRAWN, max_size=12),
    sides=st.permutations(sorted(_KEYS)),
    measure=st.sampled_from(["count", "amount", "mean amount", "min amount", "max amount"]),
)
def test_cells_and_totals_are_those_of_the_list(
    reporting: Reporting, drawn: list[dict[str, Any]], sides: list[str], measure: str
) -> None:
    world, (row_field, col_field, *_) = reporting.world, sides
    world.con.execute("DELETE FROM deal")
    for deal in drawn:
        values = {**deal, "created_at": to_utc(f"{deal['created']}T00:30", ZONE)}
        values.pop("created")
        reporting.deal(values.pop("outcome"), **values)
    listed = list_records(
        world.con,
        ENTITIES["deal"],
        ListQuery(columns=("source", "outcome", "created_at", "amount", "exchange_rate")),
    )
    records: list[dict[str, Any]] = []
    for row, deal in zip(listed.rows, drawn, strict=True):
        day = deal["created"]
        records.append({**row, "created": f"{day:%Y-%m}", "weekday": f"{day:%a}"})
    found = pivot(world, row_field, cols=col_field, measure=measure)
    told = cells(found)
    columns = [column.key for column in found.main.columns[2:]]

    def within(field: str, printed: str) -> list[dict[str, Any]]:
        return [row for row in records if printed in ("Total", str(row[_KEYS[field]] or "(none)"))]

    for name, (total, *parts) in told.items():
        rows = within(row_field, name)
        assert shown(total) == rounded(plainly(measure, rows))
        for column, part in zip(columns, parts, strict=True):
            behind = [row for row in rows if row in within(col_field, column)]
            assert shown(part) == rounded(plainly(measure, behind))
            if behind:
                cell = f"{name},{column}"
                assert refs(world, cell, row_field, cols=col_field) == [row["ref"] for row in behind]
    everything = told.get("Total", (rounded(plainly(measure, [])),))
    assert shown(everything[0]) == rounded(plainly(measure, records))
    assert found.matched == len(records)


def test_amounts_without_a_rate_stand_apart(reporting: Reporting) -> None:
    reporting.deal("won", amount_minor=10000)
    reporting.deal("won", amount_minor=700, currency="USD")
    found = pivot(reporting.world, "outcome", measure="amount")
    assert cells(found) == {"won": (Decimal("100.00"),), "Total": (Decimal("100.00"),)}
    assert found.warnings == ("deals: 1 amount worth 7.00 USD stand apart, no rate from USD to EUR",)
    assert found.document["unconverted"] == [{"currency": "USD", "count": 1, "amount": Decimal("7.00")}]


def test_open_amounts_come_at_the_rate_of_the_day(reporting: Reporting) -> None:
    reporting.world.add("currency_rate", currency="USD", on_date="2026-03-01", rate="0.5")
    reporting.world.add("currency_rate", currency="USD", on_date="2026-04-01", rate="0.9")
    reporting.deal(amount_minor=1000, currency="USD", exchange_rate="0.7")
    reporting.deal("won", amount_minor=1000, currency="USD", exchange_rate="0.7")
    told = cells(pivot(reporting.world, "outcome", measure="amount"))
    assert told == {"open": (Decimal("5.00"),), "won": (Decimal("7.00"),), "Total": (Decimal("12.00"),)}
    reporting.world.add("lead", expected_amount_minor=300, currency="USD")
    told = cells(pivot(reporting.world, "status", entity="lead", measure="expected_amount"))
    assert told["Total"] == (Decimal("1.50"),)


def test_two_row_fields_and_the_greatest_rows(reporting: Reporting) -> None:
    for outcome, source, minor in (("won", "website", 300), ("won", None, 200), ("lost", "website", 50)):
        reporting.deal(outcome, source=source, amount_minor=minor)
    assert list(cells(pivot(reporting.world, "source,outcome"))) == [
        "website, won", "website, lost", "(none), won", "Total, ",
    ]  # fmt: skip
    found = pivot(reporting.world, "source,outcome", measure="amount", top=1)
    assert cells(found) == {
        "website, won": (Decimal("3.00"),), "(others), ": (Decimal("2.50"),), "Total, ": (Decimal("5.50"),),
    }  # fmt: skip
    assert refs(reporting.world, "(none),won", "source,outcome") == ["D2"]
    assert refs(reporting.world, "website", "source,outcome") == ["D1", "D3"]


def test_shares_are_of_the_row_the_column_or_everything(reporting: Reporting) -> None:
    for outcome, source in (("won", "website"), ("won", "website"), ("won", "referral"), ("lost", "website")):
        reporting.deal(outcome, source=source)
    told = {share: cells(pivot(reporting.world, "source", cols="outcome", share=share)) for share in
            ("row", "col", "all")}  # fmt: skip
    assert told["row"]["website"] == (1, Decimal("0.666667"), Decimal("0.333333"))
    assert told["col"]["website"] == (Decimal("0.75"), Decimal("0.666667"), 1)
    assert told["all"]["website"] == (Decimal("0.75"), Decimal("0.5"), Decimal("0.25"))
    assert told["col"]["Total"] == (1, 1, 1)


def test_custom_fields_stand_on_every_side(reporting: Reporting) -> None:
    world = reporting.world
    world.add("custom_field", entity="deal", key="size", label="Size", type="enum", options='["s", "l"]')
    world.add("custom_field", entity="deal", key="hours", label="Hours", type="decimal")
    for size, hours in (("s", "0.1"), ("s", "0.2"), ("l", None)):
        values = {"size": size, **({"hours": hours} if hours else {})}
        reporting.deal(custom=str(values).replace("'", '"'))
    assert cells(pivot(world, "size", measure="hours")) == {
        "l": (0,),
        "s": (Decimal("0.3"),),
        "Total": (Decimal("0.3"),),
    }
    assert cells(pivot(world, "custom.size", measure="max hours"))["s"] == (Decimal("0.2"),)


def test_as_of_a_moment_the_cells_are_those_of_then(reporting: Reporting) -> None:
    deal = reporting.deal("won", created_at="2026-01-10T10:00:00Z", closed_at="2026-03-01T10:00:00Z")
    told = cells(pivot(reporting.world, "outcome", until="2026-02-01T00:00:00Z"))
    assert told == {"open": (1,), "Total": (1,)}
    assert refs(reporting.world, "open", "outcome", until="2026-02-01T00:00:00Z") == [f"D{deal}"]
    assert clock.now_text() > "2026-02-01"


def test_values_that_read_like_other_cells_are_told_apart(reporting: Reporting) -> None:
    for detail in ("Total", "(none)", None, "ref", "total", 'a, "b"', "x" * 60):
        reporting.deal(source_detail=detail)
    found = pivot(reporting.world, "outcome", cols="source_detail")
    heads = [column.label for column in found.main.columns[2:]]
    assert heads == ["“(none)”", 'a, "b"', "ref", "“Total”", "total", "x" * 40 + "…", "(none)"]
    assert len({column.key for column in found.main.columns}) == len(found.main.columns)
    asked = {"rows": "outcome", "cols": "source_detail"}
    assert refs(reporting.world, "open,“Total”", **asked) == ["D1"]
    assert refs(reporting.world, "open,(none)", **asked) == ["D3"]
    assert refs(reporting.world, 'open,"a, ""b"""', **asked) == ["D6"]
    assert refs(reporting.world, f"open,{'x' * 40}…", **asked) == ["D7"]
    assert len(refs(reporting.world, "Total,Total", **asked)) == 7


def test_records_of_the_same_name_are_told_apart(reporting: Reporting) -> None:
    world = reporting.world
    twin = world.add("organization", name="Acme")
    reporting.deal()
    reporting.deal(organization_id=twin)
    assert list(cells(pivot(world, "organization"))) == ["Acme (O1)", "Acme (O2)", "Total"]
    assert refs(world, "O2", "organization") == refs(world, "Acme (O2)", "organization") == ["D2"]


def test_a_pivot_of_ten_thousand_columns_is_refused(reporting: Reporting) -> None:
    values = [(f"v{number}",) for number in range(10_000)]
    reporting.deal()
    world = reporting.world
    columns = [row[1] for row in world.con.execute("PRAGMA table_info(deal)") if row[1] not in ("id", "uid")]
    taken = ", ".join("?1" if column == "source_detail" else column for column in columns)
    world.con.executemany(
        f"INSERT INTO deal ({', '.join(columns)}, uid) SELECT {taken}, ?1 FROM deal WHERE id = 1", values
    )
    with pytest.raises(UsageError, match=f"10,001 values of source_detail .* {MOST_COLUMNS} are the most") as refused:
        pivot(world, "outcome", cols="source_detail")
    assert "--rows source_detail" in (refused.value.hint or "")
    with pytest.raises(UsageError, match="10,001 rows of source_detail are too many"):
        pivot(world, "source_detail")


@pytest.mark.parametrize(
    ("rows", "asked", "told"),
    [
        ("created", {}, "another one in each record"),
        ("tags", {}, "a record can have several"),
        ("amount", {}, "amounts belong in the cells"),
        ("owner:month", {}, "it is no date"),
        ("created:mont", {}, "not parted by 'mont'"),
        ("expected_close:hour", {}, "not parted by 'hour'"),
        ("owner", {"cols": "owner"}, "stands twice"),
        ("owner", {"measure": "name"}, "nothing to add up"),
        ("owner", {"measure": "team_id"}, "nothing to add up"),
        ("owner", {"measure": "median amount"}, "no measure 'median amount'"),
        ("owner", {"measure": "sum probability"}, "means nothing"),
        ("owner", {"share": "rows"}, "no shares of 'rows'"),
        ("owner", {"share": "row"}, "need columns"),
        ("owner", {"share": "col", "measure": "mean amount"}, "does not add up"),
    ],
)
def test_what_means_nothing_is_refused(reporting: Reporting, rows: str, asked: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        pivot(reporting.world, rows, **asked)


def test_a_cell_that_is_not_there_is_refused(reporting: Reporting) -> None:
    reporting.deal("won", source="website")
    with pytest.raises(UsageError, match="no source is called 'web'") as refused:
        refs(reporting.world, "web", "source")
    assert refused.value.hint == "did you mean website?"
    with pytest.raises(UsageError, match="named by SOURCE"):
        refs(reporting.world, "website,won", "source")
