"""Writes the content lines of vCard (RFC 6350) and iCalendar (RFC 5545); ``content_lines`` reads them.

What a property means belongs to the modules of the two formats.
"""

from collections.abc import Callable, Iterable, Mapping

Parameters = Mapping[str, str | None]  # those that are None or empty are left out
_FOLD = 75  # octets of a line
_CARETS = str.maketrans({"^": "^^", "\n": "^n", '"': "^'"})  # RFC 6868
_NONE: Parameters = {}


def content_line(name: str, value: str, parameters: Parameters = _NONE) -> str:
    """Return a property as it stands in a file, folded and ended; the value must be escaped already."""
    said = "".join(f";{key}={_parameter(of)}" for key, of in parameters.items() if of)
    return folded(f"{name}{said}:{value}") + "\r\n"


def escape(text: str) -> str:
    """Return a text value with what would end or part it escaped, line ends of any kind as ``\\n``."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def component(name: str, lines: Iterable[str], write: Callable[[str], object]) -> None:
    """Write lines between the beginning and the end of a component."""
    write("".join([f"BEGIN:{name}\r\n", *lines, f"END:{name}\r\n"]))


def _parameter(value: str) -> str:
    """Return the value of a parameter: carets for what it cannot hold, and quoted where a sign would part it."""
    text = value.replace("\r\n", "\n").replace("\r", "\n").translate(_CARETS)
    return f'"{text}"' if any(sign in text for sign in ":;,") else text


def folded(line: str) -> str:
    """Return a line broken so that none has more than 75 octets; characters stay whole."""
    if len(line.encode()) <= _FOLD:
        return line
    pieces, start, size = [], 0, 0
    for place, char in enumerate(line):
        width = len(char.encode())
        if size + width > _FOLD:
            pieces.append(line[start:place])
            start, size = place, 1  # the blank that goes on
        size += width
    return "\r\n ".join([*pieces, line[start:]])
