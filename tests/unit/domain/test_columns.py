"""Columns of one row or none each read as the lists they stand for; what is told of many is what is told of each."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain import emails, phones
from crmcli.domain.columns import Keyed, Later, OneEach, chained, filled, placed, told
from crmcli.store.collections import CHILDREN, columns

LISTS: list[list[dict[str, Any]]] = [
    [{"value": "a@example.com", "label": None}],
    [],
    [{"value": "b@example.com", "label": "work"}],
]


@pytest.fixture
def column() -> OneEach:
    return OneEach({"value": ["a@example.com", "", "b@example.com"], "label": [None, "home", "work"]})


def test_it_reads_as_lists(column: OneEach) -> None:
    assert list(column) == LISTS
    assert list(column[1:]) == LISTS[1:]
    assert (len(column), column.is_full, list(map(bool, filled(column)))) == (3, False, [True, False, True])
    assert column.present([7, 8, 9]) == [7, 9]


def test_a_column_is_made_once_and_only_when_its_values_are_asked_for() -> None:
    made: list[str] = []

    def make() -> list[int]:
        made.append("made")
        return [1, 2, 3, 4]

    later = Later(4, make)
    end = later[2:]
    assert (len(later), len(end), made) == (4, 2, [])
    assert ([*end], [*later], later[0], later[-1]) == ([3, 4], [1, 2, 3, 4], 1, 4)
    assert made == ["made"]


def test_child_rows_are_those_of_the_lists() -> None:
    content = CHILDREN["organizations"].content
    employers = OneEach(dict(zip(content, ([4, None, 5], ["CEO", None, None], [1, 1, 1], [1, 1, 1]), strict=True)))
    told = columns("organizations", "contact", [1, 2, 3], employers)
    assert told == columns("organizations", "contact", [1, 2, 3], list(employers))
    assert told["contact_id"] == [1, 3]


@given(st.lists(st.sampled_from(("Anna@Example.com", "b+c@mail.example.org", "no address", "ü@example.com", "K@x.it"))))
def test_many_addresses_are_told_as_each(texts: list[str]) -> None:
    found = emails.plain_forms(texts)
    if found is not None:
        assert found == list(map(emails.normalise, texts))


@given(st.lists(st.from_regex(r"\+?[0-9 ]{5,17}", fullmatch=True), max_size=4))
def test_numbers_in_normal_form_are_told_as_each(texts: list[str]) -> None:
    if phones.are_normal(texts):
        assert texts == [phones.comparable(text, "IT")[0] for text in texts]


_FEW = st.lists(st.sampled_from("abc")).map(lambda keys: Keyed(keys, {"a": "Anna", "b": None, "c": "Carla"}))
_MANY = st.lists(st.sampled_from(("Anna", None, "Dario")))


@given(st.lists(_FEW | _MANY), st.data())
def test_columns_of_few_values_read_as_the_values(some: list[Any], data: st.DataObject) -> None:
    whole = [value for column in some for value in column]
    column = chained(some)
    assert list(column) == whole and len(column) == len(whole)
    assert [column[place] for place in range(len(whole))] == whole and list(column[1:3]) == whole[1:3]
    places = data.draw(st.lists(st.sampled_from(range(len(whole))))) if whole else []
    assert list(placed(column, places)) == [whole[place] for place in places]


@given(_FEW)
def test_what_few_values_are_told_by_is_asked_once_of_each(column: Keyed) -> None:
    asked: list[list[Any]] = []

    def tell(values: Any) -> list[str]:
        asked.append(list(values))
        return [str(value) for value in values]

    assert [*told(tell, column), *told(tell, column[1:])] == [str(value) for value in [*column, *column[1:]]]
    assert asked == [["Anna", None, "Carla"]]
    assert told(tell, ["Dario"]) == ["Dario"]
