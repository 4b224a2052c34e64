"""A record under construction from the cells of a row, and what is known of the column that adds to it."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from crmcli.importing.mapping import Column


class Key(NamedTuple):
    """One way to find a record: ``by`` is name, domain, email, person, number or external_id; ``value`` is normal."""

    by: str
    value: str


Related = tuple[str, tuple[Key, ...], bool]  # entity, keys, and whether it is left out where it is not found


class Building:
    """What the cells of a row read so far have said.

    ``decisions`` hold what is settled when all cells are read: deleted, private, won, closed (bool), master (id),
    closing_date (date, instant), sender (address), people (addresses), and what ``composed`` puts together.
    """

    __slots__ = ("currencies", "custom", "decisions", "external_id", "keys", "notes", "related", "values", "warnings")

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.custom: dict[str, Any] = {}
        self.decisions: dict[str, Any] = {}
        self.keys: dict[str, list[tuple[Key, ...]]] = {}  # of links, by name of the link
        self.related: dict[str, list[Related]] = {}  # by collection
        self.notes: list[str] = []
        self.warnings: list[str] = []
        self.external_id = ""
        self.currencies: tuple[str, ...] = ()  # that the amounts may be in, the likeliest first

    def is_filled(self) -> bool:
        """Say whether anything was said."""
        return bool(
            self.values
            or self.custom
            or self.decisions
            or self.keys
            or self.related
            or self.notes
            or self.warnings
            or self.external_id
            or self.currencies
        )


Put = Callable[[str, Building], object]


class Reading(NamedTuple):
    """How one column is read: what was decided over the whole of it, and the words that the preset and the user map.

    ``words``: value as written (``fold_key``) to enum key. ``stage_map`` and ``owner_map``: the same for the names of
    stages and of users. ``labelled``: labels of e-mails, phones and profiles stand in columns of their own. The others
    are those of the file's ``presets.Kind``.
    """

    column: Column
    zone: str
    day_first: bool | None = None
    convention: str | None = None
    words: Mapping[str, str] = {}
    stage_map: Mapping[str, str] = {}
    owner_map: Mapping[str, str] = {}
    id_pattern: str = ""
    separator: str = ""
    modules: Mapping[str, str] = {}
    own: bool = False
    labelled: bool = False
