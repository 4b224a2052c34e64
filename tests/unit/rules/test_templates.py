"""The closed language of texts with variables."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.catalogue import ENTITIES
from crmcli.rules.templates import Language, parse_template, render
from tests.unit.rules.world import SCOPE

ITALIAN = Language("Europe/Rome", "it")
VALUES = {
    ("record", "name"): "Città Blu",
    ("record", "amount"): Decimal("1234.50"),
    ("record", "currency"): "EUR",
    ("record", "closed_at"): "2026-03-18T23:30:00Z",
    ("record", "organization.title"): None,
    ("record", "owner.handle"): "anna",
    ("record", "tags"): ["a", "b"],
    ("old", "stage.title"): "Potential",
    ("now", ""): "2026-03-18T11:00:00Z",
}


def rendered(text: str) -> str:
    return render(parse_template(text, ENTITIES["deal"], SCOPE.fields), VALUES, ITALIAN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain } text", "plain } text"),
        ("{{ record.name }}", "Città Blu"),
        ("{{record.name|upper}}!", "CITTÀ BLU!"),
        ("{{ record.name | lower }}", "città blu"),
        ("{{ record.amount }}", "1234.50"),
        ("{{ record.amount | money }}", "1.234,50 €"),
        ("{{ record.closed_at | date }}", "2026-03-19"),
        ("{{ now | date }} {{ now }}", "2026-03-18 2026-03-18T11:00:00Z"),
        ("{{ record.organization | default('nobody') }}", "nobody"),
        ('{{ record.organization | default("a | b") | upper }}', "A | B"),
        ("{{ record.organization | default('') }}", ""),
        ("{{ record.owner }}: {{ old.stage }}, {{ record.tags }}", "anna: Potential, a, b"),
    ],
)
def test_rendering(text: str, expected: str) -> None:
    assert rendered(text) == expected


def test_an_empty_value_needs_a_default() -> None:
    with pytest.raises(ValueError, match=r"record.organization }} is empty; give it a default"):
        rendered("For {{ record.organization }}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ record.nme }}", "deal has no field 'nme'; did you mean name"),
        ("{{ record.organization.nme }}", "org has no field 'nme'"),
        ("{{ record }}", "'record' is no value; write record.FIELD, old.FIELD or now"),
        ("{{ name }}", "'name' is no value"),
        ("{{ }}", "'' is no value"),
        ("{{ env.SECRET }}", "env. is only for what is sent"),
        ("{{ record.contacts }}", "contacts cannot be written in a text"),
        ("{{ record.name | uper }}", "there is no filter 'uper'; did you mean upper?"),
        ("{{ record.name | default }}", "there is no filter 'default'"),
        ("{{ record.name | upper('x') }}", "there is no filter"),
        ("{{ record.name | money }}", "the filter money does not fit record.name"),
        ("{{ record.amount | date }}", "the filter date does not fit record.amount"),
        ("{{ record.name", "{{ is not closed"),
        ("{{ record.name.__class__ }}", "leads to no other record"),
    ],
)
def test_mistakes(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        rendered(text)
    assert str(caught.value).startswith(reason) or reason in str(caught.value)


@given(st.text())
def test_text_without_variables_stays_as_it_is(text: str) -> None:
    literal = text.replace("{{", "{")
    assert rendered(literal.replace("{{", "{")) == literal.replace("{{", "{") or "{{" in literal


@given(st.text(alphabet="{}|.() '\"recordnameupl", max_size=40))
def test_any_text_is_a_template_or_a_value_error(text: str) -> None:
    try:
        parse_template(text, ENTITIES["deal"], SCOPE.fields)
    except ValueError:
        return
