"""Which phase a behaviour speaks for, and why."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.enums import values
from crmcli.domain.life_cycle import Behaviour, Thresholds, propose

RISING: dict[str, Any] = {"earlier": Decimal(100), "later": Decimal(101)}
LEVEL: dict[str, Any] = {"earlier": Decimal(100), "later": Decimal(100)}


@pytest.mark.parametrize(
    ("behaviour", "phase"),
    [
        (Behaviour(), "awareness"),
        (Behaviour(answered=True), "exploration"),
        (Behaviour(purchases=1, in_a_year=1), "exploration"),
        (Behaviour(purchases=2, in_a_year=2, **RISING), "expansion"),
        (Behaviour(purchases=2, in_a_year=2, **LEVEL), "exploration"),
        (Behaviour(purchases=2, in_a_year=2), "exploration"),
        (Behaviour(purchases=4, in_a_year=4, interval=30, days_since=10, **LEVEL), "commitment"),
        (Behaviour(purchases=4, in_a_year=4, interval=30, days_since=60, **RISING), "commitment"),
        (Behaviour(purchases=4, in_a_year=4, interval=30, days_since=61, **RISING), "dissolution"),
        (Behaviour(purchases=3, interval=400, days_since=799, **RISING), "expansion"),
        (Behaviour(purchases=2, days_since=365, **RISING), "expansion"),
        (Behaviour(purchases=1, days_since=366), "dissolution"),
    ],
)
def test_the_phase_that_fits(behaviour: Behaviour, phase: str) -> None:
    assert propose(behaviour, Thresholds()).phase == phase


def test_thresholds_move_the_borders() -> None:
    bought = Behaviour(purchases=3, in_a_year=2, interval=30, days_since=80, **LEVEL)
    assert propose(bought, Thresholds()).phase == "dissolution"
    assert propose(bought, Thresholds(dissolution_intervals=3)).phase == "exploration"
    assert propose(bought, Thresholds(dissolution_intervals=3, commitment_purchases=2)).phase == "commitment"
    assert propose(Behaviour(purchases=1, days_since=91), Thresholds(dissolution_days=90)).phase == "dissolution"


def test_the_reason_tells_the_numbers() -> None:
    gone = Behaviour(purchases=3, interval=30.5, days_since=62)
    assert propose(gone, Thresholds()).why == (
        "no purchase for 62 days, more than 2 times the own interval of 30.5 days"
    )
    assert propose(Behaviour(purchases=2, **RISING), Thresholds()).why == (
        "2 purchases, 101.00 each of late after 100.00: the value rises"
    )


@given(
    st.builds(
        Behaviour,
        purchases=st.integers(0, 9),
        in_a_year=st.integers(0, 9),
        days_since=st.integers(0, 2000),
        interval=st.none() | st.integers(0, 500).map(float),
        earlier=st.none() | st.decimals(0, 9, places=2),
        later=st.none() | st.decimals(0, 9, places=2),
        answered=st.booleans(),
    )
)
def test_every_behaviour_has_one_phase_and_a_reason(behaviour: Behaviour) -> None:
    found = propose(behaviour, Thresholds())
    assert found.phase in values("lifecycle_phase")
    assert found.why
    assert (found.phase == "awareness") == (not behaviour.purchases and not behaviour.answered)
    assert found.phase != "dissolution" or behaviour.purchases
