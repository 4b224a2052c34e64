from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.rows import Rows, Streamed, in_blocks, joined

ROWS = [{"ref": f"D{number}", "amount": number} for number in range(5)]
TURNED = Rows({key: [row[key] for row in ROWS] for key in ("ref", "amount")})


def test_rows_read_as_the_dicts_that_they_stand_for() -> None:
    assert TURNED == ROWS and TURNED[1] == ROWS[1] and TURNED[1:3] == ROWS[1:3] and len(TURNED) == len(ROWS)
    assert Rows({"ref": []}) == [] and not Rows({"ref": []})


def test_a_key_that_the_rows_do_not_have_is_none_in_each() -> None:
    assert TURNED.column("amount") == [0, 1, 2, 3, 4]
    assert TURNED.column("name") == [None] * 5


def test_a_column_takes_the_place_of_another() -> None:
    assert TURNED[:1].having(amount=["none"]) == [{"ref": "D0", "amount": "none"}]


@pytest.mark.parametrize("as_columns", [True, False])
@given(most=st.integers(1, 6))
def test_blocks_hold_all_rows_in_their_order(as_columns: bool, most: int) -> None:
    blocks = list(in_blocks(TURNED if as_columns else iter(ROWS), ("ref", "amount"), most))
    assert all(len(rows) == most for rows in blocks[:-1])
    assert joined(blocks, ("ref", "amount")) == ROWS


def test_what_is_streamed_goes_on_as_it_is_read() -> None:
    assert [*Streamed(iter([TURNED[:2], TURNED[2:]]))] == ROWS
    assert [*in_blocks(Streamed(iter([TURNED[:2], TURNED[2:]])), ("ref",), 9)] == [ROWS[:2], ROWS[2:]]


def test_rows_are_put_in_the_order_of_a_column() -> None:
    rows = Rows({"on": [2, 1, 2, 1], "ref": ["a", "b", "c", "d"]})
    assert [*rows.in_order_of("on").column("ref")] == ["b", "d", "a", "c"]


def test_no_row_is_read_before_its_block() -> None:
    def read() -> Iterator[dict[str, object]]:
        yield from ROWS[:2]
        raise AssertionError

    assert next(in_blocks(read(), ("ref",), 2)).column("ref") == ["D0", "D1"]
