"""Numbers in the cells of a column: which convention the column has, and what a cell then means.

``1,234`` is a thousand in English and one and a bit in Italian: the whole column decides, or the user. What an amount
looks like in either convention is known by ``domain.money``.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from crmcli.domain.money import Amount, parse_amount
from crmcli.errors import UsageError

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
        if _UNCLEAR.fullmatch(match[0]):
            self._either = self._either or cell
        else:
            self._seen[_convention(match[0])] = cell

    def decide(self, column: str, *, whole: bool = False) -> str | None:
        """Return ``en`` or ``it``, None when no cell needs to know; whole numbers have no decimals to mistake.

        Raises UsageError when the column is written both ways, or could be.
        """
        english, italian = self._seen[ENGLISH], self._seen[ITALIAN]
        if english and italian:
            told = f"holds {english!r} and {italian!r}: decimal point and decimal comma"
        elif self._either and not (english or italian):
            if whole:
                return ENGLISH if "," in self._either else ITALIAN
            told = f"holds numbers such as {self._either!r}, thousands or decimals"
        else:
            return ENGLISH if english else ITALIAN if italian else None
        raise UsageError(
            f"the column {column!r} {told}",
            hint="say which with --number-format en (1,234.50) or it (1.234,50)",
            code="import.number_format",
        )


def number_reader(kind: str, convention: str | None) -> Callable[[str], Amount]:
    """Return what reads a cell of a column into an amount; it raises ValueError with the reason.

    ``kind``: money, percent (0 to 100), decimal, rate or int, whose value has no fraction.
    """

    @lru_cache(maxsize=1 << 14)
    def read(cell: str) -> Amount:
        amount = parse_amount(cell.replace("%", "") if kind == "percent" else cell, convention)
        if kind == "int" and amount.value != amount.value.to_integral_value():
            raise ValueError(f"{cell!r} is not a whole number")
        if kind == "percent" and not Decimal(0) <= amount.value <= Decimal(100):
            raise ValueError(f"{cell!r} is not between 0 and 100 %")
        return amount

    return read


def _convention(number: str) -> str:
    """Return the convention of digits and marks that fit only one."""
    point, comma = number.rfind("."), number.rfind(",")
    if point >= 0 and comma >= 0:
        return ENGLISH if point > comma else ITALIAN
    mark = "." if point >= 0 else ","
    is_decimal_mark = number.count(mark) == 1
    return ENGLISH if (mark == ".") == is_decimal_mark else ITALIAN
