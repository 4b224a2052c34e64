"""TOML text, with every mistake told by its line and column; what the tables mean is up to who reads them."""

import re
from typing import Any

_PLACE = re.compile(r"(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)")
_LIMIT = 2**63
_DEEPEST = 100  # tables in tables
_DEEP_KEY = re.compile(  # as deep, for which the parser would take time that grows with the square of it
    r"""(?<![A-Za-z0-9_-])(?:(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){100}"""
)


class TomlError(ValueError):
    """Text that is no TOML; told as ``line 3, column 7: invalid value``, line and column from 1."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.line = line
        self.column = column
        self.reason = reason


def loads(text: str) -> dict[str, Any]:
    """Return what a TOML text holds, or raise TomlError."""
    import tomllib  # most runs read no TOML

    if deep := _DEEP_KEY.search(text):
        raise TomlError(text.count("\n", 0, deep.start()) + 1, 1, "nested too deeply")
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _told(str(error), text) from None
    except ValueError:  # of a number that Python takes no time for
        raise TomlError(1, 1, "a number has too many digits") from None
    except RecursionError:
        raise TomlError(1, 1, "nested too deeply") from None
    _check_limits(found, text)
    return found


def _check_limits(found: dict[str, Any], text: str) -> None:
    """Refuse whole numbers of more than the 64 bits that TOML knows: others cannot be stored, nor even be told.

    So are tables too deep for what looks at them afterwards.
    """
    rest: list[tuple[tuple[str | int, ...], Any]] = [((), found)]
    while rest:
        path, value = rest.pop()
        if len(path) > _DEEPEST:
            raise TomlError(1, 1, "nested too deeply")
        if isinstance(value, dict):
            rest += [((*path, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            rest += [((*path, number), inner) for number, inner in enumerate(value)]
        elif isinstance(value, int) and not -_LIMIT <= value < _LIMIT:
            from crmcli.domain.toml_lines import lines_of

            raise TomlError(lines_of(text)[path], 1, "the number is out of range")


def _told(message: str, text: str) -> TomlError:
    """Return the parser's words with their place; where the text ends too early, that is its end."""
    lines = text.rstrip("\n").split("\n")
    found = _PLACE.fullmatch(message)
    reason, line, column = found.groups() if found else (message, None, None)
    return TomlError(int(line or len(lines)), int(column or len(lines[-1]) + 1), f"{reason[:1].lower()}{reason[1:]}")
