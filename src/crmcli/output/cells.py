"""How one presented value looks: for people (localised, short) and for machines (full, ISO); and how wide text is.

Column layout belongs to ``layout``; which cells make a table belongs to ``tables``.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

from crmcli.domain.lists import join
from crmcli.domain.schema import NUMBERS
from crmcli.output.json import dumps, encoder
from crmcli.output.safe import safe, safe_lines

ELLIPSIS = "…"
RIGID = NUMBERS | {"date", "instant", "bool", "bar"}  # types whose cells are shown whole or not at all

_DENSE = 8  # characters in a cell
_ROWS = frozenset({"links", "rows", "socials"})  # types whose values are lists of objects
_TOLD_BY = (("ref", "name"), ("organization_ref", "organization"), ("contact_ref", "contact"),
            ("system", "external_id"), ("label", "day"), ("value",))  # fmt: skip


def machine(value: object) -> str:
    """Return a value in full as plain text: ISO dates, ``1234.56``, true or false, lists as ``lists.join`` has them."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return join(value)
    return dumps(value)


def machine_column(values: Sequence[Any]) -> Sequence[str]:
    """Return the values of a column as ``machine`` has each of them, by one function where one fits them all."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return values
    kinds.discard(type(None))
    if not kinds:
        return [""] * len(values)
    kind = kinds.pop() if len(kinds) == 1 else object
    if kind is str:
        return ["" if value is None else value for value in values]
    keys = [*map(id, values)]
    each = dict(zip(keys, values, strict=True))
    if 2 * len(each) > len(values):
        return _told(values, kind)
    cells = dict(zip(each, _told([*each.values()], kind), strict=True))  # many are the very same
    return [*map(cells.__getitem__, keys)]


def _told(values: Sequence[Any], kind: type) -> list[str]:
    """Return values of one type, or of any where that is ``object``, as cells; many lists hold the same texts."""
    if kind in (list, tuple) and set(map(type, chain.from_iterable(filter(None, values)))) <= {str}:
        told = cache(join)
        return ["" if value is None else told(tuple(value)) for value in values]
    tell = machine if kind is object or issubclass(kind, str | list | tuple) else encoder(kind)
    return ["" if value is None else tell(value) for value in values]


def people(value: object, kind: str, *, currency: str = "", locale: str = "en", zone: str = "UTC") -> str:
    """Return a value as people read it, safe on a terminal.

    ``kind`` is a field type of ``domain.schema`` or ``ratio`` (a fraction of 1), ``change`` (one with its sign),
    ``days``, ``hours``, ``number``.
    ``currency`` is the ISO 4217 code of a money value, ``zone`` the IANA name instants are shown in.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or kind == "bool":
        return "yes" if value else "no"
    if kind in NUMBERS and not isinstance(value, str):
        return _number(value, kind, currency, locale)
    if kind in _ROWS and isinstance(value, list | tuple):
        return safe(", ".join(map(_named, value)))
    if kind == "instant" and isinstance(value, str) and len(value) > 10:
        from crmcli.domain.zones import to_wall

        return safe(to_wall(value, zone)[:16].replace("T", " "))
    return safe(machine(value))


def _named(row: object) -> str:
    """Return what a row of a collection is told by, or else the texts it holds."""
    if not isinstance(row, Mapping):
        return machine(row)
    told = ([str(row[key]) for key in keys if row.get(key)] for keys in _TOLD_BY)
    return " ".join(next(filter(None, told), [text for text in row.values() if isinstance(text, str)]))


def _number(value: object, kind: str, currency: str, locale: str) -> str:
    from decimal import Decimal

    from crmcli.domain.money import format_amount, half_up, localise

    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if kind == "money" and currency:
        return format_amount(number, currency, locale)
    if kind in ("percent", "ratio", "change"):
        shown = half_up(number if kind == "percent" else number * 100, 1)
        return localise(f"{shown:+,}" if kind == "change" else f"{shown:,}", locale) + "%"
    if kind in ("int", "rate"):
        return format(number, "f")
    if kind in ("decimal", "money"):
        return localise(f"{number:,f}", locale)
    return localise(f"{half_up(number, 0 if number == int(number) else 1):,}", locale)


def currency_of(row: Mapping[str, object]) -> str:
    """Return the currency of a row's money values; empty when the row has none."""
    return str(row.get("currency") or "")


def width(text: str) -> int:
    """Return how many terminal cells the text takes; East Asian letters and emoji take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # only text that needs the width tables pays for them

    return cell_len(text)


def beginning(text: str, cells: int) -> str:
    """Return all that so many cells can show of a text, a cut end marked, without measuring it.

    Some characters, such as accents, take no cell; more than a few of them for each letter are cut off with the rest.
    """
    most = cells * _DENSE
    return text if len(text) <= most else text[:most] + ELLIPSIS


def cut(text: str, cells: int) -> str:
    """Return the text in at most so many cells, its cut end marked by ``…``."""
    if width(text) <= cells:
        return text
    if text.isascii():
        return text[: cells - 1] + ELLIPSIS
    from rich.cells import set_cell_size

    return set_cell_size(text, cells - 1).rstrip() + ELLIPSIS


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """Return the text filled with blanks to so many cells, its words at the left or the right."""
    blanks = " " * (cells - width(text))
    return blanks + text if right else text + blanks


def wrap(text: str, cells: int) -> list[str]:
    """Return the lines of a longer text, made safe and broken between words to fit so many cells."""
    return [part for line in safe_lines(text) for part in _wrap_line(line, max(cells, 2))]


def _wrap_line(line: str, cells: int) -> list[str]:
    lines = [""]
    for word in line.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width(joined) <= cells:
            lines[-1] = joined
            continue
        parts = [word] if width(word) <= cells else _chop(word, cells)
        lines = (lines if lines[-1] else lines[:-1]) + parts
    return lines


def _chop(word: str, cells: int) -> list[str]:
    from rich.cells import chop_cells

    return chop_cells(word, cells)
