"""What others say of a record as values that the one write path takes: whole for a new record, else some fields."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from crmcli.catalogue import ENTITIES
from crmcli.errors import Problem, RefusedError
from crmcli.importing.rows import Draft
from crmcli.model.registry import table_class
from crmcli.services.imports.linking import Linker
from crmcli.services.imports.making import Maker
from crmcli.services.imports.values import record_values

if TYPE_CHECKING:
    from crmcli.importing.presets import Kind
    from crmcli.services.writer import Writer

_LINK = ".link"
_TOGETHER = (frozenset({"start_at", "end_at"}), frozenset({"status", "completed_at"}))
_ADDED = ("links",)  # what others say of these is added and takes nothing away
_POINTING = ("attendees", "links")  # whose rows and links belong together


class Taking:
    """Turns drafts into values; companies that a card names and are not here are made."""

    def __init__(self, writer: "Writer", system: str, kind: "Kind") -> None:
        self._writer = writer
        self._linker = Linker(writer, system, Maker(writer, kind, Counter()))

    def whole(self, draft: Draft) -> dict[str, Any]:
        """Return the values of a new record; RefusedError when what it refers to cannot be found."""
        return record_values(draft, self._links(draft), {}, self._writer.zone, fresh=True)

    def some(self, draft: Draft, fields: frozenset[str], joined: frozenset[str] = frozenset()) -> dict[str, Any]:
        """Return the values of fields of a record that is here; of those ``joined`` they are added to ours."""
        for together in _TOGETHER:
            fields |= together if fields & together else frozenset()
        wanted = {name.removesuffix(_LINK) for name in fields | joined}
        said = {key: value for key, value in draft.values.items() if key in wanted}
        links = {name: found for name, found in draft.links.items() if name in wanted}
        part = draft._replace(values=said, links=links, external=None, created_at=None)
        values = record_values(part, self._links(part), {}, self._writer.zone, fresh=True)
        values |= {name: empty for name in wanted - values.keys() for empty in _emptied(draft.entity, name)}
        signed = {name for name in values if name in _ADDED or name in {one.removesuffix(_LINK) for one in joined}}
        return {f"+{name}" if name in signed and isinstance(of, list) else name: of for name, of in values.items()}

    def _links(self, draft: Draft) -> dict[str, tuple[int, ...]]:
        (found,) = self._linker.resolve(draft.entity, [draft])
        if found.problem:
            raise RefusedError("", [Problem("", found.problem)])
        return found.ids


def _emptied(entity: str, name: str) -> list[Any]:
    """Return what empties a field that others say nothing of any more; nothing for one that every record has."""
    field = ENTITIES[entity].find(name)
    if field is None or not field.writable or name in _ADDED:
        return []
    if field.multi:
        return [[]]
    columns = table_class(entity).__table__.columns
    return [] if field.column in columns and not columns[field.column].nullable else [None]
