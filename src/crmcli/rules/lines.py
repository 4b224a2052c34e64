"""The lines of a rule file, looked for only once there is a mistake to be told."""

import re
from functools import cached_property, partial

from crmcli.rules.mistakes import LineOf

_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")  # of the text of a key, such as do[2].values.rating


class Lines:
    """Says on which line of the text of one file a key stands."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _lines(self) -> dict[tuple[str | int, ...], int]:
        from crmcli.domain.toml_lines import lines_of

        try:
            return lines_of(self._text)
        except RecursionError:  # as deep as the parser could just go
            return {}

    def of_file(self) -> LineOf:
        """Return what tells the lines of the keys at the top of the file."""
        return partial(self._line, ())

    def of_table(self, name: str, number: int) -> LineOf:
        """Return what tells the lines of the keys of one table of several, such as a rule; the first is number 1."""
        return partial(self._line, (name, number - 1))

    def _line(self, start: tuple[str | int, ...], key: str) -> int:
        """Return the line of a key, of the table that lacks it where it is missing, 1 where that is the file."""
        path = start
        for number, name in _PART.findall(key.partition(" (")[0]):  # a template tells its own file and line in brackets
            further = (*path, int(number) - 1 if number else name)
            if further not in self._lines:
                break
            path = further
        return self._lines.get(path, 1)
