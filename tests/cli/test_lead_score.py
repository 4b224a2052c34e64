"""``crm lead score``: told, added to, reckoned anew."""

from tests.cli.workspace import Workspace

ENTRY = 'schema = 1\n[[score]]\nid = "web"\nname = "Came by the web site"\nwhen = "source = website"\npoints = 20\n'


def put(workspace: Workspace, text: str = ENTRY) -> None:
    folder = workspace.home / "config" / "rules"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scores.toml").write_text(text, encoding="utf-8")
    from crmcli.rules.files import load_files

    load_files.cache_clear()


def test_why_tells_every_line(workspace: Workspace) -> None:
    workspace.ok("lead", "add", "Anna Rossi", "--source", "website", "--set", "score=5")
    put(workspace)
    assert workspace.ok("lead", "score", "--all") == "L1"
    done = workspace.crm("lead", "score", "L1", "--add", "-10", "--note", "no budget")
    assert (done.code, done.out) == (0, "L1\n")
    assert "L1 has 15 points" in done.err
    found = workspace.json("lead", "score", "L1", "--why")
    assert [(row["kind"], row["name"], row["counted"], row["reason"]) for row in found] == [
        ("manual", None, 5, None),
        ("manual", None, -10, "no budget"),
        ("entry", "web", 20, "Came by the web site"),
    ]
    assert workspace.json("lead", "show", "L1")["score"] == 15


def test_since_when_a_line_counts_is_told_in_local_time_and_stays(workspace: Workspace) -> None:
    put(workspace)
    workspace.ok("lead", "add", "Anna Rossi", "--source", "website")
    later = ("--as-of", "2026-04-20T09:00:00+02:00")
    workspace.ok("lead", "edit", "L1", "--set", "job_title=CTO", *later)
    workspace.ok("lead", "score", "L1", *later)
    assert [row["since"] for row in workspace.json("lead", "score", "L1", "--why")] == ["2026-03-18T11:00:00Z"]
    screen = workspace.at_terminal("lead", "score", "L1", "--why", "--no-pager", columns=80)[1]
    assert "web" in screen and "2026-03-18 12:00" in screen


def test_a_dry_run_changes_nothing(workspace: Workspace) -> None:
    workspace.ok("lead", "add", "Anna Rossi", "--source", "website")
    put(workspace)
    before = workspace.state()
    assert "20" in workspace.ok("lead", "score", "L1", "--dry-run")
    assert workspace.state() == before


def test_what_makes_no_sense_is_refused(workspace: Workspace) -> None:
    workspace.ok("lead", "add", "Anna Rossi")
    assert "name leads, or --all" in workspace.refused(2, "lead", "score")
    assert "name leads, or --all" in workspace.refused(2, "lead", "score", "L1", "--all")
    assert "--add takes a whole number" in workspace.refused(2, "lead", "score", "L1", "--add", "1e9")
    assert "leads that are named" in workspace.refused(2, "lead", "score", "--all", "--add", "5")


def test_the_check_of_rules_counts_entries(workspace: Workspace) -> None:
    put(workspace)
    assert "0 rules and 1 score entry, no mistakes" in workspace.crm("rule", "check").err
    put(workspace, ENTRY.replace("website", "webiste"))
    assert "'webiste' is not a value" in workspace.refused(2, "rule", "check")
