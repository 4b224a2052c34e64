"""Rows read by column say what they say when they are read one by one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain import emails, phones
from crmcli.domain.columns import OneEach
from crmcli.domain.schema import Field
from crmcli.importing.options import Options
from crmcli.importing.rows import Draft, Prepared, ReadRow
from crmcli.importing.sheets import Chunks, Sheet

from .conftest import Preparer, prepare_path

HEADER = "First Name,Last Name,Email,Phone,Company,Lead Source,Tags,Birthday,Seats"
MAPPED = Options(
    zone="Europe/Rome",
    custom={"contact": {"seats": Field("seats", "int", "Seats")}},
    maps={"Seats": "seats"},
)
CELLS = (
    ("", "Anna", " Bo "),
    ("Rossi", ""),
    ("", "Anna@Example.com", "a@example.com;b@example.com", "no address", "work: c@example.com"),
    ("", "+39 02 123456", "home: 555", "+3902123456"),
    ("", "Acme", "Zeta"),
    ("Website", "", "a fair"),
    ('"vip, news"', "", "vip"),
    ("1980-06-15", "", "soon"),
    ("7", "", "many"),
)


def read_both(prepared: Prepared) -> tuple[Sheet | None, list[ReadRow], list[ReadRow]]:
    """Return rows by column with those beside, and the same rows one by one."""
    (chunk,) = Chunks(prepared).take(None, 100)
    found = chunk.sheet()
    return (None, [], chunk.read()) if found is None else (*found, chunk.read())


def as_drafts(sheet: Sheet) -> list[tuple[object, ...]]:
    """Return for each row of a sheet what a draft holds of it."""
    rows: list[tuple[object, ...]] = []
    for place, line in enumerate(sheet.lines):
        cells = {key: _cell(column, place) for key, column in sheet.values.items()}
        told = {key: value for key, value in cells.items() if value is not None}
        values: dict[str, object] = {key: value for key, value in told.items() if not key.startswith("custom.")}
        custom = {key.removeprefix("custom."): value for key, value in told.items() if key.startswith("custom.")}
        links = {name: column[place] for name, column in sheet.links.items() if column[place]}
        rows.append((line, sheet.hashes[place], values | ({"custom": custom} if custom else {}), links))
    return rows


def _cell(column: Sequence[Any], place: int) -> Any:
    if not isinstance(column, OneEach):
        return column[place]
    points = column[place]
    assert [point["value_norm"] for point in points] == [comparable(point["value"], "IT") for point in points]
    return [{key: point[key] for key in ("value", "label")} for point in points] or None


def comparable(text: str, country: str) -> str:
    """Return the normal form of an e-mail or a phone."""
    return emails.normalise(text) if "@" in text else phones.comparable(text, country)[0]


@given(rows=st.lists(st.tuples(*map(st.sampled_from, CELLS)), min_size=1, max_size=12))
def test_columns_say_what_rows_say(rows: list[tuple[str, ...]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = Path(tmp_path_factory.mktemp("sheet")) / "table.csv"
    path.write_text("\n".join([HEADER, *map(",".join, rows)]) + "\n", encoding="utf-8")
    sheet, beside, one_by_one = read_both(prepare_path(path, "contact", MAPPED))
    if sheet is not None:
        drafts = [row for row in one_by_one if isinstance(row, Draft)]
        assert as_drafts(sheet) == [(row.line, row.row_hash, row.values, row.links) for row in drafts]
        assert beside == [row for row in one_by_one if not isinstance(row, Draft)]
        assert not any(row.warnings or row.notes or row.external or row.created_at for row in drafts)


def test_plain_rows_are_read_by_column_and_wrong_ones_beside(prepared: Preparer) -> None:
    text = "First Name,Last Name,Email,Tags\nAnna,Rossi,anna@example.com,vip\nBob,Neri,no address,\nCarla,,,vip\n"
    sheet, beside, _ = read_both(prepared(text, "contact"))
    assert sheet is not None
    assert (sheet.lines, sheet.values["first_name"]) == ([2, 4], ["Anna", "Carla"])
    assert [row.line for row in beside] == [3]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Name,City", "Anna Rossi,Milano"),  # a name is two values
        ("Record ID,First Name", "7,Anna"),  # an id in another system
        ("First Name,Lead Source", "Anna,a fair in May"),  # kept as other, with its words beside
        ("First Name,E-mail 1 - Label,E-mail 1 - Value", "Anna,work,anna@example.com"),  # a label beside its value
    ],
)
def test_rows_that_say_more_are_left_to_rows(prepared: Preparer, header: str, row: str) -> None:
    sheet, beside, one_by_one = read_both(prepared(f"{header}\n{row}\n", "contact"))
    assert (sheet, beside, len(one_by_one)) == (None, [], 1)


def test_chunks_follow_each_other_to_the_end(prepared: Preparer) -> None:
    chunks = Chunks(prepared("First Name\n" + "Anna\n" * 7, "contact"), after=2)
    assert [len(chunk) for chunk in chunks.take(4, 3)] == [3, 1]
    assert [(len(chunk), chunk.last_line) for chunk in chunks.take(None, 3)] == [(2, 8)]
