"""What is kept in step with servers of calendars and address books: how far, and which item stands for which record."""

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from crmcli.model.columns import instant, json, text
from crmcli.model.record import STRICT, stored


@stored
class SyncCollection(SQLModel, table=True):
    """A collection of a server, by the name of its account, and the mark from which on changes are asked for."""

    __tablename__ = "sync_collection"
    __table_args__ = STRICT
    name: str = Field(primary_key=True, sa_type=Text)
    url: str = text("Address", required=True)
    token: str | None = text("Mark")
    at: str = instant("When", required=True)


@stored
class SyncItem(SQLModel, table=True):
    """An item of a collection as it was when both sides last agreed.

    ``body`` is its text there, ``ours`` what we would have written then, by component; changes are told by these.
    """

    __tablename__ = "sync_item"
    __table_args__ = (UniqueConstraint("collection", "href"), UniqueConstraint("entity", "uid"), STRICT)
    id: int | None = Field(default=None, primary_key=True)
    collection: str = text("Collection", required=True)
    href: str = text("Address", required=True)
    etag: str = text("Version there", required=True)
    entity: str = text("Kind", required=True)
    uid: str = text("UID", required=True)
    title: str = text("Title", required=True)
    body: str = text("Text there", required=True, long=True)
    ours: str | None = json("Text here")
