"""Child tables of records: contact points, employments, buying centres, links, tags, ids elsewhere, non-duplicates.

Their rows belong to a record and are journalled as part of it (see ``store.collections``).
"""

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from crmcli.model.columns import boolean, enum, instant, integer, ref, text
from crmcli.model.record import STRICT, stored


def _id() -> int | None:
    value: int | None = Field(default=None, primary_key=True)
    return value


@stored
class ContactPoint(SQLModel, table=True):
    """An e-mail, phone or profile of a lead, organization or contact."""

    __tablename__ = "contact_point"
    __table_args__ = (
        UniqueConstraint("entity", "record_id", "kind", "value_norm"),
        Index("ix_contact_point_value_norm", "value_norm", "kind"),
        CheckConstraint("kind = 'email' OR kind = 'phone' OR kind = 'social'", name="kind"),  # IN makes a table a row
        STRICT,
    )
    id: int | None = _id()
    entity: str = text("Entity", required=True)
    record_id: int = integer("Record", required=True)
    kind: str = text("Kind", required=True)
    label: str | None = text("Label")
    value: str = text("Value", required=True)
    value_norm: str = text("Value for comparison", required=True)
    extension: str | None = text("Extension")
    is_primary: int = boolean("Primary")
    status: str | None = text("Status")
    position: int = integer("Position", default=0)


@stored
class OrganizationContact(SQLModel, table=True):
    """A contact's place in an organization."""

    __tablename__ = "organization_contact"
    __table_args__ = (UniqueConstraint("contact_id", "organization_id"), STRICT)
    id: int | None = _id()
    contact_id: int = ref("Contact", "contact", required=True, index=False)
    organization_id: int = ref("Organization", "organization", required=True)
    role: str | None = text("Role")
    is_primary: int = boolean("Primary")
    is_active: int = boolean("Active", default=True)
    position: int = integer("Position", default=0)


@stored
class DealContact(SQLModel, table=True):
    """A contact in the buying centre of a deal."""

    __tablename__ = "deal_contact"
    __table_args__ = (UniqueConstraint("deal_id", "contact_id"), STRICT)
    id: int | None = _id()
    deal_id: int = ref("Deal", "deal", required=True, index=False)
    contact_id: int = ref("Contact", "contact", required=True)
    role: str | None = enum("Role", "deal_contact_role")
    position: int = integer("Position", default=0)


@stored
class ContactDate(SQLModel, table=True):
    """A day to remember of a contact."""

    __tablename__ = "contact_date"
    __table_args__ = STRICT
    id: int | None = _id()
    contact_id: int = ref("Contact", "contact", required=True)
    label: str = text("Label", required=True)
    day: str = text("Day", required=True)
    remind: int = boolean("Remind")
    position: int = integer("Position", default=0)


@stored
class ActivityLink(SQLModel, table=True):
    """A task, event or interaction on a record; one link is the main one."""

    __tablename__ = "activity_link"
    __table_args__ = (
        UniqueConstraint("activity_entity", "activity_id", "entity", "record_id"),
        Index("ix_activity_link_record", "entity", "record_id", "activity_entity"),
        STRICT,
    )
    id: int | None = _id()
    activity_entity: str = text("Activity kind", required=True)
    activity_id: int = integer("Activity", required=True)
    entity: str = text("Entity", required=True)
    record_id: int = integer("Record", required=True)
    is_main: int = boolean("Main")
    role: str | None = text("Role")
    position: int = integer("Position", default=0)


@stored
class Attendee(SQLModel, table=True):
    """Somebody invited to an event."""

    __tablename__ = "attendee"
    __table_args__ = STRICT
    id: int | None = _id()
    event_id: int = ref("Event", "event", required=True)
    entity: str = text("Kind", required=True)
    record_id: int = integer("Record", required=True)
    response: str = enum("Response", "attendee_response", default="none")
    position: int = integer("Position", default=0)


@stored
class Tagging(SQLModel, table=True):
    """A tag on a record."""

    __tablename__ = "tagging"
    __table_args__ = (
        UniqueConstraint("entity", "record_id", "tag_id"),
        Index("ix_tagging_tag_id", "tag_id", "entity"),
        STRICT,
    )
    id: int | None = _id()
    tag_id: int = ref("Tag", "tag", required=True, index=False)
    entity: str = text("Entity", required=True)
    record_id: int = integer("Record", required=True)


@stored
class ExternalRef(SQLModel, table=True):
    """The id of a record in another system."""

    __tablename__ = "external_ref"
    __table_args__ = (
        UniqueConstraint("system", "entity", "external_id"),
        Index("ix_external_ref_record", "entity", "record_id"),
        STRICT,
    )
    id: int | None = _id()
    system: str = text("System", required=True)
    entity: str = text("Entity", required=True)
    external_id: str = text("Id there", required=True)
    record_id: int = integer("Record", required=True)
    url: str | None = text("Address there")
    last_seen_at: str | None = instant("Last seen")


@stored
class Distinction(SQLModel, table=True):
    """That two records which look alike are not the same; said once for both, on either of them."""

    __tablename__ = "distinction"
    __table_args__ = (UniqueConstraint("owner_entity", "owner_id", "entity", "record_id"), STRICT)
    id: int | None = _id()
    owner_entity: str = text("Kind of the one", required=True)
    owner_id: int = integer("The one", required=True)
    entity: str = text("Kind of the other", required=True)
    record_id: int = integer("The other", required=True)
