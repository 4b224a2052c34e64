"""The law of the two back ends: on every record, of every type, with every operator, SQL and memory agree."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcli.domain.text import fold
from tests.unit.conditions.world import Store, compiled

WORDS = [
    "Forlì",
    "forli",
    "ROMA",
    "Straße",
    "strasse",
    "100%",
    "a_b",
    "(a+)+$",
    "it's",
    " ",
    "",
    "  Anna   Rossi ",
    "ﬁn",
]
texts = st.one_of(st.sampled_from(WORDS), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6))
days = st.sampled_from(["2026-03-17", "2026-03-18", "2026-03-19", "2026-04-17", "2026-03-29", "2026-10-25"])
instants = st.builds(
    "{}T{}Z".format, days, st.sampled_from(["00:00:00", "08:59:59", "09:00:00", "22:30:00", "23:30:00"])
)
numbers = st.sampled_from([-3, 0, 1, 39, 40, 41, 1_000, 10_000, 1_000_000, 1_000_050, 2**53 + 1, 2**63 - 1])
currencies = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF", "XXX", None])
labels = st.lists(st.sampled_from(["vip", "VIP ", "it", "Forlì"]), max_size=3, unique_by=str.casefold)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


companies = st.fixed_dictionaries(
    {
        "name": maybe(texts),
        "country": maybe(st.sampled_from(["IT", "it", "DE"])),
        "revenue": maybe(numbers),
        "currency": currencies,
        "tags": labels,
    }
)
things = st.fixed_dictionaries(
    {
        "name": maybe(texts),
        "city": maybe(texts),
        "source": maybe(st.sampled_from(["ads", "event", "website"])),
        "rating": maybe(st.sampled_from(["hot", "cold"])),
        "score": maybe(numbers),
        "quantity": maybe(st.sampled_from(["0.1", "10", "10.50", "-3", "0"])),
        "amount": maybe(numbers),
        "currency": currencies,
        "probability": maybe(st.sampled_from([0, 3333, 4000, 10_000])),
        "active": maybe(st.integers(0, 1)),
        "expected_close": maybe(days),
        "created_at": maybe(instants),
        "stage": maybe(st.integers(1, 5)),
        "company": maybe(st.integers(1, 3)),
        "custom": maybe(
            st.fixed_dictionaries(
                {}, optional={"budget": numbers, "colours": labels, "size": st.sampled_from(["S", "s", "M"])}
            ).map(json.dumps)
        ),
        "emails": st.lists(st.sampled_from(["anna@example.com", "o@example.org"]), max_size=2, unique=True),
        "phones": st.lists(st.sampled_from(["+393331234567", "+39021234567", "12"]), max_size=2, unique=True),
        "socials": st.lists(st.sampled_from(["@Anna", "linkedin.com/in/anna"]), max_size=2, unique=True),
        "tags": labels,
        "links": st.lists(st.integers(1, 3), max_size=2, unique=True),
    }
)


def quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'


said_texts = texts.filter(lambda text: fold(text) and not ("'" in text and '"' in text)).map(quoted)
said_numbers = st.sampled_from(
    ["0", "-3", "40", "10k", "10_000.5", "1.5M", "0.1", "10.50", "33.33", "9007199254740993"]
)
said_amounts = st.builds(
    "{}{}".format,
    st.sampled_from(["0", "10k", "10000.5", "1000000", "1.0005", "33.333", "-0.03"]),
    st.sampled_from(["", " EUR", " JPY", " KWD"]),
)
said_percents = st.sampled_from(["40", "40%", "33.33", "33.335%", "0", "100"])
said_moments = st.sampled_from(
    ["2026-03-18", "2026-03-29", "today", "now", "+30d", "-1d", "+4h", "2026-03-17T23:30:00Z", "eom", "2026-10-25"]
)
ORDERED = ["=", "!=", "<", "<=", ">", ">="]
PATHS = {  # paths of one type, the literals for it, and its operators
    ("name", "title", "city", "company.name", "company.parent.name", "size"): (said_texts, [*ORDERED, "~", "!~", "in"]),
    ("company.country",): (st.sampled_from(["IT", "de", "fr"]), [*ORDERED, "~", "in"]),
    ("source",): (st.sampled_from(["ads", "Trade Show", "sito web"]).map(quoted), ["=", "!=", "in"]),
    ("stage.kind",): (st.sampled_from(["open", "vinta"]), ["=", "!=", "in"]),
    ("score", "half_score", "budget", "custom.budget"): (said_numbers, [*ORDERED, "in"]),
    ("quantity",): (said_numbers, [*ORDERED, "in"]),
    ("amount", "company.revenue", "company.parent.revenue"): (said_amounts, [*ORDERED, "in"]),
    ("probability",): (said_percents, [*ORDERED, "in"]),
    ("active",): (st.sampled_from(["yes", "false"]), ["=", "!="]),
    ("expected_close", "created"): (said_moments, [*ORDERED, "in"]),
    ("stage",): (st.sampled_from(["proposal", "won"]), ["=", "!=", "in"]),
    ("company", "company.parent"): (st.sampled_from(["C1", "c2"]), ["=", "!=", "in"]),
    ("tags", "company.tags", "colours", "custom.colours"): (st.sampled_from(["vip", "forli", "x"]), ["has"]),
    ("emails",): (st.sampled_from(["Anna@Example.com", "x@example.com"]), ["has"]),
    ("phones",): (st.sampled_from(["333 1234567", "02 1234567", "12", "+39"]).map(quoted), ["has"]),
    ("socials",): (st.sampled_from(["@anna", "@x"]).map(quoted), ["has"]),
    ("stage ", "company ", "company.parent ", "tags", "emails", "socials"): (said_texts, ["~", "!~"]),
    ("phones ",): (st.sampled_from(["333", "2 1"]).map(quoted), ["~", "!~"]),
}
ALL_PATHS = sorted({path.strip() for paths in PATHS for path in paths} | {"links"})


@st.composite
def leaves(draw: st.DrawFn) -> str:
    if draw(st.integers(0, 7)) == 0:
        return draw(st.builds("{} is {}empty".format, st.sampled_from(ALL_PATHS), st.sampled_from(["", "not "])))
    paths = draw(st.sampled_from(list(PATHS)))
    literals, operators = PATHS[paths]
    path, operator = draw(st.sampled_from(paths)), draw(st.sampled_from(operators))
    if operator in ("in", "has"):
        listed = ", ".join(draw(st.lists(literals, min_size=1, max_size=3)))
        return f"{path} {draw(st.sampled_from(['', 'not ']))}{operator} [{listed}]"
    if "<" in operators and draw(st.booleans()):
        return f"{path} between {draw(literals)} and {draw(literals)}"
    return f"{path} {operator} {draw(literals)}"


conditions = st.recursive(
    leaves() | st.just("active"),
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.lists(inner, min_size=2, max_size=3).map(" and ".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " or ".join(parts) + ")"),
    ),
    max_leaves=5,
)


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.lists(companies, min_size=3, max_size=3),
    st.lists(things, min_size=1, max_size=8),
    st.lists(conditions, min_size=1, max_size=8),
)
def test_sql_and_memory_agree(owners: list[dict[str, Any]], records: list[dict[str, Any]], asked: list[str]) -> None:
    store = Store()
    for number, owner in enumerate(owners):
        store.add_company({**owner, "parent": number or None})
    for record in records:
        store.add(record)
    for text in asked:
        condition = compiled(text)
        assert store.selected(condition) == store.matching(condition), text


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(things, min_size=1, max_size=8), leaves())
def test_a_negation_takes_exactly_the_other_records(records: list[dict[str, Any]], text: str) -> None:
    store = Store()
    for number in range(3):
        store.add_company({"name": "Acme", "parent": number or None})
    for record in records:
        store.add(record)
    found, others = store.selected(compiled(text)), store.selected(compiled(f"not ({text})"))
    assert found | others == set(store.records)
    assert not found & others
