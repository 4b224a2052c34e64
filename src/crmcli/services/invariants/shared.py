"""Invariants that several entities have in common."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crmcli.domain.enums import values
from crmcli.domain.schema import Entity
from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

ABOVE = {"contact": "reports_to", "organization": "parent", "ticket": "duplicate_of"}  # must not lead back
_FUNNEL = [stage for stage in values("lifecycle_stage") if stage != "other"]  # `other` stands outside


def check_cycle(draft: Draft, writer: "Writer") -> None:
    """Refuse a chain of records above each other that comes back to its beginning."""
    key = ABOVE[draft.entity.name]
    column = draft.entity.fields[key].column
    first = draft.record[column]
    if first is not None and draft.changed(column) and draft.id in chain_above(writer, draft.entity, first):
        own = draft.entity.ref(draft.id)
        is_own = first == draft.id
        draft.refuse(key, f"cannot be {own} itself" if is_own else f"{draft.entity.ref(first)} leads back to {own}")


def chain_above(writer: "Writer", kind: Entity, first: int | None) -> Iterator[int]:
    """Yield a record and those above it, each once, by their ids."""
    column = kind.fields[ABOVE[kind.name]].column
    seen: set[int] = set()
    current = first
    while current is not None and current not in seen:
        yield current
        seen.add(current)
        found = writer.one(f"SELECT {column} AS next FROM {kind.table} WHERE id = ?", current)
        current = found["next"] if found else None


def settle_source(draft: Draft) -> None:
    """Keep the first source: later touches, imports and rules fill it but never replace it; a person may correct it."""
    first = draft.was("source")
    if first and draft.record["source"] != first and draft.intent in ("import", "rule", "convert"):
        draft.record["source"] = first
        draft.record["source_detail"] = draft.was("source_detail")


def settle_life_cycle(draft: Draft, writer: "Writer") -> None:
    """Let the funnel stage move forward freely, and back only by hand with a reason; keep the reason of a phase."""
    _settle_phase(draft, writer)
    old, new = draft.was("lifecycle_stage"), draft.record["lifecycle_stage"]
    if old not in _FUNNEL or new not in _FUNNEL or _FUNNEL.index(new) >= _FUNNEL.index(old):
        return
    if draft.intent in ("", "edit") and not writer.context.command.reason:
        draft.refuse("lifecycle_stage", f"going back from {old} to {new} needs --reason")


def _settle_phase(draft: Draft, writer: "Writer") -> None:
    """Ask for the reason of a phase that a person sets, which no proposal will change; emptying it needs none."""
    phase = draft.record.get("lifecycle_phase")
    is_by_hand = draft.intent in ("", "edit") and writer.cause == "user"
    if phase and is_by_hand and draft.before and draft.changed("lifecycle_phase") and not writer.context.command.reason:
        draft.refuse("lifecycle_phase", "is kept against all proposals when it is set by hand, so it needs --reason")


def further_life_cycle(old: str | None, stage: str) -> str:
    """Return the later one of two funnel stages; an empty one, and ``other``, stand before all."""
    return old if old in _FUNNEL and _FUNNEL.index(old) > _FUNNEL.index(stage) else stage


def check_identity(draft: Draft, columns: tuple[str, ...], needed: str) -> None:
    """Refuse a person or lead by which nobody could be named or reached; ``needed`` says what would do."""
    record = draft.record
    if not record["emails"] and not record["phones"] and not any(record[column] for column in columns):
        draft.refuse("", f"it needs {needed}")
