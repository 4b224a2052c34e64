"""A record as the caller wants it becomes a draft: values assigned, and what its invariant derives and refuses."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmcli.domain.schema import Entity
from crmcli.errors import NotFoundError
from crmcli.services.clashes import version_clash
from crmcli.services.drafts import Draft
from crmcli.services.invariants.registry import invariant_of
from crmcli.services.results import Wanted
from crmcli.services.ways import assign

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

UNCHECKED = frozenset({"merged", "repoint", "scoring"})  # a merge hides a record or leads it on; a score is derived


def settled(writer: "Writer", kind: Entity, want: Wanted, stored: Mapping[int, dict[str, Any]], uid: str) -> Draft:
    """Return the draft of a record: of a new one with ``uid``, or of one whose image is among the ``stored``.

    NotFoundError when that one is not there, ConflictError when it is no longer what the caller read.
    """
    if want.id is None:
        draft = Draft(kind, {**writer.blank(kind), "uid": uid, **want.like}, None, want.intent)
    elif want.id in stored:
        before = stored[want.id]
        if want.version is not None and want.version != before["version"]:
            raise version_clash(writer.unit.raw, kind, before, want.values)
        draft = Draft(kind, dict(before), before, want.intent)
    else:
        raise NotFoundError(kind.noun, kind.ref(want.id))
    assign(draft, want.values, writer)
    if want.intent in ("delete", "restore"):
        draft.record["deleted_at"] = writer.now if want.intent == "delete" else None
    if want.intent not in UNCHECKED and not draft.problems:
        invariant_of(kind.name)(draft, writer)
    return draft


def guards_keys(writer: "Writer", draft: Draft) -> bool:
    """Say whether a strong key may belong to one record only here; an import matches its rows itself."""
    return (
        draft.intent == ""
        and draft.before is None
        and not draft.problems
        and not writer.context.command.allow_duplicate
    )
