from decimal import Decimal

import pytest

from crmcli.errors import UsageError
from crmcli.importing.numbers import NumberConvention, number_reader


def convention_of(*cells: str, whole: bool = False) -> str | None:
    convention = NumberConvention()
    for cell in cells:
        convention.see(cell)
    return convention.decide("Amount", whole=whole)


@pytest.mark.parametrize(
    ("cells", "convention"),
    [
        (["500", "", "1200"], None),
        (["1,234", "95,570.69"], "en"),
        (["1.234", "€ 1.234,56"], "it"),
        (["1 234,56"], "it"),
        (["1,234,567"], "en"),
        (["1.234.567"], "it"),
        (["0.125"], "en"),
        (["30024968.0"], "en"),
        (["8.48E10"], "en"),
        (["$12,400.00"], "en"),
    ],
)
def test_the_whole_column_decides_the_convention(cells: list[str], convention: str | None) -> None:
    assert convention_of(*cells) == convention


def test_a_column_that_fits_both_conventions_is_refused() -> None:
    with pytest.raises(UsageError, match=r"Amount.*1,234") as caught:
        convention_of("1,234", "5,678", "12")
    assert "--number-format" in str(caught.value.hint)


def test_whole_numbers_have_no_decimals_to_mistake() -> None:
    assert [convention_of(cell, whole=True) for cell in ("1,234", "1.234")] == ["en", "it"]


def test_a_column_in_both_conventions_is_refused() -> None:
    with pytest.raises(UsageError, match="decimal comma"):
        convention_of("12.50", "12,50")


@pytest.mark.parametrize(
    ("kind", "convention", "cell", "expected"),
    [
        ("money", "it", "1.234", "1234"),
        ("money", "en", "1.234", "1.234"),
        ("money", "en", "8.48E10", "8.48E10"),
        ("percent", None, "50 %", "50"),
        ("percent", "en", "12.5%", "12.5"),
        ("int", "en", "68,000", "68000"),
        ("int", "en", "250.0", "250"),
    ],
)
def test_numbers_are_read(kind: str, convention: str | None, cell: str, expected: str) -> None:
    assert number_reader(kind, convention)(cell).value == Decimal(expected)


@pytest.mark.parametrize(
    ("kind", "cell"), [("int", "2.5"), ("percent", "140"), ("percent", "-1"), ("money", "about 5"), ("money", "NaN")]
)
def test_what_is_no_number_is_refused(kind: str, cell: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        number_reader(kind, "en")(cell)
