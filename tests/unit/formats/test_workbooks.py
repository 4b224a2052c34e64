import io
import sys
from datetime import date, datetime, time, timedelta
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook as Written

from crmcli.errors import CrmError, RefusedError
from crmcli.formats.tabular import Digits, Row
from crmcli.formats.workbooks import Workbook


def written(*rows: list[Any], sheets: dict[str, list[list[Any]]] | None = None) -> bytes:
    book = Written()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for name, more in (sheets or {}).items():
        other = book.create_sheet(name)
        for row in more:
            other.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def opened(content: bytes) -> Workbook:
    return Workbook(io.BytesIO(content), "a.xlsx")


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    """Return a workbook with one of its parts replaced."""
    stream = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(stream, "w") as new:
        for part in old.namelist():
            new.writestr(part, data if part == name else old.read(part))
    return stream.getvalue()


def test_cells_are_text_as_programs_write_it() -> None:
    content = written(
        ["Name", "Number", "When"],
        ["Anna", 5, datetime(2026, 3, 1, 14, 5, 7)],
        ["Zoë\nRossi", 1.1, date(2026, 3, 1)],
        [True, 0.0000001, time(3, 4)],
        [None, 391234567890, timedelta(hours=30)],
    )
    table = opened(content)
    assert (table.header, table.header_line, table.delimiter) == (["Name", "Number", "When"], 1, "")
    assert list(table.rows) == [
        Row(2, ["Anna", "5", "2026-03-01 14:05:07"]),
        Row(3, ["Zoë\nRossi", "1.1", "2026-03-01"]),
        Row(4, ["true", "0.0000001", "03:04:00"]),
        Row(5, ["", "391234567890", "30:00:00"]),
    ]


def drawn(*rows: list[Any], formats: dict[str, str] | None = None, merged: tuple[str, ...] = ()) -> Workbook:
    """Return a workbook of rows, with number formats of places and merged ranges."""
    book = Written()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for place, code in (formats or {}).items():
        sheet[place].number_format = code
    for area in merged:
        sheet.merge_cells(area)
    stream = io.BytesIO()
    book.save(stream)
    return opened(stream.getvalue())


@pytest.mark.parametrize(
    ("value", "code", "cell"),
    [
        (0.25, "0%", "25%"), (0.285, "0.00%", "28.5%"), (1, "0%", "100%"), (-0.5, '"up to "0 %', "-50%"),
        (0.1 + 0.2, "0%", "30%"), (0.25, '0.00" %"', "0.25"), (0.25, r"0.00\%", "0.25"), (0.25, "[$%]0.00", "0.25"),
        ("=0.25", "0%", "=0.25"), ("text", "0%", "text"), (True, "0%", "true"), (None, "0%", ""),
        (0.25, "General", "0.25"),
    ],
)  # fmt: skip
def test_what_is_shown_as_a_percentage_is_one(value: Any, code: str, cell: str) -> None:
    if cell.startswith("="):
        cell = ""  # a formula that nobody has computed
    (row,) = drawn(["Name", None, "Share"], ["Anna", None, value], formats={"C2": code}).rows
    assert row.cells == ["Anna", "", cell]


def test_percentages_are_known_by_their_cell_wherever_the_table_begins() -> None:
    shares = [number / 1000 for number in range(40)]
    rows: list[list[Any]] = [[None, "Name", "Share"], *([None, "Anna", share] for share in shares)]
    table = drawn([], [], *rows, formats={f"C{line}": "0.0%" for line in range(4, 44, 2)})
    assert [row.cells[1] for row in table.rows] == [
        f"{number / 10:g}%" if number % 2 == 0 else f"{number / 1000:g}" for number in range(40)
    ]


def test_errors_are_told_and_read_as_blank() -> None:
    table = drawn(["Name", "Amount"], ["Anna", "#N/A"], ["Bob", "#DIV/0!"], ["Carl", 3])
    assert [row.cells[1] for row in table.rows] == ["", "", "3"]
    assert table.notices == ["a.xlsx: 2 cells hold errors, B2 the first, and are read as blank"]


@pytest.mark.parametrize(
    ("rows", "merged", "header"),
    [
        ([["Customers 2026", None, None], ["Name", "Mail", "City"]], ("A1:C1",), ["Name", "Mail", "City"]),
        (
            [["Title", None, None], ["Who", "Where", None], ["Name", "Street", "City"]],
            ("A1:C1", "B2:C2"),
            ["Who", "Where"],
        ),
        ([["Person", None, "Place"], ["First", "Last", "City"]], ("A1:B1", "C1:C2"), ["First", "Last", "Place"]),
        ([["Name", "Where", None], [None, "Street", "City"]], ("A1:A2", "B1:C1"), ["Name", "Street", "City"]),
        ([["Name", "Place", None], ["Anna", "Rome", None]], ("B1:C1",), ["Name", "Place"]),
        (
            [["Name", None, "Place", None], ["Anna", None, "Rome", None]],
            ("A1:B1", "C1:D1"),
            ["Name", "column 2", "Place"],
        ),
    ],
)
def test_titles_and_headings_of_merged_cells_stand_above_the_header(
    rows: list[list[Any]], merged: tuple[str, ...], header: list[str]
) -> None:
    assert drawn(*rows, ["1", "2"], merged=merged).header == header


def test_decimals_of_numbers_need_no_convention_and_those_of_texts_do() -> None:
    cells = [row.cells for row in drawn(["A", "B"], [1.234, "1.234"]).rows]
    assert [[isinstance(cell, Digits) for cell in row] for row in cells] == [[True, False]]


def test_the_header_may_stand_below_notes_and_blank_rows_count() -> None:
    table = opened(written(["Customers"], [], ["Name", "City"], [], ["Anna", "Rome"]))
    assert (table.header, table.header_line, list(table.rows)) == (["Name", "City"], 3, [Row(5, ["Anna", "Rome"])])


def test_the_first_sheet_with_anything_is_read_and_the_others_are_told() -> None:
    table = opened(written(sheets={"People": [["Name"], ["Anna"]], "Old": [["Name"], ["Bob"]]}))
    assert [row.cells for row in table.rows] == [["Anna"]]
    assert table.notices == ["a.xlsx: the sheet People is read, not Old"]


def test_an_empty_workbook_has_no_columns() -> None:
    table = opened(written())
    assert (table.header, list(table.rows)) == ([], [])


def test_names_are_unique_and_long_rows_are_bad() -> None:
    table = opened(written(["Name", "Name", None], ["a", "b", None], ["a", "b", "c"]))
    assert table.header == ["Name", "Name#2"]
    assert [row.error for row in table.rows] == [None, "3 cells, but the header has 2"]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"xl/worksheets/sheet1.xml": b" " * 100_000_001}, "unpacks to more than 100 MB"),
        ({"xl/worksheets/sheet1.xml": b" " * 1_000_000}, "packed as no spreadsheet is"),
        ({f"xl/{number}.xml": b"" for number in range(10_001)}, "packed as no spreadsheet is"),
    ],
)
def test_a_bomb_is_refused_unopened(parts: dict[str, bytes], told: str) -> None:
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as bomb:
        for name, content in parts.items():
            bomb.writestr(name, content)
    with pytest.raises(RefusedError, match=told):
        opened(stream.getvalue())


def test_a_sheet_that_would_fill_the_memory_is_refused() -> None:
    far = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1048576">'
    far += b'<c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    with pytest.raises(RefusedError, match="more than 16,777,216 places"):
        opened(with_part(written(["Name"]), "xl/worksheets/sheet1.xml", far))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"Name\nAnna\n"])
def test_what_is_no_workbook_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(RefusedError, match=r"a\.xlsx: no workbook"):
        opened(content)


def test_the_missing_part_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(CrmError, match="an extra part") as missing:
        opened(written(["Name"]))
    assert missing.value.hint == "pip install 'crmcli[xlsx]', or save the file as CSV"


GOOD = written(["Name", "Number", "When"], ["Anna", 5, datetime(2026, 3, 1)], ["Bob", 1.5, None])
PARTS = tuple(ZipFile(io.BytesIO(GOOD)).namelist())


@given(st.data())
def test_damage_is_read_over_or_refused(data: st.DataObject) -> None:
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    _read(bytes(content[: data.draw(st.integers(0, len(content)))]))
    part = data.draw(st.sampled_from(PARTS))
    own = ZipFile(io.BytesIO(GOOD)).read(part)
    place = data.draw(st.integers(0, len(own)))
    _read(with_part(GOOD, part, own[:place] + data.draw(st.binary(max_size=8)) + own[place + 3 :]))


def _read(content: bytes) -> None:
    try:
        for row in (table := opened(content)).rows:
            assert len(row.cells) == len(table.header) or row.error
    except CrmError as refused:
        assert refused.message.startswith("a.xlsx: ")
