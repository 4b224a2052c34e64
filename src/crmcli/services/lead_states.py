"""From which status a lead may go to which, and what it became: for commands, rules and conversion alike."""

from collections.abc import Mapping
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.enums import kind
from crmcli.errors import RefusedError
from crmcli.services.changes import Changes
from crmcli.services.images import Image


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
