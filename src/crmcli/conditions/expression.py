"""Expressions over a record as SQL text: what lists and reports need of the language when no condition is asked."""

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from crmcli.conditions.operands import Hop
    from crmcli.conditions.predicates import Scalar

_ROW = r"'[^']*'|\br\."  # the record's alias, or a text of SQL, which stays as it is


class Clause(NamedTuple):
    """An SQL expression that is never NULL, and the values of its named parameters."""

    sql: str
    parameters: "dict[str, Scalar]"


def value(hops: "tuple[Hop, ...]", sql: str) -> str:
    """Return an expression over alias ``r`` as seen from the record at the start of the hops."""
    if not hops:
        return f"({sql})"
    alias = f"hop{len(hops)}"
    over_alias = re.sub(_ROW, lambda found: found[0] if found[0].startswith("'") else f"{alias}.", sql)
    record = record_of(hops)
    return f"(SELECT {over_alias} FROM {hops[-1].target.table} {alias} WHERE {alias}.id = {record})"


def record_of(hops: "tuple[Hop, ...]") -> str:
    """Return the id of the record that the hops lead to."""
    return value(hops[:-1], hops[-1].reference.sql) if hops else "r.id"
