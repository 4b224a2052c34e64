"""What the reader of workbooks leaves out, found in the parts of the file: its size, cells of percentages, errors.

The parts (ECMA-376, SpreadsheetML) are looked through as bytes, a piece at a time, and never parsed as XML, so that
nothing in them costs more than its length. What cells hold is read by ``workbooks``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from zipfile import ZipFile

_CHUNK = 1 << 20
_TAIL = 1 << 12  # bytes in which a tag that a chunk cuts must end
_MOST = 1 << 24  # bytes of a part that describes others
_PLACE = re.compile(rb"""\br=["']([A-Za-z]{0,3})([0-9]{1,7})["']""")
_CELL = rb"""<(?:\w+:)?c(?=\s[^<>]*\b%s=["'](?:%s)["'])\s[^<>]*\br=["']([A-Za-z]{1,3})([0-9]{1,7})["'][^<>]*>"""
_SHEET = re.compile(rb"""<(?:\w+:)?sheet\s[^<>]*\b\w+:id=["']([^"'<>]+)["']""")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^<>]*>")
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^<>]*>")
_CELL_STYLES = re.compile(rb"</?(?:\w+:)?cellXfs\b")
_STYLE = re.compile(rb"<(?:\w+:)?xf\s[^<>]*>")
_LONGEST_FORMAT = 255  # characters of a number format
_LITERAL = re.compile(rb"""&quot;.*?&quot;|".*?"|\\.|\[[^\]]*\]""")  # what a number format shows as it is
_PERCENT_FORMATS = frozenset({b"9", b"10"})  # that need no definition (18.8.30)


class Marks(NamedTuple):
    """What is known of the cells of a sheet beside their values.

    ``percents``: by column (from 0) a bit for each row (from 0) whose number is shown as a percentage. ``errors``: how
    many cells hold an error such as ``#N/A``, and ``first_error`` the place of one, such as ``C5``.
    """

    percents: Mapping[int, bytearray]
    errors: int = 0
    first_error: str = ""

    def is_percent(self, row: int, column: int) -> bool:
        """Say whether the number of a cell is shown as a percentage."""
        bits = self.percents.get(column, b"")
        return row >> 3 < len(bits) and bool(bits[row >> 3] >> (row & 7) & 1)


def places(parts: ZipFile, name: str) -> int:
    """Return rows times columns of a sheet, up to the last that its cells name."""
    rows = columns = 1
    for letters, digits in _found(parts, name, _PLACE):
        rows = max(rows, int(digits))
        if letters:
            columns = max(columns, column_number(letters) + 1)
    return rows * columns


def marks_of(parts: ZipFile, position: int) -> Marks:
    """Return what is known of the sheet at a position (from 0, hidden ones counted) of the workbook."""
    name = _part_of(parts, position)
    if name is None:
        return Marks({})
    percents: dict[int, bytearray] = {}
    if styles := _percent_styles(_head(parts, "xl/styles.xml")):
        for letters, digits in _cells(parts, name, b"s", styles):
            row = int(digits) - 1
            bits = percents.setdefault(column_number(letters), bytearray())
            bits.extend(bytes(max(0, (row >> 3) + 1 - len(bits))))
            bits[row >> 3] |= 1 << (row & 7)
    errors, first = 0, b""
    for letters, digits in _cells(parts, name, b"t", [b"e"]):
        errors += 1
        first = first or letters + digits
    return Marks(percents, errors, first.decode())


def column_number(letters: bytes) -> int:
    """Return the number of a column, from 0, that is called so: A, B, ..., AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


def _cells(parts: ZipFile, name: str, attribute: bytes, values: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the places of the cells that have an attribute with one of the values."""
    said = [b"%s=%s%s%s" % (attribute, quote, value, quote) for value in values for quote in (b'"', b"'")]
    return _found(parts, name, re.compile(_CELL % (attribute, b"|".join(values))), said)


def _found(
    parts: ZipFile, name: str, pattern: re.Pattern[bytes], said: Sequence[bytes] = (b"",)
) -> Iterator[tuple[bytes, bytes]]:
    """Yield what a pattern, which stays inside of a tag, finds in a part; it can only be where one of ``said`` is."""
    tail = b""
    with parts.open(name) as part:
        while chunk := part.read(_CHUNK):
            text = tail + chunk
            if any(word in text for word in said):
                yield from pattern.findall(text)
            cut = text.rfind(b"<", -_TAIL)
            tail = text[cut:] if cut >= 0 and b">" not in text[cut:] else b""


def _part_of(parts: ZipFile, position: int) -> str | None:
    """Return the name of the part that holds a sheet, None when the workbook does not say."""
    sheets = _SHEET.findall(_head(parts, "xl/workbook.xml"))
    for tag in _RELATION.findall(_head(parts, "xl/_rels/workbook.xml.rels")):
        if position < len(sheets) and _attribute(tag, b"Id") == sheets[position]:
            target = _attribute(tag, b"Target").decode(errors="replace")
            name = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            return name if name in parts.namelist() else None
    return None


def _percent_styles(styles: bytes) -> list[bytes]:
    """Return the numbers of the cell styles that show percentages."""
    formats = set(_PERCENT_FORMATS)
    for tag in _FORMAT.findall(styles):
        is_percent = b"%" in _LITERAL.sub(b"", _attribute(tag, b"formatCode")[:_LONGEST_FORMAT])
        (formats.add if is_percent else formats.discard)(_attribute(tag, b"numFmtId"))
    edges = [edge.start() for edge in _CELL_STYLES.finditer(styles)]
    tags = _STYLE.findall(styles, *edges[:2]) if edges else []
    return [b"%d" % number for number, tag in enumerate(tags) if _attribute(tag, b"numFmtId") in formats]


def _attribute(tag: bytes, name: bytes) -> bytes:
    found = re.search(rb"""\s%s=(?:"([^"]*)"|'([^']*)')""" % name, tag)
    return (found[1] or found[2] or b"") if found else b""


def _head(parts: ZipFile, name: str) -> bytes:
    """Return a part that describes others, as far as such a part may reach; empty when there is none."""
    if name not in parts.namelist():
        return b""
    with parts.open(name) as part:
        return part.read(_MOST)
