"""Writes a table of records as an Excel workbook: numbers and days as such, everything else as text.

What a workbook is, and its limits, belong to ``formats.sheets``.
"""

from datetime import date
from decimal import Decimal
from typing import BinaryIO

from crmcli.formats.sheets import Cell, write_sheet
from crmcli.output.cells import machine
from crmcli.output.tables import Table, guards_of


def write_workbook(table: Table, target: BinaryIO, *, raw: bool = False) -> int:
    """Write the table to a binary file and return how many rows it has; ``raw`` leaves the guard against formulas out.

    Raises CrmError when the extra part is missing, RefusedError for what a sheet cannot hold.
    """
    header = [column.key for column in table.columns]
    rows = ([_cell(row.get(column.key), column.type) for column in table.columns] for row in table.rows)
    return write_sheet(table.noun, header, rows, target, guards=None if raw else guards_of(table))


def _cell(value: object, kind: str) -> Cell:
    if value is None or isinstance(value, bool | int | Decimal):
        return value
    if kind == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    return machine(value)
