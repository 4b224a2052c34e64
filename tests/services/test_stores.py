"""The store as a file: what its schema consists of."""

import sqlite3
from contextlib import closing

from crmcli.store.contents import TABLES, TRIGGERS, strange_objects
from tests.services.world import Store


def test_a_new_store_is_what_is_expected_of_one(store: Store) -> None:
    with closing(sqlite3.connect(store.path)) as con:
        assert strange_objects(con) == []
        names = {row[0] for row in con.execute("SELECT name FROM sqlite_master WHERE type <> 'index'")}
    assert names - {"sqlite_sequence"} == TABLES | TRIGGERS.keys()
