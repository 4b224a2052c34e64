"""Pipelines and stages: made, ordered, emptied, removed."""

from decimal import Decimal

import pytest

from crmcli.domain.stages import PRESETS
from crmcli.errors import NotFoundError, RefusedError, UsageError
from crmcli.services import deals, pipelines
from tests.services.world import Store


def keys(store: Store, pipeline: int = 1) -> list[str]:
    rows = store.rows(
        "SELECT key, position FROM stage WHERE pipeline_id = ? AND deleted_at IS NULL ORDER BY position", pipeline
    )
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    return [row["key"] for row in rows]


def a_deal(store: Store, **values: object) -> int:
    return store.add("deal", {"name": "X", "organization": store.add("organization", name="Acme"), **values})


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_presets(store: Store, preset: str) -> None:
    pipelines.add(store.context(), {"name": "Second one"}, preset=preset)
    assert keys(store, 2) == [stage.key for stage in PRESETS[preset]]
    assert store.row("pipeline", 2)["key"] == "second_one"


def test_unknown_preset(store: Store) -> None:
    with pytest.raises(UsageError, match="no ready-made pipeline 'clasic'") as error:
        pipelines.add(store.context(), {"name": "X"}, preset="clasic")
    assert error.value.hint == "did you mean classic?"


def test_given_stages_get_the_ends_they_lack(store: Store) -> None:
    pipelines.add(store.context(), {"name": "Short"}, stages=[{"name": "Talk", "probability": Decimal(20)}])
    assert keys(store, 2) == ["talk", "won", "lost"]


def test_exactly_one_default(store: Store) -> None:
    pipelines.add(store.context(), {"name": "Other", "is_default": True}, preset="classic")
    assert [row["is_default"] for row in store.rows("SELECT is_default FROM pipeline ORDER BY id")] == [0, 1]


def test_add_a_stage(store: Store) -> None:
    pipelines.add_stage(store.context(), 1, {"name": "Contract", "probability": Decimal(90)})
    pipelines.add_stage(store.context(), 1, {"name": "Idea"}, position=1)
    pipelines.add_stage(store.context(), 1, {"name": "Upsold", "kind": "won"})
    assert keys(store) == ["idea", "potential", "negotiation", "quote_sent", "contract", "won", "lost", "upsold"]
    assert store.row("stage", store.stage("contract"))["forecast_category"] == "commit"


def test_an_open_stage_is_below_100(store: Store) -> None:
    with pytest.raises(RefusedError, match="below 100 %"):
        pipelines.add_stage(store.context(), 1, {"name": "Sure", "probability": Decimal(100)})


def test_required_fields_are_fields_of_deals(store: Store) -> None:
    for key in ("open_tasks", "amonut"):
        with pytest.raises(UsageError, match=key):
            pipelines.edit_stage(store.context(), 1, {"required_fields": [key]})


def test_a_new_position_moves_the_others_along(store: Store) -> None:
    pipelines.edit_stage(store.context(), store.stage("quote_sent"), {"position": 1, "name": "Quoted"})
    assert keys(store) == ["quote_sent", "potential", "negotiation", "won", "lost"]


def test_reorder(store: Store) -> None:
    ids = [store.stage(key) for key in ("negotiation", "potential", "quote_sent", "lost", "won")]
    before = store.export()
    result = pipelines.reorder(store.context(), 1, ids)
    assert keys(store) == ["negotiation", "potential", "quote_sent", "lost", "won"]
    store.undo(result)
    assert store.export() == before
    with pytest.raises(UsageError, match="once"):
        pipelines.reorder(store.context(), 1, ids[:-1])


def test_2d_changing_a_stage_leaves_its_deals_until_reapplied(store: Store) -> None:
    follows = a_deal(store, stage=store.stage("quote_sent"))
    manual = store.add("deal", name="Y", organization=1, stage=store.stage("quote_sent"), probability=Decimal(5))
    pipelines.edit_stage(store.context(), store.stage("quote_sent"), {"probability": Decimal(70)})
    store.edit("deal", follows, description="edited")
    assert store.row("deal", follows)["probability_bp"] == 6500
    result = pipelines.reapply(store.context(), 1)
    assert [store.row("deal", number)["probability_bp"] for number in (follows, manual)] == [7000, 500]
    assert result.counts == {"update": 1}


def test_a_stage_in_use_needs_another_place_for_its_deals(store: Store) -> None:
    going, staying = store.stage("negotiation"), store.stage("quote_sent")
    open_one = a_deal(store, stage=going)
    closed = store.add("deal", name="Y", organization=1, stage=going)
    deals.lose(store.context(), [closed], "price")
    before = store.export()
    with pytest.raises(RefusedError, match="--move-to"):
        pipelines.remove_stage(store.context(), going)
    result = pipelines.remove_stage(store.context(), going, "quote_sent")
    assert (store.row("deal", open_one)["stage_id"], store.row("deal", open_one)["probability_bp"]) == (staying, 6500)
    assert store.row("deal", closed)["last_open_stage_id"] == staying
    store.undo(result)
    assert store.export() == before


def test_closed_deals_move_with_their_stage(store: Store) -> None:
    pipelines.add_stage(store.context(), 1, {"name": "Upsold", "kind": "won"})
    number = a_deal(store)
    deals.win(store.context(), [number], on="2026-03-01T00:00:00Z")
    pipelines.remove_stage(store.context(), store.stage("won"), "upsold")
    row = store.row("deal", number)
    assert (row["stage_id"], row["outcome"]) == (store.stage("upsold"), "won")
    assert row["closed_at"] == "2026-03-01T00:00:00Z"


@pytest.mark.parametrize("target", ["won", "negotiation"])
def test_deals_move_to_another_stage_of_the_same_kind(store: Store, target: str) -> None:
    a_deal(store, stage=store.stage("negotiation"))
    with pytest.raises(RefusedError, match="another open stage"):
        pipelines.remove_stage(store.context(), store.stage("negotiation"), target)


def test_the_last_won_stage_stays(store: Store) -> None:
    with pytest.raises(RefusedError, match="needs a won stage"):
        pipelines.remove_stage(store.context(), store.stage("won"))
    with pytest.raises(NotFoundError):
        pipelines.remove_stage(store.context(), 99)


def test_remove_a_pipeline(store: Store) -> None:
    pipelines.add(store.context(), {"name": "Other"}, preset="classic")
    with pytest.raises(RefusedError, match="default pipeline"):
        pipelines.remove(store.context(), 1)
    number = a_deal(store, pipeline=2)
    with pytest.raises(RefusedError, match="it has 1 deal"):
        pipelines.remove(store.context(), 2)
    store.edit("deal", number, pipeline=1)
    before = store.export()
    result = pipelines.remove(store.context(), 2)
    assert keys(store, 2) == []
    store.undo(result)
    assert store.export() == before
