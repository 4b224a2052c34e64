import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.formats.formulas import STARTERS, guard_for, neutralise, restore


@given(st.text(st.characters(codec=None)) | st.text("'=+-@a"))
def test_what_was_neutralised_is_restored(text: str) -> None:
    assert restore(neutralise(text)) == text


@given(st.text("'=+-@a\t\r\n\0＝"))
def test_no_neutralised_text_starts_a_formula(text: str) -> None:
    assert neutralise(text)[:1] not in STARTERS


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("", ""),
        ("'ndrangheta", "'ndrangheta"),
        ("a=b", "a=b"),
    ],
)
def test_only_formulas_are_touched(text: str, written: str) -> None:
    assert neutralise(text) == written


@pytest.mark.parametrize("kind", ["int", "money", "percent", "rate", "date", "instant", "bool", "ratio"])
def test_numbers_and_dates_need_no_guard(kind: str) -> None:
    assert guard_for(kind) is None


@pytest.mark.parametrize(("kind", "key"), [("phones", "phones"), ("text", "phone"), ("text", "contact.phone")])
@pytest.mark.parametrize(("text", "written"), [("+39 02 123-456", "+39 02 123-456"), ("+cmd|x!A0", "'+cmd|x!A0")])
def test_only_real_phone_numbers_stay(kind: str, key: str, text: str, written: str) -> None:
    guard = guard_for(kind, key)
    assert guard is not None
    assert guard(text) == written
