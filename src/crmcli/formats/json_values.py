"""JSON read one value at a time from a text that may be larger than memory (RFC 8259).

What the values mean belongs to ``json_records``, which makes a table of them, and to those who read a whole document.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from crmcli.errors import RefusedError

MAX_VALUE = 1 << 24  # characters of one value
BLANKS = " \t\r\n\ufeff"
CHUNK = 1 << 16
_BLANK_RUN = re.compile(f"[{BLANKS}]*")
_LONGEST_TOKEN = 16  # characters of a literal or an escape that the end of a chunk may cut


class Values:
    """The text of a file, read on as far as the next value needs; ``line`` is where its unread part begins.

    ``refusal`` makes the error for what is no JSON at a line.
    """

    def __init__(self, text: TextIO, decoder: json.JSONDecoder, refusal: Callable[[int, str], RefusedError]) -> None:
        self.line = 1
        self._decoder = decoder
        self._stream = text
        self._refusal = refusal
        self._text = ""
        self._place = 0

    def peek(self) -> str:
        """Return the next character that is not blank, empty at the end of the file."""
        while True:
            self._go(_BLANK_RUN.match(self._text, self._place).end())  # type: ignore[union-attr]  # always matches
            if self._place < len(self._text) or not self._read_on():
                return self._text[self._place : self._place + 1]

    def skip(self) -> None:
        """Go past the character just seen."""
        self._place += 1

    def value(self) -> tuple[int, Any]:
        """Return the next value and the line it begins at."""
        line = self.line
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._place)
                if end < len(self._text) or not self._read_on():
                    self._go(end)
                    return line, value
            except json.JSONDecodeError as problem:
                if self._is_wrong(problem) or not self._read_on():
                    wrong = line + self._text.count("\n", self._place, problem.pos)
                    raise self._refusal(wrong, f"no JSON: {problem.msg}") from None
            except RecursionError:
                raise self._refusal(line, "objects nested too deep") from None
            if len(self._text) > MAX_VALUE:
                raise self._refusal(line, f"an object of more than {MAX_VALUE} characters")

    def _is_wrong(self, problem: json.JSONDecodeError) -> bool:
        """Say whether more text could not mend it: it lies before the end of what was read."""
        return not problem.msg.startswith("Unterminated") and problem.pos < len(self._text) - _LONGEST_TOKEN

    def _go(self, place: int) -> None:
        self.line += self._text.count("\n", self._place, place)
        self._place = place

    def _read_on(self) -> bool:
        """Drop what is done and read as much again as is left, so that a long value costs no more than its length."""
        self._text = self._text[self._place :]
        self._place = 0
        more = self._stream.read(max(CHUNK, len(self._text)))
        self._text += more
        return bool(more)


def read_sections(text: TextIO, label: str) -> Iterator[tuple[str, int, Any]]:
    """Yield the values of a document ``{"name": [value, ...], ...}`` with the name of their list and their line.

    Raises RefusedError naming the line where the text is something else.
    """

    def refusal(line: int, problem: str) -> RefusedError:
        return RefusedError(f"{label}: line {line}: {problem}", code="file.malformed")

    def expect(mark: str, otherwise: str = "") -> bool:
        """Go past a mark and return True; False for the other one, which may stand in its place."""
        found = values.peek()
        if not found or found not in (mark, otherwise):
            raise refusal(values.line, f"{mark!r} should stand here")
        values.skip()
        return found == mark

    values = Values(text, json.JSONDecoder(), refusal)
    expect("{")
    while values.peek() != "}":
        _, name = values.value()
        expect(":")
        expect("[")
        while values.peek() != "]":
            line, value = values.value()
            yield str(name), line, value
            if values.peek() != "]":
                expect(",")
        values.skip()
        if not expect(",", "}"):
            break
    else:
        values.skip()
    if values.peek():
        raise refusal(values.line, "the document ends before this")
