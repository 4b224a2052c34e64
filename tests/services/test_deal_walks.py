"""Whatever way deals go, what must hold of them holds, and taking every step back restores the beginning."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.errors import RefusedError
from crmcli.services import deals
from crmcli.services.results import Result
from tests.services.world import Store

Step = Callable[[Store], Result]

_STEPS: list[Step] = [
    lambda store: deals.move(store.context(), [1], "potential"),
    lambda store: deals.move(store.context(), [1], "quote_sent", "because"),
    lambda store: deals.move(store.context(), [1], "lost", "late", reason="timing"),
    lambda store: deals.win(store.context(), [1]),
    lambda store: deals.lose(store.context(), [1], "price"),
    lambda store: deals.reopen(store.context(), 1),
    lambda store: deals.reopen(store.context(), 1, "negotiation", Decimal(70)),
    lambda store: store.edit("deal", 1, probability=Decimal(0)),
    lambda store: store.edit("deal", 1, probability_source="stage"),
    lambda store: store.edit("deal", 1, expected_close="2026-04-30"),
    lambda store: store.edit("deal", 1, expected_close="2026-05-01"),
]


def check(store: Store) -> None:
    row = store.row("deal", 1)
    (stage,) = store.rows("SELECT * FROM stage WHERE id = ?", row["stage_id"])
    log = store.states("deal", 1, "stage")
    assert row["outcome"] == stage["kind"]
    assert (row["closed_at"] is None) == (row["outcome"] == "open") == (row["last_open_stage_id"] is None)
    assert (row["lost_reason"] is not None) == (row["outcome"] == "lost")
    assert row["outcome"] == "open" or row["probability_bp"] == stage["probability_bp"]
    assert row["probability_source"] == "manual" or row["probability_bp"] == stage["probability_bp"]
    assert row["forecast_category"] == stage["forecast_category"]
    assert [entry["left_at"] is None for entry in log] == [False] * (len(log) - 1) + [True]
    assert all(one["to_value"] == other["from_value"] for one, other in pairwise(log))
    assert log[-1]["to_value"] == str(row["stage_id"])


@settings(max_examples=12)
@given(st.lists(st.sampled_from(_STEPS), min_size=1, max_size=7))
def test_walks(fresh_store: Path, steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(shutil.copy(fresh_store, folder)))
        store.add("deal", name="X", contact=store.add("contact", first_name="Ann"), expected_close="2026-03-31")
        before, done = store.export(), []
        for step in steps:
            with suppress(RefusedError):  # a step that is not possible here, and must leave nothing behind
                done.append(step(store))
            check(store)
        for result in reversed(done):
            if result.operation_id is not None:
                store.undo(result)
        assert store.export() == before
