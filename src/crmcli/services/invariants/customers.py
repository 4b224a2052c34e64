"""What deals make of those they are made with: the first deal an opportunity, a won one a customer.

One look-up per batch and kind, however many deals are saved.
"""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.services.drafts import Draft
from crmcli.services.invariants.shared import further_life_cycle
from crmcli.services.results import Wanted

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_PARTNERS = ("organization", "contact", "lead")


class Standing(NamedTuple):
    """How far a deal brings somebody: the funnel stage, and when the first of the won deals was closed."""

    stage: str
    bought_at: str | None


def mark_customers(drafts: Sequence[Draft], writer: "Writer") -> None:
    """Move the partners of deals that are new, newly won or newly with them forward in the funnel.

    A prospect becomes a customer with the first deal won, and keeps the time of it as the first purchase.
    """
    reached: dict[str, dict[int, Standing]] = {partner: {} for partner in _PARTNERS}
    for draft in drafts:
        for partner, record_id, standing in _standings(draft):
            known = reached[partner].get(record_id)
            reached[partner][record_id] = _further(known, standing) if known else standing
    for partner, standings in reached.items():
        if standings:
            _advance(partner, standings, writer)


def _standings(draft: Draft) -> Iterator[tuple[str, int, Standing]]:
    record = draft.record
    if record["deleted_at"]:
        return
    won = record["outcome"] == "won"
    standing = Standing("customer", record["closed_at"]) if won else Standing("opportunity", None)
    for partner in ("organization", "contact"):
        record_id = record[f"{partner}_id"]
        if record_id is not None and (draft.changed("outcome") or draft.changed(f"{partner}_id")):
            yield partner, record_id, standing
    if draft.before is None and record["lead_id"] is not None:
        yield "lead", record["lead_id"], Standing("opportunity", None)


def _further(one: Standing, other: Standing) -> Standing:
    times = [standing.bought_at for standing in (one, other) if standing.bought_at]
    return Standing(further_life_cycle(one.stage, other.stage), min(times, default=None))


def _advance(partner: str, standings: dict[int, Standing], writer: "Writer") -> None:
    rows = writer.all(
        f"SELECT * FROM {ENTITIES[partner].table} WHERE deleted_at IS NULL"
        " AND id IN (SELECT value FROM json_each(?)) ORDER BY id",
        json.dumps(list(standings)),
    )
    news = {row["id"]: _news(row, standings[row["id"]]) for row in rows}
    wanted = [Wanted(values, record_id, intent="derive") for record_id, values in news.items() if values]
    if wanted:
        writer.save_many(partner, wanted)


def _news(row: dict[str, Any], standing: Standing) -> dict[str, Any]:
    """Return what changes on a partner, keyed by field; a converted lead stays as it is."""
    if row.get("converted_at"):
        return {}
    wanted: dict[str, Any] = {"lifecycle_stage": further_life_cycle(row["lifecycle_stage"], standing.stage)}
    if standing.bought_at:
        if row["type"] == "prospect":
            wanted["type"] = "customer"
        if "trial_purchase_at" in row:
            wanted["trial_purchase_at"] = min(row["trial_purchase_at"] or standing.bought_at, standing.bought_at)
    return {key: value for key, value in wanted.items() if row[key] != value}
