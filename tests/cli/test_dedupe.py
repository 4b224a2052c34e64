import csv
import io
from pathlib import Path

from tests.cli.workspace import Workspace


def pair(workspace: Workspace) -> None:
    workspace.ok("contact", "add", "Anna Rossi", "--email", "anna@example.com")
    workspace.ok("contact", "add", "Anna Rossi", "--email", "ANNA@example.com", "--title", "CTO", "--allow-duplicate")


def test_scan_lists_pairs_with_scores_and_reasons(workspace: Workspace) -> None:
    pair(workspace)
    workspace.ok("org", "add", "Acme")
    (found,) = workspace.json("dedupe", "scan", "contact")
    assert found["reasons"][0] == "e-mail anna@example.com"
    assert (found["score"], found["certainty"], found["ref"], found["other_ref"]) == (100, "strong", "C1", "C2")
    assert workspace.json("dedupe", "scan") == [found]
    assert workspace.ok("dedupe", "scan", "-o", "ids") == "C1\nC2"
    (row,) = csv.DictReader(io.StringIO(workspace.ok("dedupe", "scan", "-o", "csv")))
    assert (row["ref"], row["other_name"]) == ("C1", "Anna Rossi")
    assert workspace.json("dedupe", "scan", "org") == []
    assert workspace.crm("dedupe", "scan", "org", "--exit-code").code == 1
    assert "not searched for duplicates" in workspace.refused(2, "dedupe", "scan", "deal")
    assert "--min-score" in workspace.refused(2, "dedupe", "scan", "--min-score", "many")


def test_pairs_are_ignored_listed_and_taken_up_again(workspace: Workspace) -> None:
    pair(workspace)
    before = workspace.ok("export", "all")
    assert workspace.ok("dedupe", "ignore", "C2", "C1") == "C2\nC1"
    assert workspace.json("dedupe", "scan") == []
    assert workspace.ok("dedupe", "ignored") == "C1\tAnna Rossi\tC2\tAnna Rossi"
    assert [row["ref"] for row in workspace.json("contact", "show", "C2")["distinct_from"]] == ["C1"]
    workspace.ok("undo", "--yes")
    assert workspace.ok("export", "all") == before
    workspace.ok("redo", "--yes")
    workspace.ok("dedupe", "unignore", "C1", "C2")
    assert len(workspace.json("dedupe", "scan")) == 1
    assert "no ignored pair" in workspace.refused(3, "dedupe", "unignore", "C1", "C2")
    assert "are one record" in workspace.refused(2, "dedupe", "ignore", "C1", "c1")


def test_8e_the_ref_of_a_merged_record_shows_the_survivor(workspace: Workspace) -> None:
    pair(workspace)
    assert workspace.ok("dedupe", "merge", "C1", "C2") == "C1"
    done = workspace.crm("contact", "show", "C2", "-o", "json")
    assert done.code == 0
    assert '"ref": "C1"' in done.out
    assert done.err == "C2 was merged into C1\n"
    assert [row["ref"] for row in workspace.json("contact", "list")] == ["C1"]
    again = workspace.crm("dedupe", "merge", "C1", "C2")
    assert (again.code, again.out) == (2, "")


def test_8h_merge_and_undo_leave_the_same_export(workspace: Workspace) -> None:
    pair(workspace)
    workspace.ok("deal", "add", "Spring", "--contact", "C2")
    before = workspace.ok("export", "all")
    workspace.ok("contact", "merge", "C1", "C2")
    assert workspace.json("deal", "show", "D1")["contact_ref"] == "C1"
    workspace.ok("undo", "--yes")
    assert workspace.ok("export", "all") == before


def test_8j_later_merges_go_on_from_the_survivor(workspace: Workspace) -> None:
    pair(workspace)
    workspace.ok("contact", "add", "A. Rossi")
    workspace.ok("contact", "merge", "C1", "C2")
    assert workspace.ok("contact", "merge", "C2", "C3") == "C1"
    assert workspace.ok("contact", "list", "-o", "ids") == "C1"
    assert workspace.json("contact", "show", "C3")["ref"] == "C1"


def test_8d_an_import_finds_the_survivor(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "hubspot.csv"
    file.write_text(
        "Record ID,First Name,Last Name,Email,Job Title\n901,Anna,Rossi,anna@example.com,CTO\n", encoding="utf-8"
    )
    workspace.ok("contact", "add", "Annamaria Rossi")
    workspace.ok("import", "contact", str(file), "--preset", "hubspot")
    workspace.ok("contact", "merge", "C1", "C2")
    file.write_text(
        "Record ID,First Name,Last Name,Email,Job Title\n901,Anna,Rossi,anna@example.com,CEO\n", encoding="utf-8"
    )
    receipt = workspace.json("import", "contact", str(file), "--preset", "hubspot", "--update")
    assert (receipt["created"], receipt["updated"]) == (0, 1)
    assert [(row["ref"], row["job_title"]) for row in workspace.json("contact", "list")] == [("C1", "CEO")]


def test_what_is_lost_is_told_and_take_decides(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme", "--industry", "steel")
    workspace.ok("org", "add", "ACME", "--industry", "shops", "--set", "annual_revenue=5000")
    preview = workspace.crm("org", "merge", "O1", "O2", "--dry-run", "-o", "json")
    assert '"action": "merged"' in preview.out
    assert workspace.json("org", "list")[0]["annual_revenue"] is None
    done = workspace.crm("org", "merge", "O1", "O2")
    assert "O1 has Industry 'steel'; O2 had 'shops'" in done.err
    workspace.ok("undo", "--yes")
    workspace.ok("org", "merge", "O1", "O2", "--take", "industry=O2")
    assert workspace.json("org", "show", "O2")["industry"] == "shops"


def test_auto_keeps_the_fullest(workspace: Workspace) -> None:
    pair(workspace)
    assert workspace.ok("dedupe", "merge", "C1", "C2", "--auto") == "C2"
    assert workspace.json("contact", "show", "C1")["ref"] == "C2"


def test_conflicts_and_mistakes_change_nothing(workspace: Workspace) -> None:
    pair(workspace)
    workspace.ok("lead", "add", "Anna Rossi")
    workspace.ok("org", "add", "Acme")
    workspace.ok("deal", "add", "One", "--org", "O1", "--amount", "100")
    workspace.ok("deal", "add", "One", "--org", "O1", "--amount", "200")
    assert "amount (D1 100.00, D2 200.00)" in workspace.refused(5, "dedupe", "merge", "D1", "D2")
    for verb in ("merge", "ignore"):
        assert "several kinds are never one" in workspace.refused(4, "dedupe", verb, "C1", "L1")
    assert "FIELD=REF" in workspace.refused(2, "dedupe", "merge", "C1", "C2", "--take", "email")
    assert "no contact 'C9'" in workspace.refused(3, "contact", "merge", "C1", "C9")
    assert workspace.ok("dedupe", "merge", "D1", "D2", "--take", "amount=D2") == "D1"


def test_a_merge_under_a_key_is_done_once(workspace: Workspace) -> None:
    pair(workspace)
    for _ in range(2):
        assert workspace.ok("dedupe", "merge", "C1", "C2", "--idempotency-key", "k1") == "C1"


def test_completeness_leads_to_the_records(workspace: Workspace) -> None:
    pair(workspace)
    assert workspace.ok("report", "completeness", "contact", "-o", "ids") == "C1\nC2"
    assert "Incomplete contacts (2)" in workspace.ok("report", "completeness", "contact", "-o", "table")
    (part,) = workspace.json("report", "completeness", "contact")["entities"]
    assert [row["missing"] for row in part["fields"] if row["field"] == "email"] == [0]
    assert workspace.crm("report", "completeness", "lead", "--exit-code").code == 1
    assert "no key fields" in workspace.refused(2, "report", "completeness", "task")
