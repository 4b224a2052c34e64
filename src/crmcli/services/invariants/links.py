"""The records that a task, an event or an interaction is for: each once, all there, and one of them the main one."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from crmcli.catalogue import ENTITIES
from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

Link = tuple[str, int]  # entity and id of a record
LINKED = ("lead", "organization", "contact", "deal", "ticket")


def link_rows(links: Iterable[Link]) -> list[dict[str, Any]]:
    """Return the value of a field ``links`` for records, the main one first."""
    return [{"entity": entity, "record_id": record_id} for entity, record_id in links]


def settle_links(draft: Draft, writer: "Writer") -> None:
    """Keep each link once, and one of them as the main one; refuse a link to what is not there or has no activities.

    The main link is the one newly named so, else the one that was, else the first.
    """
    if not draft.changed("links"):
        return
    rows: dict[Link, dict[str, Any]] = {}
    for row in draft.record["links"]:
        key = (row["entity"], row["record_id"])
        known = rows.get(key, {"is_main": 0, "role": None})
        rows[key] = known | {name: value for name, value in row.items() if value is not None}
    before = {(row["entity"], row["record_id"]): row["is_main"] for row in draft.was("links") or ()}
    mains = [key for key, row in rows.items() if row["is_main"]]
    main = next((key for key in mains if not before.get(key)), mains[0] if mains else next(iter(rows), None))
    draft.record["links"] = [row | {"is_main": int(key == main)} for key, row in rows.items()]
    for key in rows.keys() - before.keys():
        check_target(draft, writer, "links", key, LINKED)


def living(rows: Iterable[dict[str, Any]], writer: "Writer") -> list[dict[str, Any]]:
    """Return those of the rows of links or attendees whose record is still there, for a record like another one."""
    return [row for row in rows if _is_there(writer, row["entity"], row["record_id"])]


def check_target(draft: Draft, writer: "Writer", key: str, target: Link, kinds: tuple[str, ...]) -> None:
    """Refuse a pointer to a record of the wrong kind, or to one that is not there."""
    entity, record_id = target
    if entity not in kinds:
        draft.refuse(key, f"{entity!r} is not one of {', '.join(kinds)}")
        return
    if not _is_there(writer, entity, record_id):
        kind = ENTITIES[entity]
        draft.refuse(key, f"there is no {kind.noun} {kind.ref(record_id)}")


def _is_there(writer: "Writer", entity: str, record_id: int) -> bool:
    sql = f"SELECT id FROM {ENTITIES[entity].table} WHERE id = ? AND deleted_at IS NULL"
    return writer.one(sql, record_id) is not None
