"""What a contact must satisfy, and what follows from its fields."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmcli.domain.columns import OneEach, filled
from crmcli.services.drafts import Draft
from crmcli.services.invariants.follow_ups import settle_next_contact
from crmcli.services.invariants.shared import check_cycle, check_identity, settle_life_cycle, settle_source

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_NAMING = ("first_name", "last_name", "emails", "phones")


def settle(draft: Draft, writer: "Writer") -> None:
    """Check that the person can be named, and keep at most one primary, active employer."""
    if draft.intent == "delete":
        return
    check_identity(draft, ("first_name", "last_name"), "a name, an e-mail or a phone")
    writer.subjects.recognise(draft)
    _settle_employers(draft)
    check_cycle(draft, writer)
    settle_source(draft)
    settle_life_cycle(draft, writer)
    settle_next_contact(draft, writer)


def is_plain(columns: Mapping[str, Sequence[Any]], writer: "Writer") -> bool:
    """Say whether new contacts, given by their filled columns, can be named, and nothing follows from their fields."""
    naming = [filled(columns[name]) for name in _NAMING if name in columns]
    employers = columns.get("organizations", ())
    return (
        "next_contact_on" not in columns
        and "subject_id" not in columns
        and not writer.subjects.are_there()
        and (isinstance(employers, OneEach) or not employers or max(map(len, employers)) <= 1)
        and bool(naming)
        and (any(map(all, naming)) or all(map(any, zip(*naming, strict=True))))
    )


def _settle_employers(draft: Draft) -> None:
    rows = draft.record["organizations"]
    if (
        not rows
        or (len(rows) == 1 and rows[0]["is_primary"] == rows[0]["is_active"])
        or not draft.changed("organizations")
    ):
        return
    rows = list({row["organization_id"]: row for row in rows}.values())  # the last word on each employer counts
    chosen = next((n for n, row in enumerate(rows) if row["is_primary"] and row["is_active"]), None)
    draft.record["organizations"] = [row | {"is_primary": int(n == chosen)} for n, row in enumerate(rows)]
