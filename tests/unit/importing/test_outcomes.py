"""Columns that say whether a deal or ticket is closed: as yes or no, or by the date when it was."""

from collections.abc import Iterable
from typing import Any

import pytest

from crmcli.errors import UsageError
from crmcli.importing.rows import Draft, Rejected, Skipped, read_rows
from tests.unit.importing.conftest import Preparer

ON_1_MARCH = "2026-02-28T23:00:00Z"
DAY_FIRST = ("13/04/2026", "2026-04-12T22:00:00Z")


def drafts(rows: Iterable[Draft | Rejected | Skipped]) -> list[Draft]:
    found = list(rows)
    assert all(isinstance(row, Draft) for row in found), found
    return [row for row in found if isinstance(row, Draft)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2026-03-01", ""], [("closed", ON_1_MARCH), (None, None)]),
        ([DAY_FIRST[0], "01/03/2026"], [("closed", DAY_FIRST[1]), ("closed", ON_1_MARCH)]),
        (["yes", "no"], [("closed", None), (None, None)]),
        (["true", "2026-03-01"], [("closed", None), ("closed", ON_1_MARCH)]),
    ],
)
def test_a_ticket_is_closed_by_yes_or_by_a_date(
    prepared: Preparer, cells: list[str], expected: list[tuple[Any, ...]]
) -> None:
    text = "Subject,Closed\n" + "".join(f"Help,{cell}\n" for cell in cells)
    found = [
        (row.values.get("status"), row.values.get("closed_at")) for row in drafts(read_rows(prepared(text, "ticket")))
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("stage", "cell", "expected"),
    [
        ("Won", "2026-03-01", ("won", ON_1_MARCH)),
        ("Lost", DAY_FIRST[0], ("lost", DAY_FIRST[1])),
        ("Won", "yes", ("won", None)),
        ("Won", "no", ("open", None)),
        ("Lost", "", ("lost", None)),
    ],
)
def test_a_deal_is_closed_by_yes_or_by_a_date(
    prepared: Preparer, stage: str, cell: str, expected: tuple[Any, ...]
) -> None:
    (row,) = drafts(read_rows(prepared(f"Deal Name,Stage,Closed\nOrder,{stage},{cell}\n", "deal")))
    assert (row.values["outcome"], row.values.get("closed_at")) == expected
    assert not row.warnings


@pytest.mark.parametrize("cell", ["2026-03-01", "yes"])
def test_a_closed_deal_that_is_neither_won_nor_lost_stays_open_and_that_is_told(prepared: Preparer, cell: str) -> None:
    (row,) = drafts(read_rows(prepared(f"Deal Name,Closed\nOrder,{cell}\n", "deal")))
    assert (row.values["outcome"], "closed_at" in row.values) == ("open", False)
    assert row.warnings == ("closed deals that are said to be neither won nor lost are kept as open",)


def test_a_date_may_say_that_a_deal_was_won(prepared: Preparer) -> None:
    first, second = drafts(read_rows(prepared("Deal Name,Won\nOrder,2026-03-01\nOther,no\n", "deal")))
    assert (first.values["outcome"], first.values["closed_at"]) == ("won", ON_1_MARCH)
    assert second.values["outcome"] == "open"


def test_what_is_neither_is_rejected_with_the_reason(prepared: Preparer) -> None:
    (row,) = read_rows(prepared("Subject,Closed\nHelp,perhaps\n", "ticket"))
    assert isinstance(row, Rejected)
    assert row.reason == "Closed: 'perhaps' is neither yes nor no nor a date"


def test_dates_of_closing_that_fit_both_orders_need_a_format(prepared: Preparer) -> None:
    with pytest.raises(UsageError, match="day first or month first"):
        prepared("Subject,Closed\nHelp,03/04/2026\n", "ticket")


@pytest.mark.parametrize("entity", ["organization", "contact", "lead"])
def test_other_records_do_not_close(prepared: Preparer, entity: str) -> None:
    built = prepared("Last Name,Company Name,Closed,Won\nRossi,Acme,perhaps,2\n", entity)
    assert set(built.mapping.ignored) >= {"Closed", "Won"}
    drafts(read_rows(built))
