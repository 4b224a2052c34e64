"""Completion of a condition being typed."""

import pytest

from crmcli.conditions.suggest import complete
from tests.unit.conditions.world import CUSTOM, ENTITIES, THING


def offered(text: str) -> list[str]:
    return complete(text, THING, ENTITIES, CUSTOM)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sc", ["score"]),
        ("name = x and (not rat", ["name = x and (not rating"]),
        ("company.co", ["company.country"]),
        ("company.parent.re", ["company.parent.revenue"]),
        ("rating ", ["rating =", "rating !=", "rating in", "rating not in", "rating is empty", "rating is not empty"]),
        ("rating = ", ["rating = hot", "rating = warm", "rating = cold"]),
        ("rating =", ["rating = hot", "rating = warm", "rating = cold"]),
        ("rating in [hot, w", ["rating in [hot, warm"]),
        ("rating is ", ["rating is empty", "rating is not empty"]),
        ("active = ", ["active = true", "active = false"]),
        ("active a", ["active and"]),
        ("rating = hot ", ["rating = hot and", "rating = hot or"]),
        ("rating in [hot] a", ["rating in [hot] and"]),
        ("rating is not empty o", ["rating is not empty or"]),
        ("created between today ", ["created between today and"]),
        ("created between today and so", [f"created between today and so{unit}" for unit in "mwqy"]),
        ("bud", ["budget"]),
        ("n", ["name", "not"]),
        ("name = 'rat", []),
        ("nothing = ", []),
        ("name.x", []),
    ],
)
def test_the_next_word_is_offered(text: str, expected: list[str]) -> None:
    assert offered(text) == expected


def test_everything_offered_begins_with_what_was_typed() -> None:
    for text in ("", "s", "rating", "rating =", "rating in [", "score > 3 and "):
        assert all(offer.startswith(text) for offer in offered(text))
        assert len(offered(text)) <= 50
