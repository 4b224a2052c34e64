"""On which line of a TOML text each table, key and element stands, which the standard parser does not tell.

It walks over text that was parsed before, so it does not judge; what a mistake is told of is up to who reads the file.
"""

import re
from bisect import bisect_right

Path = tuple[str | int, ...]  # keys of tables, and places in lists, from 0

_STRING = re.compile(
    r'"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\]++|\\.)*+"'
    r"|'[^']*+'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"[^,\]}#\r\n]+")  # a number, a truth or a time
_GAP = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")


def lines_of(text: str) -> dict[Path, int]:
    """Return the line, from 1, of everything that a valid TOML text holds, by its path.

    A table that is named in several places has the line of the first.
    """
    scanner = _Scanner(text)
    scanner.run()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._tables: dict[Path, int] = {}  # how many each list of tables has so far

    def run(self) -> None:
        table: Path = ()
        while self._next():
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _next(self) -> str:
        """Step over blanks and comments and return the character there, empty at the end."""
        self._skip(_GAP)
        return self._text[self._at : self._at + 1]

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found[0]

    def _mark(self, path: Path) -> None:
        self.lines.setdefault(path, bisect_right(self._starts, self._at))

    def _header(self) -> Path:
        """Read ``[table]`` or ``[[tables]]`` and return the path of what it opens."""
        several = self._text.startswith("[[", self._at)
        self._at += 2 if several else 1
        path: Path = ()
        *outer, last = self._keys()
        for key in outer:
            path = self._inside((*path, key))
        path = (*path, last)
        self._mark(path)
        if several:
            number = self._tables.get(path, 0)
            self._tables[path] = number + 1
            path = (*path, number)
            self._mark(path)
        self._at += 2 if several else 1
        return path

    def _inside(self, path: Path) -> Path:
        """Return the path into which a key of a header leads: of a list of tables into the last one."""
        self._mark(path)
        return (*path, self._tables[path] - 1) if path in self._tables else path

    def _keys(self) -> list[str]:
        """Read the parts of a key, and step to what comes after."""
        keys = []
        while True:
            self._next()
            quoted = self._skip(_STRING)
            keys.append(_unquoted(quoted) if quoted else self._skip(_BARE_KEY))
            if self._next() != ".":
                return keys
            self._at += 1

    def _pair(self, table: Path) -> None:
        start = self._at
        path = table
        keys = self._keys()
        end, self._at = self._at, start
        for key in keys:
            path = (*path, key)
            self._mark(path)
        self._at = end + 1  # after the sign of equality
        self._value(path)

    def _value(self, path: Path) -> None:
        first = self._next()
        if first == "[":
            self._elements(path)
        elif first == "{":
            self._inline(path)
        elif not self._skip(_STRING):
            self._skip(_PLAIN)

    def _elements(self, path: Path) -> None:
        self._at += 1
        number = 0
        while self._next() != "]":
            self._mark((*path, number))
            self._value((*path, number))
            number += 1
            self._step_over_comma()
        self._at += 1

    def _inline(self, path: Path) -> None:
        self._at += 1
        while self._next() != "}":
            self._pair(path)
            self._step_over_comma()
        self._at += 1

    def _step_over_comma(self) -> None:
        if self._next() == ",":
            self._at += 1


def _unquoted(text: str) -> str:
    if "\\" not in text or text.startswith("'"):
        return text[1:-1]
    import tomllib

    key: str = tomllib.loads(f"key = {text}")["key"]
    return key
