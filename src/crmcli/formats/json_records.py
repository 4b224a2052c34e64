"""Reads JSON and JSON Lines as a table: one row for each object, one column for each name that occurs in any of them.

An array of objects, objects one after the other, or one on each line (then a bad line is a bad row, no bad file).
Values are decoded one at a time, so memory does not grow with the file; it is read twice, first for its names. Numbers
keep their digits as written. What the names mean belongs to the import.
"""

import json
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import islice
from typing import Any, BinaryIO, NamedTuple, Self, TextIO

from crmcli.domain.lists import join
from crmcli.errors import RefusedError
from crmcli.formats.encodings import decide
from crmcli.formats.json_values import BLANKS, CHUNK, MAX_VALUE, Values
from crmcli.formats.tabular import Digits, Row, name_columns

MAX_COLUMNS = 2_000
MAX_DEPTH = 20  # of objects in objects
_CUSTOM = "custom."
_PLAIN_EXPONENT = 30  # numbers of more digits stay in scientific notation


class JsonRecords:
    """An open file of objects: a ``Table`` whose columns are named by the path to a value, such as ``address.city``.

    A list of plain values is one cell, ``a; b``, or JSON where a value holds a separator; a list of objects is numbered
    columns (``phones.1.value``). What a custom field holds (``custom.facts``) is one cell, JSON where it is more than
    texts. True, false and null are ``true``, ``false`` and blank.
    """

    delimiter = ""
    header_line = 0

    def __init__(self, stream: BinaryIO, label: str, *, encoding: str | None) -> None:
        codec, notice, _ = decide(stream, label, encoding)
        self.label = label
        self.encoding = codec.removesuffix("-sig")
        self.notices = [notice] if notice else []
        self._text = TextIOWrapper(stream, encoding=codec, newline="")
        self._records = self._by_line if self._has_lines() else self._by_value
        self._names = self._find_names()
        self.header = name_columns(label, self._names, self.notices)
        self.rows = self._rows()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._text.close()

    def _has_lines(self) -> bool:
        """Say whether each line is an object of its own; one of the first may be broken."""
        if self._text.read(CHUNK).lstrip(BLANKS)[:1] == "[":
            return False
        self._text.seek(0)
        return any(map(_is_object, islice(_lines(self._text), 3)))

    def _find_names(self) -> list[str]:
        names: dict[str, None] = {}
        for _, found in self._flat():
            if isinstance(found, dict):
                names.update(dict.fromkeys(found))
                if len(names) > MAX_COLUMNS:
                    raise self._refusal(0, f"more than {MAX_COLUMNS:,} different names: these are no records")
        return list(names)

    def _rows(self) -> Iterator[Row]:
        for line, found in self._flat():
            if isinstance(found, _Unread):
                yield Row(line, [found.text[:200]], found.problem)
            elif any(found.values()):
                yield Row(line, [found.get(name, "") for name in self._names])

    def _flat(self) -> Iterator[tuple[int, "dict[str, str] | _Unread"]]:
        """Yield each record from the start of the file: its cells by name, or the text of one that is none."""
        self._text.seek(0)
        for line, value in self._records():
            try:
                yield line, dict(_cells(value, "")) if isinstance(value, dict) else _Unread(_shown(value))
            except _TooDeepError:
                yield line, _Unread(_shown(value))
            except _TwiceError as twice:
                yield line, _Unread(_shown(value), f"{str(twice)!r} stands twice in it")

    def _by_line(self) -> Iterator[tuple[int, Any]]:
        for number, line in enumerate(_lines(self._text), start=1):
            if len(line) >= MAX_VALUE:
                raise self._refusal(number, f"longer than {MAX_VALUE} characters")
            if text := line.strip(BLANKS):
                try:
                    yield number, _DECODER.decode(text)
                except (ValueError, RecursionError):
                    yield number, _Broken(text)

    def _by_value(self) -> Iterator[tuple[int, Any]]:
        source = Values(self._text, _DECODER, self._refusal)
        listed = source.peek() == "["
        if listed:
            source.skip()
        while (mark := source.peek()) and not (listed and mark == "]"):
            yield source.value()
            if listed and source.peek() == ",":
                source.skip()
            elif listed and source.peek() != "]":
                raise self._refusal(source.line, "a comma or the end of the list should stand here")
        if listed and not mark:
            raise self._refusal(source.line, "the list has no end")
        if listed:
            source.skip()
            if source.peek():
                raise self._refusal(source.line, "the list ends before this; a file holds one list")

    def _refusal(self, line: int, problem: str) -> RefusedError:
        where = f"line {line}: " if line else ""
        return RefusedError(f"{self.label}: {where}{problem}", code="file.malformed")


class _TooDeepError(Exception):
    """Objects in objects in objects."""


class _TwiceError(Exception):
    """An object says one name twice; the error is that name."""


class _Broken(str):
    """A line that is no JSON, as it stands."""

    __slots__ = ()


class _Doubled(dict[str, Any]):
    """An object in which a name stands twice: ``name``, of which the later value is kept."""

    name = ""


class _Unread(NamedTuple):
    """What stands in the place of a record and cannot be one."""

    text: str
    problem: str = "no JSON object that can be read"


def _lines(text: TextIO) -> Iterator[str]:
    return iter(lambda: text.readline(MAX_VALUE), "")


def _is_object(line: str) -> bool:
    try:
        return isinstance(_DECODER.decode(line.strip(BLANKS)), dict)
    except (ValueError, RecursionError):
        return False


def _cells(value: dict[str, Any], prefix: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > MAX_DEPTH:
        raise _TooDeepError
    if isinstance(value, _Doubled):
        raise _TwiceError(value.name)
    for key, of in value.items():
        name = prefix + key
        if prefix == _CUSTOM and _is_more_than_texts(of):
            yield name, _json(of, depth)
            continue
        if isinstance(of, list) and any(isinstance(one, dict | list) for one in of):
            of = {str(number): one for number, one in enumerate(of, start=1)}
        if isinstance(of, dict):
            yield from _cells(of, f"{name}.", depth + 1)
        else:
            yield name, join([_text(one) for one in of], "; ") if isinstance(of, list) else _text(of)


def _shown(value: object) -> str:
    """Return what stands in the place of a record as the file has it."""
    try:
        return value if isinstance(value, _Broken) else _json(value, 0)
    except _TooDeepError:
        return str(value)[:CHUNK]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    doubled, left = _Doubled(found), set(found)
    for name, _ in pairs:
        if name not in left:
            doubled.name = name
            break
        left.remove(name)
    return doubled


def _is_more_than_texts(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and not all(type(one) is str for one in value))


def _json(value: Any, depth: int) -> str:
    """Return JSON text of what was decoded, numbers as they were written."""
    if depth > MAX_DEPTH:
        raise _TooDeepError
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(key)}: {_json(of, depth + 1)}' for key, of in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join([_json(one, depth + 1) for one in value])}]"
    return str(value) if isinstance(value, Digits) else json.dumps(value, ensure_ascii=False)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value if isinstance(value, Digits) else str(value)


def _number(text: str) -> Digits:
    """Return a number with an exponent in plain digits."""
    from decimal import Decimal

    number = Decimal(text)
    exponent = number.as_tuple().exponent
    is_plain = isinstance(exponent, int) and abs(exponent) <= _PLAIN_EXPONENT and "e" in text.lower()
    return Digits(format(number, "f") if is_plain else text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=Digits, parse_float=_number, parse_constant=lambda _: "", strict=False
)
