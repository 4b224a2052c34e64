"""The custom fields of one transaction, read once: a hundred thousand imported records ask for them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmcli.domain.schema import Field
from crmcli.queries.fields import custom_fields

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


class CustomBook:
    """The custom fields of each entity, as fields and as the rows that define them."""

    def __init__(self, writer: "Writer") -> None:
        self._writer = writer
        self.forget()

    def forget(self) -> None:
        """Read everything anew at the next question; a definition was saved."""
        self._fields: dict[str, dict[str, Field]] | None = None
        self._rows: list[dict[str, Any]] | None = None

    def fields(self, entity: str) -> Mapping[str, Field]:
        """Return the custom fields of an entity by key."""
        if self._fields is None:
            self._fields = custom_fields(self._writer.unit.raw)
        return self._fields.get(entity, {})

    def definitions(self, entity: str) -> list[dict[str, Any]]:
        """Return the rows that define the custom fields of an entity, in their order."""
        if self._rows is None:
            self._rows = self._writer.all("SELECT * FROM custom_field WHERE deleted_at IS NULL ORDER BY position, id")
        return [row for row in self._rows if row["entity"] == entity]
