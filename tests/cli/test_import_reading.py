"""``crm import``: files of every format, columns that only a person can decide, and mappings worth keeping."""

import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.cli.workspace import Workspace

VENDORS = Path(__file__).parents[1] / "vendors"
PEOPLE = [["Name", "Email", "Tags"], ["Anna Rossi", "anna@example.com", "vip; north"]]


def workbook(path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in PEOPLE:
        sheet.append(row)
    book.save(path)
    return path


def csv(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def as_json(path: Path) -> Path:
    rows = [dict(zip(PEOPLE[0], row, strict=True)) for row in PEOPLE[1:]]
    path.write_text("\n".join(map(json.dumps, rows)) if path.suffix == ".jsonl" else json.dumps(rows))
    return path


def test_all_formats_bring_the_same_record(workspace: Workspace, tmp_path: Path) -> None:
    files = [workbook(tmp_path / "a.xlsx"), as_json(tmp_path / "a.json"), as_json(tmp_path / "a.jsonl")]
    first = json.loads(workspace.ok("import", "contact", str(files[0]), "-o", "json"))
    assert (first["created"], first["encoding"], first["delimiter"]) == (1, "xlsx", "")
    for file in files[1:]:
        receipt = json.loads(workspace.ok("import", "contact", str(file), "-o", "json"))
        assert (receipt["created"], receipt["unchanged"]) == (0, 1)
    (contact,) = workspace.json("contact", "list")
    assert (contact["name"], contact["tags"]) == ("Anna Rossi", ["vip", "north"])


def test_the_format_is_told_by_the_content(workspace: Workspace, tmp_path: Path) -> None:
    assert "1 created" in workspace.crm("import", "contact", str(as_json(tmp_path / "a.csv"))).err
    packed = tmp_path / "a.csv"
    packed.write_bytes(b"PK\x03\x04 notes.txt")
    assert "a packed file" in workspace.refused(4, "import", "contact", str(packed))


def test_records_exported_as_json_can_be_imported(workspace: Workspace, tmp_path: Path) -> None:
    workspace.ok("contact", "add", "Anna Rossi", "--email", "anna@example.com", "--phone", "+39 333 1234567")
    workspace.ok("contact", "edit", "C1", "--set", "city=Lodi")
    path = tmp_path / "contacts.json"
    path.write_text(workspace.ok("contact", "list", "-o", "json"))
    workspace.ok("undo", "2", "--yes")
    workspace.ok("import", "contact", str(path))
    (contact,) = workspace.json("contact", "list")
    assert (contact["name"], contact["emails"], contact["phones"], contact["city"]) == (
        "Anna Rossi", ["anna@example.com"], ["+39 333 1234567"], "Lodi",
    )  # fmt: skip


def test_a_person_is_asked_how_a_column_is_meant(workspace: Workspace, tmp_path: Path) -> None:
    path = csv(tmp_path / "deals.csv", "Name,Company,Amount,Close Date", 'Roof,Acme,"1,234",03/04/2026')
    said = workspace.refused(2, "import", "deal", str(path))
    assert "can be read day first or month first" in said
    code, screen = workspace.at_terminal("import", "deal", str(path), "--create", typed="1\n1\n")
    assert code == 0, screen
    assert "03/04/2026 is 3 April 2026" in screen
    assert "1,234 is 1.234" in screen
    (deal,) = workspace.json("deal", "list")
    assert (deal["amount"], deal["expected_close"]) == (1234.0, "2026-04-03")


def test_who_does_not_answer_gets_the_option(workspace: Workspace, tmp_path: Path) -> None:
    path = csv(tmp_path / "deals.csv", "Name,Close Date", "Roof,03/04/2026")
    code, screen = workspace.at_terminal("import", "deal", str(path), typed="\n")
    assert code == 2
    assert "--date-format" in screen


MINE = """title = "Mine"
[[kinds]]
name = "people"
entity = "contact"
signatures = [["Lifecycle Stage", "Record ID"]]
[kinds.columns]
last_name = ["First Name"]
"""


@pytest.mark.parametrize("noun", ["contact", "auto"])
def test_a_person_is_asked_whose_export_a_file_is(workspace: Workspace, tmp_path: Path, noun: str) -> None:
    presets = workspace.home / "config" / "presets"
    presets.mkdir(parents=True)
    (presets / "mine.toml").write_text(MINE, encoding="utf-8")
    path = csv(tmp_path / "people.csv", "Record ID,First Name,Lifecycle Stage", "7,Anna,customer")
    said = workspace.refused(2, "import", noun, str(path))
    assert f"{path} fits several kinds of export: hubspot contacts, mine people" in said
    assert "--preset" in workspace.at_terminal("import", noun, str(path), typed="\n")[1]
    code, screen = workspace.at_terminal("import", noun, str(path), typed="2\n")
    assert code == 0, screen
    assert "  2  mine people  as contacts" in screen
    assert workspace.json("contact", "show", "C1")["last_name"] == "Anna"


def test_owners_become_users_as_the_map_says(workspace: Workspace, tmp_path: Path) -> None:
    workspace.ok("user", "add", "bea", "--name", "Bea Conti")
    path = csv(tmp_path / "people.csv", "Name,Owner", "Anna Rossi,B.C.", "Bruno Neri,anna")
    done = workspace.crm("import", "contact", str(path), "--owner-map", "b.c.=Bea Conti")
    assert (done.code, " no user here" in done.err) == (0, False)
    owners = {row["name"]: row["owner_ref"] for row in workspace.json("contact", "list")}
    assert owners == {"Anna Rossi": "bea", "Bruno Neri": "anna"}
    workspace.refused(3, "import", "contact", str(path), "--owner-map", "b.c.=nobody")
    workspace.refused(2, "import", "contact", str(path), "--owner-map", "bea")


def test_blank_cells_erase_with_update_only(workspace: Workspace, tmp_path: Path) -> None:
    workspace.ok("contact", "add", "Anna Rossi", "--email", "anna@example.com", "--set", "city=Rome")
    path = csv(tmp_path / "people.csv", "Email,City,Name", "anna@example.com,,Anna Rossi")
    assert "--update" in workspace.refused(2, "import", "contact", str(path), "--blank-erases")
    for words, city in (([], "Rome"), (["--update"], "Rome"), (["--update", "--blank-erases"], None)):
        workspace.ok("import", "contact", str(path), *words)
        assert workspace.json("contact", "show", "C1")["city"] == city


def test_the_rows_of_one_file_become_three_kinds_of_records(workspace: Workspace) -> None:
    path = str(VENDORS / "pipedrive-deals-template.csv")
    receipts = json.loads(workspace.ok("import", "auto", path, "-o", "json"))
    assert [(one["entity"], one["created"]) for one in receipts] == [("organization", 1), ("contact", 1), ("deal", 2)]
    deals = workspace.json("deal", "list", "--sort", "id")
    assert [(deal["name"], deal["organization"], deal["contact"]) for deal in deals] == [
        ("Quay cranes", "Dock & Sons", "Mira Okafor"),
        ("Crane service", "Dock & Sons", None),
    ]
    again = json.loads(workspace.ok("import", "auto", path, "-o", "json"))
    assert [one["created"] + one["updated"] for one in again] == [0, 0, 0]


def test_a_connection_of_linkedin_is_a_contact_with_an_interaction(workspace: Workspace, tmp_path: Path) -> None:
    path, rejects = str(VENDORS / "linkedin.csv"), tmp_path / "bad.csv"
    done = workspace.crm("import", "contact", path, "--create", "--rejects", str(rejects))
    assert done.code == 6  # the row of nobody
    assert len(rejects.read_text().splitlines()) == 2
    logs = workspace.json("log", "list", "--sort", "id")
    assert [(log["kind"], log["main"]) for log in logs] == [("social", "C1 Olu Adeyemi"), ("social", "C2 Ana Silva")]


def test_private_rows_come_only_when_asked_for(workspace: Workspace) -> None:
    path = str(VENDORS / "outlook-desktop.csv")
    told = workspace.crm("import", "contact", path, "--create").err
    assert "private (--include-private takes it)" in told
    assert "1 created" in workspace.crm("import", "contact", path, "--create", "--include-private").err
    assert "756.1234" not in "".join(workspace.state())  # a sensitive column nobody mapped


def test_a_mapping_is_saved_and_reads_the_next_file_with_this_header(workspace: Workspace, tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "Kunde;Mail;Nr#", "Greta Holm;greta@example.com;7")
    assert "none of the columns is known" in workspace.refused(2, "import", "contact", str(path))
    maps = ("--map", "Kunde=full_name", "--map", "Mail=emails", "--map", "Nr#=external_id")
    done = workspace.crm("import", "preset", "save", "erp", "contact", str(path), *maps)
    assert (done.code, done.out) == (0, "")
    assert str(workspace.home / "config" / "presets" / "erp.toml") in done.err
    next_one = csv(tmp_path / "b.csv", "MAIL ,nr#, Kunde*", "dario@example.com,8,Dario Conti")
    (receipt,) = json.loads(workspace.ok("import", "auto", str(next_one), "-o", "json"))
    assert (receipt["preset"], receipt["created"], receipt["ignored"]) == ("erp", 1, [])
    (contact,) = workspace.json("contact", "list")
    assert contact["external_refs"][0]["system"] == "erp"
    assert [row["name"] for row in workspace.json("import", "preset", "list")].count("erp") == 1


def test_a_saved_mapping_wins_over_the_vendor_it_was_made_from(workspace: Workspace, tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "Record ID,First Name,Lifecycle Stage,Shoe Size", "1,Anna,lead,38")
    workspace.ok("import", "preset", "save", "ours", "contact", str(path), "--map", "Shoe Size=description")
    receipt = json.loads(workspace.ok("import", "contact", str(path), "-o", "json"))
    assert (receipt["preset"], receipt["mapping"]["Record ID"]) == ("ours", "external_id")
    (contact,) = workspace.json("contact", "list")
    assert (contact["description"], contact["external_refs"][0]["system"]) == ("38", "hubspot")


def test_names_of_presets_are_guarded(workspace: Workspace, tmp_path: Path) -> None:
    path = str(csv(tmp_path / "a.csv", "Name", "Anna"))
    assert "cannot name a preset" in workspace.refused(2, "import", "preset", "save", "hubspot", "contact", path)
    assert "cannot name a preset" in workspace.refused(2, "import", "preset", "save", "../x", "contact", path)
    workspace.ok("import", "preset", "save", "mine", "contact", path)
    assert "--replace" in workspace.refused(5, "import", "preset", "save", "mine", "contact", path)
    workspace.ok("import", "preset", "save", "mine", "contact", path, "--replace")


def test_rows_without_names_are_called_by_their_lines_and_bring_fields_of_their_types(workspace: Workspace) -> None:
    """A preset of the user's own: what a column of numbers holds can be reckoned with, and comes in once."""
    folder = workspace.home / "config" / "presets"
    folder.mkdir(exist_ok=True)
    (folder / "survey.toml").write_text(
        '[[kinds]]\nname = "answers"\nentity = "contact"\nsignatures = [["Age", "Happy"]]\n[kinds.columns]\n'
        'last_name = ["_line"]\n"custom.age" = ["Age"]\n"custom.happy" = ["Happy"]\n"custom.far" = ["Far"]\n'
        '[kinds.custom]\nage = { label = "Age", type = "int" }\nfar = "Far"\n'
        'happy = { label = "Happy", type = "bool" }\n'
    )
    file = workspace.home / "survey.csv"
    file.write_text("Age,Happy\n40,yes\n40,yes\n60,no\n")
    for created in (3, 0):
        receipt = workspace.json("import", "contact", str(file), "--create")
        assert (receipt["created"], receipt["rejected"], receipt["rows"]) == (created, 0, 3)
    fields = [(one["key"], one["type"]) for one in workspace.json("field", "list", "contact", "--custom")]
    assert fields == [("custom.age", "int"), ("custom.happy", "bool")], "none for a column that the file lacks"
    assert workspace.ok("contact", "list", "--where", "happy = yes", "-o", "ids").split() == ["C1", "C2"]
