"""What happens to leads: they qualify, they are lost, or they are converted."""

from dataclasses import replace
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.services.conversion import ConvertOptions, convert_lead
from crmcli.services.lead_states import status_changes
from crmcli.services.results import Context, Result
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


def convert(context: Context, lead_id: int, options: ConvertOptions) -> Result:
    """Convert an open lead as ``convert_lead`` does."""
    context = replace(context, command=replace(context.command, kind="convert"))
    return write(context, lambda writer: convert_lead(writer, lead_id, options))


def _set_status(writer: Writer, lead_id: int, status: str, values: dict[str, Any]) -> None:
    lead = writer.image("lead", lead_id)
    if lead["status"] == status:
        writer.warn(f"{ENTITIES['lead'].ref(lead_id)} is {status} already")
        return
    for change in status_changes(lead, status, values):
        writer.update("lead", lead_id, dict(change))
