import pytest

from crmcli.catalogue import ENTITIES
from crmcli.errors import AmbiguousError, NotFoundError
from crmcli.queries.references import find_reference, refs_with_titles, resolve_ids, title_of
from tests.unit.queries.conftest import World


@pytest.fixture
def people(world: World) -> World:
    world.add("lead", first_name="Anna", last_name="Rossi", company_name="Beta", emails=["anna@example.com"])
    world.add("organization", name="Acme Srl", domain="acme.example")
    world.add("contact", first_name="Luca", last_name="D'Àmico", emails=["luca@example.org", "l@example.com"],
              phones=["+39 02 1234 5678"])  # fmt: skip
    world.add("contact", first_name="Jörg", last_name="Straße")
    stages = world.pipeline()
    world.add("deal", name="Big offer", pipeline_id=stages["sales"], stage_id=stages["potential"], organization_id=1)
    world.add("ticket", subject="Cannot log in", number="2026-0001")
    return world


@pytest.mark.parametrize(
    ("entity", "text", "ref"),
    [
        ("lead", "L1", "L1"),
        ("lead", "l1", "L1"),
        ("lead", " 1 ", "L1"),
        (None, "c1", "C1"),
        (None, "k1", "K1"),
        ("contact", "00000003", "C1"),
        (None, "00000003-0000", "C1"),
        ("contact", "LUCA@Example.ORG", "C1"),
        (None, "l@example.com", "C1"),
        ("contact", "02 12345678", "C1"),
        (None, "+39-02-1234-5678", "C1"),
        ("organization", "https://www.acme.example/about", "O1"),
        (None, "acme.example", "O1"),
        ("contact", "luca d'amico", "C1"),
        (None, "LUCA  D'ÀMICO", "C1"),
        ("contact", "jorg strasse", "C2"),
        ("lead", "anna rossi", "L1"),
        ("lead", "beta", "L1"),
        ("organization", "acme", "O1"),
        ("organization", "ACME SRL", "O1"),
        ("deal", "big offer", "D1"),
        ("ticket", "2026-0001", "K1"),
        ("ticket", "cannot log in", "K1"),
    ],
)
def test_a_text_names_one_record(people: World, entity: str | None, text: str, ref: str) -> None:
    found = find_reference(people.con, entity, text)
    assert ENTITIES[found.entity].ref(found.id) == ref
    assert (found.asked, found.merged_from) == (text.strip(), None)


@pytest.mark.parametrize(
    ("entity", "text"),
    [("lead", "L9"), ("contact", "Luca"), ("contact", "amico"), ("lead", "L"), (None, ""), (None, "9"),
     ("contact", "D1"), ("organization", "cme"), ("contact", "0000000"), ("lead", "9" * 30), (None, "%"),
     ("contact", '" OR 1 --'), ("contact", "luca@")],
)  # fmt: skip
def test_nothing_is_guessed(people: World, entity: str | None, text: str) -> None:
    with pytest.raises(NotFoundError) as error:
        find_reference(people.con, entity, text)
    assert error.value.exit_code == 3


def test_hints_name_near_records_and_the_other_noun(people: World) -> None:
    with pytest.raises(NotFoundError) as error:
        find_reference(people.con, "lead", "Ana Rosi")
    assert error.value.hint == "did you mean Anna Rossi (L1)?"
    with pytest.raises(NotFoundError) as error:
        find_reference(people.con, "lead", "D1")
    assert error.value.hint == "D1 would be a deal: crm deal show D1"


def test_several_records_are_told_with_refs_and_titles(people: World) -> None:
    people.add("contact", first_name="ANNA", last_name="Rossi")
    people.add("contact", first_name="Anna", last_name="Rossì")
    with pytest.raises(AmbiguousError) as error:
        find_reference(people.con, "contact", "anna rossi")
    assert error.value.candidates == (("C3", "ANNA Rossi"), ("C4", "Anna Rossì"))
    with pytest.raises(AmbiguousError) as error:
        find_reference(people.con, None, "anna rossi")
    assert {ref for ref, _ in error.value.candidates} == {"L1", "C3", "C4"}
    assert resolve_ids(people.con, "contact", "anna rossi") == (3, 4)


def test_the_exact_name_of_a_company_beats_the_name_without_its_legal_form(people: World) -> None:
    people.add("organization", name="Acme", name_key="acme")
    assert find_reference(people.con, "organization", "Acme").id == 2
    assert find_reference(people.con, "organization", "acme srl").id == 1
    with pytest.raises(AmbiguousError):
        find_reference(people.con, "organization", "Acme GmbH")


def test_a_merged_record_leads_to_the_survivor_through_every_merge(world: World) -> None:
    gone = {"deleted_at": "2026-01-01T00:00:00Z"}
    survivor = world.add("contact", last_name="C")
    middle = world.add("contact", last_name="B", merged_into_id=survivor, **gone)
    first = world.add("contact", last_name="A", merged_into_id=middle, **gone)
    found = find_reference(world.con, "contact", f"C{first}")
    assert (found.id, found.merged_from) == (survivor, first)
    world.con.execute("UPDATE contact SET merged_into_id = ? WHERE id = ?", (first, middle))  # a broken ring
    with pytest.raises(NotFoundError):
        find_reference(world.con, "contact", f"C{first}")


def test_deleted_records_are_found_only_when_asked_for(world: World) -> None:
    world.add("contact", last_name="Gone", deleted_at="2026-01-01T00:00:00Z")
    with pytest.raises(NotFoundError):
        find_reference(world.con, "contact", "C1")
    assert find_reference(world.con, "contact", "C1", deleted=True).id == 1


@pytest.mark.parametrize(
    ("entity", "text", "keys"),
    [
        ("stage", "sales/quote_sent", ["quote_sent"]),
        ("stage", "QUOTE_SENT", ["quote_sent", "quote_sent"]),
        ("stage", "proposal", ["quote_sent", "quote_sent"]),
        ("stage", "Closed/Won", ["won", "won"]),
        ("stage", "Potential", ["potential", "potential"]),
        ("pipeline", "sales", ["sales"]),
        ("pipeline", "Partners", ["partners"]),
    ],
)
def test_stages_and_pipelines_answer_to_key_name_and_alias(
    world: World, entity: str, text: str, keys: list[str]
) -> None:
    world.pipeline()
    world.pipeline("partners")
    ids = resolve_ids(world.con, entity, text)
    table = ENTITIES[entity].table
    assert [world.con.execute(f"SELECT key FROM {table} WHERE id = ?", (i,)).fetchone()[0] for i in ids] == keys


def test_users_fields_views_and_tags_are_named_by_their_keys(world: World) -> None:
    anna = world.add("user", handle="anna", name="Bea", email="anna@example.com")
    bea = world.add("user", handle="bea", name="Anna")
    world.add("custom_field", entity="lead", key="budget", label="Budget")
    world.add("custom_field", entity="deal", key="budget", label="Budget")
    world.add("tag", name="C")
    world.add("tag", name="C++")
    assert find_reference(world.con, "user", "ANNA").id == anna  # a handle beats a name
    assert resolve_ids(world.con, "user", "anna@example.com") == (anna,)
    assert resolve_ids(world.con, "user", "me", me=bea) == (bea,)
    with pytest.raises(NotFoundError) as error:
        resolve_ids(world.con, "user", "me")
    assert "crm config set user" in (error.value.hint or "")
    assert find_reference(world.con, "custom_field", "lead.budget").id == 1
    with pytest.raises(AmbiguousError):
        find_reference(world.con, "custom_field", "budget")
    assert find_reference(world.con, "tag", "c++").id == 2
    with pytest.raises(NotFoundError) as error:
        find_reference(world.con, "custom_field", "org.budget")
    assert "budget" in (error.value.hint or "")


def test_titles_and_refs_of_records(people: World) -> None:
    assert title_of(people.con, "contact", 1) == "Luca D'Àmico"
    assert title_of(people.con, "contact", 99) == ""
    assert refs_with_titles(people.con, "contact", [2, 99, 1]) == [("C2", "Jörg Straße"), ("C1", "Luca D'Àmico")]
    assert refs_with_titles(people.con, "stage", [1]) == [("sales/potential", "Potential")]


def test_keys_are_looked_up_in_their_indexes(people: World) -> None:
    plans: list[str] = []
    statements: list[str] = []
    people.con.set_trace_callback(statements.append)
    for entity, text in (("contact", "luca@example.org"), ("contact", "00000003"), ("organization", "acme.example")):
        find_reference(people.con, entity, text)
    people.con.set_trace_callback(None)
    for sql in statements:
        plans += [row[3] for row in people.con.execute(f"EXPLAIN QUERY PLAN {sql}")]
    used = "\n".join(plans)
    assert "ix_contact_point_value_norm" in used
    assert "ix_contact_uid" in used
    assert "ix_organization_domain" in used
    assert "SCAN" not in used
