"""Tags by name: found folded, created on first use."""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crmcli.domain.text import fold

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


class TagBook:
    """The tags of one transaction."""

    def __init__(self, writer: "Writer") -> None:
        self._writer = writer
        self._ids: dict[str, int] = {}

    def ids(self, names: list[str], *, create: bool = True) -> list[int]:
        """Return the ids of tags in order, each once; ValueError for an empty name.

        Those that are new are created, or left out where nothing is to be created.
        """
        found: list[int | None] = list(map(self._ids.get, names))  # nearly all that a file repeats are known
        if None in found:
            found = [self._id(name, create) for name in names]
        return [tag_id for tag_id in dict.fromkeys(found) if tag_id is not None]

    def _id(self, name: str, create: bool) -> int | None:
        if name in self._ids:  # a name that is folded already
            return self._ids[name]
        key = fold(name)
        if not key:
            raise ValueError("a tag needs a name")
        if key in self._ids:
            return self._ids[key]
        tag_id = self._find(key)
        if tag_id is None and create:
            tag_id = self._writer.create("tag", {"name": name.strip()}).id
        if tag_id is not None:
            self._ids[key] = tag_id
        return tag_id

    def _find(self, key: str) -> int | None:
        found = self._writer.one("SELECT id FROM tag WHERE name_key = ? AND deleted_at IS NULL", key)
        return found["id"] if found else None


def names_of(writer: "Writer", rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names of the tags that the rows of a record's ``tags`` stand for, in the order of the tags."""
    ids = json.dumps([row["tag_id"] for row in rows])
    found = writer.all("SELECT name FROM tag WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", ids)
    return [row["name"] for row in found]
