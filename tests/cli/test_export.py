import csv
import io
import json
import stat
from pathlib import Path

import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def leads(workspace: Workspace) -> Workspace:
    def make() -> None:
        workspace.ok(
            "lead", "add", "Anna Rossi", "--email", "anna@example.com", "--tag", "vip", "--expected-amount", "12k"
        )
        workspace.ok("lead", "add", "=HYPERLINK(1)", "--rating", "hot")

    return workspace.once(make)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_is_the_default_with_every_column(leads: Workspace) -> None:
    anna, _ = rows(leads.ok("export", "lead"))
    assert (anna["ref"], anna["email"], anna["tags"]) == ("L1", "anna@example.com", "vip")
    assert (anna["expected_amount"], anna["currency"]) == ("12000.00", "EUR")


def test_formulas_are_guarded_unless_raw(leads: Workspace) -> None:
    assert rows(leads.ok("export", "lead"))[1]["name"] == "'=HYPERLINK(1)"
    assert rows(leads.ok("export", "lead", "--raw"))[1]["name"] == "=HYPERLINK(1)"


def test_the_primary_phone_and_e_mail_are_guarded_like_all_of_them(leads: Workspace) -> None:
    leads.ok("lead", "add", "Bruno Bianchi", "--phone", "+39 02 1234567", "--email", "+bruno@example.com")
    bruno = rows(leads.ok("export", "lead"))[2]
    assert (bruno["phone"], bruno["phones"]) == ("+39 02 1234567", "+39 02 1234567")
    assert (bruno["email"], bruno["emails"]) == ("'+bruno@example.com", "'+bruno@example.com")


def test_a_condition_chooses(leads: Workspace) -> None:
    assert [row["ref"] for row in rows(leads.ok("export", "lead", "--where", "rating = hot"))] == ["L2"]
    assert "did you mean" in leads.refused(2, "export", "lead", "--where", "ratng = hot")


def test_custom_fields_have_columns_of_their_own(leads: Workspace) -> None:
    leads.ok("field", "add", "lead", "budget", "--type", "money")
    leads.ok("lead", "edit", "L1", "--set", "budget=500")
    assert rows(leads.ok("export", "lead"))[0]["custom.budget"] == "500.00"
    assert json.loads(leads.ok("export", "lead", "-o", "json"))[0]["custom"] == {"budget": 500}


@pytest.mark.parametrize("name", ["leads.csv", "leads.jsonl", "leads.json"])
def test_a_file_is_private_and_of_the_kind_its_name_says(leads: Workspace, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    assert leads.crm("export", "lead", "--to", str(file)).out == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text(encoding="utf-8")
    assert text.rstrip("\n") == leads.ok("export", "lead", "-o", name.rpartition(".")[2])


def test_what_cannot_be_written(leads: Workspace, tmp_path: Path) -> None:
    assert "did you mean json" in leads.refused(2, "export", "lead", "-o", "jsn")
    assert "cannot write" in leads.refused(1, "export", "lead", "--to", str(tmp_path / "no" / "file.csv"))
    assert leads.refused(2, "export", "all", "-o", "csv")


def test_all_is_one_canonical_document(leads: Workspace, tmp_path: Path) -> None:
    text = leads.ok("export", "all")
    document = json.loads(text)
    assert [lead["id"] for lead in document["lead"]] == [1, 2]
    assert "version" not in document["lead"][0]
    assert leads.ok("export", "all") == text
    leads.ok("export", "all", "--to", str(tmp_path / "all.json"))
    assert (tmp_path / "all.json").read_text(encoding="utf-8").rstrip("\n") == text


def test_all_holds_what_was_removed(leads: Workspace) -> None:
    leads.ok("lead", "rm", "L2", "--yes")
    assert [lead["deleted_at"] is None for lead in json.loads(leads.ok("export", "all"))["lead"]] == [True, False]
    assert len(rows(leads.ok("export", "lead"))) == 1


@pytest.mark.parametrize("noun", ["lead", "org", "contact", "deal", "task", "event", "log", "ticket"])
def test_every_noun_is_exported_even_when_there_is_none(workspace: Workspace, noun: str) -> None:
    assert workspace.ok("export", noun).startswith("ref,")


def test_nothing_in_a_record_is_a_property_of_its_own_in_a_calendar(workspace: Workspace, tmp_path: Path) -> None:
    workspace.ok("event", "add", "Demo\nX-EVIL:1", "--start", "2026-03-20 10:00", "--location", "a\r\nX-EVIL:1")
    for value in ('[1, "soon\\nX-EVIL:1", ["a"], "2026-03-21"]', '{"X-EVIL": 1}'):
        for key in ("exdates", "reminders"):
            workspace.ok("event", "edit", "E1", "--set", f"{key}={value}")
        calendar = workspace.ok("export", "event", "--format", "ics")
        assert "\nX-EVIL" not in calendar
        assert ("EXDATE;VALUE=DATE:20260321" in calendar) == value.startswith("[")
    listed = tmp_path / "events.csv"
    listed.write_text(
        "ref,uid,title,start_at,ical_uid,recurrence_id\n"
        'E9,8b1fd6a4-35a7-4e9c-9d1a-111111111111,X,2026-03-20T10:00:00Z,"a\nX-EVIL:1","soon\nX-EVIL:1"\n',
        encoding="utf-8",
    )
    workspace.ok("import", "event", str(listed))
    assert "\nX-EVIL" not in workspace.ok("export", "event", "--format", "ics")


def test_a_dash_is_standard_output(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    workspace.ok("contact", "add", "Anna Rossi")
    assert workspace.ok("export", "contact", "--to", "-") == workspace.ok("export", "contact")
    assert not list(tmp_path.glob("-"))
