from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.output.cells import beginning, cut, machine, machine_column, pad, people, width, wrap
from tests.unit.output.hostile import FORBIDDEN, HOSTILE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("Anna", "Anna"),
        (True, "true"),
        (False, "false"),
        (12, "12"),
        (Decimal("1234.50"), "1234.50"),
        (0.25, "0.25"),
        (["vip", "it"], "vip, it"),
        ([], ""),
        ({"a": 1}, '{"a": 1}'),
        ([{"a": 1}], '[{"a": 1}]'),
    ],
)
def test_machines_get_the_whole_value(value: object, text: str) -> None:
    assert machine(value) == text


_TEXTS = st.lists(st.text(max_size=3), max_size=3)
_VALUES = (st.text(max_size=5), st.integers(), st.booleans(), st.decimals(allow_nan=False, allow_infinity=False),
           _TEXTS, _TEXTS.map(tuple), st.lists(st.integers(), max_size=2), st.just({"a": 1}))  # fmt: skip


@given(st.data())
def test_a_column_is_told_as_each_of_its_values(data: st.DataObject) -> None:
    kinds = data.draw(st.sets(st.sampled_from(range(len(_VALUES))), max_size=2))
    values = data.draw(st.lists(st.one_of(st.none(), *(_VALUES[kind] for kind in kinds))))
    assert [*machine_column(values)] == [machine(value) for value in values]


@pytest.mark.parametrize(
    ("value", "kind", "locale", "text"),
    [
        (Decimal("1234.5"), "money", "en", "€1,234.50"),
        (Decimal("1234.5"), "money", "it", "1.234,50 €"),
        (Decimal("40"), "percent", "en", "40.0%"),
        (Decimal("12.25"), "percent", "it", "12,3%"),
        (0.507143, "ratio", "en", "50.7%"),
        (1234, "number", "it", "1.234"),
        (12.34, "days", "en", "12.3"),
        (12.0, "hours", "en", "12"),
        (1234, "int", "en", "1234"),
        (True, "bool", "en", "yes"),
        (0, "bool", "en", "no"),
        (0, "number", "en", "0"),
        ("2026-11-21", "date", "it", "2026-11-21"),
        ("2026-11-21T18:00:30Z", "instant", "en", "2026-11-21 19:00"),
        (["vip", "it"], "tags", "en", "vip, it"),
        (None, "money", "en", ""),
        ("two\nlines", "text", "en", "two⏎lines"),
    ],
)
def test_people_get_the_short_local_form(value: object, kind: str, locale: str, text: str) -> None:
    assert people(value, kind, currency="EUR", locale=locale, zone="Europe/Rome") == text


def test_money_without_a_currency_is_a_plain_number() -> None:
    assert people(Decimal("1234.50"), "money") == "1,234.50"


@pytest.mark.parametrize("text", HOSTILE)
def test_people_get_safe_text_of_any_type(text: str) -> None:
    for value, kind in ((text, "text"), (text, "money"), (text, "date"), ([text], "tags"), ({text: text}, "json")):
        assert not FORBIDDEN.search(people(value, kind))


@given(st.text("aé東👍 ", max_size=30), st.integers(2, 20))
def test_cut_and_padded_text_fills_its_cells(text: str, cells: int) -> None:
    short = cut(text, cells)
    assert width(short) <= cells
    assert width(pad(short, cells)) == width(pad(short, cells, right=True)) == cells


@given(st.text("aé東👍 \u0301", max_size=400), st.integers(2, 20))
def test_the_beginning_of_a_text_shows_as_the_whole_of_it(text: str, cells: int) -> None:
    seen = beginning(text, cells)
    assert len(seen) <= 8 * cells + 1
    if text.count("\u0301") * 2 < len(text):
        assert cut(seen, cells) == cut(text, cells)
    elif seen != text:
        assert seen.endswith("…")


@given(st.text("ab東 \n", max_size=60), st.integers(2, 30))
def test_wrapped_lines_fit_and_keep_every_letter(text: str, cells: int) -> None:
    lines = wrap(text, cells)
    assert all(width(line) <= cells for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_words_stay_whole_where_they_fit() -> None:
    assert wrap("one two three\nfour", 8) == ["one two", "three", "four"]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"ref": "D5", "name": "Offer", "is_main": True}, "D5 Offer"),
        ({"organization": "Acme", "organization_ref": "O1", "role": None}, "O1 Acme"),
        ({"contact": "Anna Rossi", "contact_ref": "C1", "role": "buyer"}, "C1 Anna Rossi"),
        ({"system": "hubspot", "external_id": "12", "url": None}, "hubspot 12"),
        ({"label": "birthday", "day": "1980-03-18", "remind": True}, "birthday 1980-03-18"),
        ({"ref": None, "name": None, "entity": "deal", "is_main": True}, "deal"),
    ],
)
def test_a_row_of_a_collection_is_told_by_its_names(row: dict[str, object], text: str) -> None:
    assert people([row, row], "rows") == f"{text}, {text}"
