"""The one write path: what is stored, journalled, refused, remembered and rolled back."""

import json
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import ConflictError, DuplicateError, RefusedError, StoreError
from crmcli.services.results import Wanted
from crmcli.services.writer import Writer, write
from crmcli.store.manner import Manner
from crmcli.store.unit_of_work import table_of
from tests.services.world import NOW_STORED, Store


def test_a_new_record_is_stored_with_what_follows_from_it(store: Store) -> None:
    number = store.add("organization", name="Acme S.r.l.", website="https://www.acme.example/about", tags=["VIP"])
    shown = store.shown("organization", number)
    assert (shown["ref"], shown["domain"], shown["name_key"], shown["tags"]) == (
        f"O{number}",
        "acme.example",
        "acme",
        ["VIP"],
    )
    assert (shown["created_at"], shown["created_by"], shown["version"]) == (NOW_STORED, "anna", 1)


def test_every_change_is_in_the_journal_with_before_and_after(store: Store) -> None:
    number = store.add("contact", first_name="Anna", last_name="Rossi")
    result = store.edit("contact", number, job_title="CTO", **{"+emails": ["anna@example.com"]})
    rows = store.rows("SELECT * FROM change WHERE entity = 'contact' ORDER BY id")
    assert [row["action"] for row in rows] == ["create", "update"]
    before, after = json.loads(rows[1]["before"]), json.loads(rows[1]["after"])
    assert (before["job_title"], after["job_title"], before["emails"]) == (None, "CTO", [])
    assert after["emails"][0]["value_norm"] == "anna@example.com"
    assert rows[1]["operation_id"] == result.operation_id


def test_values_reach_their_own_columns_whatever_the_order_of_the_columns_in_the_file(store: Store) -> None:
    """A column that a migration added stands last in the file, but not in the model."""
    lead = store.add("lead", full_name="Anna Rossi", score=3, description="met at the fair", next_step="call")
    store.edit("lead", lead, score=70, expected_amount=Decimal(5), description="wants an offer", next_step="visit")
    row = store.row("lead", lead)
    assert (row["score"], row["expected_amount_minor"]) == (70, 500)
    assert (row["description"], row["next_step"]) == ("wants an offer", "visit")


@pytest.mark.parametrize("backwards", [False, True])
def test_columns_of_a_row_are_changed_in_any_order(store: Store, backwards: bool) -> None:
    lead = store.add("lead", full_name="Anna Rossi")
    values = {
        "city": "Milano",
        "region": "MI",
        "description": "a",
        "job_title": "b",
        "score_lines": "[]",
        "next_step": "c",
    }

    def work(writer: Writer) -> None:
        named = sorted(values.items(), reverse=backwards)
        writer.unit.update(table_of("lead"), lead, dict(named))

    write(store.context(), work)
    row = store.row("lead", lead)
    assert {key: row[key] for key in values} == values


def test_all_problems_of_a_record_are_told_at_once(store: Store) -> None:
    with pytest.raises(RefusedError) as caught:
        store.add(
            "contact", first_name="Anna", emails=["not an address"], rating="scorching", phones=["+39 02 1234567"]
        )
    assert {problem.field for problem in caught.value.problems} == {"emails", "rating"}
    with pytest.raises(RefusedError) as caught:
        store.add("organization", rating="hto", type="prospectt")
    assert {problem.field for problem in caught.value.problems} == {"name", "rating", "type"}
    assert "did you mean hot" in str(caught.value)
    assert store.count("contact") == store.count("organization") == 0


@pytest.mark.parametrize("value", ["holds\0nul", "\udce9lone surrogate"])
def test_text_that_cannot_be_kept_is_refused(store: Store, value: str) -> None:
    with pytest.raises(RefusedError, match="holds"):
        store.add("organization", name=value)


@pytest.mark.parametrize(
    "value", [" two  blanks ", "a\tb\r\nc", "'; DROP TABLE lead;--", "\x1b[31mred", "𝔘nicode ﷽ \u202e", "a" * 9_999]
)
def test_other_text_is_kept_as_it_was_typed(store: Store, value: str) -> None:
    assert store.shown("organization", store.add("organization", name=value))["name"] == value


def test_blank_text_is_missing(store: Store) -> None:
    number = store.add("organization", name="Acme", industry="  \t ")
    assert store.row("organization", number)["industry"] is None


def test_saving_what_is_there_changes_nothing(store: Store) -> None:
    number = store.add("organization", name="Acme", industry="Tools")
    result = store.edit("organization", number, industry="Tools")
    assert (result.counts, result.operation_id) == ({"unchanged": 1}, None)
    assert store.row("organization", number)["version"] == 1


def test_a_stale_version_is_a_conflict_that_shows_both_values(store: Store) -> None:
    number = store.add("organization", name="Acme", industry="Tools")
    store.edit("organization", number, industry="Toys")
    with pytest.raises(ConflictError, match=r"industry is 'Toys', you want 'Trains'"):
        write(store.context(), lambda writer: writer.update("organization", number, {"industry": "Trains"}, version=1))
    assert store.row("organization", number)["industry"] == "Toys"


def test_both_values_are_told_as_people_see_them(store: Store) -> None:
    bruno = store.add("user", handle="bruno")
    company = store.add("organization", name="Acme")
    deal = store.add("deal", name="Order", organization=company, amount=Decimal("12000"))
    store.edit("deal", deal, amount=Decimal("15000.50"))
    wanted = {"amount": Decimal(9), "owner": bruno}
    with pytest.raises(ConflictError, match=r"amount is '15000.50', you want '9'; owner is None, you want 'bruno'"):
        write(store.context(), lambda writer: writer.update("deal", deal, wanted, version=1))


def test_a_dry_run_answers_like_the_real_run_and_leaves_the_file_untouched(store: Store) -> None:
    before = store.path.read_bytes()
    dry = write(store.context(dry_run=True), lambda writer: writer.create("organization", {"name": "Acme"}))
    assert store.path.read_bytes() == before
    real = write(store.context(), lambda writer: writer.create("organization", {"name": "Acme"}))
    assert (dry.counts, dry.titles) == (real.counts, real.titles)
    assert (dry.dry_run, real.dry_run) == (True, False)


def test_a_failure_in_the_middle_leaves_nothing(store: Store) -> None:
    before = store.export()

    def work(writer: Writer) -> None:
        writer.create("organization", {"name": "Acme"})
        raise RuntimeError("the power of love")

    with pytest.raises(RuntimeError):
        write(store.context(), work)
    assert store.export() == before


def test_a_strong_key_belongs_to_one_record(store: Store) -> None:
    store.add("contact", first_name="Anna", emails=["Anna@Example.com"], phones=["02 1234567"])
    with pytest.raises(DuplicateError, match=r"C1 Anna has e-mail anna@example\.com"):
        store.add("contact", first_name="Another", emails=[" anna@example.COM "])
    with pytest.raises(DuplicateError, match="phone"):
        store.add("contact", first_name="Another", phones=["+39 02 123 4567"])
    write(
        store.context(allow_duplicate=True),
        lambda writer: writer.create("contact", {"first_name": "B", "emails": ["anna@example.com"]}),
    )
    assert store.count("contact") == 2


def test_empty_values_role_addresses_and_free_mail_identify_nobody(store: Store) -> None:
    store.add("contact", first_name="Anna", emails=["info@acme.example"])
    store.add("contact", first_name="Bea", emails=["INFO@acme.example"])
    store.add("contact", first_name="Carl")
    store.add("contact", first_name="Dora")
    store.add("organization", name="One", domain="gmail.com")
    store.add("organization", name="Two", domain="gmail.com")
    assert (store.count("contact"), store.count("organization")) == (4, 2)


def test_exactly_one_point_of_a_kind_is_primary(store: Store) -> None:
    number = store.add("contact", first_name="Anna", emails=["a@example.com", "b@example.com", "A@example.com"])
    assert store.shown("contact", number)["emails"] == ["a@example.com", "b@example.com"]
    store.edit("contact", number, email="b@example.com")
    assert store.shown("contact", number)["emails"] == ["b@example.com"]
    store.edit("contact", number, **{"+emails": ["c@example.com"]})
    store.edit("contact", number, **{"-emails": ["B@example.com"]})
    rows = store.rows("SELECT value, is_primary FROM contact_point WHERE entity = 'contact'")
    assert rows == [{"value": "c@example.com", "is_primary": 1}]


def test_the_same_idempotency_key_answers_with_the_first_result(store: Store) -> None:
    context = store.context(idempotency_key="k1", arguments="contact add Anna")
    first = write(context, lambda writer: writer.create("contact", {"first_name": "Anna"}))
    again = write(context, lambda writer: writer.create("contact", {"first_name": "Anna"}))
    assert (again.replayed, again.titles, again.counts) == (True, first.titles, first.counts)
    assert store.count("contact") == 1
    other = store.context(idempotency_key="k1", arguments="contact add Bea")
    with pytest.raises(ConflictError, match="was used for another command"):
        write(other, lambda writer: writer.create("contact", {"first_name": "Bea"}))


def test_many_at_once_is_the_same_as_one_by_one(store: Store) -> None:
    values: list[dict[str, Any]] = [
        {"name": f"Org {n}", "emails": [f"info@o{n}.example.org"], "tags": ["a", f"t{n % 2}"], "type": "partner"}
        for n in range(20)
    ]
    for value in values:
        store.add("organization", value)
    singly = _without_identity(store, 0)
    write(
        store.context(allow_duplicate=True),
        lambda writer: writer.save_many("organization", [Wanted(v) for v in values]),
    )
    assert _without_identity(store, 20) == singly


def _without_identity(store: Store, skipped: int) -> list[dict[str, Any]]:
    rows = [store.shown("organization", number + skipped) for number in range(1, 21)]
    return [{key: value for key, value in row.items() if key not in ("id", "ref", "uid")} for row in rows]


def test_bad_ones_of_many_can_be_set_aside(store: Store) -> None:
    bad: dict[int, str] = {}
    wanted = [Wanted({"name": "Good"}), Wanted({"name": " "}), Wanted({"name": "Fine", "emails": ["x"]})]
    write(
        store.context(),
        lambda writer: writer.save_many(
            "organization", wanted, lambda at, problems: bad.update({at: str(problems[0])})
        ),
    )
    assert (store.count("organization"), set(bad)) == (1, {1, 2})


def test_state_intervals_tile_time_and_one_is_open(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    number = store.add("contact", first_name="Anna", lifecycle_stage="lead")
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-18T13:00:30+01:00")
    store.edit("contact", number, lifecycle_stage="customer")
    first, second = store.states("contact", number, "lifecycle_stage")
    assert (first["to_value"], first["left_at"], first["seconds"]) == ("lead", second["entered_at"], 3630)
    assert (second["from_value"], second["to_value"], second["left_at"]) == ("lead", "customer", None)


def test_the_journal_cannot_be_rewritten(store: Store) -> None:
    import sqlite3

    store.add("contact", first_name="Anna")
    con = sqlite3.connect(store.path)
    for sql in ("DELETE FROM change", "UPDATE operation SET command = ''"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            con.execute(sql)
    con.close()


def test_a_store_that_others_can_read_is_refused(store: Store) -> None:
    store.path.chmod(0o644)
    with pytest.raises(StoreError, match="can be read by others") as caught:
        store.add("contact", first_name="Anna")
    assert caught.value.hint == f"chmod 600 {store.path}"


def test_a_second_name_of_the_file_is_refused(store: Store) -> None:
    store.path.with_name("second.db").hardlink_to(store.path)
    with pytest.raises(StoreError, match="single name"):
        store.add("contact", first_name="Anna")


def test_a_newer_store_is_refused_and_untouched(store: Store) -> None:
    import sqlite3

    con = sqlite3.connect(store.path)
    con.execute("PRAGMA user_version = 99")
    con.close()
    before = store.path.read_bytes()
    with pytest.raises(StoreError, match="newer version"):
        store.add("contact", first_name="Anna")
    assert store.path.read_bytes() == before


def test_a_locked_store_says_who_holds_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from crmcli.store import unit_of_work

    holder = unit_of_work.UnitOfWork(store.path, Manner("UTC"), "crm import contact")
    with holder, pytest.raises(StoreError, match=r"locked by pid \d+ \(crm import contact\)"):
        unit_of_work.UnitOfWork(store.path, Manner("UTC"), "crm test", wait_s=0.05).__enter__()


def test_another_currency_keeps_the_amounts_and_not_the_minor_units(store: Store) -> None:
    organization = store.add("organization", name="Acme")
    store.add("custom_field", entity="deal", key="budget", type="money")
    number = store.add("deal", name="D", organization=organization, amount=Decimal("1234"), budget=Decimal("50"))
    store.edit("deal", number, currency="jpy")
    shown = store.shown("deal", number)
    assert (shown["amount"], shown["currency"], shown["custom"]["budget"]) == (1234, "JPY", 50)
    store.edit("deal", number, currency="EUR", amount=Decimal("12.34"), budget=Decimal("9.99"))
    with pytest.raises(RefusedError, match="amount: JPY has 0 decimals"):
        store.edit("deal", number, currency="JPY")


@pytest.mark.parametrize("code", ["XXL", "euro", "€"])
def test_an_unknown_currency_is_refused(store: Store, code: str) -> None:
    with pytest.raises(RefusedError, match="unknown currency"):
        store.add("organization", name="Acme", currency=code)


def test_a_second_place_in_one_organization_replaces_the_first(store: Store) -> None:
    organization = store.add("organization", name="Acme")
    number = store.add("contact", last_name="Rossi", organization=organization)
    again = {"organization_id": organization, "role": "CTO", "is_primary": 1, "is_active": 1}
    store.edit("contact", number, **{"+organizations": [again]})
    assert [row["role"] for row in store.shown("contact", number)["organizations"]] == ["CTO"]


@pytest.mark.parametrize(("durability", "level"), [("full", 2), ("extra", 3)])
def test_every_commit_is_on_disk(store: Store, durability: str, level: int) -> None:
    from crmcli.store.unit_of_work import UnitOfWork

    with UnitOfWork(store.path, Manner("UTC", durability), "crm test") as unit:
        assert unit.raw.execute("PRAGMA synchronous").fetchone()[0] == level


def test_a_network_file_system_is_refused_unless_allowed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from crmcli.store import engine
    from crmcli.store.mounts import file_system_of

    monkeypatch.setattr(engine, "NETWORK", frozenset({file_system_of(store.path)}))
    with pytest.raises(StoreError, match="network file system") as caught:
        store.add("contact", first_name="Anna")
    assert caught.value.exit_code == 7
    allowed = Store(store.path, store.settings._replace(allow_network_fs=True))
    assert allowed.add("contact", first_name="Anna") == 1


def test_identities_are_random_uuids() -> None:
    from uuid import RFC_4122, UUID

    from crmcli.services.uids import Uids

    uids = Uids()
    texts = [*uids.take(300), *uids.take(0), *uids.take(200)]
    made = [UUID(text) for text in texts]
    assert [str(uid) for uid in made] == texts
    assert {(uid.version, uid.variant) for uid in made} == {(4, RFC_4122)}
    assert len({text[:8] for text in texts}) == 500
    assert sum(first > second for first, second in pairwise(texts)) <= 1  # where they begin again from nought


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.lists(st.integers())), max_size=5))
def test_custom_values_are_kept_as_canonical_json(values: dict[str, Any]) -> None:
    from crmcli.services.drafts import canonical, custom_text

    assert custom_text(values) == (canonical(values) if values else None)


@pytest.mark.parametrize("name", [None, " ", ""])
def test_a_blank_name_is_no_name(store: Store, name: str | None) -> None:
    with pytest.raises(RefusedError, match="it needs a name"):
        store.add("contact", name=name)


def test_columns_that_a_migration_added_are_changed_together_with_older_ones(store: Store) -> None:
    """In the file they stand last, in the model elsewhere: each value must find its own column."""
    number = store.add("contact", last_name="Rossi")
    person = store.add("subject")
    store.edit("contact", number, subject=person, lifecycle_stage="mql", language="it")
    row = store.row("contact", number)
    assert (row["subject_id"], row["lifecycle_stage"], row["language"]) == (person, "mql", "it")
