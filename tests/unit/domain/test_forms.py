"""The forms of texts, and what a custom field can hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.catalogue import ENTITIES
from crmcli.domain.customs import misfit
from crmcli.domain.forms import choose_option, conform, form_of
from crmcli.domain.schema import Field

FORMS = ("email", "domain", "phone", "url", "timezone", "currency", "birthdate")
CHOICE = Field("region", "enum", "Region", options=("North", "south"))
SEVERAL = CHOICE._replace(type="json")


@pytest.mark.parametrize(
    ("form", "text", "normal"),
    [
        ("email", " Anna@Example.com ", "anna@example.com"),
        ("phone", "06 1234 5678", "+390612345678"),
        ("phone", "+1 202 555 0123 x9", "+12025550123 ext. 9"),
        ("url", "https://example.com/a?b=c", "https://example.com/a?b=c"),
        ("url", "http://10.0.0.1:8080/", "http://10.0.0.1:8080/"),
        ("timezone", "Europe/Rome", "Europe/Rome"),
        ("currency", "usd", "USD"),
        ("domain", "https://www.Example.com/shop", "example.com"),
        ("birthdate", "--06-15", "--06-15"),
        ("birthdate", "1980-06-15", "1980-06-15"),
    ],
)
def test_a_text_gets_its_normal_form_and_keeps_it(form: str, text: str, normal: str) -> None:
    assert conform(form, text, "IT") == normal
    assert conform(form, normal, "") == normal


@pytest.mark.parametrize(
    ("form", "text", "reason"),
    [
        ("email", "anna", "is not an e-mail address"),
        ("phone", "12", "is not a phone number"),
        ("phone", "reception", "is not a phone number"),
        ("url", "a page", "is not a web address"),
        ("url", "anna@example.com", "is not a web address"),
        ("url", "http://[", "is not a web address"),
        ("timezone", "Mars/Phobos", "no time zone 'Mars/Phobos'"),
        ("timezone", "CEST", "no time zone"),
        ("currency", "EURO", "unknown currency"),
        ("domain", "acme", "is not a domain"),
        ("birthdate", "--02-30", "is not a day"),
    ],
)
def test_what_is_none_is_refused(form: str, text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        conform(form, text, "IT")


@given(st.sampled_from(FORMS), st.text(max_size=40))
def test_any_text_conforms_for_good_or_is_refused(form: str, text: str) -> None:
    try:
        normal = conform(form, text, "IT")
    except ValueError as error:
        assert str(error)
    else:
        assert conform(form, normal, "IT") == normal


@pytest.mark.parametrize(
    ("entity", "key", "form"),
    [("user", "timezone", "timezone"), ("contact", "timezone", "timezone"), ("contact", "birthdate", "birthdate"),
     ("deal", "currency", "currency"), ("user", "email", "email"), ("lead", "website", "url"), ("lead", "emails", "")],
)  # fmt: skip
def test_fields_of_ours_that_have_a_form(entity: str, key: str, form: str) -> None:
    assert form_of(ENTITIES[entity].fields[key]) == form


def test_an_option_is_named_whatever_its_case() -> None:
    assert choose_option(CHOICE.options, "NORTH") == "North"
    with pytest.raises(ValueError, match="'nroth' is not one of North, south; did you mean"):
        choose_option(CHOICE.options, "nroth")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (CHOICE, "North"),
        (SEVERAL, ["North", "south"]),
        (Field("k", "int", "K"), -3),
        (Field("k", "decimal", "K"), "1.50"),
        (Field("k", "bool", "K"), 1),
        (Field("k", "date", "K"), "2026-03-18"),
        (Field("k", "instant", "K"), "2026-03-18T09:00:00Z"),
        (Field("k", "json", "K"), {"a": 1}),
        (Field("k", "text", "K"), ""),
        (Field("k", "text", "K", form="phone"), "+390612345678"),
    ],
)
def test_what_a_field_can_hold(field: Field, value: Any) -> None:
    assert misfit(field, value) is None


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        (CHOICE, "north", "'north' is not one of North, south"),
        (CHOICE, 4, "is not one of"),
        (CHOICE, ["North"], "is not one of"),
        (SEVERAL, ["North", "east"], "'east' is not one of"),
        (SEVERAL, "North", "is no list of values"),
        (SEVERAL, [["North"]], "is not one of"),
        (Field("k", "int", "K"), "4", "is no whole number"),
        (Field("k", "int", "K"), True, "is no whole number"),
        (Field("k", "decimal", "K"), 1.5, "is no number"),
        (Field("k", "decimal", "K"), "NaN", "is no number"),
        (Field("k", "bool", "K"), 2, "is no yes or no"),
        (Field("k", "date", "K"), "18/3/2026", "is no day"),
        (Field("k", "date", "K"), "20260318", "is no day"),
        (Field("k", "instant", "K"), "2026-03-18", "is no time"),
        (Field("k", "instant", "K"), 0, "is no time"),
        (Field("k", "ref", "K"), "O3", "is no record"),
        (Field("k", "json", "K"), "text", "is no list or object"),
        (Field("k", "text", "K"), 4, "is no text"),
        (Field("k", "text", "K", form="email"), "anna", "is not an e-mail address"),
    ],
)
def test_what_it_cannot_hold(field: Field, value: Any, reason: str) -> None:
    assert reason in str(misfit(field, value))
