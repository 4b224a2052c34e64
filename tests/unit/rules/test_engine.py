"""When a rule has its turn, and how far a chain may go."""

import pytest

from crmcli.rules.engine import MAX_ACTIONS, MAX_DEPTH, Chain, is_asked, reason_to_rest
from crmcli.rules.events import Change
from tests.unit.rules.world import rule, understood

((READY,), _) = understood(rule("a", on='["lead.created", "lead.updated"]', when='"score >= 70"', crossed="true"))


def changed(*fields: str, cause: str = "user", chain: tuple[str, ...] = ()) -> Change:
    return Change("lead", 1, frozenset({"updated", "saved"}), frozenset(fields), cause, chain)


@pytest.mark.parametrize(
    ("change", "new", "old", "reason"),
    [
        (changed("score"), 80, 60, ""),
        (changed("score"), 80, 75, "its condition held before"),
        (changed("score"), 60, 75, "its condition does not hold"),
        (changed("rating"), 80, 60, "none of score changed"),
        (changed("score", cause="rule:a"), 80, 60, "it made this change itself"),
        (changed("score", cause="rule:b"), 80, 60, ""),
        (Change("lead", 1, frozenset({"created", "saved"}), frozenset()), 80, None, ""),
    ],
)
def test_reasons(change: Change, new: int, old: int | None, reason: str) -> None:
    chain = Chain()
    chain.saw(change)
    assert is_asked(READY, change)
    assert reason_to_rest(READY, change, chain, {"score": new}, None if old is None else {"score": old}) == reason


def test_once_for_a_record_unless_something_watched_changed() -> None:
    chain, first = Chain(), changed("score")
    chain.saw(first)
    chain.ran(READY, first)
    assert "has run" in reason_to_rest(READY, first, chain, {"score": 80}, {"score": 60})
    other = changed("rating", "score")._replace(id=2)
    chain.saw(other)
    assert reason_to_rest(READY, other, chain, {"score": 80}, {"score": 60}) == ""
    chain.saw(changed("rating"))
    assert chain.has_run(READY, first)
    chain.saw(first)
    assert not chain.has_run(READY, first)


def test_bounds() -> None:
    deep = changed("score", chain=("b",) * MAX_DEPTH)
    assert Chain().count_action(READY, deep) == "the rules set each other off more than 5 times: b → b → b → b → b → a"
    chain = Chain()
    assert not any(chain.count_action(READY, changed("score")) for _ in range(MAX_ACTIONS))
    assert "more than 100 actions" in chain.count_action(READY, changed("score"))
