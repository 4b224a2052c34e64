"""Packs: key figures that belong together, and the list of all of them, with those that wait for their data."""

from collections.abc import Iterable

from crmcli.domain.kpis import MAIN
from crmcli.domain.schema import did_you_mean
from crmcli.errors import UsageError
from crmcli.queries.columns import Shown
from crmcli.reports.definitions.waiting import Waiting
from crmcli.reports.registry import KPIS, waiting
from crmcli.reports.result import Sheet

PACKS = {
    "goals": ("retention", "referral_rate", "ambassadors", "trial"),  # customers kept, who tell others, and new ones
    "adhesion": ("redemption", "retention", "awareness"),
    "purchase": ("trial", "penetration", "average_purchase", "frequency"),
    "relationship": ("csi", "share_of_requirements", "share_of_wallet", "affinity"),
    "economic": ("sales", "cost_per_adhesion", "margin", "roi"),
    "sales": tuple(key for key in MAIN if not key.startswith("ticket")),
    "service": (
        "tickets_opened", "tickets_closed", "tickets_open", "ticket_first_response_hours_median",
        "ticket_resolution_hours_median", "first_response", "resolution", "sla", "backlog", "reopen_rate",
        "first_contact", "interventions", "effort", "csat",
    ),
}  # fmt: skip
_WAITING = (Shown("label", "Figure", "text"), Shown("key", "Key", "text"), Shown("waits_for", "Waits for", "tags"))
_LISTED = (
    Shown("key", "Key", "text"), Shown("label", "Figure", "text"), Shown("unit", "Unit", "text"),
    Shown("waits_for", "Waits for", "tags"),
)  # fmt: skip


def keys_of_pack(name: str | None) -> tuple[str, ...]:
    """Return the keys of a pack that are computed, the main ones without a name; UsageError when there is none such."""
    if name is None:
        return MAIN
    if name not in PACKS:
        hint = did_you_mean(name, list(PACKS)) or f"one of {', '.join(PACKS)}"
        raise UsageError(f"there is no pack {name!r}", hint=hint)
    return tuple(key for key in PACKS[name] if key in KPIS)


def waiting_of_pack(name: str | None) -> list[Waiting]:
    """Return the figures of a pack that wait for their data."""
    return [one for one in waiting() if name is not None and one.key in PACKS[name]]


def waiting_sheet(found: list[Waiting]) -> tuple[Sheet, ...]:
    """Return a sheet of figures that wait for their data, or none where there is none."""
    return (Sheet("Waiting for their data", _WAITING, waiting_rows(found), "figures"),) if found else ()


def registry_sheet() -> Sheet:
    """Return every figure there is, those that wait for their data last."""
    rows: list[dict[str, object]] = [{**kpi.defined(), "waits_for": []} for kpi in KPIS.values()]
    return Sheet("", _LISTED, rows + waiting_rows(waiting()), "figures")


def waiting_rows(found: Iterable[Waiting]) -> list[dict[str, object]]:
    """Return figures that wait for their data, as a document has them."""
    return [
        {"key": one.key, "label": one.label, "unit": one.unit, "area": one.area, "waits_for": list(one.tables)}
        for one in found
    ]
