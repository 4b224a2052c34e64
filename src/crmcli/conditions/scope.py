"""What must be known to understand the literals and paths of a condition, besides the entity it is about."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from crmcli.domain.consents import channel_field
from crmcli.domain.schema import Entity, Field


class Scope(NamedTuple):
    """The surroundings in which a condition is compiled.

    ``now`` is aware and UTC; ``zone`` an IANA name; ``locale`` ``en`` or ``it`` (dates); ``country`` the ISO 3166 code
    for phone numbers without a prefix. ``resolve`` gives the ids of the records of an entity that a text means (``me``,
    ``O3``, an e-mail, a name, a stage's key or alias) and raises CrmError when there is none. ``custom`` holds the
    custom fields per entity, by their key. ``changes`` allows the questions about a change, for rules on write events.
    ``entities`` replaces the catalogue, as when fields are hidden from the reader.
    """

    now: datetime
    zone: str
    locale: str
    resolve: Callable[[str, str], tuple[int, ...]]
    custom: Mapping[str, Mapping[str, Field]] = {}
    changes: bool = False
    country: str = "IT"
    entities: Mapping[str, Entity] | None = None

    @property
    def fields(self) -> "Fields":
        """The fields that paths can lead to."""
        return Fields(self.entities, self.custom)


class Fields:
    """The fields of every entity, catalogue and custom ones together, under the names that conditions use."""

    def __init__(self, entities: Mapping[str, Entity] | None, custom: Mapping[str, Mapping[str, Field]]) -> None:
        self._entities = entities
        self._custom = custom

    def entity(self, name: str) -> Entity:
        """Return an entity by name."""
        if self._entities is None:
            from crmcli.catalogue import ENTITIES  # only a path that leads to another record needs it

            self._entities = ENTITIES
        return self._entities[name]

    def find(self, entity: Entity, name: str) -> tuple[str, Field] | None:
        """Return a field and its canonical name, ``custom.KEY`` for a custom one; None when there is none."""
        key = name.removeprefix("custom.")
        custom = self._custom.get(entity.name, {}).get(key)
        if custom is not None:  # a custom field never has the name of another one
            return f"custom.{key}", custom
        field = entity.find(name) or channel_field(entity, name)
        return (field.key, field) if field is not None else None

    def names(self, entity: Entity) -> list[str]:
        """Return every name that ``find`` knows, except ``custom.KEY``, as the bare key is shorter."""
        return list(dict.fromkeys([*entity.names(), *self._custom.get(entity.name, {})]))
