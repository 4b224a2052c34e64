import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.catalogue import ENTITIES
from crmcli.domain.text import fold
from crmcli.queries.names import names_for, stages_of
from crmcli.queries.record_keys import _ODD_LETTERS, by_name
from crmcli.queries.search import find
from tests.unit.queries.conftest import World


@pytest.fixture
def found(world: World) -> World:
    world.add("contact", first_name="Anna", last_name="Rossi", emails=["a.rossi@example.com"], description="likes tea")
    world.add("contact", first_name="Teo", last_name="Bianchi", description="brother of anna rossi")
    world.add("organization", name="C++ & Co", domain="cpp.example")
    world.add("task", subject="Call Anna")
    world.add("contact", last_name="Anna Gone", deleted_at="2026-01-01T00:00:00Z")
    world.add("view", key="hot", name="Hot leads")
    return world


def refs(world: World, text: str, **options: object) -> list[str]:
    return [hit.ref for hit in find(world.con, text, **options)]  # type: ignore[arg-type]  # options by name


def test_names_come_before_texts_and_all_words_must_be_there(found: World) -> None:
    assert refs(found, "anna rossi") == ["C1", "C2"]
    assert set(refs(found, "ann")[:2]) == {"T1", "C1"}
    assert refs(found, "tea") == ["C1"]
    assert refs(found, "te", entities=["contact"]) == ["C2", "C1"]
    assert refs(found, "anna nobody") == []
    assert refs(found, "anna", limit=1, entities=["task"]) == ["T1"]


def test_exact_keys_come_first(found: World) -> None:
    assert refs(found, "A.Rossi@example.com")[0] == "C1"
    assert refs(found, "o1") == ["O1"]
    assert find(found.con, "c2")[0].title == "Teo Bianchi"


def test_symbols_are_found_literally(found: World) -> None:
    assert refs(found, "c ++") == ["O1"]
    assert refs(found, "&") == ["O1"]
    assert refs(found, "c %") == []
    assert refs(found, "   ") == []


def test_the_excerpt_shows_the_words(found: World) -> None:
    hits = {hit.ref: hit for hit in find(found.con, "anna rossi")}
    assert hits["C1"].excerpt == ""
    assert "brother" in hits["C2"].excerpt


@settings(max_examples=200)
@given(text=st.text(alphabet=st.sampled_from("anrosi\"*^():-+ 'ANDORNT%_{}né@.0")))
def test_no_text_is_ever_syntax(found: World, text: str) -> None:
    assert len(find(found.con, text, limit=5)) <= 5
    names_for(found.con, "contact", text)


def test_the_text_index_folds_as_we_do_where_we_rely_on_it(world: World) -> None:
    """Letters outside of the scanned ones must be found through the index by their folded form."""
    contact = ENTITIES["contact"]
    letters = [
        chr(code)
        for code in range(0xC0, 0x180)
        if not world.con.execute("SELECT ? GLOB ?", (chr(code), _ODD_LETTERS)).fetchone()[0]
    ]
    assert len(letters) > 150
    for number, letter in enumerate(letters, start=1):
        world.add("contact", last_name=f"X{letter}x{number}")
        assert by_name(world.con, contact, fold(f"X{letter}x{number}"), "") == [number], letter


def test_names_for_completion(found: World) -> None:
    assert names_for(found.con, "contact", "C") == [("C2", "Teo Bianchi"), ("C1", "Anna Rossi")]
    assert names_for(found.con, "contact", "c1") == [("c1", "Anna Rossi")]
    assert names_for(found.con, "contact", "1") == [("1", "Anna Rossi")]
    assert names_for(found.con, "contact", "") == [("C2", "Teo Bianchi"), ("C1", "Anna Rossi")]
    assert names_for(found.con, "contact", "teo b") == [("teo bianchi", "C2")]
    assert names_for(found.con, "contact", "bian") == [], "a shell drops what does not begin as typed"
    assert names_for(found.con, "contact", "A.R") == [("A.Rossi@example.com", "C1 Anna Rossi")]
    assert names_for(found.con, "record", "anna") == [("anna Rossi", "C1")]
    assert [name for name, _ in names_for(found.con, "record", "")] == ["O1", "C2", "C1", "T1"]
    assert names_for(found.con, "record", "1") == []
    assert names_for(found.con, "nothing", "x") == []
    assert names_for(found.con, "view", "h") == [("hot", "hot")]
    assert len(names_for(found.con, "contact", "", limit=1)) == 1


def test_stages_are_completed(world: World) -> None:
    world.pipeline()
    assert names_for(world.con, "stage", "quote") == [("quote_sent", "Quote sent")]
    assert names_for(world.con, "stage", "Quote s") == [("Quote sent", "Quote sent")]
    assert [ref for ref, _ in names_for(world.con, "stage", "sales/")][:2] == ["sales/potential", "sales/quote_sent"]
    assert names_for(world.con, "stage", "sales/q") == [("sales/quote_sent", "Quote sent")]
    assert stages_of(world.con, 1, "q") == [("quote_sent", "Quote sent")]
    assert stages_of(world.con, 2, "q") == []
