"""The closed language of texts with variables."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.catalogue import ENTITIES
from crmcli.rules.templates import MOST_RENDERED, Language, parse_template, render
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


PAYLOADS = [
    "{{7*7}}", "{{ 7 * 7 }}", "{{ cycler.__init__.__globals__.os.popen('id').read() }}", "{{ self }}", "{{ config }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ request|attr('application') }}", "{{ record|attr('name') }}",
    "{{ record.__class__ }}", "{{ record.name.__class__.__init__.__globals__ }}", "{{ record['name'] }}",
    "{{ record.name.upper() }}", "{{ record.name | format('x') }}", "{{ '%s' | format(record) }}",
    "{{ record.name | safe }}", "{{ record.name | default(record.owner) }}", "{{ record.name | default('a') () }}",
    "{{ lipsum.__globals__['os'] }}", "{{ joiner }}", "{{ namespace(x=1) }}", "{{ c.delete() }}",
    "{{ record.delete() }}", "{{ range(10**9) | list }}", "{{ 'a' * 10**9 }}", "{{ {{ record.name }} }}",
    "{{ record.name | upper | lower | upper | lower | upper | lower | upper | lower | upper }}",
    "{{ old }}", "{{ now.__class__ }}", "{{ now | upper() }}", "{{ import os }}", "{{ eval('1') }}",
    "{{ record.owner.handle.name.x }}", "{{ record.id; DROP TABLE deal }}", "{{ \x00 }}", "{{ | }}",
    "{{ record.name | }}", "{{ " + "record." * 5000 + "name }}", "{{ record.name" + " | upper" * 10_000 + " }}",
    "{{ " + "|'" * 40_000 + " }}", "{{ now }}" * 101, "x" * 100_001,
]  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload[:40])
def test_what_is_no_field_is_no_template(payload: str) -> None:
    with pytest.raises(ValueError):
        parse_template(payload, ENTITIES["deal"], SCOPE.fields)


@pytest.mark.parametrize("name", ["{{7*7}}", "{{ record.amount }}", "{% for %}", "${HOME}", "%(x)s", "}}{{ now }}"])
def test_what_stands_in_data_is_text(name: str) -> None:
    template = parse_template("<{{ record.name }}>", ENTITIES["deal"], SCOPE.fields)
    assert render(template, {**VALUES, ("record", "name"): name}, ITALIAN) == f"<{name}>"


def test_a_text_grows_only_so_far() -> None:
    template = parse_template("{{ record.name }}" * 100, ENTITIES["deal"], SCOPE.fields)
    assert len(render(template, {**VALUES, ("record", "name"): "x" * 2000}, ITALIAN)) == MOST_RENDERED
    with pytest.raises(ValueError, match="grows to more than 200,000 characters"):
        render(template, {**VALUES, ("record", "name"): "x" * 2001}, ITALIAN)


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
