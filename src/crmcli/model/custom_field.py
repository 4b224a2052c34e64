"""Custom field: a field that the user adds to an entity."""

from typing import ClassVar

from crmcli.model.columns import boolean, enum, integer, json, text
from crmcli.model.record import COUNTED, Described, Input, Stored, stored


class CustomFieldBase(Input):
    """What a custom field is made of; values live in the ``custom`` column of records."""

    about: ClassVar[Described] = Described(
        "custom_field", "field", "", "Custom field", "custom fields", "r.entity || '.' || r.key",
        ("entity", "key", "label", "type", "required", "options"),
    )  # fmt: skip

    entity: str = text("Entity", required=True)
    key: str = text("Key", required=True)
    label: str = text("Label", required=True)
    type: str = enum("Type", "field_type", default="text")
    required: int = boolean("Required")
    default_value: str | None = text("Default", aliases=("default",))
    options: str | None = json("Options")
    is_unique: int = boolean("Unique")
    is_personal: int = boolean("Personal")
    help: str | None = text("Help")
    position: int = integer("Position", default=0)


@stored
class CustomField(CustomFieldBase, Stored, table=True):
    """The stored custom field."""

    __tablename__ = "custom_field"
    __table_args__ = COUNTED
