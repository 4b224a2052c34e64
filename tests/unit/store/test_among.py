"""The condition for many numbers picks the same rows whether they are in a row or not."""

import sqlite3
from contextlib import closing

import pytest

from crmcli.store.among import among


@pytest.mark.parametrize(
    ("ids", "is_stretch"),
    [
        ([4], True),
        ([4, 5, 6], True),
        ([6, 4, 5], True),
        (range(3, 9), True),
        ([4, 6], False),
        ([9, 2, 3], False),
        ((1, 9, 3), False),
    ],
)
def test_it_picks_just_these(ids: "list[int] | tuple[int, ...] | range", is_stretch: bool) -> None:
    where, numbers = among("n", ids)
    with closing(sqlite3.connect(":memory:")) as con:
        con.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)")
        con.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(1, 12)])
        assert [n for (n,) in con.execute(f"SELECT n FROM t WHERE {where} ORDER BY n", numbers)] == sorted(ids)
    assert ("BETWEEN" in where) is is_stretch
