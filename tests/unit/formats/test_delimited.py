import csv
import io
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import RefusedError, UsageError
from crmcli.formats.delimited import Delimited, sniff, write_rows
from crmcli.formats.formulas import neutralise
from crmcli.formats.tabular import Row
from tests.published import PUBLISHED, needs_published

NASTY = PUBLISHED / "csv-nasty"


def opened(data: str | bytes, *, encoding: str | None = None, delimiter: str | None = None) -> Delimited:
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return Delimited(stream, "a.csv", encoding=encoding, delimiter=delimiter)


def open_file(path: Path) -> Delimited:
    return Delimited(path.open("rb"), path.name, encoding=None, delimiter=None)


def test_a_plain_file() -> None:
    file = opened("Name,Phone\nAnna,1\n\n  ,\nBruno,2\n")
    assert (file.header, file.delimiter, file.encoding) == (["Name", "Phone"], ",", "utf-8")
    assert list(file.rows) == [Row(2, ["Anna", "1"]), Row(5, ["Bruno", "2"])]
    assert file.notices == []


def test_lines_are_those_of_the_file() -> None:
    file = opened('\r\n"Na\r\nme",b\r\n1,"x\r\ny\r\nz"\r\n2,w\r\n')
    assert file.header == ["Na\r\nme", "b"]
    assert [row.line for row in file.rows] == [4, 7]


def test_short_rows_are_filled_and_told_long_ones_are_bad() -> None:
    file = opened("a,b,c\n1\n1,2,3\n1,2,3,4\n1,2,3,,\n1,2\n")
    assert list(file.rows) == [
        Row(2, ["1", "", ""]),
        Row(3, ["1", "2", "3"]),
        Row(4, ["1", "2", "3", "4"], "4 cells, but the header has 3"),
        Row(5, ["1", "2", "3"]),
        Row(6, ["1", "2", ""]),
    ]
    assert file.notices == ["a.csv: 2 rows have fewer cells than the header (first at line 2)"]


def test_the_header_may_stand_below_notes() -> None:
    with opened('Notes:\n"Two lines,\nquoted"\n\nName,City\nAnna,Rome\n') as table:
        assert (table.header, table.header_line) == (["Name", "City"], 5)
        assert list(table.rows) == [Row(6, ["Anna", "Rome"])]


def test_the_header_may_stand_below_comments() -> None:
    with opened("# made by hand\n# twice\nName,City\nAnna,Rome\n") as table:
        assert (table.header, table.header_line, [row.cells for row in table.rows]) == (
            ["Name", "City"],
            3,
            [["Anna", "Rome"]],
        )
    with opened("#tags\n#vip\n") as table:
        assert (table.header, [row.cells for row in table.rows]) == (["#tags"], [["#vip"]])


def test_a_column_on_its_own_is_no_preamble() -> None:
    with opened("Name\nAnna\nBob,surplus\nCarl\n") as table:
        assert (table.header, table.header_line) == (["Name"], 1)
        assert [row.cells for row in table.rows] == [["Anna"], ["Bob", "surplus"], ["Carl"]]


def test_column_names_are_unique() -> None:
    file = opened(" Email ,Email,,Email,Email#2,\n1,2,3,4,5,6\n")
    assert file.header == ["Email", "Email#2", "column 3", "Email#3", "Email#2#2", "column 6"]
    assert len(file.notices) == 3


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
def test_a_byte_order_mark_is_no_part_of_a_name(mark: bytes) -> None:
    assert opened(mark + b"name\nx\n").header == ["name"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_other_encodings(encoding: str) -> None:
    file = opened("nome;città\nZoë;Forlì\n".encode(encoding))
    assert list(file.rows) == [Row(2, ["Zoë", "Forlì"])]
    assert bool(file.notices) is (encoding == "cp1252")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ('a,b\n1,2\n"3,4\n5,6\n7,8\n', "line 3: a quote opens here or in the same record and is never closed"),
        ('a,b\n1,"x"y\n', "line 2: a stray quote"),
        ('a,b\n1,"x\ny"z\n', "line 3: a stray quote in the record that starts at line 2"),
        ("a,b\n1,2\n1,\0\n", "line 3: a NUL character"),
        ("a\n" + "x" * 1_100_000, "line 2: a cell of more than 1048576 characters"),
        ("a\n" + "x,y" * 6_000_000, "line 2: longer than"),
    ],
)
def test_what_could_lose_rows_is_refused_with_its_line(data: str, told: str) -> None:
    with pytest.raises(RefusedError, match=told) as refused:
        list(opened(data, delimiter=",").rows)
    assert refused.value.exit_code == 4


def test_big_cells_are_fine() -> None:
    assert list(opened("a,b\n1," + "x" * 200_000).rows) == [Row(2, ["1", "x" * 200_000])]


def test_an_empty_file_has_no_columns() -> None:
    file = opened("")
    assert (file.header, list(file.rows)) == ([], [])


@pytest.mark.parametrize(
    ("sample", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2\n", ";"),
        ("nome;importo\nRossi, Anna;1,5\nVerdi;2,5\n", ";"),
        ("a\tb\n1,2\t3\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("name\nAnna\n", ","),
        ("name\nRossi, Anna\n", ","),
        ("", ","),
        ('"a;b","c"\n"1;2","3"\n', ","),
        ("# note, or two\na;b\n1;2\n", ";"),
        ("Notes:\nall, of them\n\na;b\n1;2\n", ";"),
    ],
)
def test_the_delimiter_is_found_from_the_data(sample: str, delimiter: str) -> None:
    assert sniff(sample) == delimiter


def test_the_hint_of_spreadsheets_is_followed() -> None:
    file = opened("sep=;\nname;note\nAnna;x,y\n")
    assert (file.delimiter, file.header, list(file.rows)) == (";", ["name", "note"], [Row(3, ["Anna", "x,y"])])


def test_options_win() -> None:
    file = opened("a,b\té\n1,2\t3\n".encode("iso-8859-15"), encoding="l9", delimiter="tab")
    assert (file.header, list(file.rows)) == (["a,b", "é"], [Row(2, ["1,2", "3"])])


@pytest.mark.parametrize("named", ["", "ab", ";;", '"', "\n", "\r"])
def test_what_cannot_part_cells_is_refused(named: str) -> None:
    with pytest.raises(UsageError, match="no delimiter"):
        opened("a,b\n1,2\n", delimiter=named)


def test_our_own_guard_is_taken_off() -> None:
    assert list(opened("a,b\n'=1+1,'n\n''@x,'-5\n").rows) == [Row(2, ["=1+1", "'n"]), Row(3, ["'@x", "-5"])]


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
tables = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), max_size=6).map(lambda r: (n, r))
)


@given(tables, st.booleans())
def test_what_was_written_is_read_back(table: tuple[int, list[list[str]]], guarded: bool) -> None:
    columns, rows = table
    header = [f"c{number}" for number in range(columns)]
    written: list[str] = []
    assert write_rows(header, rows, written.append, guards=[neutralise] * columns if guarded else None) == len(rows)
    file = opened("".join(written), encoding="utf-8", delimiter=",")
    expected = [row for row in rows if any(cell.strip() for cell in row)]
    assert file.header == header
    if guarded:
        assert [row.cells for row in file.rows] == expected
    else:
        assert len(list(file.rows)) == len(expected)


@given(st.binary(max_size=300) | st.text("a,;\"\n\r\t|'= é", max_size=60).map(str.encode))
def test_any_bytes_give_rows_or_a_refusal(data: bytes) -> None:
    try:
        for row in (file := opened(data)).rows:
            assert len(row.cells) == len(file.header) or row.error
    except RefusedError as refused:
        assert "line " in refused.message


def test_a_long_file_is_not_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("name,note\n" + "Anna,a rather long note about nothing\n" * 100_000)
    with open_file(path) as file:
        tracemalloc.start()
        count = sum(1 for _ in file.rows)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert count == 100_000
    assert peak < 2_000_000


@needs_published
@pytest.mark.parametrize("path", sorted((NASTY / "csv-spectrum" / "csvs").glob("*.csv")), ids=lambda path: path.stem)
def test_csv_spectrum(path: Path) -> None:
    expected = json.loads((path.parents[1] / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))
    with open_file(path) as file:
        read = [dict(zip(file.header, row.cells, strict=True)) for row in file.rows]
    for row in expected:  # the sample has lost its carriage returns on the way
        row.update({key: cell.replace("\r\n", "\n") for key, cell in row.items()})
    assert read == expected


# Where the records differ from those of the reference, and why; told to users in docs/explanation/import.md.
DIFFERENT = {
    "accent.csv": "delimiter",
    "dialect.csv": "delimiter",
    "vix.csv": "delimiter",
    "blank-rows.csv": "blank",
    "blank-rows-multiple.csv": "blank",
    "blank-rows-no-fields.csv": "blank",
    "capital-invalid.csv": "blank",
    "invalid.csv": "blank",
    "skip-blank-at-the-end.csv": "blank",
    "structure-errors.csv": "blank",
    "countries.csv": "comment",
    "country-2.csv": "comment",
    "matrix-with-comment.csv": "comment",
    "skip-rows.csv": "comment",
    "skip-rows-before-headers.csv": "comment",
}
RAGGED = {
    "capital-invalid.csv", "countries.csv", "defective-rows.csv", "dialect.csv", "invalid.csv", "schema-errors.csv",
    "structure-errors.csv", "without-headers-extra.csv",
}  # fmt: skip


RENAMED = {"blank-headers.csv", "capital-invalid.csv", "duplicate-column.csv", "duplicate-headers.csv", "invalid.csv"}


@needs_published
def test_every_nasty_file_keeps_all_its_records() -> None:
    known = json.loads((NASTY / "expected.json").read_text(encoding="utf-8"))["files"]
    different, ragged, renamed = {}, set(), set()
    for name, facts in known.items():
        with open_file(NASTY / name) as file:
            rows = list(file.rows)
            text = (NASTY / name).read_bytes().decode(file.encoding).removeprefix("\ufeff")
            reference = csv.reader(io.StringIO(text, newline=""), delimiter=file.delimiter)
            expected = [cells for cells in ([cell.strip() for cell in record] for record in reference) if any(cells)]
            comments = 1 if expected and expected[0][0].startswith("#") else 0
            read = [list(filter(None, map(str.strip, row.cells))) for row in rows]
            assert read == [list(filter(None, cells)) for cells in expected[comments + 1 :]], name
            assert bool(file.notices and "cp1252" in file.notices[0]) is facts["encoding"].startswith("cp1252"), name
            short = name.removeprefix("frictionless/")
            if not comments and file.delimiter == facts["delimiter"]:
                first = file.header[: len(facts["first"])]
                if first != [cell.strip() for cell in facts["first"]]:
                    renamed.add(short)
            if comments:
                different[short] = "comment"
            elif file.delimiter != facts["delimiter"]:
                different[short] = "delimiter"
            elif len(rows) + 1 < facts["records"]:
                different[short] = "blank"
            if any(row.error for row in rows):
                ragged.add(short)
    assert (different, ragged, renamed) == (DIFFERENT, RAGGED, RENAMED)
