"""What several cells say together, and the ways in which vendors write ids, groups, labels and modules."""

from pathlib import Path

import pytest

from crmcli.errors import UsageError
from crmcli.importing.building import Key
from crmcli.importing.doubts import AmbiguousColumnError
from crmcli.importing.options import Options
from crmcli.importing.plan import kinds_of, plan_files
from crmcli.importing.presets import Header, Preset, load_presets, numbered, recognise
from crmcli.importing.rows import Draft, Skipped, read_rows

from .conftest import ROME, Preparer, drafts, rejected


def one(prepared: Preparer, text: str, entity: str, preset: str | None = None, options: Options = ROME) -> Draft:
    [draft] = drafts(prepared(text, entity, options, preset))
    return draft


def test_parts_of_two_addresses_are_never_mixed(prepared: Preparer) -> None:
    header = "First Name,E-mail Address,Business Phone,Business City,Home Street,Home Street 2,Home City\n"
    home = one(prepared, f"{header}Ann,a@example.com,,,Way 1,Door 2,Rome\n", "contact")
    assert (home.values["street"], home.values["city"], home.warnings) == ("Way 1\nDoor 2", "Rome", ())
    work = one(prepared, f"{header}Ann,a@example.com,,Milan,Way 1,,Rome\n", "contact")
    assert (work.values.get("street"), work.values["city"]) == (None, "Milan")
    assert work.warnings == ("further addresses are left out: home",)


@pytest.mark.parametrize(
    ("cells", "birthdate"),
    [("1980,6,15", "1980-06-15"), (",6,15", "--06-15"), ("1980,,", None), ("1980,6,", None)],
)
def test_a_birth_date_in_parts(prepared: Preparer, cells: str, birthdate: str | None) -> None:
    text = f"Display Name,Primary Email,Birth Year,Birth Month,Birth Day\nAnn Lee,a@example.com,{cells}\n"
    assert one(prepared, text, "contact").values.get("birthdate") == birthdate


def test_a_part_that_is_no_number_rejects_the_row(prepared: Preparer) -> None:
    built = prepared("Display Name,Primary Email,Birth Day\nAnn Lee,a@example.com,first\n", "contact")
    assert rejected(built) == ["Birth Day: 'first' is not a whole number"]


def test_the_main_value_comes_first_whatever_its_number(prepared: Preparer) -> None:
    header = "Given Name,E-mail 1 - Value,E-mail 1 - Type,E-mail 2 - Type,E-mail 2 - Value,E-mail 10 - Value\n"
    row = "Ann,a@example.com,Home,* Work,b@example.com ::: c@example.com,d@example.com\n"
    emails = one(prepared, header + row, "contact").values["emails"]
    assert [(point["value"][0], point["label"]) for point in emails] == [
        ("b", "work"), ("c", "work"), ("a", "home"), ("d", None),
    ]  # fmt: skip


def test_ids_are_those_of_the_pattern(prepared: Preparer) -> None:
    assert one(prepared, "Record Id,Lead Owner,Last Name\nzcrm_17,Ada,Lee\n", "lead").external == ("zoho", "17")
    header = "First Name,Last Name,Company,Position,URL,Connected On\n"
    assert one(prepared, f"{header}A,B,C,D,https://x.example/in/a-b/?z,1 May 2020\n", "contact").external == (
        "linkedin",
        "a-b",
    )
    assert one(prepared, f"{header}A,B,C,D,,1 May 2020\n", "contact").external == ("linkedin", "a|b|c")


def test_what_a_row_is_about_is_told_by_the_cell_or_beside_it(prepared: Preparer) -> None:
    header = "Subject,Status,Date Due,Parent Type,Parent ID\n"
    assert one(prepared, f"{header}x,,,Contacts,c1\n", "task").links["contact"][0].keys == (Key("external_id", "c1"),)
    stranger = one(prepared, f"{header}x,,,Bugs,b1\n", "task")
    assert (stranger.links, stranger.warnings) == ({}, ("Parent ID: records of the kind 'Bugs' are not linked",))
    potential = "Potential Name,Potential No,Assigned To,Related To\nRoof,P1,ada,{}\n"
    plain = one(prepared, potential.format("Acme"), "deal")
    assert plain.links["organization"][0].keys == (Key("name", "Acme"),)
    person = one(prepared, potential.format("Contacts::::Ann Lee"), "deal")
    assert person.links["contact"][0].keys == (Key("name", "Ann Lee"),)


def test_a_value_may_be_left_out_on_purpose(prepared: Preparer) -> None:
    header = "Ticket No,Assigned To,Title,Severity\n"
    feature = one(prepared, f"{header}T1,ada,Bent,Feature\n", "ticket").values
    assert (feature["type"], "severity" in feature) == ("request", False)
    major = one(prepared, f"{header}T1,ada,Bent,Major\n", "ticket").values
    assert (major["severity"], "type" in major) == ("major", False)


def test_lists_in_a_cell(prepared: Preparer) -> None:
    text = 'Name,Tags\nAnn,"[""north, far"", ""vip""]"\n'
    assert one(prepared, text, "contact").values["tags"] == ["north far", "vip"]
    assert one(prepared, "Name,Tags\nAnn,[vip]\n", "contact").values["tags"] == ["[vip]"]


def test_a_deleted_row_is_left_out_by_its_status(prepared: Preparer) -> None:
    header = "ID,Title,Status,Stage,Currency of Value,Contact person\n"
    built = prepared(f"{header}1,Roof,Deleted,New,EUR,\n2,Door,Open,New,EUR,\n", "deal")
    assert [type(row) for row in read_rows(built)] == [Skipped, Draft]


@pytest.mark.parametrize(
    ("header", "pattern", "number"),
    [("E-mail 12 - Value", "e mail # value", "12"), ("Address2", "address2", ""), ("Name", "name", "")],
)
def test_the_number_of_a_header(header: str, pattern: str, number: str) -> None:
    assert numbered(header) == (pattern, number)


def test_signatures_may_say_how_a_header_begins_or_ends() -> None:
    header = Header(frozenset({"deal id", "title"}), ("deal - id", "title"))
    assert header.holds("deal - *")
    assert header.holds("*- id")
    assert not header.holds("*.id")
    assert not header.holds("person - *")


def test_a_saved_header_wins_and_two_of_them_are_a_tie(tmp_path: Path) -> None:
    kind = '[[kinds]]\nname = "x"\nentity = "deal"\nheader = ["Deal Name", "Deal Stage", "Pipeline"]\n'
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "mine.toml").write_text(f'{kind}[kinds.columns]\nname = ["Deal Name"]\n')
    header = ["pipeline", "Deal Stage *", "DEAL NAME", "_line", "_error"]
    found = recognise(header, load_presets(tmp_path).values())
    assert found is not None
    assert found.preset == "mine"
    more = recognise([*header, "Amount"], load_presets(tmp_path).values())
    assert more is not None
    assert more.preset == "hubspot"
    (tmp_path / "presets" / "yours.toml").write_text(f'{kind}[kinds.columns]\nname = ["Deal Name"]\n')
    with pytest.raises(UsageError, match="mine x, yours x"):
        recognise(header, load_presets(tmp_path).values())


def test_parts_are_read_where_the_header_has_them(presets: dict[str, Preset]) -> None:
    header = ["Deal - Title", "Deal - Stage", "Organization - Name"]
    kind = recognise(header, presets.values())
    assert kind is not None
    assert [one.name for one in kinds_of(kind, header, presets["pipedrive"])] == ["organizations", "deals"]


def test_a_folder_stands_for_files_of_every_format(tmp_path: Path, presets: dict[str, Preset]) -> None:
    (tmp_path / "a.json").write_text('[{"Company ID": 1, "Company Domain Name": "x.example.com"}]')
    (tmp_path / "b.ndjson").write_text('{"Ticket ID": 1, "Ticket Name": "x", "Ticket Status": "new"}\n')
    (tmp_path / "c.tab").write_text("Contact ID\tLifecycle Stage\n")
    (tmp_path / "d.md").write_text("notes")
    plan = plan_files([tmp_path], presets)
    assert [planned.path.name for planned in plan.files] == ["a.json", "c.tab", "b.ndjson"]


def test_an_ambiguous_column_tells_both_readings(prepared: Preparer) -> None:
    with pytest.raises(AmbiguousColumnError) as dates:
        prepared("Name,Close Date\nRoof,03/04/2026\n", "deal")
    assert (dates.value.column, dates.value.readings) == (
        "Close Date",
        {"DD/MM/YYYY": "3 April 2026", "MM/DD/YYYY": "4 March 2026"},
    )
    with pytest.raises(AmbiguousColumnError) as numbers:
        prepared("Name,Amount\nRoof,1.234\n", "deal")
    assert numbers.value.readings == {"en": "1.234", "it": "1234"}
    answers = {"Close Date": "MM/DD/YYYY", "Amount": "it"}
    draft = one(prepared, "Name,Amount,Close Date\nRoof,1.234,03/04/2026\n", "deal", None, Options(answers=answers))
    assert (int(draft.values["amount"]), draft.values["expected_close"]) == (1234, "2026-03-04")


def test_a_column_that_holds_both_orders_is_no_question(prepared: Preparer) -> None:
    with pytest.raises(UsageError, match="day first and month first") as both:
        prepared("Name,Close Date\nRoof,13/04/2026\nDoor,04/13/2026\n", "deal")
    assert not isinstance(both.value, AmbiguousColumnError)
