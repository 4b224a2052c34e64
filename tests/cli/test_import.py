"""``crm import``: receipts, rejects, exit codes, and what is told to people and to programs."""

import csv
import hashlib
import io
import json
from datetime import date, datetime
from pathlib import Path

import pytest

from crmcli.rules.files import load_files
from tests.cli.workspace import Workspace
from tests.command import crm

HEADER = "Name,Email,Company\n"
GOOD = HEADER + "Anna Rossi,anna@example.com,\nBruno Neri,bruno@example.com,\n"
BAD = GOOD + "Carla Bo,no address,\n"


def file(tmp_path: Path, text: str, name: str = "people.csv") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def store_hash(workspace: Workspace) -> str:
    return hashlib.sha256((workspace.home / "data" / "crm.db").read_bytes()).hexdigest()


def test_a_file_is_imported_and_the_receipt_told_on_standard_error(workspace: Workspace, tmp_path: Path) -> None:
    done = workspace.crm("import", "contact", file(tmp_path, GOOD))
    assert (done.code, done.out) == (0, "")
    assert "2 created, 0 updated, 0 unchanged, 0 rejected" in done.err
    again = workspace.crm("import", "contact", file(tmp_path, GOOD))
    assert "0 created, 0 updated, 2 unchanged" in again.err
    assert "job 1 already" in again.err


def test_programs_get_the_receipt_as_json(workspace: Workspace, tmp_path: Path) -> None:
    receipt = json.loads(workspace.crm("import", "contact", file(tmp_path, GOOD), "-o", "json").out)
    assert (receipt["job"], receipt["created"], receipt["mapping"]["Email"]) == (1, 2, "emails")
    shown = json.loads(workspace.crm("import", "show", "1", "-o", "json").out)
    assert shown["receipt"]["created"] == 2
    (listed,) = json.loads(workspace.crm("import", "list", "-o", "json").out)
    assert (listed["job"], listed["rows"], listed["undone"]) == (1, 2, False)


def test_bad_rows_go_to_the_rejects_file(workspace: Workspace, tmp_path: Path) -> None:
    rejects = tmp_path / "bad.csv"
    done = workspace.crm("import", "contact", file(tmp_path, BAD), "--rejects", str(rejects))
    assert done.code == 6
    assert str(rejects) in done.err
    (row,) = csv.DictReader(io.StringIO(rejects.read_text(encoding="utf-8")))
    assert (row["Name"], row["_line"]) == ("Carla Bo", "4")
    assert row["_error"].startswith("Email:")
    assert rejects.stat().st_mode & 0o077 == 0


def test_rejects_do_not_take_the_place_of_the_file_they_come_from(workspace: Workspace, tmp_path: Path) -> None:
    path, link = file(tmp_path, BAD), tmp_path / "link.csv"
    link.symlink_to(path)
    for name in (path, str(link)):
        said = workspace.refused(2, "import", "contact", name, "--rejects", path)
        assert said == f"crm: --rejects: {path} is imported itself\n  hint: name another file\n"
    assert Path(path).read_text(encoding="utf-8") == BAD


def test_long_lists_of_columns_are_cut(workspace: Workspace, tmp_path: Path) -> None:
    extra = ",".join(f"x{number}" for number in range(100))
    done = workspace.crm("import", "contact", file(tmp_path, f"Name,{extra}\nAnna Rossi{',1' * 100}\n"))
    assert "columns not used: x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11 and 88 more\n" in done.err
    done = workspace.crm("import", "contact", file(tmp_path, f"Name{',Name' * 99}\nAnna Rossi{',1' * 99}\n", "b.csv"))
    assert done.err.count("a second column 'Name'") == 12
    assert "b.csv: so are 87 more columns" in done.err


def test_a_notice_names_the_file_once(workspace: Workspace, tmp_path: Path) -> None:
    path = file(tmp_path, "Name,Name\nAnna Rossi,1\n")
    assert workspace.crm("import", "contact", path).err.startswith(f"{path}: a second column 'Name' is called")


@pytest.mark.parametrize(("amounts", "told"), [("x", "1 row was rejected"), ("x\nC,y", "2 rows were rejected")])
def test_rejected_rows_are_counted_in_words(workspace: Workspace, tmp_path: Path, amounts: str, told: str) -> None:
    file = tmp_path / "orgs.csv"
    file.write_text(f"Name,Employees\nA,{amounts}\n", encoding="utf-8")
    assert told in workspace.crm("import", "org", str(file)).err


@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]])
def test_a_folder_for_rejects_that_is_not_there_is_a_slip(
    workspace: Workspace, tmp_path: Path, dry_run: list[str]
) -> None:
    people, missing = file(tmp_path, BAD), tmp_path / "my reports"
    said = workspace.refused(2, "import", "contact", people, "--rejects", str(missing / "bad.csv"), *dry_run)
    assert f"there is no folder {missing}" in said
    assert f"hint: mkdir -p '{missing}'" in said
    assert "there is no folder" in workspace.refused(2, "import", "auto", people, "--rejects", str(missing), *dry_run)
    assert not missing.exists()


def test_by_default_rejects_lie_in_the_state_folder(workspace: Workspace, tmp_path: Path) -> None:
    workspace.crm("import", "contact", file(tmp_path, BAD))
    (rejects,) = (workspace.home / "state" / "imports").iterdir()
    assert rejects.name == "20260318T110000-people.rejects.csv"
    done = workspace.crm("import", "contact", file(tmp_path, BAD.replace("\n", "\n\n", 1)))
    another = rejects.with_name("20260318T110000-people-2.rejects.csv")
    assert str(another) in done.err, "of two imports in one second neither loses its rejected rows"
    assert rejects.read_text(encoding="utf-8") != another.read_text(encoding="utf-8")


def test_rejects_that_cannot_be_written_stop_the_import_which_says_so(workspace: Workspace, tmp_path: Path) -> None:
    before = store_hash(workspace)
    said = workspace.refused(1, "import", "contact", file(tmp_path, BAD), "--rejects", "/dev/full")
    assert "No space left on device; nothing was imported" in said
    assert store_hash(workspace) == before


def test_strict_rows_write_nothing(workspace: Workspace, tmp_path: Path) -> None:
    before = store_hash(workspace)
    done = workspace.crm("import", "contact", file(tmp_path, BAD), "--strict-rows")
    assert done.code == 4
    assert "line 4" in done.err
    assert store_hash(workspace) == before


def test_a_dry_run_shows_the_mapping_and_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    before = store_hash(workspace)
    done = workspace.crm("import", "contact", file(tmp_path, BAD), "--dry-run")
    assert done.code == 6
    assert "Dry run: nothing was saved" in done.err
    assert "such as Anna Rossi" in done.err
    assert store_hash(workspace) == before
    assert not (workspace.home / "state" / "imports").exists()


def test_standard_input_is_read_for_a_dash(workspace: Workspace) -> None:
    text = HEADER + "Anna Rossi,anna@example.com,Acme\n"
    done = crm(workspace.home, "import", "contact", "-", "--create", stdin=text)
    assert done.returncode == 0, done.stderr
    assert workspace.crm("contact", "list", "-o", "csv", "--columns", "name,organization").out.splitlines()[1] == (
        "Anna Rossi,Acme"
    )


def test_columns_can_be_named(workspace: Workspace, tmp_path: Path) -> None:
    path = file(tmp_path, "Wer,Wo\nAnna Rossi,Milano\n")
    assert workspace.crm("import", "contact", path, "--map", "Wer=full_name", "--map", "Wo=city").code == 0
    assert json.loads(workspace.crm("contact", "show", "C1", "-o", "json").out)["city"] == "Milano"
    wrong = workspace.crm("import", "contact", path, "--map", "Wer")
    assert wrong.code == 2
    assert "COLUMN=FIELD" in wrong.err


def test_days_that_can_be_read_two_ways_need_a_format(workspace: Workspace, tmp_path: Path) -> None:
    path = file(tmp_path, "Name,Create Date\nAnna Rossi,03/04/2026\n")
    done = workspace.crm("import", "contact", path)
    assert done.code == 2
    assert "--date-format" in done.err
    assert workspace.crm("import", "contact", path, "--date-format", "DD/MM/YYYY").code == 0


def test_an_import_is_taken_back_by_its_number(workspace: Workspace, tmp_path: Path) -> None:
    empty = workspace.crm("export", "all").out
    workspace.crm("import", "contact", file(tmp_path, GOOD))
    assert workspace.crm("import", "undo", "1").code == 2, "off a terminal --yes is needed"
    assert workspace.crm("import", "undo", "1", "--yes").code == 0
    assert workspace.crm("export", "all").out == empty
    assert workspace.crm("import", "undo", "1", "--yes").code == 4
    assert workspace.crm("import", "undo", "7", "--yes").code == 3


def test_a_later_change_stops_the_undo_unless_forced(workspace: Workspace, tmp_path: Path) -> None:
    workspace.crm("import", "contact", file(tmp_path, GOOD))
    workspace.crm("contact", "edit", "C1", "--set", "job_title=CEO")
    done = workspace.crm("import", "undo", "1", "--yes")
    assert done.code == 5
    assert "C1 Job title is now 'CEO', not empty\n" in done.err
    workspace.ok("contact", "edit", "C1", "--add-email", "further@example.com")
    assert "C1 E-mails was changed" in workspace.refused(5, "import", "undo", "1", "--yes")
    assert workspace.crm("import", "undo", "1", "--yes", "--force").code == 0


def test_vendor_files_are_recognised_ordered_and_linked(workspace: Workspace, tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    file(exports, "Record ID,Company Name,Company Domain Name\n1,Acme,acme.example\n", "z.csv")
    people = "Record ID,First Name,Lifecycle Stage,Associated Company Domain\n7,Anna,Lead,acme.example\n"
    file(exports, people, "a.csv")
    receipts = json.loads(workspace.crm("import", "auto", str(exports), "-o", "json").out)
    assert [(one["entity"], one["created"], one["links"]) for one in receipts] == [
        ("organization", 1, 0),
        ("contact", 1, 1),
    ]
    history = json.loads(workspace.crm("history", "-o", "json").out)
    assert history[0]["command"] == f"crm import auto {exports} -o …"
    unknown = workspace.crm("import", "auto", file(tmp_path, "Colour\nred\n", "colours.csv"))
    assert unknown.code == 2
    assert "not recognised" in unknown.err


def test_presets_can_be_looked_at(workspace: Workspace) -> None:
    names = [row["name"] for row in json.loads(workspace.crm("import", "preset", "list", "-o", "json").out)]
    assert {"generic", "hubspot", "salesforce", "pipedrive", "linkedin"} <= set(names)
    rows = json.loads(workspace.crm("import", "preset", "show", "hubspot", "-o", "json").out)
    assert {"file": "deals", "record": "deal", "field": "stage", "columns": ["deal stage"]} in rows
    assert workspace.crm("import", "preset", "show", "hubspt").code == 2


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [("UTC", "T00:00:00Z"), ("Europe/Rome", "T22:00:00Z"), ("America/New_York", "T04:00:00Z")],
)
def test_a_day_of_a_file_is_the_day_that_is_typed(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str, midnight: str
) -> None:
    monkeypatch.setenv("CRMCLI_TIMEZONE", zone)
    text = "Deal Name,Stage,Company,Create Date,Close Date\nBig,Won,Acme,2025-01-10,2025-07-01\n"
    workspace.ok("import", "deal", file(tmp_path, text), "--create")
    workspace.ok("deal", "add", "Small", "--org", "O1")
    workspace.ok("deal", "win", "D2", "--on", "2025-07-01")
    imported, typed = workspace.json("deal", "list", "--columns", "closed_at,age_days")
    assert imported["closed_at"] == typed["closed_at"]
    assert imported["closed_at"].endswith(midnight)
    assert imported["age_days"] == 172
    found = {entry["key"]: entry["value"] for entry in workspace.json("report", "kpi", "--period", "2025")["kpis"]}
    assert (found["deals_won"], found["cycle_days_mean"]) == (2, 172)


def test_a_file_that_cannot_be_read_is_told_with_what_to_do(workspace: Workspace, tmp_path: Path) -> None:
    file(tmp_path, GOOD)
    said = workspace.refused(3, "import", "contact", str(tmp_path / "poeple.csv"))
    assert "no file" in said
    assert "did you mean people.csv?" in said
    assert f"hint: crm import auto {tmp_path}" in workspace.refused(2, "import", "contact", str(tmp_path))
    assert "hint: ls /" in workspace.refused(3, "import", "auto", "/no/such/folder")
    assert "is empty" in workspace.refused(4, "import", "contact", file(tmp_path, "", "empty.csv"))


def test_a_format_that_no_receipt_has_stops_before_anything_is_read(workspace: Workspace, tmp_path: Path) -> None:
    assert "the formats are table, json" in workspace.refused(2, "import", "contact", file(tmp_path, GOOD), "-o", "csv")


@pytest.mark.parametrize("name", ["crm.db", "crm.db-wal", "crm.db.lock"])
def test_rejects_and_exports_never_take_the_place_of_the_store(workspace: Workspace, tmp_path: Path, name: str) -> None:
    link = tmp_path / "innocent.csv"
    link.symlink_to(workspace.home / "data" / name)
    for path in (workspace.home / "data" / name, link):
        said = workspace.refused(2, "import", "contact", file(tmp_path, BAD), "--rejects", str(path))
        assert said == f"crm: --rejects: {path} belongs to the store\n  hint: name another file\n"
        assert "--to: " in workspace.refused(2, "export", "contact", "--to", str(path))


def test_a_repeated_import_answers_with_the_first_receipt(workspace: Workspace, tmp_path: Path) -> None:
    for words in (("contact", file(tmp_path, BAD)), ("contact", file(tmp_path, HEADER, "none.csv"))):
        command = ("import", *words, "-o", "json", "--idempotency-key", words[1])
        first, again = workspace.crm(*command), workspace.crm(*command)
        assert "this was done before, under the same key" in again.err
        assert (again.code, json.loads(again.out)) == (first.code, json.loads(first.out))
    assert workspace.ok("contact", "list", "-o", "ids") == "C1\nC2"


def test_a_workbook_is_read_as_it_is_meant(workspace: Workspace, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Deals of March", None, None, None, None],
        ["Name", "Organization", "Amount", "Probability", "Expected close"],
        ["Order", "Acme", 1.234, 0.25, date(2026, 4, 1)],
        ["Offer", "Acme", 5.678, 0.4, datetime(2026, 4, 2, 12, 30)],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:E1")
    sheet["D3"].number_format = sheet["D4"].number_format = "0 %"
    book.save(tmp_path / "deals.xlsx")
    workspace.ok("field", "add", "deal", "litres", "--type", "decimal")
    workspace.ok("import", "deal", str(tmp_path / "deals.xlsx"), "--map", "Amount=litres", "--create")
    deals = workspace.json("deal", "list", "--columns", "name,probability,expected_close,custom.litres")
    assert [(one["name"], one["probability"], one["expected_close"], one["custom"]) for one in deals] == [
        ("Order", 25, "2026-04-01", {"litres": 1.234}),
        ("Offer", 40, "2026-04-02", {"litres": 5.678}),
    ]


RULES = """\
schema = 1
[[rule]]
id = "always"
on = ["lead.created"]
imports = true
do = [{ action = "tag", add = ["new"] }]
[[rule]]
id = "by-hand"
on = ["lead.created"]
do = [{ action = "tag", add = ["typed"] }]
[[rule]]
id = "guard"
on = ["lead.created"]
imports = true
when = "city = Milano"
do = [{ action = "refuse", message = "not from there" }]
"""


def test_complaint_8_the_receipt_counts_what_rules_did_and_says_that_some_did_not_act(workspace: Workspace) -> None:
    folder = workspace.home / "config" / "rules"
    folder.mkdir(exist_ok=True)
    (folder / "leads.toml").write_text(RULES)
    load_files.cache_clear()
    file = workspace.home / "leads.csv"
    file.write_text("name,city\nAnna Rossi,Roma\nBruno Neri,Milano\nCarla Verdi,Roma\n")
    told = workspace.crm("import", "lead", str(file), "--dry-run").err
    assert "  rules ran: always 2 times\n  1 rule does not act on imports; --with-rules lets all act\n" in told
    receipt = json.loads(workspace.crm("import", "lead", str(file), "--with-rules", "-o", "json").out)
    assert (receipt["rules"], receipt["rules_left_out"]) == ({"always": 2, "by-hand": 2}, 0)


def test_a_command_on_many_records_says_how_often_each_rule_ran(workspace: Workspace) -> None:
    file = workspace.home / "leads.csv"
    file.write_text("name\n" + "".join(f"Lead {number}\n" for number in range(30)))
    workspace.ok("import", "lead", str(file))
    folder = workspace.home / "config" / "rules"
    folder.mkdir(exist_ok=True)
    (folder / "leads.toml").write_text(RULES.replace('["lead.created"]', '["lead.updated"]\nwatch = ["city"]'))
    load_files.cache_clear()
    told = workspace.crm("lead", "edit", "--where", "name ~ lead", "--set", "city=Roma", "--yes").err
    assert told.endswith("rule always ran 30 times\nrule by-hand ran 30 times\n")
