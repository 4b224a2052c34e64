"""Why the condition of a rule holds for a record or does not, for people: its tree, and the parts that decided."""

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from crmcli.conditions.trace import Finding, Found, deciding, trace
from crmcli.queries.present import present
from crmcli.queries.references import title_of
from crmcli.rules.ruleset import ReadyRule

if TYPE_CHECKING:
    from crmcli.services.automation.values import RecordValues


class Part(NamedTuple):
    """A line of a condition: how deep it stands in the tree, what it says, whether that holds, and what was found."""

    depth: int
    text: str
    holds: bool
    found: str


def finding_of(ready: ReadyRule, values: "RecordValues") -> Finding | None:
    """Return what the parts of a rule's condition found; None for a rule without one."""
    if ready.when is None:
        return None
    paths = ready.when.paths
    return trace(ready.when, values.new(paths), values.old(paths))


def failing(finding: Finding) -> str:
    """Return the parts because of which a condition does not hold, as the rule writes them."""
    leaves = deciding(finding)
    missing = [f"`{leaf.text}`" for leaf in leaves if not leaf.holds]
    told = [f"`{leaf.text}` holds" for leaf in leaves if leaf.holds]
    if missing:
        text = f"neither {' nor '.join(missing)} holds" if len(missing) > 1 else f"{missing[0]} does not hold"
        told.insert(0, text)
    return ", ".join(told)


def failing_values(finding: Finding, con: sqlite3.Connection) -> str:
    """Return the values because of which a condition does not hold, as people read them."""
    return ", ".join(filter(None, (_said(leaf, con) for leaf in deciding(finding))))


def parts_of(finding: Finding, con: sqlite3.Connection) -> list[Part]:
    """Return the lines of a condition, the values in them as people read them."""
    return list(_parts(finding, con, 0))


def _parts(finding: Finding, con: sqlite3.Connection, depth: int) -> Iterator[Part]:
    yield Part(depth, finding.text, finding.holds, _said(finding, con))
    for part in finding.parts:
        yield from _parts(part, con, depth + 1)


def _said(finding: Finding, con: sqlite3.Connection) -> str:
    return ", ".join(f"{one.path} is {_shown(one, con)}" for one in finding.found)


def _shown(found: Found, con: sqlite3.Connection) -> str:
    """Return a value as people read it; of a reference to another record its name."""
    field, stored = found.operand.field, found.stored
    if stored in (None, "", [], "[]"):
        return "empty"
    if field.type == "ref":
        return title_of(con, field.ref, stored)
    if field.multi:
        return ", ".join(map(str, stored))
    return str(present(field, stored, found.currency))
