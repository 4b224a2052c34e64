"""Invariants that several entities have in common."""

from typing import TYPE_CHECKING

from crmcli.domain.enums import values
from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_FUNNEL = [stage for stage in values("lifecycle_stage") if stage != "other"]  # `other` stands outside


def check_cycle(draft: Draft, writer: "Writer", key: str) -> None:
    """Refuse a chain of ``<key>_id`` references that comes back to the record."""
    column = f"{key}_id"
    seen, current = {draft.record["id"]}, draft.record[column]
    while draft.changed(column) and current is not None:
        if current in seen:
            target, own = draft.entity.ref(draft.record[column]), draft.entity.ref(draft.id)
            is_own = draft.record[column] == draft.id
            draft.refuse(key, f"cannot be {own} itself" if is_own else f"{target} leads back to {own}")
            return
        seen.add(current)
        found = writer.one(f"SELECT {column} AS next FROM {draft.entity.table} WHERE id = ?", current)
        current = found["next"] if found else None


def settle_source(draft: Draft) -> None:
    """Keep the first source: later touches, imports and rules fill it but never replace it; a person may correct it."""
    first = draft.was("source")
    if first and draft.record["source"] != first and draft.intent in ("import", "rule", "convert"):
        draft.record["source"] = first
        draft.record["source_detail"] = draft.was("source_detail")


def settle_life_cycle(draft: Draft, writer: "Writer") -> None:
    """Let the funnel stage move forward freely, and back only by hand with a reason."""
    old, new = draft.was("lifecycle_stage"), draft.record["lifecycle_stage"]
    if old not in _FUNNEL or new not in _FUNNEL or _FUNNEL.index(new) >= _FUNNEL.index(old):
        return
    if draft.intent in ("", "edit") and not writer.context.command.reason:
        draft.refuse("lifecycle_stage", f"going back from {old} to {new} needs --reason")


def further_life_cycle(old: str | None, stage: str) -> str:
    """Return the later one of two funnel stages; an empty one, and ``other``, stand before all."""
    return old if old in _FUNNEL and _FUNNEL.index(old) > _FUNNEL.index(stage) else stage


def check_identity(draft: Draft, columns: tuple[str, ...], needed: str) -> None:
    """Refuse a person or lead by which nobody could be named or reached; ``needed`` says what would do."""
    record = draft.record
    if not any(record[column] for column in columns) and not record["emails"] and not record["phones"]:
        draft.refuse("", f"it needs {needed}")
