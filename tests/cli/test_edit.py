"""Changing and removing records: by options, by a condition, in the editor."""

import json
from pathlib import Path

import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def leads(workspace: Workspace) -> Workspace:
    """Anna (L1, hot, tagged vip), Bruno (L2, cold), Carla (L3)."""

    def make() -> None:
        workspace.ok("lead", "add", "Anna Rossi", "--rating", "hot", "--tag", "vip", "--email", "anna@example.com")
        workspace.ok("lead", "add", "Bruno Bianchi", "--rating", "cold")
        workspace.ok("lead", "add", "Carla Verdi")

    return workspace.once(make)


def editor(folder: Path, script: str) -> dict[str, str]:
    """Return an environment whose editor runs a shell script over the file, as ``$1``."""
    program = folder / "editor"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o700)
    return {"VISUAL": str(program)}


def test_options_replace_add_and_take_away(leads: Workspace) -> None:
    lead = leads.json("lead", "edit", "L1", "--name", "Anna Maria Rossi", "--add-tag", "it", "--rm-tag", "vip",
                      "--add-email", "am@example.org", "--unset", "rating")  # fmt: skip
    assert (lead["first_name"], lead["last_name"], lead["rating"]) == ("Anna Maria", "Rossi", None)
    assert (lead["tags"], lead["emails"]) == (["it"], ["anna@example.com", "am@example.org"])
    assert leads.json("lead", "edit", "L1", "--email", "only@example.org")["emails"] == ["only@example.org"]


def test_several_refs_are_one_step(leads: Workspace) -> None:
    assert leads.ok("lead", "edit", "L1", "bruno bianchi", "--set", "city=Rome") == "L1\nL2"
    leads.ok("undo", "--yes")
    assert leads.ok("lead", "list", "--where", "city = Rome") == ""


def test_refs_come_from_standard_input_when_asked(leads: Workspace) -> None:
    assert leads.ok("lead", "edit", "-", "--set", "city=Rome", stdin="L1\nL3\n\nL1\n") == "L1\nL3"
    assert leads.ok("lead", "list", "--where", "city = Rome", "-o", "ids") == "L1\nL3"


def test_an_unchanged_record_says_so(leads: Workspace) -> None:
    assert leads.ok("lead", "edit", "L1", "--rating", "hot") == "L1"
    assert leads.at_terminal("lead", "edit", "L1", "--rating", "hot")[1] == "Unchanged lead L1  Anna Rossi\n"


def test_a_bulk_edit_needs_yes_off_a_terminal(leads: Workspace) -> None:
    words = ["lead", "edit", "--where", "rating is not empty", "--set", "rating=warm"]
    assert "Change 2 leads? Say so with --yes" in leads.refused(2, *words)
    assert leads.ok(*words, "--yes") == "L1\nL2"
    assert leads.crm(*words, "--where", "city = Rome", "--yes").err == "no leads meet the condition\n"


def test_a_bulk_edit_asks_on_a_terminal(leads: Workspace) -> None:
    words = ["lead", "edit", "--where", "rating is not empty", "--set", "rating=warm"]
    code, screen = leads.at_terminal(*words, typed="n\n")
    assert code == 1
    assert "L1  Anna Rossi" in screen
    assert "nothing was changed" in screen
    code, screen = leads.at_terminal(*words, typed="y\n")
    assert code == 0
    assert "Updated lead L2  Bruno Bianchi" in screen


def test_a_dry_run_shows_the_difference(leads: Workspace) -> None:
    before = leads.state()
    done = leads.crm("lead", "edit", "--where", "rating = cold", "--set", "rating=hot", "--tag", "new", "--dry-run")
    assert (done.code, done.err) == (0, "Dry run: nothing was saved\n")
    assert "~ L2  Bruno Bianchi  updated\n" in done.out
    assert "    Rating  cold → hot\n" in done.out
    shown = leads.json("lead", "edit", "L1", "--rating", "cold", "--dry-run")
    assert shown["dry_run"] is True
    assert shown["changes"][0]["fields"] == [{"field": "rating", "old": "hot", "new": "cold"}]
    assert leads.state() == before


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["edit"], 2, "name the records, or give a condition"),
        (["edit", "L1", "--where", "rating = hot", "--rating", "cold"], 2, "either refs or a condition, not both"),
        (["edit", "L1"], 2, "there is nothing to change"),
        (["edit", "L1", "L9", "--rating", "cold"], 3, "no lead 'L9'"),
        (["edit", "L1", "--set", "raitng=cold"], 2, "did you mean rating?"),
        (["edit", "-", "--rating", "cold"], 0, ""),
        (["rm", "L1"], 2, "Remove 1 lead? Say so with --yes"),
        (["rm", "L9", "--yes"], 3, "no lead 'L9'"),
        (["rm"], 2, "name the records, or give a condition"),
    ],
)
def test_wrong_words_change_nothing(leads: Workspace, words: list[str], code: int, said: str) -> None:
    assert said in leads.refused(code, "lead", *words)


def test_removed_records_are_gone_from_lists_and_come_back(leads: Workspace) -> None:
    before = leads.ok("export", "all")
    assert leads.ok("lead", "rm", "L1", "--yes") == "L1"
    assert "no lead 'L1'" in leads.refused(3, "lead", "show", "L1")
    assert leads.ok("lead", "rm", "--where", "rating is empty", "--yes") == "L3"
    assert leads.ok("lead", "list", "-o", "ids") == "L2"
    leads.ok("undo", "2", "--yes")
    assert leads.ok("export", "all") == before


def test_more_than_a_hundred_need_a_number(workspace: Workspace) -> None:
    words = [f"lead{number}@example.com" for number in range(101)]
    workspace.ok("tag", "add", workspace.ok("lead", "add", "First"), "many")
    for word in words[:100]:
        workspace.ok("lead", "add", "--email", word, "--tag", "many")
    said = workspace.refused(2, "lead", "rm", "--where", "tags has many", "--yes")
    assert "101 records would be deleted" in said
    assert "--max 101" in said
    gone = workspace.at_terminal("lead", "rm", "--where", "tags has many", "--max", "101", "--yes")
    assert gone == (0, "Removed 101 leads\n")


def test_a_company_goes_with_its_deals_only_when_told(workspace: Workspace) -> None:
    workspace.ok("deal", "add", "Order", "--org", "Acme", "--create")
    assert "1 open deal;" in workspace.refused(4, "org", "rm", "O1", "--yes")
    assert workspace.ok("org", "rm", "O1", "--yes", "--cascade") == "O1"
    assert workspace.ok("deal", "list") == ""


def test_the_same_key_gives_the_same_answer(workspace: Workspace) -> None:
    words = ["lead", "add", "Anna", "--idempotency-key", "k1"]
    assert (workspace.ok(*words), workspace.ok(*words)) == ("L1", "L1")
    assert workspace.ok("lead", "list", "-o", "ids") == "L1"
    workspace.ok("undo", "--yes")
    assert workspace.ok(*words) == "L1", "remembered even where the record is gone"
    workspace.ok("redo", "--yes")
    gone = ["lead", "rm", "L1", "--yes", "--idempotency-key", "k2"]
    assert (workspace.ok(*gone), workspace.ok(*gone)) == ("L1", "L1")
    assert "was used for another command" in workspace.refused(5, "lead", "add", "Bruno", "--idempotency-key", "k1")


@pytest.mark.parametrize("output", ["json", "jsonl"])
def test_the_answer_of_a_repeated_command_is_true_when_it_was_taken_back(workspace: Workspace, output: str) -> None:
    words = ["lead", "add", "Anna", "--idempotency-key", "k1", "-o", output]
    first = json.loads(workspace.ok(*words))
    workspace.ok("undo", "--yes")
    done = workspace.crm(*words)
    assert json.loads(done.out) == {"ref": "L1", "id": 1, "uid": first["uid"], "undone": True}
    assert (done.code, "L1 was taken back since" in done.err) == (0, True)
    assert workspace.ok("lead", "list") == "", "nothing is done again"


def test_the_history_keeps_no_words_of_people(leads: Workspace) -> None:
    leads.ok("lead", "edit", "L1", "--name", "Secret Name", "--add-email=secret@example.com", "--set", "city=Rome")
    text = "\n".join(line for line in leads.state() if 'INTO "operation"' in line)
    assert "crm lead edit L1 --name … --add-email=… --set …" in text
    assert "secret@" not in text.lower()


def test_the_editor_changes_what_was_changed(leads: Workspace, tmp_path: Path) -> None:
    changes = ('s/^rating = .*/rating = "warm"/', 's/^tags = .*/tags = ["it"]/', "s/^employees = .*/employees = 40/")
    script = f"""sed -i '{"; ".join(changes)}' "$1" """
    code, screen = leads.at_terminal("lead", "edit", "L1", env=editor(tmp_path, script))
    assert (code, screen) == (0, "Updated lead L1  Anna Rossi\n")
    lead = leads.json("lead", "show", "L1")
    assert (lead["rating"], lead["tags"], lead["employees"], lead["version"]) == ("warm", ["it"], 40, 2)
    assert not list(leads.home.rglob("edit-*"))


def test_a_link_in_the_place_of_the_draft_is_not_followed(leads: Workspace, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine", encoding="utf-8")
    (leads.home / "state").mkdir(exist_ok=True)
    (leads.home / "state" / "edit-L1.toml").symlink_to(precious)
    assert leads.at_terminal("lead", "edit", "L1", env=editor(tmp_path, "true"))[0] == 0
    assert precious.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("script", ["true", ': > "$1"'])
def test_the_editor_without_a_change_writes_nothing(leads: Workspace, tmp_path: Path, script: str) -> None:
    before = leads.state()
    code, screen = leads.at_terminal("lead", "edit", "L1", env=editor(tmp_path, script))
    assert (code, screen, leads.state()) == (0, "nothing changed\n", before)


def test_a_mistake_is_told_on_top_and_the_text_is_kept(leads: Workspace, tmp_path: Path) -> None:
    script = """grep -q '^#!' "$1" && cp "$1" seen && exit; sed -i 's/^rating = .*/rating = "hott"/' "$1" """
    env = editor(tmp_path, script.replace("seen", str(tmp_path / "seen")))
    code, screen = leads.at_terminal("lead", "edit", "L1", env=env)
    assert code == 2
    assert "rating: 'hott' is not one of its values" in screen
    assert "what you wrote is kept in" in screen
    first = (tmp_path / "seen").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("#! rating: 'hott'")
    assert leads.json("lead", "show", "L1")["version"] == 1
    mended = """grep -q '^#!' "$1" && sed -i 's/hott/warm/' "$1" || sed -i 's/^rating = .*/rating = "hott"/' "$1" """
    assert leads.at_terminal("lead", "edit", "L1", env=editor(tmp_path, mended))[0] == 0
    assert leads.json("lead", "show", "L1")["rating"] == "warm"


def test_what_somebody_else_changed_meanwhile_is_a_conflict(leads: Workspace, tmp_path: Path) -> None:
    from tests.command import PROGRAM, environment

    exports = " ".join(f"{k}='{v}'" for k, v in environment(leads.home).items())
    program = PROGRAM.replace("'", "'\\''")
    script = f"""env {exports} python3 -c true; sed -i 's/^rating = .*/rating = "warm"/' "$1"
env {exports} {__import__("sys").executable} -c '{program}' lead edit L1 --city Rome > /dev/null"""
    code, screen = leads.at_terminal("lead", "edit", "L1", env=editor(tmp_path, script))
    assert code == 5, screen
    assert "was changed meanwhile" in screen
    assert "what you wrote is kept in" in screen


def test_an_editor_that_writes_the_same_mistake_again_ends(leads: Workspace, tmp_path: Path) -> None:
    script = """echo 'rating = "scorching"' > "$1" """
    code, screen = leads.at_terminal("lead", "edit", "L1", env=editor(tmp_path, script))
    assert code == 2
    assert "what you wrote is kept in" in screen
