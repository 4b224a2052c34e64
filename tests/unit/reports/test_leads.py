"""Reports on leads: how fast they are answered, how many are converted and taken over, by what."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

import pytest

from crmcli import clock
from crmcli.domain.calendar import BusinessCalendar
from crmcli.reports.measures import LEAD_IN_TIME, LEAD_RESPONSE, Excluded, Surroundings
from crmcli.reports.presenting import rounded
from tests.unit.queries.conftest import ZONE
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


def test_a_day_between_two_dates_is_one_though_the_clock_changed(reporting: Reporting) -> None:
    """Three that waited 23 hours over the change of the clock in Rome: between midnights that is a day."""
    for start, end in (("29T23:00", "30T22:00"), ("29T11:00", "30T10:00"), ("29T23:07", "30T22:07")):
        answer(reporting, lead(reporting, created_at=f"2025-03-{start}:00Z"), f"2025-03-{end}:00Z")
    assert totals(reporting, "lead-response", "2025")["lead_response_hours_mean"] == Decimal("23.333333")


@pytest.mark.parametrize("until", [None, "2026-02-01T00:00:00Z"])
@pytest.mark.parametrize("period", ["2025", "all"])
def test_waiting_is_reckoned_alike_lead_by_lead(reporting: Reporting, period: str, until: str | None) -> None:
    """Leads of all kinds of minutes, answered before, soon, late or never: the same as each reckoned by itself."""
    chance, target, first = random.Random(7), 26 * 3600, datetime.fromisoformat("2025-03-01T00:00:00Z")
    world = Surroundings("EUR", ZONE, None, until)
    hours: list[Fraction] = []
    in_time: list[Fraction] = []
    for number in range(80):
        created = first + timedelta(hours=chance.randrange(300 * 24), minutes=chance.choice((0, 7, 15, 45)))
        waited = timedelta(seconds=chance.choice((-60, 0, 23 * 3600, 24 * 3600, 25 * 3600, 26 * 3600, 90 * 86_400 + 1)))
        end = clock.stored(created + waited) if number % 5 else None
        to = lead(reporting, created_at=clock.stored(created))
        if end:
            answer(reporting, to, end)
        cells = (waited // timedelta(seconds=1) if end else None, clock.stored(created), end)
        for kind, found, before in ((LEAD_RESPONSE, hours, ()), (LEAD_IN_TIME, in_time, (None,))):
            asked = world._replace(asked={"target": target})
            number_or_reason = kind.value(asked, *before, *cells)
            if not isinstance(number_or_reason, Excluded):
                found.append(Fraction(number_or_reason))
    told: Any = reporting.run("lead-response", period, until=until, own={"target": target}).document["totals"]
    values = {entry["key"]: (entry["value"], entry["count"]) for entry in told}
    assert values["lead_response_hours_median"] == (rounded(median(hours) / 3600, "h", "EUR"), len(hours))
    assert values["lead_response_in_time"] == (
        rounded(sum(in_time, Fraction()) / len(in_time), "ratio", "EUR"),
        len(in_time),
    )


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
