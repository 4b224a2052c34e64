"""``crm import``: receipts, rejects, exit codes, and what is told to people and to programs."""

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(("amounts", "told"), [("x", "1 row was rejected"), ("x\nC,y", "2 rows were rejected")])
def test_rejected_rows_are_counted_in_words(workspace: Workspace, tmp_path: Path, amounts: str, told: str) -> None:
    file = tmp_path / "orgs.csv"
    file.write_text(f"Name,Employees\nA,{amounts}\n", encoding="utf-8")
    assert told in workspace.crm("import", "org", str(file)).err


def test_by_default_rejects_lie_in_the_state_folder(workspace: Workspace, tmp_path: Path) -> None:
    workspace.crm("import", "contact", file(tmp_path, BAD))
    (rejects,) = (workspace.home / "state" / "imports").iterdir()
    assert rejects.name == "20260318T110000-people.rejects.csv"


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
    assert "C1" in done.err
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
    assert names == ["generic", "hubspot", "salesforce"]
    rows = json.loads(workspace.crm("import", "preset", "show", "hubspot", "-o", "json").out)
    assert {"file": "deals", "record": "deal", "field": "stage", "columns": ["deal stage"]} in rows
    assert workspace.crm("import", "preset", "show", "hubspt").code == 2
