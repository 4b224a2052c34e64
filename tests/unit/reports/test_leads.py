"""Reports on leads: how fast they are answered, how many are converted and taken over, by what."""

from decimal import Decimal
from typing import Any

import pytest

from crmcli.domain.calendar import BusinessCalendar
from tests.unit.reports.conftest import Past, Reporting

CREATED = "2026-03-13T15:00:00Z"  # a Friday, 16:00 in Rome
HOURS = (("09:00", "13:00"), ("14:00", "18:00"))


def lead(reporting: Reporting, **values: Any) -> int:
    return reporting.world.add("lead", **{"last_name": "Rossi", "created_at": CREATED, **values})


def answer(reporting: Reporting, to: int, at: str, **values: Any) -> None:
    """Log an outgoing call to a lead."""
    talk = reporting.world.add("interaction", **{"occurred_at": at, "direction": "out", "kind": "call", **values})
    reporting.world.link("interaction", talk, "lead", to)


def rows(reporting: Reporting, name: str, key: str, period: str = "2026-Q1", **asked: Any) -> dict[Any, Any]:
    """Return the rows of a list of groups by their name."""
    found: Any = reporting.run(name, period, **asked).document[key]
    return {row["group"]: row for row in found}


def totals(reporting: Reporting, name: str, period: str = "2026-Q1", **asked: Any) -> dict[str, Any]:
    entries: Any = reporting.run(name, period, **asked).document["totals"]
    return {entry["key"]: entry["value"] for entry in entries}


def test_only_answers_by_people_stop_the_clock(reporting: Reporting) -> None:
    """Two answered after 1 and 3 hours; a note, an automatic mail and an incoming call answer nobody."""
    for hours in (16, 18):
        answer(reporting, lead(reporting), f"2026-03-13T{hours}:00:00Z")
    silent = lead(reporting)
    for values in ({"kind": "note", "direction": None}, {"kind": "email", "is_automatic": 1}, {"direction": "in"}):
        answer(reporting, silent, "2026-03-13T15:30:00Z", **values)
    found = totals(reporting, "lead-response", own={"target": 2 * 3600})
    assert (found["lead_response_hours_mean"], found["lead_response_hours_median"]) == (2, 2)
    assert found["lead_response_in_time"] == Decimal("0.333333"), "the third has waited longer than two hours"


def test_who_may_still_be_answered_in_time_has_not_missed_it(reporting: Reporting) -> None:
    answer(reporting, lead(reporting), "2026-03-13T16:00:00Z")
    lead(reporting)
    asked: Any = reporting.run("lead-response", "2026-Q1", own={"target": 200 * 3600}).document["totals"]
    (share,) = [entry for entry in asked if entry["key"] == "lead_response_in_time"]
    assert (share["value"], share["count"]) == (1, 1)
    assert share["excluded"] == [{"reason": "no response yet, but in time", "count": 1}]


def test_answers_are_counted_in_business_time(reporting: Reporting) -> None:
    """Asked on Friday at 16:00 and answered on Monday at 10:00: two hours and one, not sixty-six."""
    calendar = BusinessCalendar(dict.fromkeys(range(5), HOURS), "Europe/Rome")
    answer(reporting, lead(reporting), "2026-03-16T09:00:00Z")
    found = totals(reporting, "lead-response", calendar=calendar, own={"target": 4 * 3600})
    assert (found["lead_response_hours_mean"], found["lead_response_in_time"]) == (3, 1)


@pytest.fixture
def ended(reporting: Reporting) -> Reporting:
    """Two leads converted, one lost, one junk, one open, one merged away; and an older one that is converted."""
    at = "2026-03-16T09:00:00Z"
    for source in ("website", "event"):
        lead(reporting, status="converted", converted_at=at, source=source, industry="retail")
    lead(reporting, status="unqualified", lost_at=at, lost_reason="price", source="website")
    lead(reporting, status="junk", lost_at=at, lost_reason="junk", source="event")
    open_ = lead(reporting, rating="hot", industry="retail")
    lead(reporting, status="unqualified", lost_at=at, lost_reason="price", deleted_at=at, merged_into_id=open_)
    lead(reporting, status="converted", converted_at=at, created_at="2025-06-01T10:00:00Z", rating="hot")
    return reporting


def test_conversion_by_outcome_and_of_the_leads_created(ended: Reporting) -> None:
    assert totals(ended, "lead-conversion")["lead_conversion_rate"] == Decimal("0.6"), "3 of 5; the merged one is out"
    result = ended.run("lead-conversion", "2026-Q1", own={"no_junk": True})
    assert result.document["totals"][0]["value"] == Decimal("0.75")  # type: ignore[index]  # a list of entries
    assert result.notes == ("1 left out: junk",)
    created = totals(ended, "lead-conversion", own={"cohort": "created"})
    assert (created["lead_conversion_created"], created["leads_still_open"]) == (Decimal("0.4"), 1)
    assert "creat" in str(ended.run("lead-conversion", "2026-Q1", own={"cohort": "created"}).facts[0])


def test_leads_by_source_and_industry(ended: Reporting) -> None:
    found = rows(ended, "leads", "sources")
    assert {
        name: (row["created"], row["converted"], row["lost"], row["conversion"]) for name, row in found.items()
    } == {
        "website": (2, 1, 1, Decimal("0.5")),
        "event": (2, 1, 1, Decimal("0.5")),
        None: (1, 1, 0, 1),
    }
    assert rows(ended, "leads", "groups", by="industry")["retail"]["created"] == 3


def test_hot_leads_by_industry(ended: Reporting) -> None:
    found = rows(ended, "hot-leads-by-industry", "industries", "all")
    assert {name: (row["leads"], row["open"]) for name, row in found.items()} == {"retail": (1, 1), None: (1, 0)}


def test_sources_of_leads_and_deals_stand_side_by_side(ended: Reporting) -> None:
    ended.deal("won", source="website", amount_minor=900, closed_at="2026-03-16T09:00:00Z")
    found = rows(ended, "sources", "sources")
    assert (found["website"]["leads"], found["website"]["won"], found["website"]["won_amount"]) == (2, 1, 9)
    assert found["event"]["won"] == 0


def test_points_are_laid_in_bands(reporting: Reporting) -> None:
    at = "2026-03-16T09:00:00Z"
    for score, status in ((-1, "unqualified"), (0, "converted"), (19, "unqualified"), (20, "converted"), (None, "new")):
        dates = {"converted": {"converted_at": at}, "unqualified": {"lost_at": at, "lost_reason": "price"}}
        lead(reporting, score=score, status=status, **dates.get(status, {}))
    document: Any = reporting.run("score-quality", "all").document
    assert [(row["band"], row["conversion"], row["created"]) for row in document["bands"]] == [
        ("-20 to -1", 0, 1), ("0 to 19", Decimal("0.5"), 2), ("20 to 39", 1, 1), (None, None, 1),
    ]  # fmt: skip
    wide: Any = reporting.run("score-quality", "all", own={"width": 50}).document["bands"]
    assert [row["band"] for row in wide] == ["-50 to -1", "0 to 49", None]


def handed(past: Past, *entries: tuple[str, str], **more: Any) -> int:
    """Add a lead that enters stages of the life cycle."""
    made = lead(past.reporting, created_at="2025-01-01T10:00:00Z")
    for stage, day in entries:
        past.log("lead", made, f"{day}T10:00:00Z", stage, None, field="lifecycle_stage", **more)
    return made


def test_sales_has_its_days_to_take_a_lead_over(past: Past) -> None:
    handed(past, ("mql", "2025-03-01"), ("sql", "2025-05-30"))  # on the ninetieth day
    handed(past, ("mql", "2025-03-01"), ("sql", "2025-06-01"))  # later
    handed(past, ("mql", "2025-03-01"), ("opportunity", "2025-03-02"))  # beyond sql
    handed(past, ("sql", "2025-03-01"))  # directly: in neither
    handed(past, ("mql", "2024-12-31"), ("sql", "2025-01-02"))  # qualified before the period
    document: Any = past.reporting.run("mql-to-sql", "2025-Q1").document
    assert [entry["value"] for entry in document["totals"]] == [Decimal("0.666667"), 3, 2]
    assert document["incomplete"] is False
    short = totals(past.reporting, "mql-to-sql", "2025-Q1", own={"within": 30})
    assert short["mql_to_sql"] == Decimal("0.333333")
    assert past.reporting.run("mql-to-sql", "2026-Q1").document["incomplete"] is True


def test_accepted_counts_what_a_person_moved_on(past: Past) -> None:
    handed(past, ("mql", "2025-03-01"), ("sql", "2025-03-02"), cause="rule:hot")
    handed(past, ("mql", "2025-03-01"), ("sql", "2025-03-02"))
    assert totals(past.reporting, "mql-to-sql", "2025")["mql_to_sql"] == 1
    assert totals(past.reporting, "mql-to-sql", "2025", own={"accepted": True})["mql_to_sql"] == Decimal("0.5")
