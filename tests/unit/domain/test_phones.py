import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.phones import UNREADABLE, normalise
from tests.published import PUBLISHED, needs_published

EXAMPLES = PUBLISHED / "phone-examples" / "examples.mobile.json"


@pytest.mark.parametrize(
    ("text", "country", "e164", "extension"),
    [
        ("+39 02 1234567", None, "+39021234567", None),
        ("02 1234567", "IT", "+39021234567", None),
        ("0039 02-123.4567", "it", "+39021234567", None),
        ("001-307-928-7399x427", "US", "+13079287399", "427"),
        ("tel:+39-02-1234567", "IT", "+39021234567", None),
        ("+39021234567", None, "+39021234567", None),
        ("(212) 555-0123 ext. 45", "US", "+12125550123", "45"),
        ("02 1234567 int. 12", "IT", "+39021234567", "12"),
    ],
)
def test_normal_form(text: str, country: str | None, e164: str, extension: str | None) -> None:
    assert normalise(text, country) == (e164, extension)


@pytest.mark.parametrize("text", ["", "n/a", "call me", "12", "+", "+0123456789", "1" * 400, "02 1234567\0"])
def test_what_cannot_be_read_has_no_number(text: str) -> None:
    assert normalise(text, None) == UNREADABLE


@given(st.text(max_size=40), st.sampled_from([None, "IT", "US", "XX", ""]))
def test_never_raises_and_is_idempotent(text: str, country: str | None) -> None:
    number = normalise(text, country).e164
    assert number is None or normalise(number, None).e164 == number


@needs_published
def test_the_example_of_every_country_is_accepted() -> None:
    for country, number in json.loads(EXAMPLES.read_text()).items():
        e164 = normalise(number, country).e164
        assert e164 is not None and e164.startswith("+"), country
        assert normalise(e164, None).e164 == e164
