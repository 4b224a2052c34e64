"""What happens to leads before they are converted: they qualify, or they are lost."""

from collections.abc import Mapping
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.enums import kind
from crmcli.errors import RefusedError
from crmcli.services.images import Image
from crmcli.services.results import Context, Result
from crmcli.services.steps import Changes
from crmcli.services.writer import Writer, write


def qualify(context: Context, lead_id: int) -> Result:
    """Set an open lead's status to qualified: the seller's judgement that it is worth a negotiation."""
    return write(context, lambda writer: _set_status(writer, lead_id, "qualified", {}))


def lose(context: Context, lead_id: int, reason: str | None, note: str | None = None) -> Result:
    """Give a lead up: ``junk`` when that is the reason, else ``unqualified``. ``other`` needs a note."""
    status = "junk" if reason == "junk" else "unqualified"
    return write(
        context, lambda writer: _set_status(writer, lead_id, status, {"lost_reason": reason, "lost_note": note})
    )


def status_changes(lead: Image, status: str, said: Mapping[str, Any]) -> Changes:
    """Return the changes that take a lead to a status, with what is ``said`` of a loss.

    A converted or lost lead is neither qualified nor lost again (RefusedError); a lost one may be taken up.
    """
    if status == "qualified" or kind("lead_status", status) == "lost":
        refuse_closed(lead)
    return [{"status": status, **said}]


def refuse_closed(lead: dict[str, Any]) -> None:
    """Raise RefusedError for a lead that is converted, naming what it became, or lost."""
    ref = ENTITIES["lead"].ref(lead["id"])
    if lead["status"] == "converted":
        raise RefusedError(
            f"{ref} was converted already, into {', '.join(results_of(lead))}",
            hint=f"crm lead unconvert {ref}",
            code="lead.converted",
        )
    if kind("lead_status", lead["status"]) == "lost":
        hint = f"crm lead edit {ref} --set status=contacted"
        raise RefusedError(f"{ref} is lost ({lead['lost_reason']})", hint=hint, code="lead.lost")


def results_of(lead: dict[str, Any]) -> list[str]:
    """Return the refs of what a lead was converted to: contact, organization, deal."""
    ids = ((name, lead[f"converted_{name}_id"]) for name in ("contact", "organization", "deal"))
    return [ENTITIES[name].ref(record_id) for name, record_id in ids if record_id is not None]


def _set_status(writer: Writer, lead_id: int, status: str, values: dict[str, Any]) -> None:
    lead = writer.image("lead", lead_id)
    if lead["status"] == status:
        writer.warn(f"{ENTITIES['lead'].ref(lead_id)} is {status} already")
        return
    for change in status_changes(lead, status, values):
        writer.update("lead", lead_id, dict(change))
