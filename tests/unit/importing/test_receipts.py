import csv
import json
import stat
from pathlib import Path

import pytest

from crmcli.errors import CrmError
from crmcli.importing.receipts import GrowingRejects, Receipt, RejectsFile, counted, described
from crmcli.importing.rows import Draft, Prepared, Rejected, read_rows

from .conftest import ROME, Preparer, drafts

TEXT = "Last Name,Email,Note\nRossi,anna@example.com,\nNeri,nobody,=1+1\nBlu,b@example.com,x,surplus\n"


def write_rejects(built: Prepared, path: Path) -> RejectsFile:
    with RejectsFile(path, built.mapping.header) as rejects:
        for row in read_rows(built):
            if isinstance(row, Rejected):
                rejects.add(row)
    return rejects


def test_rejected_rows_keep_their_columns(prepared: Preparer, tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    assert write_rejects(prepared(TEXT, "contact"), path).count == 2
    header, first, second = csv.reader(path.read_text().splitlines())
    assert header == ["Last Name", "Email", "Note", "_line", "_error"]
    assert first[:4] == ["Neri", "nobody", "'=1+1", "3"]
    assert first[4].startswith("Email: 'nobody'")
    assert (second[3], second[5:]) == ("4", ["surplus"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_mended_rejects_file_can_be_imported_as_it_is(prepared: Preparer, tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    original = prepared(TEXT.replace(",surplus", ""), "contact")
    write_rejects(original, path)
    built = prepared(path.read_text().replace("nobody", "neri@example.com", 1), "contact")
    [draft] = drafts(built)
    assert draft.values["description"] == "=1+1"
    assert built.mapping.ignored == ()
    again = tmp_path / "again.csv"
    write_rejects(prepared(path.read_text(), "contact"), again)
    assert again.read_text().splitlines()[0] == path.read_text().splitlines()[0]


def test_the_line_a_row_stands_on_names_it_and_stays_its_own(prepared: Preparer, tmp_path: Path) -> None:
    options = ROME._replace(maps={"_line": "last_name", "Line": "department"})
    built = prepared("Email,Line\na@example.com,1\nnobody,2\nb@example.com,3,4\n", "contact", options)
    [draft, _, _] = read_rows(built)
    assert isinstance(draft, Draft)
    assert (draft.values["last_name"], draft.values["department"]) == ("2", "1")
    path = tmp_path / "rejects.csv"
    write_rejects(built, path)
    header, first, second = csv.reader(path.read_text().splitlines())
    assert header == ["Email", "Line", "_line", "_error"]
    assert (first[:3], second[:3], second[4:]) == (["nobody", "2", "3"], ["b@example.com", "3", "4"], ["4"])
    mended = path.read_text().replace("nobody", "n@example.com").replace(",4\n", "\n")
    assert [draft.values["last_name"] for draft in drafts(prepared(mended, "contact", options))] == ["3", "4"]


def test_no_rejects_no_file(prepared: Preparer, tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    write_rejects(prepared("Last Name\nRossi\n", "contact"), path)
    assert not path.exists()


def test_a_rejects_file_that_nobody_named_lies_beside_those_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "20260318T080400-rows.rejects.csv"
    written = []
    for number in range(3):
        with RejectsFile(path, ["Name"], beside=True) as rejects:
            rejects.add(Rejected(2, [f"Anna {number}"], "no"))
        written.append(rejects.path)
    assert [one.name for one in written] == [path.name, *(path.name.replace(".r", f"-{n}.r") for n in (2, 3))]
    assert [one.read_text().splitlines()[1] for one in written] == [f"Anna {number},2,no" for number in range(3)]


def test_a_failed_import_leaves_no_rejects_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(CrmError), RejectsFile(tmp_path / "a.rejects.csv", ["Name"], beside=True) as rejects:
        rejects.add(Rejected(2, ["Anna"], "no"))
        raise CrmError("disk full")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_import_leaves_the_old_rejects(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    path.write_text("old")
    with pytest.raises(CrmError), RejectsFile(path, ["Name"]) as rejects:
        rejects.add(Rejected(2, ["x"], "bad"))
        raise CrmError("cut off")
    assert path.read_text() == "old"


def test_who_may_not_go_on_with_an_import_leaves_its_rejects_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.rejects.csv"
    with RejectsFile(path, ["Name"]) as before:
        before.add(Rejected(2, ["Anna"], "no"))
    with GrowingRejects(path, ["Name"], 1) as winner:
        winner.add(Rejected(3, ["Bruno"], "no"))
        with GrowingRejects(path, ["Name"], 1):
            pass  # is told that the import goes on elsewhere
        winner.add(Rejected(4, ["Carla"], "no"))
    assert path.read_text().splitlines()[1:] == ["Anna,2,no", "Bruno,3,no", "Carla,4,no"]


def test_rejects_of_a_part_that_is_not_in_go(tmp_path: Path) -> None:
    path = tmp_path / "a.rejects.csv"
    with RejectsFile(path, ["Name"]) as before:
        before.add(Rejected(2, ["Anna"], "no"))
        before.add(Rejected(3, ["Bruno"], "no"))
    with GrowingRejects(path, ["Name"], 1) as rejects:
        rejects.sync()
    assert path.read_text().splitlines()[1:] == ["Anna,2,no"]


def test_a_receipt_is_plain_data(prepared: Preparer) -> None:
    built = prepared(TEXT, "contact")
    receipt = Receipt(
        **described(built),
        job=1,
        rows=3,
        created=1,
        updated=0,
        unchanged=0,
        rejected=2,
        skipped=0,
        links=0,
        on_the_way={"organization": 2},
        warnings=counted(["b", "a", "a"]),
        rejects_file="rejects.csv",
        seconds=0.12345,
    )
    shown = json.loads(json.dumps(receipt.as_json()))
    assert shown["mapping"] == {"Last Name": "last_name", "Email": "emails", "Note": "description"}
    assert shown["samples"]["Email"] == "anna@example.com"
    assert (shown["encoding"], shown["delimiter"], shown["header_line"]) == ("utf-8", ",", 1)
    assert list(shown["warnings"].items()) == [("a", 2), ("b", 1)]
    assert shown["seconds"] == 0.123
