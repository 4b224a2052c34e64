"""Values that several cells of a row say together: labels beside values, addresses in parts, what a record is about.

The functions that put a cell remember its part among the decisions of the row; ``compose`` makes the whole once all
cells are read.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.clock import stored
from crmcli.domain.emails import normalise as normalise_email
from crmcli.domain.lists import NOTHING, split
from crmcli.domain.text import fold_key
from crmcli.domain.zones import to_utc, to_wall, zone_of
from crmcli.importing.building import Building, Key, Put, Reading
from crmcli.importing.dates import parse_cell
from crmcli.importing.mapping import Column
from crmcli.importing.related import compose_rows

_MODULE_MARK = "::::"  # between module and name in a cell of Vtiger
_PRIMARY_MARK = "*"  # before the label of the main one of several, and of groups of the program itself
_PREFIX = 3  # characters of an id that tell its kind, in Salesforce
_SECONDS = {"hours": 3600, "minutes": 60, "seconds": 1}
_NAMES = frozenset({"first_name", "last_name", "salutation"})
_DAY = len("2026-03-20")
_TIMES = ("start_at", "end_at", "due_at")
_POINTS = ("emails", "phones", "socials")
_ADDRESS_WORD = re.compile(r"[^\s<>()\[\]\",:;]++")
_ADDRESS = ("street", "city", "region", "postal_code", "country", "po_box")


def without_mark(text: str) -> str:
    """Return a label or a group without the mark before it."""
    return text[1:].strip() if text == _PRIMARY_MARK or text.startswith(f"{_PRIMARY_MARK} ") else text


def module_and_name(cell: str) -> tuple[str, str]:
    """Return module and name of a cell such as ``Accounts::::Acme``; the module is empty in any other."""
    module, _, name = cell.rpartition(_MODULE_MARK)
    return module, name


def id_reader(pattern: str) -> Callable[[str], str]:
    """Return what takes the id out of a cell: the group of the pattern, or what it matches; other cells stay whole."""
    if not pattern:
        return str
    compiled = re.compile(pattern)

    def read(cell: str) -> str:
        found = compiled.match(cell)
        return found[found.lastindex or 0] if found else cell

    return read


def label_of(column: Column, building: Building) -> tuple[str | None, bool]:
    """Return the label of a value, of its target or from the column beside it, and whether that marks the main one."""
    if not column.number or (told := building.decisions.get(_label_key(column))) is None:
        return column.target.label or None, False
    return without_mark(told).lower() or None, told.startswith(_PRIMARY_MARK)


def put_label(reading: Reading) -> Put:
    """Remember the label of the value that has the same number in its header."""
    key = _label_key(reading.column)
    return lambda cell, building: building.decisions.__setitem__(key, cell)


def put_labels(reading: Reading) -> Put:
    """Remember the labels of all values of another cell, in their order."""
    key = f"labels {reading.column.target.key}"
    return lambda cell, building: building.decisions.__setitem__(key, split(cell))


def put_primary(reading: Reading) -> Put:
    """Remember which of the values of another cell is the main one."""
    key = f"primary {reading.column.target.key}"
    return lambda cell, building: building.decisions.__setitem__(key, cell)


def put_zone(reading: Reading) -> Put:
    """Remember the zone in which the times of a row were meant."""

    def put(cell: str, building: Building) -> None:
        zone_of(cell)
        building.decisions["zone"] = cell

    return put


def put_more(reading: Reading) -> Put:
    """Add to what other columns said: to a name after a blank, to any other text on a line of its own."""
    key = reading.column.target.key
    between = " " if key in _NAMES else "\n"

    def put(cell: str, building: Building) -> None:
        values = building.values
        values[key] = f"{values[key]}{between}{cell}" if key in values else cell

    return put


def put_address(reading: Reading) -> Put:
    """Remember a part of a further address, such as the one at home."""
    target = reading.column.target

    def put(cell: str, building: Building) -> None:
        parts = building.decisions.setdefault("addresses", {}).setdefault(target.label, {})
        parts[target.key] = f"{parts[target.key]}\n{cell}" if target.key in parts else cell

    return put


def put_birth(reading: Reading) -> Put:
    """Remember year, month or day of a birth date."""
    label = reading.column.target.label
    return lambda cell, building: building.decisions.setdefault("birth", {}).setdefault(label, _whole(cell))


def put_duration(reading: Reading) -> Put:
    """Add hours, minutes or seconds, or a clock such as ``1:30``, to a duration."""
    unit = _SECONDS[reading.column.target.label or "minutes"]

    def put(cell: str, building: Building) -> None:
        seconds = _clock(cell) if ":" in cell else _whole(cell) * unit
        building.decisions["duration"] = building.decisions.get("duration", 0) + seconds

    return put


def put_clock(reading: Reading) -> Put:
    """Remember the time of day that belongs to the day in another cell."""
    key, zone = reading.column.target.key, reading.zone

    def put(cell: str, building: Building) -> None:
        try:
            found = parse_cell(f"2000-01-01 {cell}", None)
        except ValueError:
            raise ValueError(f"{cell!r} is no time of day") from None
        if found and found.moment:
            building.decisions.setdefault("clock", {})[key] = (f"{found.moment:%H:%M:%S}", zone)

    return put


def put_identity(reading: Reading) -> Put:
    """Remember a word of what stands for an id where a row has none."""
    key = reading.column.target.key
    return lambda cell, building: (
        building.decisions.setdefault("identity", {}).setdefault(key, []).append(fold_key(cell))
    )


def put_about(reading: Reading) -> Put:
    """Link the record a row is about, whose kind another cell, the cell itself or the beginning of its id tells."""
    target, modules, read_id = reading.column.target, reading.modules, id_reader(reading.id_pattern)
    known = _links_of(target.entity)

    def put(cell: str, building: Building) -> None:
        module, name = module_and_name(cell)
        by_id = target.by == "external_id"
        word = module or building.decisions.get(_label_key(reading.column)) or (cell[:_PREFIX] if by_id else "")
        entity = modules.get(fold_key(word))  # the empty word is what cells without a module are about
        if entity in known:
            building.keys.setdefault(entity, []).append((Key(target.by, read_id(name) if by_id else name),))
        else:
            building.warnings.append(f"{reading.column.header}: records of the kind {word!r} are not linked")

    return put


def put_people(reading: Reading) -> Put:
    """Remember the addresses of a cell: of the ``sender`` the first, of ``people`` all, whatever stands around them."""
    is_sender = reading.column.target.kind == "sender"

    def put(cell: str, building: Building) -> None:
        found = [address for word in _ADDRESS_WORD.findall(cell) if (address := _address(word))]
        if is_sender and found:
            building.decisions.setdefault("sender", found[0])
        elif not is_sender:
            building.decisions.setdefault("people", []).extend(found)

    return put


def compose(entity: str, building: Building) -> None:
    """Put together what the cells of a row remembered."""
    decisions, values = building.decisions, building.values
    if clock := decisions.get("clock"):
        _compose_clock(clock, values)
    if zone := decisions.get("zone"):
        values.update((key, f"{values[key]}[{zone}]") for key in _TIMES if values.get(key, "]")[-1] != "]")
    for key in _POINTS:
        if key in values:
            _compose_points(values[key], decisions.get(f"labels {key}", ()), decisions.get(f"primary {key}"))
    if "rows" in decisions:
        compose_rows(building)
    if addresses := decisions.get("addresses"):
        _compose_address(addresses, building)
    if (birth := decisions.get("birth")) and birth.get("month") and birth.get("day"):
        year = f"{birth['year']:04}" if birth.get("year") else "-"
        values.setdefault("birthdate", f"{year}-{birth['month']:02}-{birth['day']:02}")
    if identity := decisions.get("identity"):
        _compose_identity(identity, building)
    if duration := decisions.get("duration"):
        _compose_duration(entity, duration, values)


def _compose_clock(clock: dict[str, tuple[str, str]], values: dict[str, Any]) -> None:
    """Give days the times beside them; an end that names no day is on that of the start."""
    start = values.get("start_at")
    for key, (time, zone) in clock.items():
        told = values.get(key) or (start if key == "end_at" else None)
        if told and (len(told) == _DAY or key not in values):
            day = to_wall(told, zone) if told.endswith("Z") else told
            values[key] = to_utc(f"{day[:_DAY]}T{time}", zone)


def _compose_address(addresses: dict[str, dict[str, str]], building: Building) -> None:
    """Take the first address that says anything, as a whole: parts of two are never mixed."""
    values = building.values
    for label, parts in addresses.items():
        if any(key in values for key in _ADDRESS):
            building.warnings.append(f"further addresses are left out: {label}")
        else:
            values.update(parts)


def _compose_points(points: list[dict[str, Any]], labels: Sequence[str], primary: str | None) -> None:
    """Give points the labels that stand beside them and mark the main one."""
    if len(labels) == len(points):
        for point, label in zip(points, labels, strict=True):
            point["label"] = point["label"] or (None if label == NOTHING else label)
    for point in points if primary else ():
        point["is_primary"] = point["value"] == primary


def _compose_identity(identity: dict[str, list[str]], building: Building) -> None:
    for name, words in identity.items():
        key = Key("external_id", "|".join(words))
        if not name:
            building.external_id = building.external_id or key.value
        elif all(by != key.by for keys in building.keys.get(name, ()) for by, _ in keys):
            building.keys.setdefault(name, []).insert(0, (key,))


def _compose_duration(entity: str, seconds: int, values: dict[str, Any]) -> None:
    if entity == "interaction":
        values.setdefault("duration_seconds", seconds)
    elif entity == "event" and len(values.get("start_at", "")) > _DAY:
        start = datetime.fromisoformat(values["start_at"])
        values.setdefault("end_at", stored(start + timedelta(seconds=seconds)))


def _address(word: str) -> str:
    """Return a word as an e-mail address in normal form, empty when it is none."""
    try:
        return normalise_email(word.strip(".'")) if "@" in word else ""
    except ValueError:
        return ""


def _label_key(column: Column) -> str:
    return f"label {column.target.key} {column.number}"


@cache
def _links_of(entity: str) -> frozenset[str]:
    return frozenset(field.key for field in ENTITIES[entity].fields.values() if field.ref == field.key)


def _whole(cell: str) -> int:
    if not (cell.isascii() and cell.isdecimal() and len(cell) < 7):
        raise ValueError(f"{cell!r} is not a whole number")
    return int(cell)


def _clock(cell: str) -> int:
    parts = [_whole(part) for part in cell.split(":")]
    if len(parts) > 3:
        raise ValueError(f"{cell!r} is not a duration such as 1:30")
    hours, minutes, seconds = [*parts, 0, 0][:3]
    return hours * 3600 + minutes * 60 + seconds
