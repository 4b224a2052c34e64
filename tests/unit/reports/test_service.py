"""Tickets in figures: how fast, how often again, in time, and to whose satisfaction."""

from decimal import Decimal
from typing import Any

import pytest

from crmcli.config.service_levels import read_levels
from crmcli.domain.calendar import BusinessCalendar
from crmcli.reports.registry import find_kpi
from crmcli.reports.result import known_until
from tests.unit.queries.conftest import ZONE
from tests.unit.reports.conftest import Reporting

CALENDAR = BusinessCalendar(dict.fromkeys(range(5), (("09:00", "13:00"), ("14:00", "18:00"))), ZONE)
LEVELS = read_levels(
    [{"name": "standard", "first_response": "4h", "resolution": "16h", "urgent": {"resolution": "8h"}}]
)
HOUR = 3600


class Desk:
    """Tickets with a history, as the writer keeps it."""

    def __init__(self, reporting: Reporting) -> None:
        self.reporting = reporting
        self.world = reporting.world
        self.agent = self.world.add("user", handle="anna")
        self._count = 0

    def ticket(self, opened: str, resolved: str | None = None, **values: Any) -> int:
        """Add a ticket; times are stored instants."""
        self._count += 1
        if resolved:
            values = {"status": "resolved", "resolved_at": resolved, "first_resolved_at": resolved, **values}
        return self.world.add("ticket", number=str(self._count), subject="Help", opened_at=opened, **values)

    def log(
        self, ticket: int, at: str, was: str | None, now: str, left: str | None = None, cause: str = "user"
    ) -> None:
        """Add an entry to the log of states; states are kinds."""
        status = {"open": "open", "paused": "on_hold", "done": "resolved"}
        self.world.insert(
            "state_log", entity="ticket", record_id=ticket, field="status", from_kind=was, to_kind=now,
            to_value=status[now], entered_at=at, left_at=left, cause=cause, operation_id=self.world.operation(),
        )  # fmt: skip

    def comment(self, ticket: int, at: str, **values: Any) -> None:
        """Add a public comment of the agent, unless said otherwise."""
        self.world.add("ticket_comment", ticket_id=ticket, body="Hello", occurred_at=at,
                       **{"author_id": self.agent, **values})  # fmt: skip

    def value(self, key: str, period: str = "all", **asked: Any) -> Any:
        """Return a figure taken apart, whose records must add up to it again."""
        document: Any = self.reporting.run("kpi", period, explain=key, **asked).document
        (figure,) = document["figures"]
        rows = [row for row in document["rows"] if row["excluded"] is None]
        below = [row["denominator"] for row in rows if row["denominator"] is not None]
        if figure["value"] is not None and below:
            assert figure["value"] == round(Decimal(sum(row["numerator"] for row in rows)) / sum(below), 6)
        return figure["value"]


@pytest.fixture
def desk(reporting: Reporting) -> Desk:
    return Desk(reporting)


def test_the_first_response_in_business_time(desk: Desk) -> None:
    """Opened on a Saturday, answered on Monday at 09:30: half an hour."""
    desk.ticket("2026-03-14T09:00:00Z", first_response_at="2026-03-16T08:30:00Z")
    desk.ticket("2026-03-13T15:00:00Z", first_response_at="2026-03-16T10:20:00Z")
    desk.ticket("2026-03-13T15:00:00Z")
    found = [desk.value(f"ticket_first_response_hours_{how}", calendar=CALENDAR) for how in ("mean", "median", "p90")]
    assert found == [Decimal("2.416667"), Decimal("2.416667"), Decimal("4.333333")]
    (entry,) = desk.reporting.entries("ticket_first_response_hours_median", calendar=CALENDAR)
    assert entry["excluded"] == [{"reason": "no response yet", "count": 1}]


def test_a_day_between_two_dates_is_one_though_the_clock_changed(desk: Desk) -> None:
    """Of two that took 23 hours over the change of the clock in Rome one was told in dates, midnight to midnight."""
    for opened, done in (
        ("2025-03-29T23:00:00Z", "2025-03-30T22:00:00Z"),
        ("2025-03-29T11:07:00Z", "2025-03-30T10:07:00Z"),
    ):
        desk.ticket(opened, done, first_response_at=done)
    for key in ("ticket_first_response_hours_mean", "ticket_resolution_hours_mean"):
        assert desk.value(key, "2025") == Decimal("23.5")


def test_nine_in_ten_is_the_nearest_rank(desk: Desk) -> None:
    for hours in range(1, 11):
        desk.ticket("2026-03-01T00:00:00Z", first_response_at=f"2026-03-01T{hours:02}:00:00Z")
    assert desk.value("ticket_first_response_hours_p90") == 9
    desk.ticket("2026-03-01T00:00:00Z", first_response_at="2026-03-01T11:00:00Z")
    assert desk.value("ticket_first_response_hours_p90") == 10


def test_a_ticket_that_an_agent_opened_with_the_answer_counts_from_a_later_one(desk: Desk) -> None:
    opened = "2026-03-16T08:00:00Z"
    for _ in range(2):
        desk.comment(desk.ticket(opened, first_response_at=opened), opened)
    assert desk.value("ticket_first_response_hours_mean") is None
    desk.comment(1, "2026-03-16T09:00:00Z", is_automatic=1)
    desk.comment(1, "2026-03-16T10:00:00Z", visibility="internal")
    assert desk.value("ticket_first_response_hours_mean") is None
    desk.comment(1, "2026-03-16T11:00:00Z")
    assert desk.value("ticket_first_response_hours_mean") == 3
    desk.ticket(opened, first_response_at=opened)  # as an import leaves it: no comment says that it was an agent
    assert desk.value("ticket_first_response_hours_mean") == Decimal("1.5")


def test_waiting_is_no_part_of_a_resolution(desk: Desk) -> None:
    ticket = desk.ticket("2026-03-10T08:00:00Z", "2026-03-10T18:00:00Z")
    desk.log(ticket, "2026-03-10T09:00:00Z", "open", "paused", "2026-03-10T12:00:00Z")
    desk.log(ticket, "2026-03-10T13:00:00Z", "open", "paused", "2026-03-10T14:00:00Z")
    assert desk.value("ticket_resolution_hours_mean") == 6
    measured = {"clock_at": "2026-03-10T18:00:00Z", "resolution_used_s": 2 * HOUR}
    desk.ticket("2026-03-10T08:00:00Z", "2026-03-10T18:00:00Z", **measured)
    assert desk.value("ticket_resolution_hours_mean") == 4


def test_first_and_final_resolution_of_a_reopened_ticket(desk: Desk) -> None:
    ticket = desk.ticket(
        "2026-03-10T08:00:00Z", "2026-03-17T10:00:00Z", first_resolved_at="2026-03-10T16:00:00Z", reopened_count=1,
        clock_at="2026-03-17T10:00:00Z", resolution_used_s=8 * HOUR,
    )  # fmt: skip
    desk.log(ticket, "2026-03-10T09:00:00Z", "open", "paused", "2026-03-10T11:00:00Z")
    assert desk.value("ticket_resolution_hours_mean", calendar=CALENDAR) == 8
    assert desk.value("ticket_first_resolution_hours_mean", calendar=CALENDAR) == 5
    assert desk.value("ticket_first_resolution_hours_mean", "2026-03-10", calendar=CALENDAR) == 5
    first: Any = desk.reporting.run("resolution", own={"first": True}).main.rows
    assert [row["ref"] for row in first] == ["K1"]


@pytest.fixture
def reopened(desk: Desk) -> Desk:
    """Of three tickets resolved in February, one was reopened in February and twice in March, and one by mistake."""
    ticket = desk.ticket("2026-02-01T08:00:00Z", status="open", first_resolved_at="2026-02-02T08:00:00Z")
    for done, again in (("02-02", "02-20"), ("02-25", "03-01"), ("03-02", "03-12")):
        desk.log(ticket, f"2026-{done}T08:00:00Z", "open", "done", f"2026-{again}T08:00:00Z")
        desk.log(ticket, f"2026-{again}T08:00:00Z", "done", "open")
    mistaken = desk.ticket("2026-02-01T08:00:00Z", "2026-02-03T08:00:00Z")
    desk.log(mistaken, "2026-02-03T08:00:00Z", "open", "done")
    desk.log(mistaken, "2026-02-04T08:00:00Z", "done", "open")
    desk.log(mistaken, "2026-02-04T09:00:00Z", "open", "done", cause="undo")
    desk.ticket("2026-02-01T08:00:00Z", "2026-02-05T08:00:00Z")
    return desk


def test_a_ticket_counts_once_in_a_period_however_often_it_is_reopened(reopened: Desk) -> None:
    assert reopened.value("reopen_rate", "2026-02") == Decimal("0.333333")
    assert reopened.value("reopen_rate", "2026-03") == 1
    assert reopened.value("tickets_reopened") == 1
    assert reopened.value("reopen_rate", "2026-01") is None
    assert reopened.value("tickets_reopened", until=known_until("2026-02-10", ZONE)[0]) == 0


def test_the_backlog_is_what_came_in_less_what_went_out(reopened: Desk) -> None:
    rows: Any = reopened.reporting.run("backlog", "2026-02-01..2026-03-18", own={"every": "month"}).main.rows
    assert [tuple(row.values()) for row in rows] == [("2026-02", 3, 1, 4, 0, 0), ("2026-03", 0, 2, 1, 1, 1)]
    days: Any = reopened.reporting.run("backlog", "2026-02").main.rows
    assert [row["open"] for row in days[:5]] == [3, 2, 1, 1, 0]
    assert (len(days), days[-1]["when"]) == (28, "2026-02-28")
    for row in days:
        assert reopened.value("tickets_open", until=known_until(row["when"], ZONE)[0]) == row["open"], row["when"]


def test_the_first_contact_settles_what_one_answer_settles_for_good(reopened: Desk) -> None:
    for ticket in (1, 2, 3):
        reopened.comment(ticket, "2026-02-01T09:00:00Z")
    reopened.comment(3, "2026-02-01T10:00:00Z", visibility="internal")
    reopened.comment(3, "2026-02-01T10:00:00Z", author_id=None)
    assert reopened.value("first_contact", "2026-02") == Decimal("0.666667")  # K1 was reopened within the week
    reopened.comment(3, "2026-02-01T11:00:00Z")
    assert reopened.value("first_contact", "2026-02") == Decimal("0.333333")
    reopened.ticket("2026-03-16T08:00:00Z", "2026-03-17T08:00:00Z")
    result = reopened.reporting.run("first-contact")
    assert (result.document["incomplete"], result.notes) == (
        1, ("1 ticket resolved in the last 7 days can still be reopened",)
    )  # fmt: skip


def test_service_levels_count_who_was_in_time_and_who_is_overdue(desk: Desk) -> None:
    standard = {"sla": "standard"}
    met = {**standard, "resolution_used_s": 16 * HOUR, "response_used_s": 4 * HOUR}
    desk.ticket("2026-03-02T08:00:00Z", "2026-03-04T08:00:00Z", **met, first_response_at="2026-03-02T12:00:00Z")
    late = {**standard, "resolution_used_s": 16 * HOUR + 1}
    desk.ticket("2026-03-02T08:00:00Z", "2026-03-05T08:00:00Z", **late)
    desk.ticket("2026-03-02T08:00:00Z", "2026-03-04T08:00:00Z", **met, priority="urgent")
    desk.ticket("2026-03-02T08:00:00Z", resolution_due="2026-03-10T08:00:00Z", **standard)  # missed
    desk.ticket("2026-03-17T08:00:00Z", resolution_due="2026-03-20T08:00:00Z", **standard)  # not yet
    desk.ticket("2026-03-02T08:00:00Z", status="on_hold", paused_at="2026-03-02T09:00:00Z", **standard)
    desk.ticket("2026-03-02T08:00:00Z", "2026-03-04T08:00:00Z")
    assert desk.value("sla", levels=LEVELS) == Decimal("0.25")
    assert desk.value("sla", "2026-03-05..2026-03-31", levels=LEVELS) == 0
    totals: Any = desk.reporting.run("sla", levels=LEVELS).document["totals"]
    assert totals[0]["excluded"] == [{"reason": "no service level", "count": 1}]
    assert (totals[1]["value"], totals[1]["count"]) == (1, 3)
    by_level: Any = desk.reporting.run("sla", levels=LEVELS, by="sla").main.rows
    assert [(row["group"], row["resolution"]) for row in by_level] == [("standard", Decimal("0.25")), (None, None)]
    assert "no service levels" in desk.reporting.run("sla").notes[0]


def test_satisfaction_is_the_share_of_fours_and_fives(desk: Desk) -> None:
    for score in (5, 4, 3, 1, None):
        desk.ticket("2026-03-02T08:00:00Z", "2026-03-04T08:00:00Z", csat_score=score)
    desk.ticket("2026-03-02T08:00:00Z", csat_score=1)
    assert [desk.value("csat"), desk.value("csat_response_rate")] == [Decimal("0.5"), Decimal("0.8")]
    assert desk.value("csat", "2025") is None


def test_interventions_are_what_agents_wrote_and_count_for_their_authors(desk: Desk) -> None:
    bea = desk.world.add("user", handle="bea")
    acme = desk.reporting.organization
    ticket = desk.ticket("2026-03-02T08:00:00Z", organization_id=acme, assignee_id=bea, priority="high")
    desk.comment(ticket, "2026-03-02T09:00:00Z")
    desk.comment(ticket, "2026-03-02T10:00:00Z", visibility="internal")
    desk.comment(ticket, "2026-03-02T11:00:00Z", author_id=bea)
    desk.comment(ticket, "2026-03-02T11:00:00Z", is_automatic=1)
    desk.comment(ticket, "2026-03-02T12:00:00Z", author_id=None)
    assert desk.value("interventions") == 3

    def groups(by: str, **asked: Any) -> Any:
        rows: Any = desk.reporting.run("interventions", by=by, **asked).main.rows
        return [(row["group"], row["interventions"], row["opened"]) for row in rows]

    assert groups("assignee") == [("anna", 2, 0), ("bea", 1, 1)]
    assert groups("organization") == [("Acme", 3, 1)]
    assert groups("priority", where="priority = low") == []
    rows: Any = desk.reporting.run("interventions", "2026-03-02").main.rows
    assert [(row["ticket_ref"], row["author"]) for row in rows] == [("K1", "bea"), ("K1", "anna"), ("K1", "anna")]


def test_the_rhythm_is_that_of_local_hours(desk: Desk) -> None:
    """The clock goes forward on 29 March 2026: the same instant of the day is another hour."""
    for at in ("2026-03-27T08:30:00Z", "2026-03-30T08:30:00Z", "2026-03-30T22:30:00Z"):
        desk.ticket(at, first_response_at=at[:14] + "45:00Z")
    result = desk.reporting.run("rhythm")
    rows: Any = result.main.rows
    busy = {(row["weekday"], hour): count for row in rows for hour, count in row.items() if count and hour != "weekday"}
    assert busy == {("5", "09"): 1, ("1", "10"): 1, ("2", "00"): 1}
    answers: Any = result.document["answers_by_hour"]
    assert [(row["hour"], row["median"]) for row in answers if row["count"]] == [
        (hour, Decimal("0.25")) for hour in ("00", "09", "10")
    ]
    desk.world.add("interaction", occurred_at="2026-03-18T11:59:00Z")
    logged: Any = desk.reporting.run("rhythm", entity="interaction").main.rows
    assert logged[2]["12"] == 1


def test_the_rhythm_of_groups(desk: Desk) -> None:
    for day, channel in ((2, "phone"), (3, "email"), (9, "email"), (14, "email")):
        desk.ticket(f"2026-03-{day:02}T08:30:00Z", channel=channel)
    result = desk.reporting.run("rhythm", by="channel", top=1)
    assert result.main.rows == result.document["groups"]
    (row,) = result.main.rows
    assert (row["group"], row["count"], row["1"], row["2"], row["6"]) == ("email", 3, 1, 1, 1)


def test_tickets_are_told_by_priority_and_channel(desk: Desk) -> None:
    desk.ticket("2026-03-02T08:00:00Z", priority="high", category="Billing")
    desk.ticket("2026-03-03T08:00:00Z", "2026-03-04T08:00:00Z", channel="phone")
    document: Any = desk.reporting.run("tickets", "2026-03").document
    assert document["priorities"] == [
        {"group": "normal", "opened": 1, "closed": 1, "open": 0},
        {"group": "high", "opened": 1, "closed": 0, "open": 1},
    ]
    assert [row["group"] for row in document["categories"]] == ["Billing", None]
    assert [row["ref"] for row in document["tickets"]] == ["K2", "K1"]


def test_the_name_of_a_report_means_its_first_figure() -> None:
    named = {
        "backlog": "tickets_open",
        "first_response": "ticket_first_response_hours_median",
        "first-contact": "first_contact",
        "resolution": "ticket_resolution_hours_median",
        "sla": "sla",
    }
    assert {name: find_kpi(name).key for name in named} == named


def test_a_set_that_looks_into_the_period_itself_says_so() -> None:
    assert find_kpi("reopen_rate").filters == "tickets resolved, in the period; tickets reopened, in the period"
    assert find_kpi("adoption").filters == "is_active = 1, whatever the period; users who wrote, in the period"
