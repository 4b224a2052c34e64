"""Rows that are stored many at a time: whatever their number, they are those that were given."""

import sqlite3

import pytest

from crmcli.store.inserting import insertions


@pytest.mark.parametrize("count", [1, 2, 39, 40, 41, 80, 97])
def test_rows_are_stored_as_given(count: int) -> None:
    columns = {
        "id": range(5, 5 + count),
        "kind": ["contact"] * count,
        "name": [f"n{number}'" if number % 3 else None for number in range(count)],
        "whole": [0] * count,
    }
    con = sqlite3.connect(":memory:")
    con.execute("CREATE TABLE t (id INTEGER, kind TEXT, name TEXT, whole INTEGER)")
    for sql, rows in insertions("t", columns):
        con.executemany(sql, rows)
    stored = con.execute("SELECT id, kind, name, whole FROM t ORDER BY rowid").fetchall()
    assert stored == list(zip(*columns.values(), strict=True))


def test_the_text_of_a_statement_tells_no_value() -> None:
    texts = [sql for sql, _ in insertions("t", {"a": ["secret"] * 41, "b": [f"word{n}" for n in range(41)]})]
    assert len(texts) == 2
    assert not any(word in sql for sql in texts for word in ("secret", "word"))


def test_rows_that_are_all_alike_are_stored() -> None:
    con = sqlite3.connect(":memory:")
    con.execute("CREATE TABLE t (a TEXT)")
    for sql, rows in insertions("t", {"a": ["x"] * 43}):
        con.executemany(sql, rows)
    assert con.execute("SELECT COUNT(*) FROM t WHERE a = 'x'").fetchone() == (43,)
