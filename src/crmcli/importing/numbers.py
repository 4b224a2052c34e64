"""Numbers in the cells of a column: which convention the column has, and what a cell then means.

``1,234`` is a thousand in English and one and a bit in Italian: the whole column decides, or the user. What an amount
looks like in either convention is known by ``domain.numbers``.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from crmcli.domain.money import Amount
from crmcli.domain.numbers import parse_number
from crmcli.errors import UsageError
from crmcli.formats.tabular import Digits
from crmcli.importing.doubts import AmbiguousColumnError

ENGLISH, ITALIAN = "en", "it"
_NUMBER = re.compile(r"[0-9.,]*[.,][0-9]*")
_UNCLEAR = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_LONGEST = 60  # characters


class NumberConvention:
    """Gathers how the numbers of one column are written; ``decide`` names the convention."""

    def __init__(self) -> None:
        self._seen = {ENGLISH: "", ITALIAN: ""}  # an example of each
        self._either = ""

    def see(self, cell: str) -> None:
        """Take a cell into account."""
        if cell.isdecimal() or len(cell) > _LONGEST or not (match := _NUMBER.search(cell)):
            return
        if isinstance(cell, Digits):
            self._seen[ENGLISH] = cell
        elif _UNCLEAR.fullmatch(match[0]):
            self._either = self._either or cell
        else:
            self._seen[_convention(match[0])] = cell

    def decide(self, column: str, *, whole: bool = False, usual: str | None = None) -> str | None:
        """Return ``en`` or ``it``, None when no cell needs to know; whole numbers have no decimals to mistake.

        Raises UsageError when the column is written both ways, or could be and the program has no ``usual`` way.
        """
        english, italian = self._seen[ENGLISH], self._seen[ITALIAN]
        hint, code = "say which with --number-format en (1,234.50) or it (1.234,50)", "import.number_format"
        if english and italian:
            told = f"holds {english!r} and {italian!r}: decimal point and decimal comma"
            raise UsageError(f"the column {column!r} {told}", hint=hint, code=code)
        if not self._either or english or italian:
            return ENGLISH if english else ITALIAN if italian else None
        if usual:
            return usual
        if whole:
            return ENGLISH if "," in self._either else ITALIAN
        told = f"holds numbers such as {self._either!r}, thousands or decimals"
        readings = {written: _in_words(self._either, written) for written in (ENGLISH, ITALIAN)}
        raise AmbiguousColumnError(column, told, self._either, readings, hint=hint, code=code)


def _in_words(cell: str, convention: str) -> str:
    """Return a number as Python writes it, which both conventions know: no thousands, a point before decimals."""
    try:
        return str(parse_number("decimal", cell, convention).value)
    except ValueError:
        return cell


def number_reader(kind: str, convention: str | None) -> Callable[[str], Amount]:
    """Return what reads the cells of a column as ``domain.numbers.parse_number`` does, equal ones once."""

    @lru_cache(maxsize=1 << 14)
    def read(cell: str) -> Amount:
        return parse_number(kind, cell, convention)

    return read


def _convention(number: str) -> str:
    """Return the convention of digits and marks that fit only one."""
    point, comma = number.rfind("."), number.rfind(",")
    if point >= 0 and comma >= 0:
        return ENGLISH if point > comma else ITALIAN
    mark = "." if point >= 0 else ","
    is_decimal_mark = number.count(mark) == 1
    return ENGLISH if (mark == ".") == is_decimal_mark else ITALIAN
