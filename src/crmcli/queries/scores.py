"""What the scores of leads are made of, for people to read."""

import sqlite3
from collections.abc import Iterator, Sequence
from json import dumps

from crmcli.catalogue import ENTITIES
from crmcli.domain.score_lines import Line, parse_lines, total
from crmcli.store.reader import fetch

_SQL = (
    "SELECT id, score, score_lines, COALESCE(score_updated_at, created_at) AS since FROM lead WHERE score IS NOT NULL"
    " AND deleted_at IS NULL AND (:ids IS NULL OR id IN (SELECT value FROM json_each(:ids))) ORDER BY id"
)


def score_lines(con: sqlite3.Connection, lead_ids: Sequence[int] | None = None) -> Iterator[dict[str, object]]:
    """Yield the lines of the scores of leads, of all leads without ``lead_ids``, each with ref and score of its lead.

    What a score holds beyond its lines was there before lines were kept, and counts as set by hand.
    """
    ids = None if lead_ids is None else dumps(list(lead_ids))
    for row in fetch(con, _SQL, {"ids": ids}):
        lines = parse_lines(row["score_lines"])
        rest = row["score"] - total(lines)
        lines += [Line("manual", "", rest, rest, row["since"])] if rest else []
        for line in lines:
            shown = {key: value if value != "" else None for key, value in line._asdict().items()}
            yield {"ref": ENTITIES["lead"].ref(row["id"]), "score": row["score"], **shown}


def scores(con: sqlite3.Connection, lead_ids: Sequence[int]) -> list[tuple[str, int]]:
    """Return the refs and scores of leads that have one."""
    rows = fetch(con, _SQL, {"ids": dumps(list(lead_ids))})
    return [(ENTITIES["lead"].ref(row["id"]), row["score"]) for row in rows]
