"""What the cells of one column become: one function for each column, chosen once, called for each row.

A cell that cannot be read raises ValueError with the reason; blank cells never get here. What the values of a row mean
together belongs in ``finish``.
"""

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from crmcli.domain import enums
from crmcli.domain.emails import is_free_mail
from crmcli.domain.emails import normalise as normalise_email
from crmcli.domain.forms import conform
from crmcli.domain.lists import split
from crmcli.domain.money import ONE_CURRENCY, Amount, in_both
from crmcli.domain.names import split_name
from crmcli.domain.recurrence import normalise as normalise_rule
from crmcli.domain.text import fold_key
from crmcli.importing.building import Building, Key, Put, Reading
from crmcli.importing.composed import (
    id_reader,
    label_of,
    module_and_name,
    put_about,
    put_address,
    put_birth,
    put_clock,
    put_duration,
    put_identity,
    put_label,
    put_labels,
    put_more,
    put_people,
    put_primary,
    put_zone,
    without_mark,
)
from crmcli.importing.consents import put_consent
from crmcli.importing.dates import date_reader
from crmcli.importing.mapping import Column
from crmcli.importing.numbers import number_reader
from crmcli.importing.related import put_rows

DATES = frozenset({"date", "instant", "zoned", "birthdate", "closing_date", "dates"})
DATED = DATES | {"won", "closed"}  # whose cells may be dates
NUMBERS = frozenset({"money", "percent", "int", "decimal", "rate", "employees"})
WHOLE = frozenset({"int", "employees"})

_LABELLED = re.compile(r"([^\W\d_][^:\n]{0,39}):[ \t]+(\S.*)")  # a value after its label: ``work: +39 02 123``
_BAND = re.compile(r"[0-9]+ ?[-–] ?[0-9]+|[0-9]+ ?\+")
_TRUTHS = dict.fromkeys(("true", "1", "yes", "y", "t", "x", "si", "vero", "on"), True)
_TRUTHS |= dict.fromkeys(("false", "0", "no", "n", "f", "falso", "off"), False)
_OTHER = "other"
_ANY = ""  # folded ``*``, any word that is not known
_DETAIL = {"source": "source_detail", "lost_reason": "lost_note"}  # where the words of the file are kept
_ASIDE = {"lead_status": "rating", "ticket_status": "resolution_code"}  # what a status may say besides
_ASIDE_ENUMS = {"rating": "rating", "resolution_code": "ticket_resolution_code"}
_CACHED = 1 << 12  # cells of a column, read once


def plain_key(reading: Reading) -> str:
    """Return the field into which the cells of a column go as they are; empty where they are read."""
    target = reading.column.target
    return target.key if target.kind == "text" and target.label != "custom" and not reading.separator else ""


def putter(reading: Reading) -> Put:
    """Return what puts a cell (trimmed, not blank) of a column into a record."""
    target = reading.column.target
    if target.kind in DATES:
        return _put_dates(reading)
    if target.kind in NUMBERS:
        return _put_numbers(reading)
    if target.kind == "link":
        return _put_link(reading)
    if target.kind == "enum":
        return _put_enum(reading)
    if target.kind in _POINTS:
        return _put_points(reading, _POINTS[target.kind])
    if target.kind in _WHOLE_ROW:
        return _WHOLE_ROW[target.kind](reading)
    if key := plain_key(reading):
        return lambda cell, building: building.values.setdefault(key, cell)
    if target.kind == "text" and reading.separator:  # a field that holds one value takes the first
        return _put_value(reading, lambda cell: cell.partition(reading.separator)[0].strip())
    return _put_value(reading, _SIMPLE[target.kind])


def _put_value(reading: Reading, read: Callable[[str], Any]) -> Put:
    """Put what a cell reads as under the target's key, unless an earlier column did."""
    key = reading.column.target.key

    def put(cell: str, building: Building) -> None:
        if key not in building.values and (value := read(cell)) is not None:
            building.values[key] = value

    def put_custom(cell: str, building: Building) -> None:
        if (value := read(cell)) is not None:
            building.custom.setdefault(key, value)

    return put_custom if reading.column.target.label == "custom" else put


def _put_first(into: dict[str, Any], key: str, value: Any) -> None:
    if value is not None:
        into.setdefault(key, value)


def _put_dates(reading: Reading) -> Put:
    kind, day_first, zone = reading.column.target.kind, reading.day_first, reading.zone
    if kind == "dates":
        return partial(_put_day, reading.column, date_reader("birthdate", day_first, zone))
    if kind != "closing_date":
        return _put_value(reading, date_reader(kind, day_first, zone))
    read_date, read_instant = (date_reader(one, day_first, zone) for one in ("date", "instant"))

    def put(cell: str, building: Building) -> None:
        if (day := read_date(cell)) is not None:
            building.decisions.setdefault("closing_date", (day, read_instant(cell)))

    return put


def _put_day(column: Column, read: Callable[[str], str | None], cell: str, building: Building) -> None:
    """Add a day to remember under its label."""
    if (day := read(cell)) is not None:
        label, _ = label_of(column, building)
        building.values.setdefault("dates", []).append({"label": label or _OTHER, "day": day, "remind": 0})


def _put_numbers(reading: Reading) -> Put:
    target = reading.column.target
    read = number_reader("int" if target.kind in WHOLE else target.kind, reading.convention)
    if target.kind in WHOLE:
        put_number = _put_value(reading, lru_cache(maxsize=_CACHED)(lambda cell: int(read(cell).value)))
        return put_number if target.kind == "int" else partial(_put_employees, put_number)
    if target.kind != "money" or target.label == "custom":
        return _put_value(reading, lambda cell: read(cell).value)

    def put(cell: str, building: Building) -> None:
        amount = read(cell)
        if target.key not in building.values:
            building.values[target.key] = amount.value
            _settle_currency(amount, building)

    return partial(_put_recurring, target.label, read, put) if target.label else put


def _settle_currency(amount: Amount, building: Building) -> None:
    if amount.currencies:
        known, building.currencies = building.currencies, in_both(building.currencies, amount.currencies)
        if not building.currencies:
            raise ValueError(f"{amount.currency} contradicts {known[0]}: {ONE_CURRENCY}")


def _put_recurring(period: str, read: Callable[[str], Amount], put: Put, cell: str, building: Building) -> None:
    """Put an amount of a month or a year; nought means that there is none."""
    if "recurring_amount" not in building.values and read(cell).value:
        put(cell, building)
        building.values["recurring_period"] = period


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
        value = reading.words.get(fold_key(word))
        if value is None:
            value = enums.choose(enum, word) or reading.words.get(_ANY)
        if value == "":
            return None, None, False
        beside = enums.choose(_ASIDE_ENUMS[aside], word) if aside else None
        if value is None and beside is None:
            if not may_be_other:
                raise ValueError(f"{cell!r} is none of {', '.join(enums.values(enum))}")
            return _OTHER, None, True
        told = not reading.own and value is not None and fold_key(word) != fold_key(enums.label(enum, value))
        return value, beside, told

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


def _put_points(reading: Reading, check: Callable[[str], object]) -> Put:
    """Add the e-mails, phones or profiles of a cell, each once: ``{"value": as typed, "label": label}``."""
    column, words, may_be_labelled = reading.column, reading.words, not reading.labelled
    key, usual = column.target.key, (column.target.label or None, False)

    def put(cell: str, building: Building) -> None:
        points = building.values.setdefault(key, [])
        label, is_main = label_of(column, building) if column.number else usual
        place = 0 if is_main else len(points)
        for value in split(cell):
            if words and words.get(fold_key(value)) == "":
                continue
            own = label
            if may_be_labelled and label is None and ":" in value and (written := _LABELLED.fullmatch(value)):
                own, value = written[1].strip(), written[2]
            check(value)
            if not points or value not in [point["value"] for point in points]:
                points.insert(place, {"value": value, "label": own})
                place += 1

    return put


def _put_tags(reading: Reading) -> Put:
    """Add the tags of a cell, each once; those that the preset maps to nothing are groups of the program itself."""
    words = reading.words

    @lru_cache(maxsize=_CACHED)
    def read(cell: str) -> tuple[str, ...]:
        written = split(cell)
        tags = [words.get(fold_key(one), without_mark(one)) for one in written] if words else written
        bare = (" ".join(tag.replace(",", " ").split()) if "," in tag else tag for tag in tags)  # commas part tags
        return tuple(dict.fromkeys(filter(None, bare)))

    def put(cell: str, building: Building) -> None:
        tags = building.values.setdefault("tags", [])
        tags += [tag for tag in read(cell) if tag not in tags]

    return put


def _put_full_name(cell: str, building: Building) -> None:
    first, last = split_name(cell)
    _put_first(building.values, "first_name", first)
    _put_first(building.values, "last_name", last)


def _put_external_id(reading: Reading) -> Put:
    read_id = id_reader(reading.id_pattern)

    def put(cell: str, building: Building) -> None:
        building.external_id = building.external_id or read_id(cell)

    return put


def _put_decision(reading: Reading) -> Put:
    key, words, read_id = reading.column.target.key, reading.words, id_reader(reading.id_pattern)

    def put(cell: str, building: Building) -> None:
        told = read_id(cell) if key == "master" else _truth(words.get(fold_key(cell)) or words.get(_ANY) or cell)
        building.decisions.setdefault(key, told)

    return put


def _put_outcome(reading: Reading) -> Put:
    """Put whether a deal or ticket is won or closed; a date in place of a truth says that it is, and when."""
    key, put_truth = reading.column.target.key, _put_decision(reading)
    read_when = date_reader("instant", reading.day_first, reading.zone)

    def put(cell: str, building: Building) -> None:
        try:
            put_truth(cell, building)
        except ValueError as problem:
            try:
                when = read_when(cell)
            except ValueError:
                raise ValueError(f"{problem} nor a date") from None
            if when is not None:
                building.decisions.setdefault(key, True)
                building.values.setdefault("closed_at", when)

    return put


def _put_link(reading: Reading) -> Put:
    key, owners, read_keys = reading.column.target.key, reading.owner_map, _link_keys(reading)

    def put(cell: str, building: Building) -> None:
        keys = building.keys.setdefault(key, [])
        if owners and (handle := owners.get(fold_key(cell))):
            keys.insert(0, (Key("person", handle),))  # what the user says counts before what else the file says
        else:
            keys.append(read_keys(cell))

    return put


def _link_keys(reading: Reading) -> Callable[[str], tuple[Key, ...]]:
    """Return what reads a cell into the keys of the records it names, the first one being the main."""
    by, read_id = reading.column.target.by, id_reader(reading.id_pattern)
    stage_map = reading.stage_map if reading.column.target.key == "stage" else {}

    @lru_cache(maxsize=_CACHED)
    def read(cell: str) -> tuple[Key, ...]:
        if by == "external_id":
            return tuple(Key(by, read_id(part)) for part in split(cell))
        if by == "uid":
            return (Key(by, cell.lower()),)
        if by == "email" or (by == "person" and "@" in cell):
            return (Key("email", normalise_email(cell)),)
        if by == "domain":
            domain = _domain(cell)
            return () if is_free_mail(domain) else (Key(by, domain),)
        return (Key(by, stage_map.get(fold_key(cell)) or module_and_name(cell)[1] or cell),)

    return read


def _truth(cell: str) -> bool:
    truth = _TRUTHS.get(fold_key(cell))
    if truth is None:
        raise ValueError(f"{cell!r} is neither yes nor no")
    return truth


def _domain(cell: str) -> str:
    return conform("domain", cell, "")


def _json(cell: str) -> object:
    """Return what a cell of JSON holds, or the texts of any other."""
    if cell[0] not in "[{":
        return split(cell)
    import json

    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None


def _currency(cell: str) -> str:
    return conform("currency", cell, "")


_SIMPLE: dict[str, Callable[[str], Any]] = {"text": str, "bool": _truth, "domain": _domain, "currency": _currency}
_SIMPLE |= {"json": _json, "rrule": normalise_rule}
_POINTS: dict[str, Callable[[str], object]] = {"emails": normalise_email, "phones": str, "socials": str}
_WHOLE_ROW: dict[str, Callable[[Reading], Put]] = {
    "external_id": _put_external_id,
    "full_name": lambda reading: _put_full_name,
    "tags": _put_tags,
    "consent": lambda reading: put_consent(reading, _TRUTHS),
    "note": lambda reading: lambda cell, building: building.notes.append(cell),
    **dict.fromkeys(("deleted", "private", "master"), _put_decision),
    **dict.fromkeys(("won", "closed"), _put_outcome),
    "label": put_label,
    "more": put_more,
    "address": put_address,
    "birth": put_birth,
    "clock": put_clock,
    "duration": put_duration,
    "identity": put_identity,
    "about": put_about,
    "labels": put_labels,
    "primary": put_primary,
    "zone": put_zone,
    "rows": put_rows,
    **dict.fromkeys(("people", "sender"), put_people),
}
