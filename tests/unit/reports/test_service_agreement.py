"""Figures of random tickets equal the same figures computed plainly in Python, and every backlog its difference."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil
from statistics import median
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.reports.conftest import Reporting
from tests.unit.reports.test_service import Desk

_FIRST = datetime(2026, 1, 1, 5)
_END = "2026-02-01"  # local midnight is 23:00 UTC the day before


class Made(NamedTuple):
    """A ticket as it was drawn: hours after the first instant of its opening, then of what followed, in order."""

    opened: int
    answered: int | None
    moves: tuple[int, ...]  # resolved, reopened, resolved, ...
    score: int | None

    @property
    def at(self) -> list[str]:
        """The stored instants of opening and moves."""
        return [stored(self.opened + hours) for hours in (0, *self.moves)]

    @property
    def is_done(self) -> bool:
        return len(self.moves) % 2 == 1


_TICKETS = st.lists(
    st.builds(
        Made,
        opened=st.integers(0, 1200),
        answered=st.none() | st.integers(1, 50),
        moves=st.lists(st.integers(1, 700), max_size=5, unique=True).map(sorted).map(tuple),
        score=st.none() | st.integers(1, 5),
    ),
    max_size=8,
)


def stored(hours: int) -> str:
    return f"{_FIRST + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


def store(desk: Desk, tickets: Sequence[Made]) -> None:
    desk.world.con.execute("DELETE FROM state_log")
    desk.world.con.execute("DELETE FROM ticket")
    for ticket in tickets:
        opened, *moves = ticket.at
        answer = None if ticket.answered is None else stored(ticket.opened + ticket.answered)
        made = desk.ticket(
            opened, moves[-1] if ticket.is_done else None, first_response_at=answer, csat_score=ticket.score,
            first_resolved_at=moves[0] if moves else None, reopened_count=len(moves) // 2,
        )  # fmt: skip
        desk.log(made, opened, None, "open", moves[0] if moves else None)
        for place, at in enumerate(moves):
            states = ("done", "open") if place % 2 else ("open", "done")
            desk.log(made, at, *states, *moves[place + 1 : place + 2])


def is_within(at: str) -> bool:
    return "2025-12-31T23:00:00Z" <= at < "2026-01-31T23:00:00Z"


def expected_figures(tickets: Sequence[Made]) -> dict[str, Fraction | int | None]:
    opened = [ticket for ticket in tickets if is_within(ticket.at[0])]
    closed = [ticket for ticket in tickets if ticket.is_done and is_within(ticket.at[-1])]
    resolved = sum(any(map(is_within, ticket.at[1::2])) for ticket in tickets)
    reopened = sum(any(map(is_within, ticket.at[2::2])) for ticket in tickets)
    waits = sorted(ticket.answered for ticket in opened if ticket.answered is not None)
    scores = [ticket.score for ticket in closed if ticket.score is not None]
    return {
        "tickets_opened": len(opened),
        "tickets_closed": len(closed),
        "tickets_resolved": resolved,
        "tickets_reopened": reopened,
        "reopen_rate": Fraction(reopened, resolved) if resolved else None,
        "ticket_first_response_hours_mean": Fraction(sum(waits), len(waits)) if waits else None,
        "ticket_first_response_hours_median": Fraction(median(waits)) if waits else None,
        "ticket_first_response_hours_p90": waits[ceil(len(waits) * 0.9) - 1] if waits else None,
        "csat": Fraction(sum(score >= 4 for score in scores), len(scores)) if scores else None,
        "csat_response_rate": Fraction(len(scores), len(closed)) if closed else None,
    }


def printed(exact: Fraction | int | None) -> Decimal | None:
    if exact is None:
        return None
    number = Decimal(Fraction(exact).numerator) / Decimal(Fraction(exact).denominator)
    return number.quantize(Decimal("0.000001"), ROUND_HALF_UP)


@settings(max_examples=50)
@given(tickets=_TICKETS)
def test_figures_equal_a_plain_computation(reporting: Reporting, tickets: list[Made]) -> None:
    desk = Desk(reporting)
    store(desk, tickets)
    for key, exact in expected_figures(tickets).items():
        assert desk.value(key, "2026-01") == printed(exact), key


@settings(max_examples=30)
@given(tickets=_TICKETS, every=st.sampled_from(["day", "week", "month"]))
def test_the_backlog_goes_from_one_end_to_the_next(reporting: Reporting, tickets: list[Made], every: str) -> None:
    desk = Desk(reporting)
    store(desk, tickets)
    rows: Any = desk.reporting.run("backlog", "2026-01", own={"every": every}).main.rows
    before = sum(_is_open(ticket, "2025-12-31T23:00:00Z") for ticket in tickets)
    after = sum(_is_open(ticket, "2026-01-31T23:00:00Z") for ticket in tickets)
    assert rows[-1]["open"] == after
    assert sum(row["change"] for row in rows) == after - before
    assert all(row["change"] == row["opened"] + row["reopened"] - row["resolved"] for row in rows)


def _is_open(ticket: Made, until: str) -> bool:
    return sum(at < until for at in ticket.at) % 2 == 1
