"""Tag: a word on any record, shared by all entities."""

from typing import ClassVar

from crmcli.model.columns import text
from crmcli.model.record import COUNTED, Derived, Described, Input, Stored, stored


class TagBase(Input):
    """What a tag is made of. ``name_key`` is the folded name."""

    about: ClassVar[Described] = Described(
        "tag", "tag", "", "Tag", "tags", "r.name",
        ("name", "records", "colour"),
        (Derived("records", "int", "Records", "(SELECT COUNT(*) FROM tagging g WHERE g.tag_id = r.id)"),),
    )  # fmt: skip

    name: str = text("Name", required=True)
    name_key: str = text("Name for comparison", required=True, index=True, writable=False)
    colour: str | None = text("Colour", option=True)
    entity: str | None = text("Only on", option=True)


@stored
class Tag(TagBase, Stored, table=True):
    """The stored tag."""

    __tablename__ = "tag"
    __table_args__ = COUNTED
