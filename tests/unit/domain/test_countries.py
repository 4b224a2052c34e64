import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.countries import _COUNTRIES, _index, _key, country_code
from tests.published import PUBLISHED, needs_published

EXPORT = PUBLISHED / "hubspot-export"
GONE = {"Netherlands Antilles"}  # dissolved in 2010, its code withdrawn


def test_every_word_means_one_country() -> None:
    owners: dict[str, str] = {}
    lines = _COUNTRIES.strip().splitlines()
    for code, longer, names in (line.split(" ", 2) for line in lines):
        assert (len(code), len(longer)) == (2, 3)
        for word in (code, longer, *names.split(", ")):
            assert owners.setdefault(_key(word), code) == code, word
    assert len(lines) == 249


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("IT", "IT"),
        ("it", "IT"),
        ("ita", "IT"),
        (" ITALIA ", "IT"),
        ("U.S.", "US"),
        ("USA", "US"),
        ("Stati Uniti", "US"),
        ("UK", "GB"),
        ("Great Britain", "GB"),
        ("Regno Unito", "GB"),
        ("The Netherlands", "NL"),
        ("Olanda", "NL"),
        ("South Korea", "KR"),
        ("Korea, Republic of", "KR"),
        ("Korea, Democratic People's Republic of", "KP"),
        ("Russia", "RU"),
        ("Holy See", "VA"),
        ("Cote d'Ivoire", "CI"),
        ("St. Lucia", "LC"),
        ("Congo (Democratic Republic of the)", "CD"),
        ("Trinidad & Tobago", "TT"),
        ("Türkiye", "TR"),
        ("Netherlands Antilles", None),
        ("Lombardia", None),
        ("ZZ", None),
        ("the", None),
        ("", None),
    ],
)
def test_names_and_codes(text: str, code: str | None) -> None:
    assert country_code(text) == code


@given(st.text() | st.sampled_from(sorted(_index())))
def test_a_code_stands_for_itself(text: str) -> None:
    code = country_code(text)
    assert code is None or country_code(code) == code


@needs_published
def test_all_countries_of_an_export_are_known() -> None:
    names = set()
    for name in ("contacts", "companies"):
        with (EXPORT / f"hubspot_{name}.csv").open(encoding="utf-8", newline="") as file:
            names |= {row["Country"] for row in csv.DictReader(file)}
    assert len(names) > 200
    assert {name for name in names if country_code(name) is None} == GONE
