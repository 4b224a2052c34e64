"""``report funnel``: three counts and their rates, of one period or of the same leads."""

from decimal import Decimal
from typing import Any

from tests.unit.reports.conftest import Past, Reporting

JANUARY = "2026-01-10T10:00:00Z"


def steps(reporting: Reporting, period: str = "2026-Q1", **own: Any) -> list[Any]:
    """Return count and rates of each step."""
    rows: Any = reporting.run("funnel", period, own=own).document["steps"]
    return [(row["count"], row["rate"], row["of_first"]) for row in rows]


def leads(reporting: Reporting, count: int, **values: Any) -> list[int]:
    return [reporting.world.add("lead", last_name=f"Rossi {n}", **{"created_at": JANUARY, **values})
            for n in range(count)]  # fmt: skip


def test_the_funnel_of_the_golden_case(reporting: Reporting) -> None:
    """495 leads, 148 deals, 52 won: 29.9 %, 35.1 %, 10.5 %."""
    leads(reporting, 495)
    for number in range(148):
        reporting.deal("won" if number < 52 else "open", created_at=JANUARY)
    assert steps(reporting) == [
        (495, None, None),
        (148, Decimal("0.29899"), Decimal("0.29899")),
        (52, Decimal("0.351351"), Decimal("0.105051")),
    ]


def test_each_counts_by_its_own_day_and_the_report_says_so(reporting: Reporting) -> None:
    """A deal won in the period counts, whenever it was created: rates above one are possible, and told as they are."""
    leads(reporting, 1)
    for _ in range(2):
        reporting.deal("won", created_at="2025-05-01T10:00:00Z", closed_at="2026-02-01T10:00:00Z")
    reporting.deal(created_at="2026-02-01T10:00:00Z")
    assert [count for count, *_ in steps(reporting)] == [1, 1, 2]
    assert steps(reporting)[2][1] == 2
    assert "not of the same people" in str(reporting.run("funnel", "2026-Q1").facts)


def test_the_cohort_follows_the_same_leads(reporting: Reporting) -> None:
    first, second, _ = leads(reporting, 3)
    (earlier,) = leads(reporting, 1, created_at="2025-05-01T10:00:00Z")
    reporting.deal("won", lead_id=first, closed_at="2026-03-10T10:00:00Z")
    reporting.deal("won", lead_id=first, closed_at="2026-03-11T10:00:00Z")  # the same lead once
    reporting.deal(lead_id=second)
    reporting.deal("won", lead_id=earlier)
    reporting.deal("won")
    assert steps(reporting, "2026-01", cohort=True) == [
        (3, None, None), (2, Decimal("0.666667"), Decimal("0.666667")), (1, Decimal("0.5"), Decimal("0.333333")),
    ]  # fmt: skip


def test_nothing_to_divide_by_is_told(reporting: Reporting) -> None:
    rows: Any = reporting.run("funnel", "2026-Q1").document["steps"]
    assert [(row["rate"], row["reason"]) for row in rows[1:]] == [
        (None, "no leads created"),
        (None, "no deals created"),
    ]
    reporting.deal(created_at=JANUARY)
    assert steps(reporting)[1][0::2] == (1, None)


def test_groups_and_the_rows_behind_a_rate(reporting: Reporting) -> None:
    leads(reporting, 2, source="website")
    leads(reporting, 1, source="event")
    reporting.deal(created_at=JANUARY, source="website")
    groups: Any = reporting.run("funnel", "2026-Q1", by="source").document["groups"]
    assert [(row["group"], row["leads_created"], row["funnel_deals_rate"]) for row in groups] == [
        ("website", 2, Decimal("0.5")), ("event", 1, 0),
    ]  # fmt: skip
    document: Any = reporting.run("funnel", "2026-Q1", explain="funnel_deals_rate").document
    above, below = (sum(row[side] for row in document["rows"]) for side in ("numerator", "denominator"))
    assert (above, below) == (1, 3)
    assert document["figures"][0]["value"] == Decimal("0.333333")


def test_as_of_a_moment_the_cohort_ends_there(past: Past) -> None:
    (lead,) = leads(past.reporting, 1)
    past.reporting.deal("won", lead_id=lead, created_at=JANUARY, closed_at="2026-03-10T10:00:00Z")
    own = {"cohort": True}
    document: Any = past.reporting.run("funnel", "2026-01", until="2026-02-01T00:00:00Z", own=own).document
    assert [row["count"] for row in document["steps"]] == [1, 1, 0]
    assert [count for count, *_ in steps(past.reporting, "2026-01", cohort=True)] == [1, 1, 1]
