"""Figures beside those of another period: matched row by row, with the change as a fraction of what was before."""

from decimal import Decimal

import pytest

from crmcli import clock
from crmcli.domain.periods import Period, parse_period
from crmcli.errors import UsageError
from crmcli.queries.columns import Shown
from crmcli.reports.comparing import change, compared
from crmcli.reports.index import REPORTS
from crmcli.reports.result import ReportResult, Sheet
from tests.unit.queries.conftest import ZONE
from tests.unit.reports.conftest import Reporting

ASKED = {"clv": {"margin": "30"}, "penetration": {"item": "source"}, "cross-sell": {"item": "source"}}
COLUMNS = (Shown("group", "Owner", "text"), Shown("amount", "Amount", "money"), Shown("mean", "Mean", "money"))


@pytest.mark.parametrize(
    ("now", "then", "expected"),
    [
        (150, 100, Decimal("0.5")),
        (Decimal("1.00"), Decimal("3.00"), Decimal("-0.666667")),
        (5, 5, Decimal(0)),
        (-50, -100, Decimal("0.5")),
        (1, 0, None),
        (1, None, None),
        (None, 1, None),
        ("n/a", 1, None),
    ],
)
def test_a_change_is_a_fraction_of_what_was_before(now: object, then: object, expected: Decimal | None) -> None:
    """Nothing is said where there was nothing, or where either is missing."""
    assert change(now, then) == expected


def report(label: str, rows: list[dict[str, object]]) -> ReportResult:
    """Return a report with one sheet."""
    sheet = Sheet("By owner", COLUMNS, rows, "groups", identity="group", measures=("amount",))
    return ReportResult("Won", Period(None, None, label), "EUR", (sheet,), sheet, {"rows": rows}, len(rows))


def test_rows_find_their_own_past_by_reference_before_name() -> None:
    """Two people of one name are two; who was not there before has no past, and who is gone has no row."""
    now = report("2026", [{"group": "Anna", "group_ref": "anna2", "amount": 30}, {"group": "Bob", "amount": 1}])
    then = report("2025", [{"group": "Anna", "group_ref": "anna1", "amount": 9}, {"group": "Carl", "amount": 2},
                           {"group": "Anna", "group_ref": "anna2", "amount": 20}])  # fmt: skip
    found = compared(now, then)
    assert [(row["amount_before"], row["amount_change"]) for row in found.main.rows] == [
        (20, Decimal("0.5")),
        (None, None),
    ]
    keys = [column.key for column in found.sheets[0].columns]
    assert keys == ["group", "amount", "amount_before", "amount_change", "mean"]
    assert found.document["compared_with"] is then.document
    assert ("Compared with", "2025") in found.facts


def test_what_was_before_is_found_though_it_was_not_among_the_greatest(reporting: Reporting) -> None:
    """``top`` and the rows that a terminal shows bound what is listed now, not where its past is looked for."""
    for source, year in (("event", 2025), ("event", 2025), ("referral", 2025), ("referral", 2026), ("referral", 2026)):
        reporting.deal("won", source=source, amount_minor=100, closed_at=f"{year}-02-01T10:00:00Z")
    reporting.deal("won", source="event", amount_minor=100, closed_at="2026-02-01T10:00:00Z")
    last_year = parse_period("2025", clock.now(), ZONE)
    result = reporting.run("won", "2026", by="source", compare=last_year, top=1, rows=1)
    assert [(row["group"], row["deals"], row["deals_before"]) for row in result.main.rows] == [("referral", 2, 1)]


@pytest.mark.parametrize("name", [*REPORTS])
def test_every_report_sets_figures_beside_those_of_before(reporting: Reporting, name: str) -> None:
    reporting.deal("won", source="event", amount_minor=300)
    last_year = parse_period("2025", clock.now(), ZONE)
    result = reporting.run(name, "2026", compare=last_year, own=ASKED.get(name, {}))
    assert any(column.key.endswith("_before") for sheet in result.sheets for column in sheet.columns)


@pytest.mark.parametrize("name", [*REPORTS])
def test_no_report_passes_over_the_field_it_is_to_be_grouped_by(reporting: Reporting, name: str) -> None:
    """Its sheets are others, unless the field is the one it is grouped by anyway, which is not so of all of these."""

    def drawn(by: str | None) -> set[tuple[str, ...]]:
        try:
            sheets = reporting.run(name, by=by, own=ASKED.get(name, {})).sheets
        except UsageError:
            return usual
        return {(sheet.title, *(column.label for column in sheet.columns)) for sheet in sheets}

    usual: set[tuple[str, ...]] = set()
    usual = drawn(None)
    assert any(drawn(by) != usual for by in ("owner", "source", "priority", "is_active"))
