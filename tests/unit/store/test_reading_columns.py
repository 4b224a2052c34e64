"""What a query yields is read by column, however many rows there are."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.store.reader import fetch_columns

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows) SELECT i, 'D' || i FROM n"


@given(st.integers(1, 1_200), st.none() | st.integers(0, 1_200))
def test_columns_hold_the_rows_in_their_order(rows: int, most: int | None) -> None:
    con = sqlite3.connect(":memory:")
    found = con.execute(_NUMBERS, {"rows": rows}).fetchall()[:most]
    assert fetch_columns(con.execute(_NUMBERS, {"rows": rows}), most) == [
        [row[0] for row in found],
        [row[1] for row in found],
    ]
    con.close()


@pytest.mark.parametrize("most", [None, 3])
def test_without_a_row_each_column_is_empty(most: int | None) -> None:
    assert fetch_columns(sqlite3.connect(":memory:").execute("SELECT 1, 2, 3 WHERE FALSE"), most) == [[], [], []]
