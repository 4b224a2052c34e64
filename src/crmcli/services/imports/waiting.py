"""What waits for the end of a file: kept in memory while it is little, then in a temporary file that nobody else sees.

A file may refer to a later row of its own in every row; a list of all that would grow with it.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Generic, NamedTuple, TypeVar

from crmcli.importing.building import Key
from crmcli.importing.finish import Link
from crmcli.importing.rows import Draft

T = TypeVar("T", bound=NamedTuple)
_IN_MEMORY = 1 << 20  # bytes
_BATCH = 1000


class Late(NamedTuple):
    """A reference of a stored record that was not there yet when the record came."""

    entity: str
    id: int
    name: str
    link: Link


class Merged(NamedTuple):
    """A row that only says into which record (``master``) the one of its own id went."""

    entity: str
    line: int
    cells: list[str]
    row_hash: str
    system: str
    external_id: str
    master: str


class Waiting(Generic[T]):
    """Items in the order in which they came. ``restore`` makes an item of its parts as JSON holds them."""

    def __init__(self, restore: Callable[..., T]) -> None:
        self._restore = restore
        self._file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - open as long as the import

    def extend(self, items: Iterable[T]) -> None:
        """Add items at the end."""
        for item in items:
            self._file.write(json.dumps(item).encode() + b"\n")

    def mark(self) -> int:
        """Return where the end is now, for ``cut``."""
        return self._file.tell()

    def cut(self, mark: int) -> None:
        """Drop what came since a mark."""
        self._file.seek(mark)
        self._file.truncate()

    def batches(self) -> Iterator[list[T]]:
        """Yield the items, a thousand at a time; none may be added meanwhile."""
        self._file.seek(0)
        while lines := list(islice(self._file, _BATCH)):
            yield [self._restore(*json.loads(line)) for line in lines]


def waiting_links() -> Waiting[Late]:
    """Return an empty list of references."""
    return Waiting(lambda entity, number, name, link: Late(entity, number, name, _link(*link)))


def waiting_rows() -> Waiting[Merged]:
    """Return an empty list of merged rows."""
    return Waiting(Merged)


def merged(draft: Draft) -> Merged:
    """Return what is kept of a row that says where its record went."""
    system, external_id = draft.external or ("", "")
    return Merged(draft.entity, draft.line, draft.cells, draft.row_hash, system, external_id, draft.master or "")


def _link(entity: str, keys: list[list[str]], optional: bool) -> Link:
    return Link(entity, tuple(Key(*key) for key in keys), optional)
