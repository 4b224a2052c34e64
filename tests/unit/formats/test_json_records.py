import io
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import RefusedError
from crmcli.formats.json_records import JsonRecords
from crmcli.formats.tabular import Row


def opened(data: str | bytes) -> JsonRecords:
    return JsonRecords(io.BytesIO(data.encode() if isinstance(data, str) else data), "a.json", encoding=None)


def dicts(data: str | bytes) -> list[dict[str, str]]:
    table = opened(data)
    rows = list(table.rows)
    assert [row.error for row in rows] == [None] * len(rows)
    return [{name: cell for name, cell in zip(table.header, row.cells, strict=True) if cell} for row in rows]


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1, "b": "x"}, {"b": "y"}]',
        '{"a": 1, "b": "x"}\n{"b": "y"}\n',
        '\n{"a": 1, "b": "x"}\r\n\r\n{"b": "y"}',
        '{\n "a": 1,\n "b": "x"\n}\n{"b":\n"y"}',
        '\ufeff[\n{"a": 1,\n"b": "x"},\n{"b": "y"}\n]\n',
    ],
    ids=["array", "lines", "lines with blanks", "one after the other", "spread out"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_all_forms_say_the_same(text: str, encoding: str) -> None:
    assert dicts(text.encode(encoding)) == [{"a": "1", "b": "x"}, {"b": "y"}]


def test_columns_are_those_of_all_objects_in_their_order() -> None:
    table = opened('[{"b": 1}, {"a": 2, "b": 3}, {"c": null}]')
    assert (table.header, table.header_line, table.delimiter) == (["b", "a", "c"], 0, "")
    assert [row.cells for row in table.rows] == [["1", "", ""], ["3", "2", ""]]


def test_objects_in_objects_and_lists_are_flat() -> None:
    row = {
        "address": {"city": "Rome", "geo": {"lat": 41.9}},
        "tags": ["a", "b"],
        "words": ["x, y", "z"],
        "phones": [{"value": "1"}, {"value": "2", "label": "home"}],
        "empty": [],
    }
    assert dicts(json.dumps([row])) == [
        {
            "address.city": "Rome",
            "address.geo.lat": "41.9",
            "tags": "a; b",
            "words": '["x, y", "z"]',
            "phones.1.value": "1",
            "phones.2.value": "2",
            "phones.2.label": "home",
        }
    ]


def test_a_custom_field_is_one_cell_whatever_it_holds() -> None:
    facts = {"facts": {"a": [1, 2.50, True, None, "è"]}, "mixed": [1, "x"], "words": ["a", "b"], "n": 1}
    text = json.dumps([{"custom": facts}]).replace("2.5", "2.50")
    assert dicts(text) == [
        {
            "custom.facts": '{"a": [1, 2.50, true, null, "è"]}',
            "custom.mixed": '[1, "x"]',
            "custom.words": "a; b",
            "custom.n": "1",
        }
    ]


def test_a_custom_field_that_is_nested_too_deep_is_a_bad_row() -> None:
    (row,) = opened(f'[{{"custom": {{"facts": {"[" * 300}{"]" * 300}}}}}]').rows
    assert row.error


def test_values_keep_what_they_are() -> None:
    text = '[{"a": 1.50, "b": 12345678901234567890, "c": 1e5, "d": true, "e": false, "f": NaN, "g": "07"}]'
    assert dicts(text) == [
        {"a": "1.50", "b": "12345678901234567890", "c": "100000", "d": "true", "e": "false", "g": "07"}
    ]


def test_lines_are_those_of_the_file() -> None:
    assert [row.line for row in opened('[\n\n{"a":\n1},\n{"a": 2}]').rows] == [3, 5]
    assert [row.line for row in opened('{"a": 1}\n\n{"a": 2}').rows] == [1, 3]


def test_a_bad_line_is_a_bad_row() -> None:
    table = opened('{"a": 1}\n{"a": \n[1]\n{"a": 2}\n')
    assert list(table.rows) == [
        Row(1, ["1"]),
        Row(2, ['{"a":'], "no JSON object that can be read"),
        Row(3, ["[1]"], "no JSON object that can be read"),
        Row(4, ["2"]),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[{"a": 1}', "line 1: a comma or the end"),
        ('[{"a": 1},\n', "line 2: the list has no end"),
        ('[{"a": 1}\n{"a": 2}]', "line 2: a comma"),
        ('[{"a": 1},\n\n{"a": }]', "line 3: no JSON"),
        ("[" * 100_000, "nested too deep"),
        ('[{"a": "' + "x" * 17_000_000, "more than"),
        ('[{"a": 1, }' + " " * 200_000 + "]", "line 1: no JSON"),
        ("[" + ",".join(f'{{"n{number}": 1}}' for number in range(3_000)) + "]", "different names"),
    ],
)
def test_what_could_lose_rows_is_refused(text: str, told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        list(opened(text).rows)


@pytest.mark.parametrize("text", ["", " \n", "[]", "[ ]\n"])
def test_an_empty_file_has_no_columns(text: str) -> None:
    table = opened(text)
    assert (table.header, list(table.rows)) == ([], [])


def test_values_on_the_edge_of_what_is_read_at_once() -> None:
    rows = [{"n": number, "x": "é\\\u2028" * (number % 700)} for number in range(300)]
    assert [row["n"] for row in dicts(json.dumps(rows))] == [str(number) for number in range(300)]


def test_a_long_file_is_not_held_in_memory() -> None:
    stream = io.BytesIO(b"[" + b",".join(b'{"name": "Anna", "note": "nothing"}' for _ in range(50_000)) + b"]")
    tracemalloc.start()
    table = JsonRecords(stream, "a.json", encoding=None)
    count = sum(1 for _ in table.rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 50_000
    assert peak < 2_000_000


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.dictionaries(st.text(max_size=4), values, max_size=4), max_size=5), st.booleans())
def test_every_object_that_says_something_is_a_row(records: list[dict[str, object]], as_lines: bool) -> None:
    text = "\n".join(map(json.dumps, records)) if as_lines else json.dumps(records)
    table = opened(text)
    rows = list(table.rows)
    assert all(len(row.cells) == len(table.header) and not row.error for row in rows)
    assert len(rows) <= len(records)


@given(st.binary(max_size=200) | st.text('[]{}",:\\u 1e-\ntrue', max_size=60).map(str.encode))
def test_any_bytes_give_rows_or_a_refusal(data: bytes) -> None:
    try:
        for row in (table := opened(data)).rows:
            assert len(row.cells) == len(table.header) or row.error
    except RefusedError as refused:
        assert refused.message.startswith("a.json: ")


@pytest.mark.parametrize("text", ['[{"a": 1}][{"a": 2}]', '[{"a": 1}]\njunk', '[{"a": 1}]\n{"a": 2}'])
def test_what_follows_the_list_is_not_lost(text: str) -> None:
    with pytest.raises(RefusedError, match=r"a\.json: line [12]: the list ends before this"):
        list(opened(text).rows)


def test_an_object_that_says_a_name_twice_is_a_bad_row() -> None:
    rows = list(opened('[{"a": 1, "b": 2, "a": 3}, {"a": 4}, {"c": {"d": 1, "d": 1}}]').rows)
    assert rows[0] == Row(1, ['{"a": 3, "b": 2}'], "'a' stands twice in it")
    assert rows[1].cells == ["4"]
    assert rows[2] == Row(1, ['{"c": {"d": 1}}'], "'d' stands twice in it")


def test_what_is_no_object_is_shown_as_the_file_has_it() -> None:
    rows = list(opened('[{"a": 1}, null, [1, "x"], true, 5]').rows)
    assert [row.cells for row in rows[1:]] == [["null"], ['[1, "x"]'], ["true"], ["5"]]
