"""What a lead must satisfy, and what follows from its status."""

from typing import TYPE_CHECKING

from crmcli.domain.closed_lists import ENUMS
from crmcli.domain.enums import kind
from crmcli.services.drafts import Draft
from crmcli.services.invariants.follow_ups import settle_next_contact
from crmcli.services.invariants.losing import settle_lost_reason
from crmcli.services.invariants.scores import settle_score
from crmcli.services.invariants.shared import check_identity, settle_life_cycle, settle_source

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_STATUSES = frozenset(choice.key for choice in ENUMS["lead_status"])
_ALWAYS_OPEN = frozenset(  # may change after conversion
    {"tags", "external_refs", "distinct_from", "subject_id", "deleted_at"}
)
_RESULTS = ("converted_organization_id", "converted_contact_id", "converted_deal_id")


def settle(draft: Draft, writer: "Writer") -> None:
    """Check that the lead can be named; guard what conversion did; keep loss and reason together."""
    if draft.was("status") == "converted" and draft.intent != "rename_option":
        _check_read_only(draft)
    if draft.intent == "delete" or draft.problems:
        return
    check_identity(draft, ("last_name", "company_name"), "a name, a company, an e-mail or a phone")
    writer.subjects.recognise(draft)
    _settle_conversion(draft, writer)
    _settle_loss(draft, writer)
    settle_source(draft)
    settle_score(draft, writer)
    settle_life_cycle(draft, writer)
    settle_next_contact(draft, writer)


def _check_read_only(draft: Draft) -> None:
    ref = draft.entity.ref(draft.id)
    if draft.intent == "delete":
        draft.refuse("", f"it was converted and is kept for the figures; crm lead unconvert {ref} first")
        return
    for field in draft.entity.fields.values():
        column = field.column or (field.key if field.multi else "")
        if column and column not in _ALWAYS_OPEN and draft.changed(column):
            draft.refuse(field.key, f"is read-only on a converted lead; crm lead unconvert {ref} first")


def _settle_conversion(draft: Draft, writer: "Writer") -> None:
    record = draft.record
    if record["status"] != "converted" or draft.was("status") == "converted":
        return
    if draft.intent == "import":
        record["status"] = "qualified"
        writer.warn("converted leads arrive as qualified: what they were converted to is not known")
    elif draft.intent != "convert":
        draft.refuse("status", "is set by crm lead convert alone")
    elif not any(record[column] for column in _RESULTS):
        draft.refuse("status", "a converted lead needs what it was converted to")


def _settle_loss(draft: Draft, writer: "Writer") -> None:
    record = draft.record
    if record["status"] not in _STATUSES:
        return  # told by the validation of the field
    lost = kind("lead_status", record["status"]) == "lost"
    settle_lost_reason(draft, lost)
    record["lost_at"] = (record["lost_at"] or writer.now) if lost else None
