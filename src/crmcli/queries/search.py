"""Search over everything that people may remember of a record, names before keys before longer texts.

The user's words are never syntax of the text index: each is quoted and matches from its first letter on. Exact keys,
such as a whole e-mail address, belong to ``references``, which is asked first.
"""

import re
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.queries.labels import Labels
from crmcli.queries.references import find_by_key
from crmcli.store.search import SEARCHED, record_of, row_number

_WEIGHTS = "10.0, 4.0, 1.0"  # of a name, a key, a text
_LETTER = r"[^\W_]"
_STRIDE = row_number("lead", 1) - row_number("lead", 0)


class Hit(NamedTuple):
    """A record that was found; ``excerpt`` is the text around the words, empty where the title says it all."""

    entity: str
    id: int
    ref: str
    title: str
    excerpt: str


def find(
    con: sqlite3.Connection,
    text: str,
    entities: Iterable[str] | None = None,
    limit: int = 20,
    *,
    country: str = "IT",
) -> list[Hit]:
    """Return the live records with all the words of a text, best first: before all those it names by an exact key.

    ``country`` is where phone numbers without a prefix belong.
    """
    chosen = set(SEARCHED if entities is None else entities)
    wanted = [name for name in SEARCHED if name in chosen]
    words = text.split()
    if not words or not wanted or limit <= 0:
        return []
    named = find_by_key(con, text, country=country)
    found = {(reference.entity, reference.id): "" for reference in named if reference.entity in wanted}
    indexed = [word for word in words if re.search(_LETTER, word)]
    bare = [word for word in words if not re.search(_LETTER, word)]
    rows = _matching(con, indexed, bare, wanted, limit) if indexed else _containing(con, bare, wanted, limit)
    for row, excerpt in rows:
        found.setdefault(record_of(row), excerpt)
    return _hits(con, found, limit)


def _matching(
    con: sqlite3.Connection, words: list[str], bare: list[str], wanted: list[str], limit: int
) -> list[tuple[int, str]]:
    """Ask the text index for words with letters or digits, and the rows it finds for symbols, which it cannot hold."""
    query = " ".join(f'"{word.replace(chr(34), "")}"*' for word in words)
    kinds, symbols = _kinds(wanted), _symbols(bare)
    sql = (
        "SELECT rowid, snippet(search_index, -1, '', '', '…', 12) FROM search_index"
        f" WHERE search_index MATCH ? AND {kinds} AND {symbols}"
        f" ORDER BY bm25(search_index, {_WEIGHTS}), rowid LIMIT ?"
    )
    return con.execute(sql, (query, *bare, limit)).fetchall()


def _containing(con: sqlite3.Connection, bare: list[str], wanted: list[str], limit: int) -> list[tuple[int, str]]:
    """Look through the texts for symbols alone."""
    sql = f"SELECT rowid, '' FROM search_index WHERE {_kinds(wanted)} AND {_symbols(bare)} LIMIT ?"
    return con.execute(sql, (*bare, limit)).fetchall()


def _kinds(wanted: list[str]) -> str:
    return f"rowid % {_STRIDE} IN ({', '.join(str(row_number(name, 0)) for name in wanted)})"


def _symbols(bare: list[str]) -> str:
    return " AND ".join(["TRUE", *("instr(name || ' ' || keys || ' ' || body, ?) > 0" for _ in bare)])


def _hits(con: sqlite3.Connection, found: dict[tuple[str, int], str], limit: int) -> list[Hit]:
    names = Labels(con)
    for entity, record_id in found:
        names.want(entity, [record_id])
    hits = []
    for (entity, record_id), excerpt in list(found.items())[:limit]:
        title = names.name(entity, record_id) or ""
        hits.append(Hit(entity, record_id, ENTITIES[entity].ref(record_id), title, "" if excerpt == title else excerpt))
    return hits
