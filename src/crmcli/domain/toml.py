"""TOML text, with every mistake told by its line and column; what the tables mean is up to who reads them."""

import re
from typing import Any

_PLACE = re.compile(r"(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)")


def loads(text: str) -> dict[str, Any]:
    """Return what a TOML text holds; ValueError with a reason such as ``line 3, column 7: invalid value``."""
    import tomllib  # most runs read no TOML

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(_told(str(error), text)) from None
    except RecursionError:
        raise ValueError("line 1, column 1: nested too deeply") from None


def _told(message: str, text: str) -> str:
    """Return the parser's words with their place first; where the text ends too early, that is its end."""
    found = _PLACE.fullmatch(message)
    if found is None:
        return message
    lines = text.rstrip("\n").split("\n")
    line, column = found[2] or len(lines), found[3] or len(lines[-1]) + 1
    return f"line {line}, column {column}: {found[1][:1].lower()}{found[1][1:]}"
