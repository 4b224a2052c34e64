"""Writes presented values as JSON (RFC 8259), fast enough for whole tables and exact to the last digit of an amount.

The standard library's encoder is not used because it cannot write a ``Decimal`` as an exact number, and because letters
must stay letters while whatever acts on a terminal is escaped. Reading JSON does not belong here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from crmcli.domain.columns import told
from crmcli.domain.rows import Rows, Streamed, in_blocks
from crmcli.output.safe import active_codes, hidden_codes

if TYPE_CHECKING:
    from decimal import Decimal

    from crmcli.output.streams import Streams

_AT_A_TIME = 1_000  # rows encoded together
_DIGITS = "-.0123456789"  # of a number that is told without an exponent


def dumps(value: object, indent: int | None = None) -> str:
    """Return a presented value as JSON text: on one line, or indented by so many spaces a level.

    Values: str, int, bool, None, float, Decimal, and lists and mappings of these. Raises ValueError for a number that
    is not finite and TypeError for anything else.
    """
    return _encode(value) if indent is None else _indented(value, " " * indent, "\n")


def dump_rows(rows: Iterable[Mapping[str, object]], write: Callable[[str], object]) -> int:
    """Write the rows as one array, an object a line, as they come; return how many there were."""
    count = 0
    for some in _objects(rows):
        write((",\n" if count else "[\n") + ",\n".join(some))
        count += len(some)
    write("\n]\n" if count else "[]\n")
    return count


def dump_lines(rows: Iterable[Mapping[str, object]], write: Callable[[str], object]) -> int:
    """Write the rows as JSON Lines, an object a line, as they come; return how many there were."""
    count = 0
    for some in _objects(rows):
        write("\n".join([*some, ""]))
        count += len(some)
    return count


def write_object(value: Mapping[str, object], streams: "Streams") -> None:
    """Write one record as an indented JSON object to standard output."""
    streams.write(dumps(value, indent=2) + "\n")


def encoder(kind: type) -> Callable[[Any], str]:
    """Return what encodes the values of a type on one line, as ``dumps`` does."""
    return _ENCODERS.get(kind, _other)


def _encode(value: object) -> str:
    return _ENCODERS.get(type(value), _other)(value)


def _text(value: str) -> str:
    if value.isprintable() and '"' not in value and "\\" not in value:
        return f'"{value}"'
    return f'"{value.translate(_escapes())}"'


@cache
def _key(name: str) -> str:
    return _text(name) + ": "


def _object(value: Mapping[str, object]) -> str:
    encoder_for = _ENCODERS.get
    return "{" + ", ".join([_key(key) + encoder_for(type(item), _other)(item) for key, item in value.items()]) + "}"


def _objects(rows: Iterable[Mapping[str, object]]) -> Iterator[list[str]]:
    """Yield rows as objects, some at a time: those that are held by column are encoded so."""
    if isinstance(rows, Rows | Streamed):
        yield from map(_by_column, in_blocks(rows, (), _AT_A_TIME))
    else:
        yield from ([_object(row)] for row in rows)


def _by_column(rows: Rows) -> list[str]:
    each = ", ".join([_key(key).replace("%", "%%") + "%s" for key in rows.keys])
    columns = [told(_encoded, rows.column(key)) for key in rows.keys]
    return [*map(f"{{{each}}}".__mod__, zip(*columns, strict=True))]


def _encoded(values: Sequence[object]) -> list[str]:
    """Encode the values of a column; nearly always texts are printable, which is told of them together."""
    if set(map(type, values)) == {str}:
        together = "".join(values)  # type: ignore[arg-type]  # of texts
        if together.isprintable() and '"' not in together and "\\" not in together:
            return [f'"{value}"' for value in values]
    encoder_for = _ENCODERS.get
    return [encoder_for(type(item), _other)(item) for item in values]


def _array(value: Iterable[object]) -> str:
    return "[" + ", ".join([_encode(item) for item in value]) + "]"


def _float(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(f"{value} is not a JSON number")
    return repr(value)


def _decimal(value: "Decimal") -> str:
    text = str(value)
    if not text.strip(_DIGITS):
        return text  # nearly always
    if not value.is_finite():
        raise ValueError(f"{value} is not a JSON number")
    text = str(value)
    return format(value, "f") if "E" in text else text  # which takes twice as long, and few need it


def _other(value: object) -> str:
    from decimal import Decimal  # loaded already by whoever made the value

    if isinstance(value, Decimal):
        _ENCODERS[Decimal] = _decimal
        return _decimal(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return _object(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


_ENCODERS: dict[type, Callable[..., str]] = {
    str: _text,
    int: repr,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): lambda _: "null",
    float: _float,
    dict: _object,
    list: _array,
    tuple: _array,
    Rows: _array,
}


def _indented(value: object, step: str, newline: str) -> str:
    """Encode a value over several lines; ``newline`` is a line end with the present indentation."""
    deeper = newline + step
    if isinstance(value, Mapping) and value:
        items = [f"{_key(key)}{_indented(item, step, deeper)}" for key, item in value.items()]
        return "{" + deeper + f",{deeper}".join(items) + newline + "}"
    if isinstance(value, list | tuple | Rows) and value:
        return "[" + deeper + f",{deeper}".join([_indented(item, step, deeper) for item in value]) + newline + "]"
    return _encode(value)


@cache
def _escapes() -> dict[int, str]:
    table = {code: _unit_escapes(code) for codes in (active_codes(), hidden_codes()) for code in codes}
    return table | {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}


def _unit_escapes(code: int) -> str:
    """Spell a code point in UTF-16 code units, as RFC 8259 section 7 asks."""
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
