"""Phases and referrals of random customers, equal to what plain Python counts."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.domain.enums import values
from tests.unit.queries.conftest import World
from tests.unit.reports.conftest import Reporting

PHASES = values("lifecycle_phase")
_START, _END = "2025-12-31T23:00:00Z", "2026-03-31T22:00:00Z"  # the first quarter of 2026 in Rome


class Made(NamedTuple):
    """A customer as it was drawn: what it is, its phases with the days they began, and what it bought on which days."""

    entity: str
    phases: list[tuple[int, str]]
    bought: list[tuple[int, int]]


def at(day: int) -> str:
    """Return the stored instant of a day since the last of November 2025, at noon."""
    months = ((31, "2025-12"), (31, "2026-01"), (28, "2026-02"), (31, "2026-03"), (30, "2026-04"))
    for length, month in months:
        if day < length:
            return f"{month}-{day + 1:02}T12:00:00Z"
        day -= length
    raise ValueError(day)


_DAYS = st.integers(0, 150)
_CUSTOMERS = st.lists(
    st.builds(
        Made,
        entity=st.sampled_from(["organization", "contact"]),
        phases=st.lists(st.tuples(_DAYS, st.sampled_from(PHASES)), max_size=4, unique_by=lambda one: one[0]).map(
            sorted
        ),
        bought=st.lists(st.tuples(_DAYS, st.integers(0, 10**6)), max_size=3),
    ),
    max_size=6,
)


def store(reporting: Reporting, customers: Sequence[Made]) -> None:
    world = reporting.world
    for table in ("deal", "state_log", "contact"):
        world.con.execute(f"DELETE FROM {table}")
    for made in customers:
        name = {"name": "Acme"} if made.entity == "organization" else {"last_name": "Rossi"}
        customer = world.add(made.entity, **name)
        for day, minor in made.bought:
            owners = {"organization_id": None, "contact_id": None, f"{made.entity}_id": customer}
            reporting.deal("won", amount_minor=minor, closed_at=at(day), **owners)
        _log(world, made, customer)


def _log(world: World, made: Made, customer: int) -> None:
    for place, (day, phase) in enumerate(made.phases):
        later = made.phases[place + 1 :]
        world.insert(
            "state_log", entity=made.entity, record_id=customer, field="lifecycle_phase", to_value=phase,
            entered_at=at(day), left_at=at(later[0][0]) if later else None, cause="lifecycle",
            operation_id=world.operation(),
        )  # fmt: skip


def phase(made: Made, moment: str) -> str | None:
    return next((name for day, name in reversed(made.phases) if at(day) < moment), None)


@settings(max_examples=50)
@given(customers=_CUSTOMERS)
def test_phases_equal_a_plain_count(reporting: Reporting, customers: list[Made]) -> None:
    store(reporting, customers)
    document: Any = reporting.run("lifecycle", "2026-Q1").document
    after = Counter(phase(made, _END) for made in customers)
    bought: Counter[str | None] = Counter()
    for made in customers:
        bought[phase(made, _END)] += sum(minor for day, minor in made.bought if _START <= at(day) < _END)
    moves = Counter((phase(made, _START), phase(made, _END)) for made in customers)
    for row in document["phases"]:
        assert row["customers"] == after[row["phase"]]
        assert row["value"] == Decimal(bought[row["phase"]]) / 100
        assert row["customers"] - row["entered"] + row["left"] == sum(
            phase(made, _START) == row["phase"] for made in customers
        )
    assert {(row["before"], row["phase"]): row["customers"] for row in document["moves"]} == {
        pair: count for pair, count in moves.items() if pair[0] != pair[1]
    }
    in_a_phase = len(customers) - after[None]
    assert [entry["value"] for entry in document["totals"]] == [in_a_phase, len(customers) - sum(
        count for (before, now), count in moves.items() if before == now
    )]  # fmt: skip


@settings(max_examples=50)
@given(
    referred=st.lists(
        st.tuples(st.sampled_from(["lead", "contact"]), st.integers(0, 2), st.none() | st.integers(0, 10**6)),
        max_size=8,
    )
)
def test_ambassadors_equal_a_plain_count(reporting: Reporting, referred: list[tuple[str, int, int | None]]) -> None:
    """Each referral is a lead or a contact, one of three contacts who brought it, and what it bought, if anything."""
    world = reporting.world
    for table in ("deal", "lead", "contact"):
        world.con.execute(f"DELETE FROM {table}")
    brought = [world.add("contact", last_name=f"Rossi {number}") for number in range(3)]
    for entity, who, minor in referred:
        record = world.add(entity, last_name="Neri", referred_by_id=brought[who])
        if minor is not None:
            reporting.deal("won", amount_minor=minor, organization_id=None, **{f"{entity}_id": record})
    document: Any = reporting.run("ambassadors").document
    found = {row["name"]: (row["referrals"], row["successful"], row["revenue"]) for row in document["ambassadors"]}
    assert found == {
        f"Rossi {number}": (
            len(mine), sum(minor is not None for minor in mine), Decimal(sum(minor or 0 for minor in mine)) / 100,
        )
        for number in range(3)
        if (mine := [minor for _, who, minor in referred if who == number])
    }  # fmt: skip
    assert document["totals"][3]["value"] == sum(row[1] > 0 for row in found.values())


def test_ambassadors_by_group(reporting: Reporting) -> None:
    """Groups are those of the ambassadors, the one with the greatest revenue first where only some are asked for."""
    world = reporting.world
    brought = {title: world.add("contact", last_name=f"Rossi {title}", job_title=title) for title in ("CEO", "CTO")}
    for title, minor in (("CTO", 300), ("CTO", 500), ("CEO", None)):
        lead = world.add("lead", last_name="Neri", referred_by_id=brought[title])
        if minor is not None:
            reporting.deal("won", amount_minor=minor, lead_id=lead)
    rows = reporting.run("ambassadors", by="job_title").main.rows
    told = [tuple(row[key] for key in ("group", "ambassadors", "referrals", "successful", "revenue")) for row in rows]
    assert told == [("CEO", 1, 1, 0, 0), ("CTO", 1, 2, 2, 8)]
    assert [row["group"] for row in reporting.run("ambassadors", by="job_title", top=1).main.rows] == ["CTO"]
