"""A place of a contact in an organization, begun inside an open write."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def begin_employment(
    writer: "Writer",
    contact_id: int,
    organization_id: int,
    role: str | None,
    primary: bool = False,
    *,
    intent: str = "",
) -> None:
    """Give a contact a place in an organization, or take up an ended one again; the first one is the primary one."""
    rows = writer.image("contact", contact_id)["organizations"]
    old = next((row for row in rows if row["organization_id"] == organization_id), None)
    first = primary or not any(row["is_primary"] for row in rows if row is not old)
    place = {
        "organization_id": organization_id,
        "role": role or (old["role"] if old else None),
        "is_primary": int(first),
        "is_active": 1,
    }
    kept = [place if row is old else row | {"is_primary": int(row["is_primary"] and not primary)} for row in rows]
    places = kept if old else [*kept, place]
    writer.update("contact", contact_id, {"organizations": places}, intent=intent)
