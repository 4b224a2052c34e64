"""Why a deal or a lead was lost: demanded when it is lost, gone when it is not."""

from crmcli.domain.enums import values
from crmcli.services.drafts import Draft

_SAYABLE = [reason for reason in values("lost_reason") if reason != "unknown"]


def settle_lost_reason(draft: Draft, lost: bool) -> None:
    """Demand the reason of a lost record, and a note for ``other``; clear both on any other record.

    Only an import may leave the reason unknown, where its file gives none; a merge keeps what is there.
    """
    record = draft.record
    if not lost:
        for key in ("lost_reason", "lost_note"):
            if key in draft.given and record[key]:
                draft.refuse(key, f"only a lost {draft.entity.noun} has one")
            record[key] = None
        return
    if draft.intent in ("import", "merge"):
        record["lost_reason"] = record["lost_reason"] or "unknown"
    elif record["lost_reason"] is None:
        draft.refuse("lost_reason", f"is required: {', '.join(_SAYABLE)}")
    elif record["lost_reason"] == "unknown" and draft.changed("lost_reason"):
        draft.refuse("lost_reason", f"must be said: {', '.join(_SAYABLE)}")
    if record["lost_reason"] == "other" and not record["lost_note"]:
        draft.refuse("lost_note", "is required where the reason is other")
