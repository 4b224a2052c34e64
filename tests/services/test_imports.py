"""Importing: rows find their records, links their targets, and the same file twice changes nothing."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from crmcli.errors import ConflictError, RefusedError
from crmcli.services.undo import take_back
from tests.services.files import Desk, figures, refusing
from tests.services.world import Store

ANNA = {"Name": "Anna Rossi", "Email": "anna@example.com", "Company": "", "Tags": "vip"}
BRUNO = {"Name": "Bruno Neri", "Email": "bruno@example.com", "Company": "", "Tags": ""}
HUB = {"Record ID": "1", "First Name": "Anna", "Last Name": "Rossi", "Email": "anna@example.com",
       "Lifecycle Stage": "Lead", "Job Title": "CTO"}  # fmt: skip


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path)


def sha256(store: Store) -> str:
    return hashlib.sha256(store.path.read_bytes()).hexdigest()


def test_rows_become_records_in_one_step_that_goes_back_whole(desk: Desk) -> None:
    before = desk.store.export()
    receipt = desk.take("contact", [ANNA, BRUNO])
    assert figures(receipt) == (2, 0, 0, 0)
    assert desk.store.shown("contact", 1)["tags"] == ["vip"]
    assert receipt.job is not None
    take_back(desk.store.context(kind="undo"), desk.operation(receipt.job))
    assert desk.store.export() == before


def test_the_same_file_twice_changes_nothing_and_names_the_earlier_job(desk: Desk) -> None:
    first = desk.take("contact", [ANNA, BRUNO])
    stored = sha256(desk.store)
    again = desk.take("contact", [ANNA, BRUNO])
    assert figures(again) == (0, 0, 2, 0)
    assert (again.job, again.earlier_job) == (None, first.job)
    assert sha256(desk.store) == stored


def test_records_without_any_key_are_known_again_by_their_row(desk: Desk) -> None:
    row = {"Name": "Anna Rossi", "City": "Milano"}
    desk.take("contact", [row])
    assert figures(desk.take("contact", [row])) == (0, 0, 1, 0)


def test_a_hand_made_change_survives_the_same_file(desk: Desk) -> None:
    desk.take("contact", [HUB])
    desk.store.edit("contact", 1, job_title="CEO")
    assert figures(desk.take("contact", [HUB])) == (0, 0, 1, 0)
    assert desk.store.shown("contact", 1)["job_title"] == "CEO"


def test_a_changed_row_with_an_id_overwrites_and_blank_cells_erase_nothing(desk: Desk) -> None:
    desk.take("contact", [HUB])
    changed = HUB | {"Job Title": "CEO", "Last Name": "", "Email": "a.rossi@example.com"}
    assert figures(desk.take("contact", [changed])) == (0, 1, 0, 0)
    shown = desk.store.shown("contact", 1)
    assert (shown["job_title"], shown["last_name"]) == ("CEO", "Rossi")
    assert shown["emails"] == ["anna@example.com", "a.rossi@example.com"]


def test_blank_cells_erase_where_that_is_asked_for(desk: Desk) -> None:
    desk.store.add("organization", name="Acme")
    desk.store.add("custom_field", entity="contact", key="size", label="Size", type="int")
    full = {"Record ID": "1", "First Name": "Anna", "Last Name": "Lee", "Email": "a@example.com", "City": "Rome",
            "Job Title": "CEO", "Company": "Acme", "Tags": "vip", "custom.size": "4", "Do Not Call": "yes",
            "Lifecycle": "customer",
            "Birthday": "1980-06-15", "Lead Source": "Event"}  # fmt: skip
    maps: dict[str, Any] = {"options": {"maps": {"custom.size": "custom.size"}}}
    desk.take("contact", [full], **maps)
    blank = full | dict.fromkeys([key for key in full if key not in ("Record ID", "Last Name", "City")], "")
    assert figures(desk.take("contact", [blank], **maps)) == (0, 0, 1, 0)
    erasing: dict[str, Any] = {"options": {**maps["options"], "blank_erases": True}}
    assert figures(desk.take("contact", [blank], **erasing)) == (0, 1, 0, 0)
    shown = desk.store.shown("contact", 1)
    kept = ("last_name", "city", "source")
    assert [shown[key] for key in kept] == ["Lee", "Rome", "event"], "the first source, as ever"
    gone = ("first_name", "job_title", "organization", "email", "birthdate", "lifecycle_stage")
    assert {shown[key] for key in gone} == {None}
    assert (shown["emails"], shown["tags"], shown["do_not_call"], shown["custom"]) == ([], [], True, {})
    assert figures(desk.take("contact", [blank], **erasing)) == (0, 0, 1, 0)
    no_name = blank | {"Last Name": "", "City": "Milan"}
    assert figures(desk.take("contact", [no_name], **erasing)) == (0, 0, 0, 1)


def test_blank_cells_of_a_new_record_and_of_a_place_erase_nothing(desk: Desk) -> None:
    desk.store.add("organization", name="Acme")
    row = {"Record ID": "1", "Name": "Roof", "Company": "Acme", "Stage": "quote_sent", "Amount": "7", "Currency": "USD",
           "Probability": "55", "Next Step": "Call"}  # fmt: skip
    erasing: dict[str, Any] = {"options": {"blank_erases": True}}
    desk.take("deal", [row | {"Next Step": ""}], **erasing)
    desk.take("deal", [row], **erasing)
    before = desk.store.row("deal", 1)
    desk.take("deal", [row | dict.fromkeys(("Stage", "Currency", "Probability", "Next Step", "Amount"), "")], **erasing)
    after = desk.store.row("deal", 1)
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {"next_step", "amount_minor", "version"}


def test_owners_of_the_file_are_users_as_the_map_says(desk: Desk) -> None:
    desk.store.add("user", handle="bea", name="Bea Conti")
    rows = [{"Record ID": str(n), "Last Name": "Lee", "Contact owner": o} for n, o in enumerate(("B. Conti", "007"))]
    receipt = desk.take("contact", rows, options={"owner_map": {"b. conti": "bea", "007": "bea"}})
    assert (receipt.created, dict(receipt.warnings)) == (2, {})
    assert {desk.store.shown("contact", number)["owner_ref"] for number in (1, 2)} == {"bea"}


def test_going_back_to_an_older_file_is_a_change_again(desk: Desk) -> None:
    older, newer = [HUB], [HUB | {"Job Title": "CEO"}]
    for rows in (older, newer, older):
        desk.take("contact", rows)
    assert desk.store.shown("contact", 1)["job_title"] == "CTO"
    assert figures(desk.take("contact", older)) == (0, 0, 1, 0)


def test_after_undo_the_file_comes_in_anew(desk: Desk) -> None:
    receipt = desk.take("contact", [ANNA])
    take_back(desk.store.context(kind="undo"), desk.operation(receipt.job or 0))
    assert figures(desk.take("contact", [ANNA])) == (1, 0, 0, 0)


def test_strong_keys_leave_records_as_they_are_without_update(desk: Desk) -> None:
    number = desk.store.add("contact", full_name="Anna Rossi", emails=["ANNA@example.com"])
    receipt = desk.take("contact", [ANNA])
    assert figures(receipt) == (0, 0, 1, 0)
    assert any("--update" in warning for warning in receipt.warnings)
    assert figures(desk.take("contact", [ANNA], terms={"update": True})) == (0, 1, 0, 0)
    assert desk.store.shown("contact", number)["tags"] == ["vip"]


def test_a_row_with_an_id_takes_over_a_record_that_has_none(desk: Desk) -> None:
    number = desk.store.add("contact", full_name="Anna Rossi", emails=["anna@example.com"], job_title="CEO")
    desk.take("contact", [HUB])
    assert desk.store.count("contact") == 1
    assert desk.store.shown("contact", number)["job_title"] == "CEO"
    desk.take("contact", [HUB | {"Job Title": "COO"}])
    assert desk.store.shown("contact", number)["job_title"] == "COO"


def test_two_records_of_one_system_are_never_taken_as_one(desk: Desk) -> None:
    assert figures(desk.take("contact", [HUB, HUB | {"Record ID": "2"}])) == (2, 0, 0, 0)


def test_colleagues_at_one_phone_stay_apart(desk: Desk) -> None:
    rows = [{"Name": name, "Phone": "+39 02 1234567"} for name in ("Anna Rossi", "Bruno Neri", "anna rossi")]
    assert figures(desk.take("contact", rows)) == (2, 0, 1, 0)


def test_a_key_that_fits_several_records_rejects_the_row(desk: Desk) -> None:
    for name in ("Anna Rossi", "Anna Verdi"):
        desk.store.add("contact", full_name=name, emails=["anna@example.com"], intent="import")
    desk.take("contact", [ANNA])
    assert "C1, C2" in desk.rejected()[0]["_error"]


def test_a_row_whose_keys_belong_to_several_records_is_rejected(desk: Desk) -> None:
    """Which of them is meant nobody can say, and taking the address of the one for the other would mix them up."""
    desk.take("contact", [ANNA, BRUNO])
    row = ANNA | {"Name": "Mixed Up", "Email": "anna@example.com; bruno@example.com"}
    assert figures(desk.take("contact", [row], terms={"update": True})) == (0, 0, 0, 1)
    assert desk.rejected()[0]["_error"] == "its email values belong to several records: C1, C2"
    assert desk.store.shown("contact", 1)["emails"] == ["anna@example.com"]
    companies = [
        {"Name": "Acme", "Domain": "acme.example", "VAT": ""},
        {"Name": "Bolt", "Domain": "", "VAT": "IT12345678903"},
    ]
    desk.take("organization", companies)
    both = [{"Name": "Acme Bolt", "Domain": "acme.example", "VAT": "IT12345678903"}]
    assert figures(desk.take("organization", both, terms={"update": True})) == (0, 0, 0, 1)
    assert desk.rejected()[0]["_error"] == "its domain and vat_id values belong to several records: O1, O2"


def test_the_named_key_finds_records(desk: Desk) -> None:
    number = desk.store.add("contact", full_name="Anna Rossi", city="Milano")
    rows = [{"Name": "Anna Rossi", "City": "Torino"}]
    assert figures(desk.take("contact", rows, terms={"key": "name", "update": True})) == (0, 1, 0, 0)
    assert desk.store.shown("contact", number)["city"] == "Torino"


def test_repeated_ids_count_once_or_let_the_later_row_win(desk: Desk) -> None:
    receipt = desk.take("contact", [HUB, HUB, HUB | {"Job Title": "CEO"}])
    assert figures(receipt) == (1, 1, 1, 0)
    assert sum(receipt.warnings.values()) == 2
    assert desk.store.shown("contact", 1)["job_title"] == "CEO"


def test_a_row_of_a_merged_record_changes_the_survivor(desk: Desk) -> None:
    survivor = desk.store.add("contact", full_name="Anna Rossi")
    ref = {"system": "hubspot", "external_id": "1", "url": None}
    loser = desk.store.add("contact", full_name="A. Rossi", external_refs=[ref])
    desk.store.edit("contact", loser, merged_into_id=survivor, deleted_at="2026-03-01T00:00:00Z")
    assert figures(desk.take("contact", [HUB])) == (0, 1, 0, 0)
    assert desk.store.shown("contact", survivor)["job_title"] == "CTO"


def test_what_was_removed_here_stays_removed(desk: Desk) -> None:
    desk.take("contact", [HUB])
    desk.store.edit("contact", 1, deleted_at="2026-03-01T00:00:00Z")
    for row in (HUB, HUB | {"Job Title": "CEO"}):
        receipt = desk.take("contact", [row])
        assert (receipt.created, receipt.skipped) == (0, 1)


def test_missing_names_reject_the_row_and_near_ones_are_named(desk: Desk) -> None:
    desk.store.add("organization", name="Acme Industries")
    receipt = desk.take("contact", [ANNA | {"Company": "Acme Industry"}, BRUNO | {"Company": "ACME  Industries"}])
    assert figures(receipt) == (1, 0, 0, 1)
    assert "Acme Industries (O1)" in desk.rejected()[0]["_error"]
    assert desk.store.shown("contact", 1)["organization"] == "Acme Industries"


def test_create_makes_what_is_missing_once(desk: Desk) -> None:
    rows = [ANNA | {"Company": "Acme Srl"}, BRUNO | {"Company": "acme srl"}]
    receipt = desk.take("contact", rows, terms={"create": True})
    assert (receipt.on_the_way, receipt.links) == ({"organization": 1}, 2)
    assert desk.store.count("organization") == 1


def test_a_row_without_a_stage_makes_nothing_on_the_way(desk: Desk) -> None:
    row = {"Deal name": "New plant", "Organization": "Acme", "Contact": "Anna Rossi", "Stage": "No such stage"}
    receipt = desk.take("deal", [row], terms={"create": True})
    assert (figures(receipt), receipt.on_the_way, receipt.job) == ((0, 0, 0, 1), {}, None)
    assert desk.store.count("organization") == desk.store.count("contact") == 0


def test_what_is_made_for_a_row_that_is_refused_can_be_taken_back(desk: Desk) -> None:
    before = desk.store.export()
    row = {"Title": "Fair", "Start": "2026-05-02 10:00", "End": "2026-05-01 10:00", "Company": "Acme"}
    receipt = desk.take("event", [row], terms={"create": True})
    assert (figures(receipt), receipt.on_the_way) == ((0, 0, 0, 1), {"organization": 1})
    assert receipt.job is not None
    take_back(desk.store.context(kind="undo"), desk.operation(receipt.job))
    assert desk.store.export() == before


def test_rows_that_cannot_be_read_bring_no_custom_fields(desk: Desk) -> None:
    receipt = desk.take("contact", [HUB | {"Email": "no address", "Lead Status": "New"}], terms={"create": True})
    assert (receipt.rejected, receipt.on_the_way, receipt.job) == (1, {}, None)


def test_unknown_owners_are_the_caller_or_made(desk: Desk) -> None:
    rows = [HUB | {"Contact Owner": "zoe@example.com"}]
    receipt = desk.take("contact", rows)
    assert desk.store.shown("contact", 1)["owner"] == "anna"
    assert any("zoe@example.com" in warning for warning in receipt.warnings)
    desk.take("contact", [rows[0] | {"Record ID": "2", "Email": ""}], terms={"create": True})
    assert desk.store.shown("contact", 2)["owner"] == "zoe"


def test_bad_rows_are_set_aside_and_can_be_imported_once_mended(desk: Desk) -> None:
    rows = [
        {"Name": f"Anna {n}", "Email": "no address" if n % 27 == 0 else f"a{n}@example.com"} for n in range(1, 1001)
    ]
    assert figures(desk.take("contact", rows)) == (963, 0, 0, 37)
    rejected = desk.rejected()
    assert [row["_line"] for row in rejected[:2]] == ["28", "55"]
    mended = [row | {"Email": f"b{number}@example.com"} for number, row in enumerate(rejected)]
    assert figures(desk.take("contact", mended)) == (37, 0, 0, 0)
    assert desk.store.count("contact") == 1000


def test_strict_rows_refuse_the_whole_file(desk: Desk) -> None:
    stored = sha256(desk.store)
    with pytest.raises(RefusedError, match="line 3: Email"):
        desk.take("contact", [ANNA, BRUNO | {"Email": "no address"}], terms={"strict_rows": True})
    assert sha256(desk.store) == stored
    assert not desk.rejects.exists()


def test_a_dry_run_counts_the_same_and_leaves_nothing(desk: Desk) -> None:
    rows = [ANNA | {"Company": "Acme"}, BRUNO | {"Email": "no address"}]
    stored = sha256(desk.store)
    trial = desk.take("contact", rows, terms={"create": True}, dry_run=True)
    assert sha256(desk.store) == stored
    assert (trial.job, trial.rejects_file, desk.rejects.exists()) == (None, None, False)
    assert figures(trial) == figures(desk.take("contact", rows, terms={"create": True})) == (1, 0, 0, 1)


def test_undo_of_an_import_spares_a_later_change_unless_forced(desk: Desk) -> None:
    receipt = desk.take("contact", [HUB])
    desk.store.edit("contact", 1, job_title="CEO")
    operation = desk.operation(receipt.job or 0)
    with pytest.raises(ConflictError, match="C1"):
        take_back(desk.store.context(kind="undo"), operation)
    take_back(desk.store.context(kind="undo"), operation, force=True)
    assert desk.store.count("contact") == 0


def test_references_within_the_file_may_point_forward(desk: Desk) -> None:
    rows = [
        {"Id": str(n), "LastName": f"Rossi {n}", "AccountId": "", "ReportsToId": boss}
        for n, boss in ((1, "2"), (2, ""))
    ]
    receipt = desk.take("contact", rows)
    assert desk.store.shown("contact", 1)["reports_to_ref"] == "C2"
    assert receipt.links == 1


def test_a_record_merged_where_it_comes_from_gives_its_id_away(desk: Desk) -> None:
    rows = [
        {"Id": "1", "LastName": "Rossi", "AccountId": "", "MasterRecordId": "2"},
        {"Id": "2", "LastName": "Rossi", "AccountId": "", "MasterRecordId": ""},
    ]
    assert figures(desk.take("contact", rows)) == (1, 1, 0, 0)
    ids = desk.store.rows("SELECT external_id FROM external_ref WHERE entity = 'contact' ORDER BY external_id")
    assert [row["external_id"] for row in ids] == ["1", "2"]
    assert figures(desk.take("contact", rows)) == (0, 0, 2, 0)


def test_a_note_column_becomes_a_note(desk: Desk) -> None:
    desk.take("contact", [ANNA | {"Note - Content": "Met at the fair"}])
    (note,) = desk.store.rows("SELECT kind, body FROM interaction")
    assert note == {"kind": "note", "body": "Met at the fair"}


def test_a_refusing_rule_rejects_the_row_and_takes_back_what_came_with_it(desk: Desk, tmp_path: Path) -> None:
    rules = refusing(tmp_path / "rules", "contact.created", "last_name = Neri")
    rows = [ANNA | {"Company": "Acme"}, BRUNO | {"Company": "Neri & Co"}]
    receipt = desk.take("contact", rows, terms={"create": True}, rules=rules, with_rules=True)
    assert (figures(receipt), receipt.on_the_way) == ((1, 0, 0, 1), {"organization": 1})
    assert "not him" in desk.rejected()[0]["_error"]
    assert desk.store.count("organization") == 1


def test_a_merged_row_that_a_rule_refuses_is_rejected_and_the_import_goes_on(desk: Desk, tmp_path: Path) -> None:
    rules = refusing(tmp_path / "rules", "contact.updated", "last_name = Neri", 'watch = ["external_refs"]')
    rows = [
        {"Id": "1", "LastName": "Neri", "AccountId": "", "MasterRecordId": "2"},
        {"Id": "2", "LastName": "Neri", "AccountId": "", "MasterRecordId": ""},
        {"Id": "3", "LastName": "Rossi", "AccountId": "", "MasterRecordId": "4"},
        {"Id": "4", "LastName": "Rossi", "AccountId": "", "MasterRecordId": ""},
    ]
    assert figures(desk.take("contact", rows, rules=rules, with_rules=True)) == (2, 1, 0, 1)
    (row,) = desk.rejected()
    assert (row["Id"], row["_line"], row["_error"]) == ("1", "2", "not him")
    ids = desk.store.rows("SELECT external_id FROM external_ref WHERE entity = 'contact' ORDER BY external_id")
    assert [row["external_id"] for row in ids] == ["2", "3", "4"]
    assert figures(desk.take("contact", rows)) == (0, 1, 3, 0)


def test_only_the_rows_that_rules_refuse_are_left_out_of_a_batch(desk: Desk, tmp_path: Path) -> None:
    rules = refusing(tmp_path / "rules", "contact.created", "last_name = Neri")
    names = ["Rossi", "Neri", "Verdi", "Bruno", "Neri", "Conti", "Galli"]
    rows = [{"Id": str(n), "LastName": name, "AccountId": "", "MasterRecordId": ""} for n, name in enumerate(names)]
    gone = {"Id": "99", "LastName": "", "AccountId": "", "MasterRecordId": "5"}  # one that went into Conti
    later = {**rows[0], "LastName": "Rossini"}
    receipt = desk.take("contact", [gone, *rows, later], rules=rules, with_rules=True)
    assert figures(receipt) == (5, 2, 0, 2)
    assert [(row["Id"], row["_error"]) for row in desk.rejected()] == [("1", "not him"), ("4", "not him")]
    assert [warning for warning in receipt.warnings if "repeat" in warning] == [
        "rows repeat a record with other values: the later row counts"
    ]
    assert [row["last_name"] for row in desk.store.rows("SELECT last_name FROM contact ORDER BY id")] == [
        "Rossini", "Verdi", "Bruno", "Conti", "Galli",
    ]  # fmt: skip


def test_a_late_reference_that_a_rule_refuses_is_left_empty(desk: Desk, tmp_path: Path) -> None:
    rules = refusing(tmp_path / "rules", "contact.updated", "reports_to is not empty")
    rows = [
        {"Id": "1", "LastName": "Rossi", "ReportsToId": "2", "AccountId": ""},
        {"Id": "2", "LastName": "Neri", "ReportsToId": "", "AccountId": ""},
    ]
    receipt = desk.take("contact", rows, rules=rules, with_rules=True)
    assert figures(receipt) == (2, 0, 0, 0)
    assert "reports to that cannot be is left empty" in receipt.warnings
    assert desk.store.shown("contact", 1)["reports_to"] is None


def test_what_became_of_a_row_is_remembered(desk: Desk) -> None:
    desk.take("contact", [ANNA])
    (row,) = desk.store.rows("SELECT row_no, entity, record_id, action FROM import_row")
    assert row == {"row_no": 2, "entity": "contact", "record_id": 1, "action": "created"}
