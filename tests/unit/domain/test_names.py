import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.names import company_key, full_name, person_key, split_name


@pytest.mark.parametrize(
    ("full", "first", "last"),
    [
        ("Anna Rossi", "Anna", "Rossi"),
        ("  Anna   Maria  Rossi ", "Anna Maria", "Rossi"),
        ("Anna De Luca", "Anna", "De Luca"),
        ("Paolo D' Angelo", "Paolo", "D' Angelo"),
        ("Paolo D’ Angelo", "Paolo", "D’ Angelo"),
        ("Paolo D'Angelo", "Paolo", "D'Angelo"),
        ("Ludwig van der Berg", "Ludwig", "van der Berg"),
        ("Oscar de la Torre", "Oscar", "de la Torre"),
        ("Maria della Valle", "Maria", "della Valle"),
        ("John Smith Jr.", "John", "Smith Jr."),
        ("John Smith, Jr.", "John", "Smith Jr."),
        ("Rossi, Anna", "Anna", "Rossi"),
        ("De Luca", None, "De Luca"),
        ("Rossi", None, "Rossi"),
        ("Rossi,", None, "Rossi"),
        ("  ", None, None),
        (",", None, None),
    ],
)
def test_split_name(full: str, first: str | None, last: str | None) -> None:
    assert split_name(full) == (first, last)


@given(st.text(max_size=40))
def test_splitting_loses_no_letter(full: str) -> None:
    letters = sorted(char for part in split_name(full) for char in part or "" if char.isalnum())
    assert letters == sorted(char for char in full if char.isalnum())


def test_full_name() -> None:
    assert full_name("Anna", "Rossi") == "Anna Rossi"
    assert full_name(None, "Rossi") == "Rossi"
    assert full_name(None, None) == ""


def test_person_key() -> None:
    assert person_key("PAOLO  D’Angelò") == person_key("Paolo D'Angelo")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Acme S.r.l.", "acme"),
        ("ACME SRL", "acme"),
        ("Acme s. r. l.", "acme"),
        ("Acme, Inc.", "acme"),
        ("Acme S.p.A.", "acme"),
        ("Acme GmbH & Co. KG", "acme"),
        ("Acme Sp. z o.o.", "acme"),
        ("Acme A/S", "acme"),
        ("Caffè Forlì snc", "caffe forli"),
        ("Rossi & Figli S.a.s.", "rossi & figli"),
        ("SAS", "sas"),
        ("Ltd Inc", "ltd"),
        ("", ""),
    ],
)
def test_company_key(text: str, key: str) -> None:
    assert company_key(text) == key


@given(st.text(max_size=40))
def test_keys_are_idempotent(text: str) -> None:
    assert person_key(person_key(text)) == person_key(text)
    assert company_key(company_key(text)) == company_key(text)
