"""What the cells of one column become: one function for each column, chosen once, called for each row.

A cell that cannot be read raises ValueError with the reason; blank cells never get here. What the values of a row mean
together belongs in ``finish``.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

from crmcli.domain import enums
from crmcli.domain.emails import is_free_mail
from crmcli.domain.emails import normalise as normalise_email
from crmcli.domain.money import exponent
from crmcli.domain.names import split_name
from crmcli.domain.text import fold_key
from crmcli.domain.webs import domain_of_url
from crmcli.importing.dates import date_reader
from crmcli.importing.mapping import Column
from crmcli.importing.numbers import number_reader

DATES = frozenset({"date", "instant", "zoned", "birthdate", "closing_date"})
NUMBERS = frozenset({"money", "percent", "int", "decimal", "rate", "employees"})
WHOLE = frozenset({"int", "employees"})

_SEVERAL = re.compile(r" ::: |[;,\n]+")
_BAND = re.compile(r"[0-9]+ ?[-–] ?[0-9]+|[0-9]+ ?\+")
_TRUTHS = dict.fromkeys(("true", "1", "yes", "y", "t", "x", "si", "vero", "on"), True)
_TRUTHS |= dict.fromkeys(("false", "0", "no", "n", "f", "falso", "off"), False)
_OTHER = "other"
_DETAIL = {"source": "source_detail", "lost_reason": "lost_note"}  # where the words of the file are kept
_ASIDE = {"lead_status": "rating", "ticket_status": "resolution_code"}  # what a status may say besides
_ASIDE_ENUMS = {"rating": "rating", "resolution_code": "ticket_resolution_code"}
_CACHED = 1 << 14  # cells of a column, read once


class Key(NamedTuple):
    """One way to find a record: ``by`` is name, domain, email, person, number or external_id; ``value`` is normal."""

    by: str
    value: str


class Building:
    """A record under construction: what the cells read so far have said."""

    __slots__ = ("currency", "custom", "decisions", "external_id", "keys", "notes", "values", "warnings")

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.custom: dict[str, Any] = {}
        self.decisions: dict[str, Any] = {}  # deleted, won, closed: bool; master: id; closing_date: (date, instant)
        self.keys: dict[str, list[tuple[Key, ...]]] = {}  # of links, by name of the link
        self.notes: list[str] = []
        self.warnings: list[str] = []
        self.external_id = ""
        self.currency: str | None = None


Put = Callable[[str, Building], object]


class Reading(NamedTuple):
    """How one column is read: what was decided over the whole of it, and the words that the preset and the user map.

    ``words``: value as written (``fold_key``) to enum key. ``stage_map``: the same for the names of stages.
    """

    column: Column
    zone: str
    day_first: bool | None = None
    convention: str | None = None
    words: Mapping[str, str] = {}
    stage_map: Mapping[str, str] = {}
    id_length: int = 0


def putter(reading: Reading) -> Put:
    """Return what puts a cell (trimmed, not blank) of a column into a record."""
    target = reading.column.target
    if target.kind in DATES:
        return _put_dates(reading)
    if target.kind in NUMBERS:
        return _put_numbers(reading)
    if target.kind == "link":
        read_keys = _link_keys(reading)
        return lambda cell, building: building.keys.setdefault(target.key, []).append(read_keys(cell))
    if target.kind == "enum":
        return _put_enum(reading)
    if target.kind in _POINTS:
        return partial(_put_points, target.key, _POINTS[target.kind], target.label or None)
    if target.kind in _WHOLE_ROW:
        return _WHOLE_ROW[target.kind](reading)
    if target.kind == "text" and target.label != "custom":
        return lambda cell, building: building.values.setdefault(target.key, cell)
    return _put_value(reading, _SIMPLE[target.kind])


def _put_value(reading: Reading, read: Callable[[str], Any]) -> Put:
    """Put what a cell reads as under the target's key, unless an earlier column did."""
    key = reading.column.target.key
    if reading.column.target.label == "custom":
        return lambda cell, building: _put_first(building.custom, key, read(cell))

    def put(cell: str, building: Building) -> None:
        if key not in building.values and (value := read(cell)) is not None:
            building.values[key] = value

    return put


def _put_first(into: dict[str, Any], key: str, value: Any) -> None:
    if value is not None:
        into.setdefault(key, value)


def _put_dates(reading: Reading) -> Put:
    kind, day_first, zone = reading.column.target.kind, reading.day_first, reading.zone
    if kind != "closing_date":
        return _put_value(reading, date_reader(kind, day_first, zone))
    read_date, read_instant = (date_reader(one, day_first, zone) for one in ("date", "instant"))

    def put(cell: str, building: Building) -> None:
        if (day := read_date(cell)) is not None:
            building.decisions.setdefault("closing_date", (day, read_instant(cell)))

    return put


def _put_numbers(reading: Reading) -> Put:
    target = reading.column.target
    read = number_reader("int" if target.kind in WHOLE else target.kind, reading.convention)
    if target.kind in WHOLE:
        put_number = _put_value(reading, lambda cell: int(read(cell).value))
        return put_number if target.kind == "int" else partial(_put_employees, put_number)
    if target.kind != "money" or target.label == "custom":
        return _put_value(reading, lambda cell: read(cell).value)

    def put(cell: str, building: Building) -> None:
        amount = read(cell)
        building.values.setdefault(target.key, amount.value)
        building.currency = building.currency or amount.currency

    return put


def _put_employees(put_number: Put, cell: str, building: Building) -> None:
    """Put a number of employees, or a band such as ``11-50`` as it is: a number is never guessed from it."""
    if _BAND.fullmatch(cell):
        building.values.setdefault("employees_band", cell.replace(" ", "").replace("–", "-"))
    else:
        put_number(cell, building)


def _put_enum(reading: Reading) -> Put:
    target = reading.column.target
    enum, tracked = (target.field.enum, target.field.tracked) if target.field else ("", False)
    detail, aside = _DETAIL.get(target.key, ""), _ASIDE.get(enum, "")
    may_be_other = not tracked and _OTHER in enums.values(enum)

    @lru_cache(maxsize=_CACHED)
    def read(cell: str) -> tuple[str | None, str | None, bool]:
        """Return the value, what the cell says aside, and whether the words of the cell are worth keeping."""
        word = reading.stage_map.get(fold_key(cell), cell)
        value = reading.words.get(fold_key(word)) or enums.choose(enum, word)
        beside = enums.choose(_ASIDE_ENUMS[aside], word) if aside else None
        if value is None and beside is None:
            if not may_be_other:
                raise ValueError(f"{cell!r} is none of {', '.join(enums.values(enum))}")
            return _OTHER, None, True
        return value, beside, value is not None and fold_key(word) != fold_key(enums.label(enum, value))

    def put(cell: str, building: Building) -> None:
        if target.key in building.values:
            return
        value, beside, keep = read(cell)
        if value is not None:
            building.values[target.key] = value
        if beside is not None:
            building.values.setdefault(aside, beside)
        if keep and detail:
            building.values.setdefault(detail, cell)
        elif keep and value == _OTHER:
            building.warnings.append(f"{reading.column.header}: {cell!r} is kept as other")

    return put


def _put_points(key: str, check: Callable[[str], object], label: str | None, cell: str, building: Building) -> None:
    """Add the e-mails, phones or profiles of a cell, each once: ``{"value": as typed, "label": label}``."""
    points = building.values.setdefault(key, [])
    for text in _SEVERAL.split(cell):
        if value := text.strip():
            check(value)
            if not points or value not in [point["value"] for point in points]:
                points.append({"value": value, "label": label})


def _put_tags(cell: str, building: Building) -> None:
    tags = building.values.setdefault("tags", [])
    tags += [tag for text in _SEVERAL.split(cell) if (tag := text.strip()) and tag not in tags]


def _put_full_name(cell: str, building: Building) -> None:
    first, last = split_name(cell)
    _put_first(building.values, "first_name", first)
    _put_first(building.values, "last_name", last)


def _put_external_id(reading: Reading) -> Put:
    end = reading.id_length or None

    def put(cell: str, building: Building) -> None:
        building.external_id = building.external_id or cell[:end]

    return put


def _put_decision(reading: Reading) -> Put:
    key, end = reading.column.target.key, reading.id_length or None

    def put(cell: str, building: Building) -> None:
        building.decisions.setdefault(key, cell[:end] if key == "master" else _truth(cell))

    return put


def _link_keys(reading: Reading) -> Callable[[str], tuple[Key, ...]]:
    """Return what reads a cell into the keys of the records it names, the first one being the main."""
    by, end = reading.column.target.by, reading.id_length or None
    stage_map = reading.stage_map if reading.column.target.key == "stage" else {}

    @lru_cache(maxsize=_CACHED)
    def read(cell: str) -> tuple[Key, ...]:
        if by == "external_id":
            return tuple(Key(by, part.strip()[:end]) for part in _SEVERAL.split(cell) if part.strip())
        if by == "email" or (by == "person" and "@" in cell):
            return (Key("email", normalise_email(cell)),)
        if by == "domain":
            domain = _domain(cell)
            return () if is_free_mail(domain) else (Key(by, domain),)
        return (Key(by, stage_map.get(fold_key(cell), cell)),)

    return read


def _truth(cell: str) -> bool:
    truth = _TRUTHS.get(fold_key(cell))
    if truth is None:
        raise ValueError(f"{cell!r} is neither yes nor no")
    return truth


def _domain(cell: str) -> str:
    domain = domain_of_url(cell)
    if domain is None:
        raise ValueError(f"{cell!r} is not a domain")
    return domain


def _currency(cell: str) -> str:
    code = cell.upper()
    exponent(code)
    return code


_SIMPLE: dict[str, Callable[[str], Any]] = {"text": str, "bool": _truth, "domain": _domain, "currency": _currency}
_POINTS: dict[str, Callable[[str], object]] = {"emails": normalise_email, "phones": str, "socials": str}
_WHOLE_ROW: dict[str, Callable[[Reading], Put]] = {
    "external_id": _put_external_id,
    "full_name": lambda reading: _put_full_name,
    "tags": lambda reading: _put_tags,
    "note": lambda reading: lambda cell, building: building.notes.append(cell),
    **dict.fromkeys(("deleted", "won", "closed", "master"), _put_decision),
}
