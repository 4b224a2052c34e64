"""The verbs that every kind of record has: add, edit, remove, restore. Each call is one undoable step."""

from collections.abc import Mapping, Sequence
from typing import Any

from crmcli.domain.plurals import counted
from crmcli.errors import NotFoundError, UsageError
from crmcli.services.drafts import Draft
from crmcli.services.linked import create_linked
from crmcli.services.organizations import open_deals_of
from crmcli.services.points import POINTS, absent
from crmcli.services.results import Context, Result, Wanted
from crmcli.services.writer import Writer, write

_MOST_REMOVED = 100  # without being told a larger number


def add(context: Context, entity: str, values: Mapping[str, Any]) -> Result:
    """Create a record from typed values by field key; a ``New`` among them is created before it."""
    return write(context, lambda writer: writer.create(entity, create_linked(writer, values)))


def edit(
    context: Context, entity: str, ids: Sequence[int], values: Mapping[str, Any], version: int | None = None
) -> Result:
    """Change records in the same way; ``+key`` and ``-key`` add to and take from a multi-valued field.

    ``version`` is the version of a single record that the caller read; ConflictError when there is a newer one.
    """

    def work(writer: Writer) -> None:
        complete = create_linked(writer, values)
        wanted = [Wanted(dict(complete), record_id, version) for record_id in dict.fromkeys(ids)]
        drafts = writer.save_many(entity, wanted)
        for key in POINTS:
            _refuse_absent(writer, key, drafts, values.get(f"-{key}") or ())

    return write(context, work)


def remove(context: Context, entity: str, ids: Sequence[int], cascade: bool = False) -> Result:
    """Delete records softly: they leave lists and figures but not the journal, and ``restore`` brings them back.

    With ``cascade`` the open deals of an organization go with it. UsageError when more than 100 would go and the
    command does not allow so many.
    """

    def work(writer: Writer) -> None:
        deals = open_deals_of(writer, ids) if cascade and entity == "organization" else []
        _check_count(len(set(ids)) + len(deals), context.command.most)
        for kind, gone in (("deal", deals), (entity, list(dict.fromkeys(ids)))):
            writer.save_many(kind, [Wanted({}, record_id, intent="delete") for record_id in gone])

    return write(context, work)


def restore(context: Context, entity: str, ids: Sequence[int]) -> Result:
    """Bring deleted records back."""
    wanted = [Wanted({}, record_id, intent="restore") for record_id in dict.fromkeys(ids)]
    return write(context, lambda writer: writer.save_many(entity, wanted))


def _refuse_absent(writer: Writer, key: str, drafts: Sequence[Draft], values: Sequence[str]) -> None:
    """Raise NotFoundError for an e-mail, phone or profile to be taken away that none of the records has."""
    present = [(draft.before or {}).get(key) or [] for draft in drafts]
    for value in absent(key, present, list(values), writer.country):
        known = list(dict.fromkeys(row["value"] for rows in present for row in rows))
        noun = key.removesuffix("s")
        raise NotFoundError(noun, value, hint=f"there is {', '.join(known[:5])}" if known else f"there is no {noun}")


def _check_count(count: int, limit: int | None) -> None:
    if count > (_MOST_REMOVED if limit is None else limit):
        told = f"{counted(count, 'record')} would be deleted"
        raise UsageError(told, hint=f"--max {count} allows it", code="mass.limit")
