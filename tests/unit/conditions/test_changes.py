"""Questions about a change, for rules: ``changed``, ``entered``, ``left`` and values with ``old.``."""

from typing import Any

import pytest

from crmcli.errors import ConditionError
from tests.unit.conditions.world import compiled


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("changed(stage)", {"stage": 1}, {"stage": 2}, True),
        ("changed(stage)", {"stage": 1}, {"stage": 1}, False),
        ("changed(stage)", None, {"stage": 1}, True),
        ("changed(stage)", None, {"stage": None}, False),
        ("changed(name)", {"name": None}, {"name": " "}, False),
        ("changed(name)", {"name": "anna"}, {"name": "Anna"}, True),
        ("changed(tags)", {"tags": ["a", "b"]}, {"tags": ["b", "a"]}, False),
        ("changed(tags)", None, {"tags": []}, False),
        ("changed(tags)", None, {"tags": ["a"]}, True),
        ("entered(stage, proposal)", {"stage": 1}, {"stage": 5}, True),
        ("entered(stage, proposal)", {"stage": 2}, {"stage": 5}, False),
        ("entered(stage, proposal)", None, {"stage": 2}, True),
        ("entered(tags, vip)", {"tags": []}, {"tags": ["VIP"]}, True),
        ("left(stage, potential)", {"stage": 1}, {"stage": 2}, True),
        ("left(stage, potential)", None, {"stage": 2}, False),
        ("left(expected_close, today)", {"expected_close": "2026-03-18"}, {"expected_close": None}, True),
        ("score > old.score", {"score": 1}, {"score": 2}, True),
        ("score > old.score", {"score": None}, {"score": 2}, False),
        ("score > old.score", None, {"score": 2}, False),
        ("score != old.score", {"score": 2}, {"score": 2}, False),
        ("name = old.name", {"name": "Forlì"}, {"name": "forli"}, True),
        ("quantity > old.quantity", {"quantity": "9"}, {"quantity": "10"}, True),
        ("score > old.half_score", {"half_score": 3}, {"score": 4}, True),
        (
            "amount = old.amount",
            {"amount": 100, "currency": "JPY"},
            {"amount": 10_000, "currency": "EUR"},
            True,
        ),
        ("not changed(score) and score = 1", {"score": 1}, {"score": 1}, True),
    ],
)
def test_changes(text: str, old: dict[str, Any] | None, new: dict[str, Any], expected: bool) -> None:
    condition = compiled(text, changes=True)
    empty = dict.fromkeys(condition.paths)
    assert condition.match({**empty, **new}, None if old is None else {**empty, **old}) is expected


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("score > old.name", 8, "score and name are of different types"),
        ("score > old.scroe", 12, "thing has no field 'scroe'"),
        ("score in [old.score]", 10, "'in' takes no earlier value"),
        ("entered(links, x)", 8, "links cannot be compared"),
        ("changed(external_refs)", 8, "external_refs cannot be compared"),
        ("entered(rating, x)", 16, "'x' is not a value of this field"),
    ],
)
def test_errors(text: str, position: int, problem: str) -> None:
    with pytest.raises(ConditionError) as caught:
        compiled(text, changes=True)
    assert (caught.value.position, caught.value.problem) == (position, problem)


def test_a_change_cannot_be_asked_of_the_store() -> None:
    with pytest.raises(ConditionError, match="cannot select records"):
        compiled("changed(stage)", changes=True).clause()


def test_quoted_text_that_begins_with_old_is_text() -> None:
    assert compiled("name = 'old.name'", changes=True).match({"name": "old.name"})
