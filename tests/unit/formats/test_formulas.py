import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.formats.delimited import write_rows
from crmcli.formats.formulas import STARTERS, guard_for, neutralise, restore


@given(st.text(st.characters(codec=None)) | st.text("'=+-@a"))
def test_what_was_neutralised_is_restored(text: str) -> None:
    assert restore(neutralise(text)) == text


@given(st.text("'=+-@a \t\r\n\0\xa0\ufeff＝"))
def test_no_neutralised_text_starts_a_formula_whatever_is_dropped_before_it(text: str) -> None:
    assert neutralise(text)[:1] not in STARTERS
    assert neutralise(text).lstrip("\0\ufeff \t\r\n\xa0")[:1] not in STARTERS
    assert restore(neutralise(text)) == text


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=2)))
def test_what_a_spreadsheet_is_given_holds_no_formula_and_comes_back(rows: list[list[str]]) -> None:
    written = io.StringIO()
    write_rows(["a", "b"], rows, written.write, guards=[neutralise, neutralise])
    for row in list(csv.reader(io.StringIO(written.getvalue(), newline="")))[1:]:
        assert not any(cell.strip()[:1] in STARTERS for cell in row if cell.strip())
        assert [restore(cell) for cell in row] in rows


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1", "' =1"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\xa0=cmd|' /C calc'!A0", "'\xa0=cmd|' /C calc'!A0"),
        ("  plain", "  plain"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("", ""),
        ("'ndrangheta", "'ndrangheta"),
        ("a=b", "a=b"),
    ],
)
def test_only_formulas_are_touched(text: str, written: str) -> None:
    assert neutralise(text) == written


@pytest.mark.parametrize("kind", ["int", "money", "percent", "rate", "date", "instant", "bool", "ratio", "change"])
def test_numbers_and_dates_need_no_guard(kind: str) -> None:
    assert guard_for(kind) is None


@pytest.mark.parametrize(("kind", "key"), [("phones", "phones"), ("text", "phone"), ("text", "contact.phone")])
@pytest.mark.parametrize(("text", "written"), [("+39 02 123-456", "+39 02 123-456"), ("+cmd|x!A0", "'+cmd|x!A0")])
def test_only_real_phone_numbers_stay(kind: str, key: str, text: str, written: str) -> None:
    guard = guard_for(kind, key)
    assert guard is not None
    assert guard(text) == written
