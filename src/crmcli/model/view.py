"""View: a saved condition with columns and an order."""

from typing import ClassVar

from crmcli.model.columns import boolean, enum, json, ref, text
from crmcli.model.record import COUNTED, Described, Input, Stored, stored


class ViewBase(Input):
    """What a view is made of; its condition is checked when it is saved."""

    about: ClassVar[Described] = Described(
        "view", "view", "", "View", "views", "r.key",
        ("key", "entity", "condition", "columns", "sort", "pinned"),
    )  # fmt: skip

    key: str = text("Key", required=True, index=True)
    name: str = text("Name", required=True)
    entity: str = text("Entity", required=True)
    condition: str | None = text("Condition", long=True)
    columns: str | None = json("Columns")
    sort: str | None = text("Order")
    group_by: str | None = text("Grouped by")
    kind: str = enum("Kind", "view_kind", default="list")
    owner_id: int | None = ref("Owner", "user", "app_user")
    shared_with: str | None = json("Shared with")
    pinned: int = boolean("Pinned")


@stored
class View(ViewBase, Stored, table=True):
    """The stored view."""

    __tablename__ = "saved_view"
    __table_args__ = COUNTED
