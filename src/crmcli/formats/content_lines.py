"""Content lines and components, the text that vCard (RFC 6350, 2426 and 2.1) and iCalendar (RFC 5545) are written in.

Splits a file into its records without understanding them, so that a bad one harms no other, and takes single lines
apart. Streams: what is inline binary (pictures, keys) is dropped while it is read, and a record has a size limit. What
a property means belongs to the modules of the two formats.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from typing import NamedTuple

from crmcli.formats.encodings import mended

MAX_VALUE = 1 << 20  # characters of a line
_MAX_RECORD = 1 << 22  # characters
_PIECE = 1 << 16
_DEEPEST = 50  # components in each other
_HEAD = 300  # characters in which the parameters that matter here must stand; lines of stray text told at once
_MOST_TOLD = 5  # mistakes of a record
_SOFT = "="  # at the end of a quoted-printable line that goes on

_EDGE = re.compile(r"(BEGIN|END)\s*:\s*([A-Za-z0-9_-]+)\s*", re.IGNORECASE)
_NAME = re.compile(r"(?:([A-Za-z0-9_-]+)\.)?([A-Za-z0-9_-]+)\s*(?=[;:])")
_PARAMETER = re.compile(r';\s*([^=;:"]*+)(?:=((?:"[^"]*"|[^;:"]++)*+))?')
_QUOTED_PRINTABLE = re.compile(r"[^:]*;\s*(?:ENCODING\s*=\s*)?QUOTED-PRINTABLE\b", re.IGNORECASE)
_BINARY = re.compile(r"[^:]*;\s*(?:ENCODING\s*=\s*)?(?:BASE64|B)\s*[;:]|[^:]*:data:[^,]*;base64,", re.IGNORECASE)
_VALUE = re.compile(r'(?:[^":]|"[^"]*"?)*+:?')  # the head of a line, up to its value
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CARETS = {"^n": "\n", "^'": '"', "^^": "^"}  # RFC 6868


class Line(NamedTuple):
    """A property: ``item1.TEL;TYPE=work:123``. Name and names of parameters in upper case, their values unquoted.

    ``text`` is the whole line as written, unfolded. A parameter without a name, as 2.1 has, is a TYPE.
    """

    group: str
    name: str
    parameters: tuple[tuple[str, str], ...]
    value: str
    text: str

    def parameter(self, name: str) -> str:
        """Return the first value of a parameter, empty when there is none."""
        return next((value for key, value in self.parameters if key == name), "")

    def types(self) -> set[str]:
        """Return what the TYPE parameters say, in lower case."""
        return {
            word.strip().lower() for key, value in self.parameters if key == "TYPE" for word in value.split(",") if word
        }


class Record(NamedTuple):
    """A component with its content: unfolded lines with their numbers, those of inner components among them.

    ``name`` is empty for text that stands outside of every component. ``problem`` says why it is not whole.
    """

    name: str
    line: int
    lines: list[tuple[int, str]]
    problem: str = ""


class Splitter:
    """Splits a text into records: components with one of the ``names``, which never contain each other.

    Other components are looked into when they hold records, and counted in ``others`` by name. ``binaries`` counts what
    was dropped.
    """

    def __init__(self, text: TextIOWrapper, names: frozenset[str]) -> None:
        self.binaries = 0
        self.others: Counter[str] = Counter()
        self._text = text
        self._names = names

    def records(self) -> Iterator[Record]:
        """Yield the records in their order, and what stands outside of them and is no property of a component."""
        open_ = _Open("", 0)
        stray: list[tuple[int, str]] = []
        depth = 0  # of components that are no records
        for number, text in self._unfolded():
            edge = _EDGE.fullmatch(text) if text[:1] in "BbEe" else None
            word, name = (edge[1].upper(), edge[2].upper()) if edge else ("", "")
            if open_.name:
                is_begin = word == "BEGIN" and name in self._names and not open_.takes_inner
                if is_begin or (word == "END" and name not in open_.inside):
                    yield open_.record(f"no END:{open_.name} before line {number}")
                    open_ = _Open("", 0)
                elif word == "END" and open_.ends(name):
                    yield open_.record()
                    open_ = _Open("", 0)
                    continue
                else:
                    open_.add(number, text, name if word == "BEGIN" else "")
                    continue
            if stray and (edge or number > stray[-1][0] + 1 or len(stray) == _HEAD):
                yield Record("", stray[0][0], stray, "stands outside of any record")
                stray = []
            if word == "BEGIN" and name in self._names:
                open_ = _Open(name, number)
            elif word:
                depth += 1 if word == "BEGIN" else -1 if depth else 0
                if word == "BEGIN" and len(self.others) < _HEAD:
                    self.others[name] += 1
            elif text.strip() and not (_NAME.match(text) and (depth or text[:2] in ("X-", "x-"))):
                stray.append((number, text[:_HEAD]))
        if open_.name:
            yield open_.record(f"no END:{open_.name} before the end of the file")
        if stray:
            yield Record("", stray[0][0], stray, "stands outside of any record")

    def _unfolded(self) -> Iterator[tuple[int, str]]:
        """Yield each line with its number; folds, soft breaks of quoted-printable and binary data are joined."""
        joined = _Joined(0, "")
        number, is_whole = 0, True
        while piece := self._text.readline(_PIECE):
            is_rest = not is_whole
            number += not is_rest
            is_whole = piece.endswith("\n")
            text = piece.removesuffix("\n")
            if joined.number and not (text or is_rest):
                joined.pause()
            elif is_rest or joined.goes_on(text):
                joined.add(text, is_rest)
            else:
                if joined.number:
                    self.binaries += joined.is_binary
                    yield joined.number, joined.text()
                joined = _Joined(number, text)
        if joined.number:
            self.binaries += joined.is_binary
            yield joined.number, joined.text()


class _Open:
    """The record that is being gathered."""

    def __init__(self, name: str, line: int) -> None:
        self.name = name
        self.inside = [name]  # open components, from the record itself inwards
        self.takes_inner = False  # the last line was AGENT:, after which a whole card stands (2.1)
        self._line = line
        self._lines: list[tuple[int, str]] = []
        self._size = 0
        self._problem = ""

    def add(self, number: int, text: str, begins: str) -> None:
        if begins and len(self.inside) == _DEEPEST:
            self._problem = self._problem or f"line {number}: more than {_DEEPEST} components in each other"
        elif begins:
            self.inside.append(begins)
        self.takes_inner = text[:6].upper() == "AGENT:" and not text[6:].strip()
        self._size += len(text) + 1
        if len(text) > MAX_VALUE:
            self._problem = self._problem or f"line {number} has more than {MAX_VALUE} characters"
        elif self._size > _MAX_RECORD:
            self._problem = self._problem or f"more than {_MAX_RECORD} characters"
        else:
            self._lines.append((number, text))

    def ends(self, name: str) -> bool:
        """Close the component called so with what is open in it, and say whether that is the record itself."""
        while self.inside.pop() != name:
            pass
        return not self.inside

    def record(self, problem: str = "") -> Record:
        return Record(self.name, self._line, self._lines, self._problem or problem)


class _Joined:
    """A line with what continues it. No more is kept of it than shows that it is too long."""

    def __init__(self, number: int, first: str) -> None:
        self.number = number
        head = first[:_HEAD]
        self.is_binary = bool(_BINARY.match(head))
        self._is_printable = bool(_QUOTED_PRINTABLE.match(head))
        self._parts = [_head(first) if self.is_binary else first]
        self._last = first
        self._size = len(first)
        self._is_paused = False

    def goes_on(self, text: str) -> bool:
        if not self.number:
            return False
        if self._is_printable and self._last.endswith(_SOFT):
            return not _EDGE.fullmatch(text)
        if text[:1] in (" ", "\t"):
            return True
        return self.is_binary and not self._is_paused and ":" not in text  # 2.1 does not always indent it

    def pause(self) -> None:
        """Take a blank line: what follows belongs to this one only when it is indented."""
        self._last, self._is_paused = "", True

    def add(self, text: str, is_rest: bool) -> None:
        if self._is_printable and not is_rest and self._last.endswith(_SOFT):
            self._parts[-1] = self._parts[-1].removesuffix(_SOFT)
        elif not is_rest:
            text = text[1:]
        self._last = text
        self._size += len(text)
        if not self.is_binary and self._size <= 2 * MAX_VALUE:
            self._parts.append(text)

    def text(self) -> str:
        return mended("".join(self._parts))


def parse_line(text: str) -> Line:
    """Return a line taken apart; ValueError when it is no property."""
    name = _NAME.match(text)
    if name is None:
        raise ValueError(f"{text[:40]!r} is no property")
    parameters = []
    place = name.end()
    while text[place : place + 1] == ";" and (found := _PARAMETER.match(text, place)):
        key, value = found[1].strip().upper(), found[2]
        parameters.append(("TYPE", key) if value is None else (key, _unquoted(value)))
        place = found.end()
    if text[place : place + 1] != ":":
        raise ValueError(f"{text[:40]!r} is no property")
    return Line(name[1] or "", name[2].upper(), tuple(parameters), text[place + 1 :], text)


def told(problems: Sequence[str]) -> str | None:
    """Return what is wrong with a record in one line; None when nothing is."""
    more = f"; and {len(problems) - _MOST_TOLD} more" if len(problems) > _MOST_TOLD else ""
    return "; ".join(problems[:_MOST_TOLD]) + more or None


def unescaped(value: str) -> str:
    r"""Return a text value as it is meant: ``\n`` is a line break, a backslash before anything else is dropped."""
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value) if "\\" in value else value


def parts(value: str, separator: str) -> list[str]:
    """Return the parts of a structured value or list, still escaped, where a separator is not."""
    if separator not in value:
        return [value]
    found, start = [], 0
    for match in re.finditer(rf"\\.|{re.escape(separator)}", value, re.DOTALL):
        if match[0] == separator:
            found.append(value[start : match.start()])
            start = match.end()
    return [*found, value[start:]]


def _head(line: str) -> str:
    """Return what stands before the value of a property, with the colon."""
    found = _VALUE.match(line)
    return found[0] if found else ""


def _unquoted(value: str) -> str:
    bare = value.replace('"', "").strip()
    return re.sub(r"\^[n'^]", lambda match: _CARETS[match[0]], bare) if "^" in bare else bare
