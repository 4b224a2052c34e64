"""What conditions mean: the golden cases of empty values, types and dates, and errors of meaning with their place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import ConditionError
from tests.unit.conditions.world import Store, compiled

EUROS = {"amount": 1_000_000, "currency": "EUR"}


def holds(text: str, record: dict[str, Any], **scope: Any) -> bool:
    """Return whether a record meets a condition, after asking both back ends."""
    store = Store()
    store.add_company({"name": "Acme Italia", "country": "IT", "tags": ["Partner"], "parent": 2})
    store.add_company({"name": "Acme Group", "country": "FR", "revenue": 500, "currency": "JPY"})
    store.add(record)
    condition = compiled(text, **scope)
    in_memory, in_sql = store.matching(condition), store.selected(condition)
    assert in_memory == in_sql
    return bool(in_sql)


@pytest.mark.parametrize(
    ("text", "record", "expected"),
    [
        ("source != ads", {}, True),
        ("not (source = ads)", {}, True),
        ("not (source in [ads, event])", {}, True),
        ("source not in [ads, event]", {}, True),
        ("source in [ads, event]", {"source": "event"}, True),
        ("city ~ forli", {"city": "Forlì"}, True),
        ("city !~ forli", {}, True),
        ("expected_close <= +30d", {"expected_close": "2026-04-17"}, True),
        ("expected_close <= +30d", {"expected_close": "2026-04-18"}, False),
        ("expected_close <= +30d", {}, False),
        ("amount >= 10k", EUROS, True),
        ("amount >= 10k", {"currency": "EUR"}, False),
        ("stage = proposal", {"stage": 2}, True),
        ("stage = proposal", {"stage": 5}, True),
        ("stage = proposal", {"stage": 1}, False),
        ("created = 2026-03-18", {"created_at": "2026-03-17T23:30:00Z"}, True),
        ("created = 2026-03-18", {"created_at": "2026-03-18T23:00:00Z"}, False),
        ("tags has [vip, it]", {"tags": ["vip"]}, False),
        ("tags has [vip, it]", {"tags": ["IT", "Vip"]}, True),
        ("tags not has vip", {}, True),
    ],
)
def test_golden_cases(text: str, record: dict[str, Any], expected: bool) -> None:
    assert holds(text, record) is expected


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_missing_empty_and_blank_are_one_value(blank: str | None) -> None:
    record = {"name": blank}
    assert holds("name is empty", record)
    assert not holds("name = x or name < x or name >= a or name ~ x or name in [x] or name between a and z", record)
    assert holds("name != x and name !~ x and name not in [x]", record)


@pytest.mark.parametrize(
    ("text", "record", "expected"),
    [
        ("amount = 10000", EUROS, True),
        ("amount = 10_000.00", EUROS, True),
        ("amount > 9999.995 and amount < 10000.005", EUROS, True),
        ("amount = 10000.005", EUROS, False),
        ("amount >= 10k EUR", EUROS, True),
        ("amount >= 10k eur", EUROS, True),
        ("amount >= 10k USD", EUROS, False),
        ("amount != 10k USD", EUROS, True),
        ("amount = 1M", {"amount": 1_000_000, "currency": "JPY"}, True),
        ("amount = 1k", {"amount": 1_000_000, "currency": "KWD"}, True),
        ("amount = 10k", {"amount": 1_000_000, "currency": None}, True),
        ("amount = 92_233_720_368_547_758.07", {"amount": 2**63 - 1, "currency": "EUR"}, True),
        ("probability >= 40", {"probability": 4000}, True),
        ("probability = 40%", {"probability": 4000}, True),
        ("probability > 40", {"probability": 4000}, False),
        ("score > 10.5", {"score": 11}, True),
        ("score < 10.5", {"score": 11}, False),
        ("score between 10 and 11", {"score": 11}, True),
        ("score >= -3", {"score": -3}, True),
        ("score < 99999999999999999999", {"score": 2**63 - 1}, True),
        ("score = 99999999999999999999", {"score": 2**63 - 1}, False),
        ("score > -99999999999999999999", {"score": -(2**63)}, True),
        ("quantity = 0.1", {"quantity": "0.10"}, True),
        ("quantity > 9", {"quantity": "10"}, True),
        ("active", {"active": 1}, True),
        ("not active", {}, True),
        ("active = no", {"active": 0}, True),
        ("active = no", {}, False),
        ("source = 'Trade Show'", {"source": "event"}, True),
        ("source = fiera", {"source": "event"}, True),
        ("name = ' anna  ROSSI '", {"name": "Anna Rossi"}, True),
        ("title ~ rossi", {"name": "Anna Rossi"}, True),
        ("name < b", {"name": "Anna"}, True),
        ("name ~ '100%'", {"name": "1000"}, False),
        ("name ~ a_b", {"name": "axb"}, False),
        ("company is empty", {}, True),
        ("company = C1", {"company": 1}, True),
        ("company in [C2, C1]", {"company": 1}, True),
        ("company ~ acme", {"company": 1}, True),
        ("company.parent ~ group", {"company": 1}, True),
        ("company.country = it", {"company": 1}, True),
        ("company.country != it", {}, True),
        ("company.parent.country = FR", {"company": 1}, True),
        ("company.parent.revenue = 500", {"company": 1}, True),
        ("company.tags has partner", {"company": 1}, True),
        ("company.parent.tags is empty", {"company": 1}, True),
        ("stage.kind = won", {"stage": 3}, True),
        ("emails has Anna@Example.com", {"emails": ["anna@example.com"]}, True),
        ("emails has example.com or emails ~ example", {"emails": ["anna@example.com"]}, None),
        ("emails ~ EXAMPLE", {"emails": ["anna@example.com"]}, True),
        ("phones has '333 123 4567'", {"phones": ["+393331234567"]}, True),
        ("phones has 4567", {"phones": ["+393331234567"]}, True),
        ("phones ~ '123-45'", {"phones": ["+393331234567"]}, True),
        ("socials has '@ANNA'", {"socials": ["@anna"]}, True),
        ("links is not empty", {"links": [1]}, True),
        ("emails is empty or phones is empty", {"emails": ["anna@example.com"]}, True),
        ("budget > 10", {"custom": '{"budget": 11}'}, True),
        ("custom.budget > 10", {"custom": '{"budget": 11}'}, True),
        ("custom.budget is empty", {"custom": "{}"}, True),
        ("colours has [red]", {"custom": '{"colours": ["Red", "blue"]}'}, True),
        ("colours is empty", {"custom": '{"colours": []}'}, True),
        ("size = s", {"custom": '{"size": "S"}'}, True),
        ("NOT (score = 1 AND score = 2)", {"score": 1}, True),
    ],
)
def test_types(text: str, record: dict[str, Any], expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(ConditionError):
            compiled(text)
    else:
        assert holds(text, record) is expected


@pytest.mark.parametrize(
    ("text", "created", "expected"),
    [
        ("created = today", "2026-03-17T23:00:00Z", True),
        ("created = today", "2026-03-18T22:59:59Z", True),
        ("created = today", "2026-03-18T23:00:00Z", False),
        ("created < today", "2026-03-17T22:59:59Z", True),
        ("created < today", "2026-03-17T23:00:00Z", False),
        ("created <= today", "2026-03-18T22:59:59Z", True),
        ("created <= today", "2026-03-18T23:00:00Z", False),
        ("created > today", "2026-03-18T22:59:59Z", False),
        ("created > today", "2026-03-18T23:00:00Z", True),
        ("created >= today", "2026-03-17T23:00:00Z", True),
        ("created != today", "2026-03-18T12:00:00Z", False),
        ("created between 2026-01-01 and 2026-03-31", "2026-03-31T21:59:59Z", True),
        ("created between 2026-01-01 and 2026-03-31", "2026-03-31T22:00:00Z", False),
        ("created in [yesterday, today]", "2026-03-16T23:00:00Z", True),
        ("created < -14d", "2026-03-03T22:59:59Z", True),
        ("created < -14d", "2026-03-03T23:00:00Z", False),
        ("created = 2026-03-29", "2026-03-29T21:59:59Z", True),
        ("created = 2026-03-29", "2026-03-29T22:00:00Z", False),
        ("created <= now", "2026-03-18T09:00:00Z", True),
        ("created < +4h", "2026-03-18T12:59:59Z", True),
        ("created < +4h", "2026-03-18T13:00:00Z", False),
        ("created = 2026-03-18T10:00", "2026-03-18T09:00:00Z", True),
        ("created < 'next friday'", "2026-03-19T22:59:59Z", True),
    ],
)
def test_a_day_against_an_instant_is_the_whole_local_day(text: str, created: str, expected: bool) -> None:
    assert holds(text, {"created_at": created}) is expected


def test_an_instant_against_a_date_is_its_local_date() -> None:
    assert holds("expected_close = 2026-03-18T23:30:00Z", {"expected_close": "2026-03-19"})
    assert holds("expected_close = now", {"expected_close": "2026-03-18"})


def test_words_of_dates_follow_the_locale() -> None:
    assert holds("expected_close = domani", {"expected_close": "2026-03-19"})
    assert holds("expected_close = 3/4", {"expected_close": "2026-04-03"}, locale="it")


@pytest.mark.parametrize(
    ("text", "position", "problem", "hint"),
    [
        ("amount > abc", 9, "'abc' is not a number", None),
        ("score = 1 and amuont > 1", 14, "thing has no field 'amuont'", "amount"),
        ("company.contry = IT", 8, "company has no field 'contry'", "country"),
        ("name.x = 1", 4, "'name' of thing leads to no other record", "write name alone"),
        ("custom.bugdet = 1", 0, "thing has no field 'custom.bugdet'", "budget"),
        ("rating = hott", 9, "'hott' is not a value of this field", "hot"),
        ("rating in [hot, x]", 16, "'x' is not a value of this field", "one of: hot, warm, cold"),
        ("rating ~ hot", 7, "rating does not take '~'", "= != in"),
        ("tags = vip", 5, "tags does not take '='", "tags has"),
        ("name has x", 5, "name does not take 'has'", None),
        ("amount", 6, "amount is not true or false: an operator is missing", "amount ="),
        ("active > no", 7, "active does not take '>'", None),
        ("active = maybe", 9, "'maybe' is neither true nor false", None),
        ("name = ''", 7, "there is no text to look for", "is empty"),
        ("score = 40%", 8, "% does not fit here", "write 40"),
        ("score = 10 EUR", 11, "unexpected 'EUR'", "only amounts"),
        ("amount = 10 ABC", 9, "unknown currency 'ABC'", None),
        ("score = " + "9" * 5_000, 8, "the number is too long", None),
        ("created > someday", 10, "someday", None),
        ("stage = propsal", 8, "no stage 'propsal'", None),
        ("emails has x", 11, "", "~"),
        ("phones has x", 11, "'x' is not a phone number", None),
        ("links has x", 6, "links cannot be compared", "links is empty"),
        ("external_refs is empty", 0, "external_refs cannot stand in a condition", None),
        ("changed(stage)", 0, "changed() needs a change to look at", "rules"),
        ("amount > old.amount", 9, "'old.' needs a change to look at", "rules"),
        ("old.amount > 1", 0, "'old.' stands only on the right side", None),
    ],
)
def test_errors_of_meaning(text: str, position: int, problem: str, hint: str | None) -> None:
    with pytest.raises(ConditionError) as caught:
        compiled(text)
    assert caught.value.position == position
    assert problem in caught.value.problem
    assert hint is None or hint in (caught.value.hint or "")


def test_paths_are_canonical_and_complete() -> None:
    text = (
        "title ~ x and company.revenue > 1 and company ~ acme and budget = 1 and created = today and stage.kind = won"
    )
    assert compiled(text).paths == {
        "name", "company.revenue", "company.currency", "company.title", "custom.budget", "created_at", "stage.kind",
    }  # fmt: skip


def test_a_record_without_a_needed_path_is_the_caller_s_mistake() -> None:
    with pytest.raises(KeyError):
        compiled("name = x or score = 1").match({"score": 1})


def test_two_clauses_stand_in_one_statement() -> None:
    store = Store()
    found = store.add({"name": "Anna", "score": 1})
    store.add({"name": "Anna", "score": 2})
    first, second = compiled("name = anna").clause("a"), compiled("score = 1").clause("b")
    rows = store.connection.execute(
        f"SELECT r.id FROM thing r WHERE {first.sql} AND {second.sql}", {**first.parameters, **second.parameters}
    )
    assert rows.fetchall() == [(found,)]


def test_values_are_bound_and_names_come_from_the_catalogue() -> None:
    hostile = "x'); DROP TABLE thing; --"
    clause = compiled(f'name = "{hostile}" and tags has "{hostile}" and company ~ "{hostile}"').clause()
    assert "drop" not in clause.sql.lower()
    store = Store()
    store.add({"name": hostile})
    assert store.selected(compiled(f'name = "{hostile}"')) == {1}


def test_the_longest_conditions_still_run() -> None:
    store = Store()
    store.add({"score": 499})
    assert store.selected(compiled(" or ".join(f"score={n}" for n in range(500)))) == {1}
    assert store.selected(compiled(" or ".join(["on"] * 999))) == set()
    assert store.selected(compiled("not " * 32 + "score = 499")) == {1}
    assert store.selected(compiled("not " * 31 + "score = 499")) == set()


def test_text_that_looks_like_a_regular_expression_is_searched_literally() -> None:
    hay = "a" * 100_000
    assert holds('name ~ "(a+)+$"', {"name": f"{hay}(a+)+$"})
    assert not holds('name ~ "(a+)+$"', {"name": hay})


SAID = st.text(st.characters(exclude_characters="\"'"), max_size=20)
NAMES = ["name", "score", "amount", "created", "rating", "active", "stage", "phones", "emails", "quantity", "company.x"]


@given(st.sampled_from(NAMES), st.sampled_from(["=", "<", "~", "has", "in", "between"]), SAID, st.booleans())
def test_any_literal_is_a_value_or_the_language_s_own_error(name: str, op: str, said: str, quoted: bool) -> None:
    literal = f'"{said}"' if quoted else said
    try:
        condition = compiled(f"{name} {op} {literal}", changes=True)
    except ConditionError:
        return
    Store().connection.execute(f"SELECT 1 FROM thing r WHERE {condition.clause().sql}", condition.clause().parameters)
