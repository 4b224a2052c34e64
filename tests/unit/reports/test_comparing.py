"""Figures beside those of another period: matched row by row, with the change as a fraction of what was before."""

from decimal import Decimal

import pytest

from crmcli.domain.periods import Period
from crmcli.queries.columns import Shown
from crmcli.reports.comparing import change, compared
from crmcli.reports.result import ReportResult, Sheet

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
