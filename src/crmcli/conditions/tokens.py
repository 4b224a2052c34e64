"""The words of a condition, each with its position, and the error that points at one of them.

Nothing here knows what a word means: that a word is a field, a number or a keyword is for the parser and the checker.
"""

import re
from typing import NamedTuple

from crmcli.errors import ConditionError

MAX_BYTES = 8_192

_LEXEME = r"""\s*(?:
        (?P<symbol>!=|<=|>=|!~|[=<>~()\[\],])
      | (?P<string>"[^"]*"|'[^']*')
      | (?P<word>[^\s=<>~!()\[\],"']+)
      | (?P<end>\Z)
    )"""


class Token(NamedTuple):
    """A symbol, a word, a string without its quotes, or the end; ``position`` is the 0-based offset in the text."""

    kind: str
    text: str
    position: int


class Source(NamedTuple):
    """The text of a condition, which every error quotes."""

    text: str

    def error(self, problem: str, position: int, hint: str | None = None) -> ConditionError:
        """Return the language's own error, to be raised by the caller."""
        return ConditionError(problem, self.text, position, hint=hint)


def tokenize(source: Source) -> list[Token]:
    """Return the tokens of a condition, the last of kind ``end``; ConditionError when some text is none."""
    _check_size(source)
    tokens: list[Token] = []
    offset = 0
    match = re.compile(_LEXEME, re.VERBOSE).match  # here, so that only a condition pays for it
    while not tokens or tokens[-1].kind != "end":
        found = match(source.text, offset)
        if found is None:
            raise _unreadable(source, offset)
        kind = str(found.lastgroup)
        text = found[kind]
        tokens.append(Token(kind, text[1:-1] if kind == "string" else text, found.start(kind)))
        offset = found.end()
    return tokens


def _check_size(source: Source) -> None:
    try:
        size = len(source.text.encode())
    except UnicodeEncodeError as error:  # a lone surrogate, as undecodable bytes of an argument become
        raise source.error("a character that is not valid Unicode", error.start) from None
    if size > MAX_BYTES:
        raise source.error(f"the text is longer than {MAX_BYTES:,} bytes", 0)


def _unreadable(source: Source, offset: int) -> ConditionError:
    position = len(source.text) - len(source.text[offset:].lstrip())
    char = source.text[position]
    if char in "\"'":
        return source.error(f"the quote {char} is not closed", position)
    return source.error(f"unexpected {char!r}", position, "put text with punctuation in quotes")
