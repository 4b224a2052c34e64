"""Tags by name: found folded, created on first use."""

from typing import TYPE_CHECKING

from crmcli.domain.text import fold

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


class TagBook:
    """The tags of one transaction."""

    def __init__(self, writer: "Writer") -> None:
        self._writer = writer
        self._ids: dict[str, int] = {}

    def ids(self, names: list[str]) -> list[int]:
        """Return the ids of tags in order, each once, creating those that are new; ValueError for an empty name."""
        ids = []
        for name in names:
            key = fold(name)
            if not key:
                raise ValueError("a tag needs a name")
            if key not in self._ids:
                self._ids[key] = self._find(key) or self._writer.create("tag", {"name": name.strip()}).id
            if self._ids[key] not in ids:
                ids.append(self._ids[key])
        return ids

    def _find(self, key: str) -> int | None:
        found = self._writer.one("SELECT id FROM tag WHERE name_key = ? AND deleted_at IS NULL", key)
        return found["id"] if found else None
