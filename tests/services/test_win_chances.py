"""Deals whose probability the model gives: the golden case in a store, and when it is reckoned anew."""

from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from crmcli.reports.chances import Chance, chance_of
from crmcli.services import deals
from crmcli.services.ticking import tick
from crmcli.store.reader import open_reader
from tests.services.world import Store


@pytest.fixture
def golden(store: Store) -> Store:
    """Three deals won (two by the web site, one by ads) and two lost by ads, at Potential and at Negotiating."""
    store.add("organization", name="Acme")
    for source, outcome in (("website", "won"), ("website", "won"), ("ads", "won"), ("ads", "lost"), ("ads", "late")):
        deal = make(store, source=source)
        if outcome == "won":
            deals.win(store.context(), [deal])
            continue
        if outcome == "late":
            deals.move(store.context(), [deal], "negotiation")
        deals.lose(store.context(), [deal], "price")
    return store


def make(store: Store, **values: Any) -> int:
    """Add a deal of the organization."""
    return store.add("deal", name="Deal", organization=1, **values)


def told(store: Store, deal: int) -> Chance:
    """Return the chance of a deal and what it is made of."""
    with closing(open_reader(store.path, store.settings.timezone)) as con:
        return chance_of(con, deal)


def percent(store: Store, deal: int) -> Decimal:
    """Return the probability of a deal."""
    found: Decimal = store.shown("deal", deal)["probability"]
    return found


def test_2g_the_probability_follows_the_model(golden: Store) -> None:
    """50.77 % at Negotiating; at Potential the stage says nothing."""
    deal = make(golden, source="ads", probability_source="auto")
    first = percent(golden, deal)
    deals.move(golden.context(), [deal], "negotiation")
    assert percent(golden, deal) == Decimal("50.77")
    assert first < Decimal("50.77")
    assert golden.shown("deal", deal)["probability_source"] == "auto"


def test_what_a_deal_is_told_is_what_it_gets(golden: Store) -> None:
    """The rows behind the figure multiply to it."""
    deal = make(golden, source="ads", probability_source="auto")
    deals.move(golden.context(), [deal], "negotiation")
    found = told(golden, deal)
    assert found.percent == Decimal("50.77") == found.present
    assert [(row["feature"], row["value"], row["won"], row["lost"]) for row in found.rows[:3]] == [
        ("all deals", None, 3, 2),
        ("stage", "Negotiating", 3, 1),
        ("source", "ads", 1, 2),
    ]


def test_without_anything_to_learn_from_the_stage_stands_in(store: Store) -> None:
    """No won deal and no lost one: no figure, and why."""
    store.add("organization", name="Acme")
    deal = make(store, probability_source="auto")
    assert percent(store, deal) == 10
    found = told(store, deal)
    assert found.percent is None
    assert found.reason == "no deal of the pipeline Sales was won yet"


def test_a_manual_probability_and_a_closed_deal_are_left_alone(golden: Store) -> None:
    """2.h: editing a lost deal does not rescore it."""
    by_hand = make(golden, source="ads", probability=Decimal(0))
    closed = make(golden, source="website", probability_source="auto")
    deals.lose(golden.context(), [closed], "price")
    golden.edit("deal", closed, description="Nothing new")
    tick(golden.context())
    assert percent(golden, by_hand) == 0
    assert percent(golden, closed) == 0
    found = told(golden, closed)
    assert found.percent is None
    assert found.reason == "it is lost, and closed deals are not rescored"


def test_it_is_reckoned_anew_once_a_day(golden: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What closed meanwhile counts, without anybody touching the deal."""
    deal = make(golden, source="website", probability_source="auto")
    before = percent(golden, deal)
    for _ in range(3):
        deals.lose(golden.context(), [make(golden, source="website")], "price")
    assert percent(golden, deal) == before
    tick(golden.context())
    lower = percent(golden, deal)
    assert lower < before
    deals.lose(golden.context(), [make(golden, source="website")], "price")
    tick(golden.context())
    assert percent(golden, deal) == lower
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-19T12:00:00+01:00")
    tick(golden.context())
    assert percent(golden, deal) < lower


def test_tags_and_whether_somebody_can_be_reached_speak_too(golden: Store) -> None:
    """A tag that only won deals had speaks for a deal."""
    deals.win(golden.context(), [make(golden, tags=["vip"])])
    deals.lose(golden.context(), [make(golden, tags=["cold"])], "price")
    plain, tagged = (make(golden, probability_source="auto", tags=tags) for tags in ([], ["vip"]))
    assert percent(golden, tagged) > percent(golden, plain)
    rows = told(golden, tagged).rows
    assert {row["feature"]: row["value"] for row in rows}["email"] == "no"
    assert {row["feature"]: row["value"] for row in rows}["tag"] == "vip"
