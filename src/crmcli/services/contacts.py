"""Where a contact works: beginning and ending a place in an organization. The rest are verbs of every record."""

from crmcli.catalogue import ENTITIES
from crmcli.errors import NotFoundError
from crmcli.services.employments import begin_employment
from crmcli.services.results import Context, Result
from crmcli.services.writer import Writer, write


def employ(
    context: Context, contact_id: int, organization_id: int, role: str | None = None, primary: bool = False
) -> Result:
    """Give a contact a place in an organization, or take up an ended one again; the first place is the primary one."""
    return write(context, lambda writer: begin_employment(writer, contact_id, organization_id, role, primary))


def leave(context: Context, contact_id: int, organization_id: int) -> Result:
    """End a contact's place in an organization; it stays as history and is no longer the primary one."""

    def work(writer: Writer) -> None:
        rows = writer.image("contact", contact_id)["organizations"]
        if all(row["organization_id"] != organization_id for row in rows):
            raise NotFoundError("org", ENTITIES["organization"].ref(organization_id), hint="the contact is not there")
        past = {"is_active": 0, "is_primary": 0}
        ended = [row | past if row["organization_id"] == organization_id else row for row in rows]
        writer.update("contact", contact_id, {"organizations": ended})

    return write(context, work)
