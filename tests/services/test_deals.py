"""Deals on their way: golden cases 2.a to 3.f, and what a deal must satisfy whichever door it takes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from crmcli.domain.dates import Moment
from crmcli.domain.money import Amount
from crmcli.errors import RefusedError, UsageError
from crmcli.services import deals, pipelines
from crmcli.services.results import Wanted
from crmcli.services.writer import write
from tests.services.world import NOW_STORED, Store

Make = Callable[..., int]


@pytest.fixture
def deal(store: Store) -> Make:
    """Make a deal with the organization O1."""
    store.add("organization", name="Acme")

    def make(**values: Any) -> int:
        return store.add("deal", {"name": "Licences", "organization": 1, **values})

    return make


def test_default_place(store: Store, deal: Make) -> None:
    row = store.row("deal", deal())
    assert row["stage_id"] == store.stage("potential")
    assert (row["probability_bp"], row["probability_source"], row["forecast_category"]) == (1000, "stage", "pipeline")
    assert (row["outcome"], row["closed_at"], row["stage_entered_at"]) == ("open", None, NOW_STORED)


def test_pipeline_follows_a_given_stage(store: Store, deal: Make) -> None:
    pipelines.add(store.context(), {"name": "Partners"}, preset="frappe")
    row = store.row("deal", deal(stage=store.stage("demo", "partners")))
    assert row["pipeline_id"] == 2


def test_new_pipeline_means_its_first_open_stage(store: Store, deal: Make) -> None:
    pipelines.add(store.context(), {"name": "Partners"}, preset="frappe")
    number = deal()
    store.edit("deal", number, pipeline=2)
    assert store.row("deal", number)["stage_id"] == store.stage("qualification", "partners")


def test_needs_a_customer(store: Store) -> None:
    with pytest.raises(RefusedError, match="organization or a contact"):
        store.add("deal", name="Nobody")


def test_primary_contact_is_in_the_buying_centre(store: Store) -> None:
    first, second = store.add("contact", first_name="Ann"), store.add("contact", first_name="Bob")
    number = store.add("deal", name="X", contact=first, contacts=[{"contact_id": second, "role": "sponsor"}])
    store.edit("deal", number, {"-contacts": [{"contact_id": first, "role": None}]})
    assert [row["contact"] for row in store.shown("deal", number)["contacts"]] == ["Ann", "Bob"]


def test_a_contact_stands_once_in_the_buying_centre(store: Store) -> None:
    number = store.add("deal", name="X", contact=store.add("contact", first_name="Ann"))
    store.edit("deal", number, {"+contacts": [{"contact_id": 1, "role": "sponsor"}]})
    assert [row["role"] for row in store.shown("deal", number)["contacts"]] == ["sponsor"]


def test_competitor_is_one(store: Store, deal: Make) -> None:
    rival = store.add("organization", name="Rival", type="competitor")
    deal(competitor=rival)
    with pytest.raises(RefusedError, match="of type prospect"):
        deal(competitor=1)


def test_currency_of_the_pipeline(store: Store, deal: Make) -> None:
    pipelines.add(store.context(), {"name": "Japan", "currency": "JPY"}, preset="classic")
    assert store.shown("deal", deal(pipeline=2, amount=Decimal(1200)))["amount"] == Decimal(1200)
    with pytest.raises(RefusedError, match="JPY has 0 decimals"):
        deal(pipeline=2, amount=Decimal("12.50"))
    assert store.row("deal", deal(pipeline=2, amount=Amount(Decimal("12.50"), "USD", False)))["currency"] == "USD"


@pytest.mark.parametrize("text", ["quote_sent", "Quote sent", "proposal", "Inviato preventivo", "SALES/quote-sent"])
def test_2c_move_takes_the_probability_of_the_stage(store: Store, deal: Make, text: str) -> None:
    number = deal()
    deals.move(store.context(), [number], text)
    row = store.row("deal", number)
    assert (row["probability_bp"], row["forecast_category"]) == (6500, "best_case")
    assert [state["left_at"] for state in store.states("deal", number, "stage")] == [NOW_STORED, None]


def test_2b_manual_zero_stays(store: Store, deal: Make) -> None:
    number = deal(probability=Decimal(0))
    deals.move(store.context(), [number], "negotiation")
    row = store.row("deal", number)
    assert (row["probability_bp"], row["probability_source"]) == (0, "manual")
    store.edit("deal", number, probability_source="stage")
    assert store.row("deal", number)["probability_bp"] == 4000


def test_unset_probability_follows_the_stage_again(store: Store, deal: Make) -> None:
    number = deal(probability=Decimal(33))
    store.edit("deal", number, probability=None)
    row = store.row("deal", number)
    assert (row["probability_bp"], row["probability_source"]) == (1000, "stage")


def test_open_deal_is_below_100(deal: Make) -> None:
    with pytest.raises(RefusedError, match="below 100 %"):
        deal(probability=Decimal(100))


def test_2e_stage_of_another_pipeline(store: Store, deal: Make) -> None:
    pipelines.add(store.context(), {"name": "Partners"}, preset="frappe")
    number, before = deal(), store.export()
    for stage in ("demo", store.stage("demo", "partners")):
        with pytest.raises(RefusedError, match="pipeline"):
            deals.move(store.context(), [number], stage)
    assert store.export() == before


def test_unknown_stage_names_those_there_are(store: Store, deal: Make) -> None:
    with pytest.raises(UsageError) as error:
        deals.move(store.context(), [deal()], "nonsense")
    assert error.value.hint == "the stages are potential, negotiation, quote_sent, won, lost"


def test_present_stage_changes_nothing_and_says_so(store: Store, deal: Make) -> None:
    number = deal()
    result = deals.move(store.context(), [number], "potential", note="still waiting")
    assert result.warnings == ("D1 is in Potential already",)
    assert result.counts == {"create": 1}
    note = store.shown("interaction", 1)
    assert (note["kind"], note["body"], note["deal_ref"]) == ("note", "still waiting", "D1")
    assert store.row("deal", number)["version"] == 1


def test_required_fields_are_asked_for_on_the_way_forward(store: Store, deal: Make) -> None:
    number = deal(stage=store.stage("negotiation"))
    pipelines.edit_stage(store.context(), store.stage("negotiation"), {"required_fields": ["amount", "next_step"]})
    deals.move(store.context(), [number], "potential")
    deals.move(store.context(), [number], "negotiation")
    for forward in ("quote_sent", "won"):
        with pytest.raises(RefusedError) as error:
            deals.move(store.context(), [number], forward)
        assert [problem.field for problem in error.value.problems] == ["amount", "next_step"]
    store.edit("deal", number, amount=Decimal(0), next_step="call")
    deals.move(store.context(), [number], "quote_sent")


def test_losing_asks_for_no_required_fields(store: Store, deal: Make) -> None:
    number = deal()
    pipelines.edit_stage(store.context(), store.stage("potential"), {"required_fields": ["amount"]})
    deals.lose(store.context(), [number], "price")
    assert store.row("deal", number)["outcome"] == "lost"


def test_2h_editing_a_lost_deal_leaves_its_probability(store: Store, deal: Make) -> None:
    number = deal(amount=Decimal(100))
    deals.lose(store.context(), [number], "price")
    store.edit("deal", number, description="too dear")
    row = store.row("deal", number)
    assert (row["probability_bp"], row["amount_minor"]) == (0, 10_000)


def test_2i_push_count(store: Store, deal: Make) -> None:
    number = deal(expected_close="2026-03-20")
    for day in ("2026-03-31", "2026-04-02", "2026-03-30"):
        store.edit("deal", number, expected_close=day)
    assert store.row("deal", number)["push_count"] == 1


def test_win(store: Store, deal: Make) -> None:
    number = deal(amount=Decimal(100), stage=store.stage("negotiation"))
    deals.win(store.context(), [number])
    row = store.row("deal", number)
    assert (row["outcome"], row["probability_bp"], row["forecast_category"]) == ("won", 10_000, "closed")
    assert (row["closed_at"], row["exchange_rate"]) == (NOW_STORED, "1")
    assert row["last_open_stage_id"] == store.stage("negotiation")
    result = deals.win(store.context(), [number])
    assert (result.warnings, result.saved) == (("D1 is won already",), ())


def test_moving_into_a_closed_stage_is_winning_or_losing(store: Store, deal: Make) -> None:
    first, second = deal(), deal()
    deals.move(store.context(), [first], "Closed Won")
    assert store.row("deal", first)["outcome"] == "won"
    with pytest.raises(RefusedError, match="lost_reason"):
        deals.move(store.context(), [second], "closedlost")
    deals.move(store.context(), [second], "lost", "no money", reason="budget")
    row = store.row("deal", second)
    assert (row["lost_reason"], row["lost_note"]) == ("budget", "no money")
    assert store.count("interaction") == 0


def test_foreign_currency_has_no_rate(store: Store, deal: Make) -> None:
    number = deal(amount=Amount(Decimal(5), "USD", False))
    result = deals.win(store.context(), [number])
    assert "no exchange rate from USD to EUR" in result.warnings[0]
    assert store.row("deal", number)["exchange_rate"] is None


@pytest.mark.parametrize(
    ("on", "closed_at"),
    [
        (Moment("2026-03-02", True, "2026-03-01T23:00:00Z", "Europe/Rome"), "2026-03-01T23:00:00Z"),
        (Moment("2026-03-18", True, "2026-03-17T23:00:00Z", "Europe/Rome"), NOW_STORED),
        ("2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z"),
    ],
)
def test_closed_on_a_day(store: Store, deal: Make, on: Moment | str, closed_at: str) -> None:
    number = deal()
    deals.win(store.context(), [number], on=on)
    assert store.row("deal", number)["closed_at"] == closed_at


def test_closed_in_the_future_is_refused(store: Store, deal: Make) -> None:
    with pytest.raises(RefusedError, match="lies in the future"):
        deals.win(store.context(), [deal()], on="2026-03-19T00:00:00Z")


@pytest.mark.parametrize(
    ("reason", "note", "field"),
    [(None, None, "lost_reason"), ("other", None, "lost_note"), ("unknown", None, "lost_reason")],
)
def test_3a_losing_needs_a_reason(store: Store, deal: Make, reason: str | None, note: str | None, field: str) -> None:
    number = deal()
    with pytest.raises(RefusedError) as error:
        deals.lose(store.context(), [number], reason, note)
    assert error.value.exit_code == 4
    assert error.value.problems[0].field == field
    assert store.row("deal", number)["outcome"] == "open"


def test_3b_lost_and_reopened(store: Store, deal: Make) -> None:
    number = deal(stage=store.stage("quote_sent"), probability=Decimal(20))
    deals.lose(store.context(), [number], "other", "they closed shop")
    result = deals.reopen(store.context(), number)
    row = store.row("deal", number)
    assert (row["stage_id"], row["probability_bp"]) == (store.stage("quote_sent"), 6500)
    assert row["probability_source"] == "stage"
    assert all(row[key] is None for key in ("closed_at", "lost_reason", "lost_note", "exchange_rate"))
    assert [state["to_kind"] for state in store.states("deal", number, "stage")] == ["open", "lost", "open"]
    store.undo(result)
    assert store.row("deal", number)["outcome"] == "lost"


def test_reopen_elsewhere_with_a_probability(store: Store, deal: Make) -> None:
    number = deal()
    deals.win(store.context(), [number])
    deals.reopen(store.context(), number, "negotiation", Decimal(55))
    row = store.row("deal", number)
    assert (row["stage_id"], row["probability_bp"]) == (store.stage("negotiation"), 5500)
    assert row["probability_source"] == "manual"


def test_reopen_refusals(store: Store, deal: Make) -> None:
    number = deal()
    with pytest.raises(RefusedError, match="it is open"):
        deals.reopen(store.context(), number)
    deals.win(store.context(), [number])
    with pytest.raises(RefusedError, match="no open stage"):
        deals.reopen(store.context(), number, "lost")


def test_3c_the_state_log_keeps_earlier_closures(store: Store, deal: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    number = deal()
    monkeypatch.setenv("CRMCLI_NOW", "2026-04-10T10:00:00Z")
    deals.win(store.context(), [number])
    monkeypatch.setenv("CRMCLI_NOW", "2026-05-01T10:00:00Z")
    deals.reopen(store.context(), number)
    monkeypatch.setenv("CRMCLI_NOW", "2026-06-05T10:00:00Z")
    deals.lose(store.context(), [number], "price")
    log = [(state["to_kind"], state["entered_at"]) for state in store.states("deal", number, "stage")]
    assert log[1:] == [
        ("won", "2026-04-10T10:00:00Z"),
        ("open", "2026-05-01T10:00:00Z"),
        ("lost", "2026-06-05T10:00:00Z"),
    ]
    assert store.row("deal", number)["closed_at"] == "2026-06-05T10:00:00Z"


def test_3d_imported_as_lost(store: Store, deal: Make) -> None:
    deal()
    values = {"name": "Old", "organization": 1, "stage": store.stage("lost"), "closed_at": "2025-01-02T00:00:00Z"}
    number = store.add("deal", values, intent="import")
    row = store.row("deal", number)
    assert (row["lost_reason"], row["last_open_stage_id"]) == ("unknown", store.stage("quote_sent"))
    assert (row["closed_at"], row["stage_entered_at"]) == ("2025-01-02T00:00:00Z", NOW_STORED)


@pytest.mark.parametrize(("position", "winner"), [(5, "late"), (7, "late")])
def test_3e_two_won_stages(store: Store, position: int, winner: str) -> None:
    stages = [{"name": f"S{n}"} for n in (1, 2, 3)] + [{"name": "Early", "kind": "won"}, {"name": "S5"}]
    stages += [{"name": "Late", "kind": "won"}, {"name": "S7"}, {"name": "Lost", "kind": "lost"}]
    pipelines.add(store.context(), {"name": "Long"}, stages=stages)
    contact = store.add("contact", first_name="Ann")
    number = store.add("deal", name="X", contact=contact, stage=store.stage(f"s{position}", "long"))
    deals.win(store.context(), [number])
    assert store.row("deal", number)["stage_id"] == store.stage(winner, "long")


@pytest.mark.parametrize(
    "values",
    [
        {"probability": Decimal(30)},
        {"amount": Decimal(1)},
        {"currency": "USD"},
        {"forecast_category": "commit"},
        {"stage": 1},
        {"pipeline": 2},
    ],
)
def test_3f_a_closed_deal_is_read_only(store: Store, deal: Make, values: dict[str, Any]) -> None:
    pipelines.add(store.context(), {"name": "Other"}, preset="classic")
    number = deal(amount=Decimal(10))
    deals.win(store.context(), [number])
    with pytest.raises(RefusedError, match="crm deal reopen D1"):
        store.edit("deal", number, values)
    store.edit("deal", number, name="Renamed")


def test_a_reason_on_an_open_deal_is_refused(store: Store, deal: Make) -> None:
    with pytest.raises(RefusedError, match="only a lost deal"):
        deal(lost_reason="price")
    with pytest.raises(RefusedError, match="only a closed deal"):
        deal(closed_at=NOW_STORED)


def test_first_deal_is_an_opportunity_and_a_won_one_makes_a_customer(store: Store, deal: Make) -> None:
    contact = store.add("contact", first_name="Ann", lifecycle_stage="evangelist")
    number = deal(contact=contact)
    assert store.row("organization", 1)["lifecycle_stage"] == "opportunity"
    result = deals.win(store.context(), [number], on="2026-03-01T00:00:00Z")
    row = store.row("organization", 1)
    assert (row["lifecycle_stage"], row["type"]) == ("customer", "customer")
    assert row["trial_purchase_at"] == "2026-03-01T00:00:00Z"
    assert store.row("contact", contact)["lifecycle_stage"] == "evangelist"
    store.undo(result)
    assert store.row("organization", 1)["type"] == "prospect"


def test_the_first_purchase_is_the_earliest_of_many(store: Store, deal: Make) -> None:
    store.add("organization", name="Beta")
    won = {"name": "Old", "stage": store.stage("won")}
    wanted = [
        Wanted({**won, "organization": 1 + n % 2, "closed_at": f"2026-01-0{n}T00:00:00Z"}, intent="import")
        for n in (5, 4, 3, 2, 1)
    ]
    write(store.context(kind="import"), lambda writer: writer.save_many("deal", wanted))
    assert store.row("organization", 1)["trial_purchase_at"] == "2026-01-02T00:00:00Z"
    assert store.row("organization", 2)["trial_purchase_at"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "step",
    [
        lambda store, number: deals.move(store.context(), [number], "quote_sent", "well"),
        lambda store, number: deals.win(store.context(), [number]),
        lambda store, number: deals.lose(store.context(), [number], "price"),
    ],
)
def test_each_step_is_undone_exactly(store: Store, deal: Make, step: Callable[[Store, int], Any]) -> None:
    number = deal(contact=store.add("contact", first_name="Ann"), amount=Decimal("1.50"))
    before = store.export()
    result = step(store, number)
    assert store.export() != before
    store.undo(result)
    assert store.export() == before
