"""What a merge means for rules that act once: the survivor inherits what they did on the records that went into it.

Inherited keys belong to the operation of the merge, so taking it back frees them.
"""

from collections.abc import Sequence
from json import dumps
from typing import TYPE_CHECKING, Any

from crmcli.services.automation.keys import UNDONE, Match, is_of_match, match_key, read_match
from crmcli.services.automation.runs import ENDED

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_KEYS = (
    "SELECT rule_id, rule_hash, event, record_id, trigger_key FROM rule_run"
    " WHERE entity = ? AND record_id IN (SELECT value FROM json_each(?)) AND trigger_key IS NOT NULL"
    f" AND trigger_key NOT LIKE '{UNDONE}%' ORDER BY id"
)
_INHERIT = (
    "INSERT OR IGNORE INTO rule_run (rule_id, rule_hash, event, entity, record_id, operation_id, depth, at, status,"
    f" trigger_key) VALUES (?, ?, ?, ?, ?, ?, 0, ?, '{ENDED}', ?)"
)


def inherit_keys(writer: "Writer", entity: str, keep: int, gone: Sequence[int]) -> None:
    """Let rules that acted once on merged records have acted on the survivor too, inside an open write."""
    heir = f"{entity} {keep}"
    matches: dict[tuple[str, str], Match] = {}
    last: dict[str, dict[str, Any]] = {}  # by rule, the last row about a match
    wanted = []
    for row in writer.all(_KEYS, entity, dumps([keep, *gone])):
        if is_of_match(row["trigger_key"]):
            record, match = read_match(row["trigger_key"])
            matches[row["rule_id"], record] = match
            last[row["rule_id"]] = row
        elif row["record_id"] != keep:
            wanted.append((row, heir + row["trigger_key"].removeprefix(f"{entity} {row['record_id']}")))
    for rule_id, row in last.items():
        own = matches.get((rule_id, heir), Match())
        if not own.is_open and any(match.is_open for (of, _), match in matches.items() if of == rule_id):
            wanted.append((row, match_key(heir, own.number + 1)))
    operation = writer.journal.begin()
    rows = [
        (row["rule_id"], row["rule_hash"], row["event"], entity, keep, operation, writer.now, key)
        for row, key in wanted
    ]
    writer.unit.execute(_INHERIT, rows)
