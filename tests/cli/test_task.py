import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def task(workspace: Workspace) -> str:
    """A task for a contact, due tomorrow at nine."""
    workspace.ok("contact", "add", "Anna Rossi")
    return workspace.ok("task", "add", "Call Anna", "--for", "C1", "--due", "tomorrow 9am", "--priority", "high")


def test_add_links_records_and_reads_the_date(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("contact", "add", "Anna Rossi")
    task = workspace.json("task", "add", "Call Anna", "--for", "C1", "--for", "O1", "--due", "tomorrow 9am")
    assert (task["ref"], task["assignee"], task["due_at"]) == ("T1", "anna", "2026-03-19T08:00:00Z")
    assert [(link["ref"], link["is_main"]) for link in task["links"]] == [("C1", True), ("O1", False)]


def test_a_day_stays_a_day(workspace: Workspace) -> None:
    assert workspace.json("task", "add", "Write", "--due", "2026-03-20")["due_at"] == "2026-03-20"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["Call", "--for", "C9"], 3, "no record 'C9'"),
        (["Call", "--due", "someday"], 2, "someday"),
        (["Call", "--priority", "hihg"], 2, "did you mean high"),
        (["Call", "--start-on", "2026-03-22", "--due", "2026-03-20"], 4, "start_on"),
        ([], 2, "SUBJECT"),
    ],
)
def test_add_refuses(workspace: Workspace, words: list[str], code: int, said: str) -> None:
    assert said in workspace.refused(code, "task", "add", *words)


def test_edit_adds_and_takes_links(workspace: Workspace, task: str) -> None:
    workspace.ok("org", "add", "Acme")
    linked = workspace.json("task", "edit", task, "--add-for", "O1")
    assert [link["ref"] for link in linked["links"]] == ["C1", "O1"]
    linked = workspace.json("task", "edit", task, "--rm-for", "C1")
    assert [(link["ref"], link["is_main"]) for link in linked["links"]] == [("O1", True)]


def test_due_lists_overdue_first_and_is_silent_otherwise(workspace: Workspace, task: str) -> None:
    assert workspace.crm("task", "due") == (0, "", "")
    assert workspace.crm("task", "due", "--exit-code").code == 1
    workspace.ok("task", "add", "Late", "--due", "2026-03-17")
    workspace.ok("task", "add", "Today", "--due", "today")
    assert [line.split("\t")[0] for line in workspace.ok("task", "due").splitlines()] == ["T2", "T3"]
    week = workspace.json("task", "due", "--within", "7d", "--owner", "me")
    assert [(row["ref"], row["is_overdue"]) for row in week] == [("T2", True), ("T3", False), (task, False)]
    assert workspace.crm("task", "due", "--exit-code").code == 0


def test_due_on_a_terminal_says_nothing_when_nothing_is_due(workspace: Workspace) -> None:
    assert workspace.at_terminal("task", "due") == (0, "")


def test_due_wants_a_length_of_time(workspace: Workspace) -> None:
    assert "--within" in workspace.refused(2, "task", "due", "--within", "soon")


def test_done_keeps_the_note_and_says_when_it_was_done_already(workspace: Workspace, task: str) -> None:
    done = workspace.json("task", "done", task, "--note", "Wants a call in May")
    assert (done["status"], done["result"]) == ("done", "Wants a call in May")
    assert done["completed_at"] == "2026-03-18T11:00:00Z"
    again = workspace.crm("task", "done", task)
    assert (again.code, again.out) == (0, f"{task}\n")
    assert "done already" in again.err


def test_done_at_another_time(workspace: Workspace, task: str) -> None:
    assert workspace.json("task", "done", task, "--at", "today 9:00")["completed_at"] == "2026-03-18T08:00:00Z"
    assert "future" in workspace.refused(4, "task", "done", workspace.ok("task", "add", "X"), "--at", "2026-04-01")


@pytest.mark.parametrize(
    ("words", "due"),
    [
        (["+3d"], "2026-03-22T08:00:00Z"),
        (["--until", "+1w"], "2026-03-26T08:00:00Z"),
        (["--until", "2026-04-07"], "2026-04-07"),
        ([], "2026-03-20T08:00:00Z"),
    ],
)
def test_snooze(workspace: Workspace, task: str, words: list[str], due: str) -> None:
    assert workspace.json("task", "snooze", task, *words)["due_at"] == due


def test_a_person_is_told_until_when(workspace: Workspace, task: str) -> None:
    assert "due Thu 26 Mar 2026 09:00 Europe/Rome" in workspace.at_terminal("task", "snooze", "T1", "+1w")[1]
    workspace.ok("task", "add", "Write")
    screen = workspace.at_terminal("task", "snooze", "T1", "T2", "+3d")[1]
    assert "T1 due Sun 29 Mar 2026 09:00 Europe/Rome" in screen
    assert "T2 due Sat 21 Mar 2026" in screen


def test_open_tasks_are_found_by_the_word(workspace: Workspace, task: str) -> None:
    workspace.ok("task", "add", "Write")
    workspace.ok("task", "done", "T2")
    assert [row["ref"] for row in workspace.json("task", "list", "--where", "open and assignee = anna")] == ["T1"]
    assert [row["ref"] for row in workspace.json("task", "list", "--where", "open = no")] == ["T2"]
    assert "write `status = done`" in workspace.refused(2, "task", "list", "--where", "done")
    assert "write `outcome = open`" in workspace.refused(2, "deal", "list", "--where", "open")


def test_several_tasks_are_one_step_read_from_standard_input_too(workspace: Workspace, task: str) -> None:
    workspace.ok("task", "add", "Write")
    assert workspace.ok("task", "done", "-", stdin=f"{task}\nT2\n").split() == [task, "T2"]
    workspace.ok("undo", "--yes")
    assert [row["status"] for row in workspace.json("task", "list")] == ["todo", "todo"]


def test_cancel_and_what_is_over_cannot_wait(workspace: Workspace, task: str) -> None:
    assert workspace.json("task", "cancel", task, "--note", "Not needed")["status"] == "cancelled"
    assert "cannot wait" in workspace.refused(4, "task", "snooze", task)


@pytest.mark.parametrize("verb", ["done", "snooze", "cancel"])
def test_verbs_know_only_tasks_that_are_there(workspace: Workspace, verb: str) -> None:
    assert "no task 'T9'" in workspace.refused(3, "task", verb, "T9")


@pytest.mark.parametrize("verb", ["done", "snooze", "cancel", "rm"])
def test_dry_run_changes_nothing(workspace: Workspace, task: str, verb: str) -> None:
    before = workspace.state()
    done = workspace.crm("task", verb, task, "--dry-run")
    assert done.code == 0
    assert "Dry run: nothing was saved" in done.err
    assert task in done.out
    assert workspace.state() == before


def test_a_person_is_told_in_a_line(workspace: Workspace, task: str) -> None:
    code, screen = workspace.at_terminal("task", "done", task)
    assert (code, screen) == (0, f"Done with task {task}  Call Anna\n")
    code, screen = workspace.at_terminal("task", "add", "Call Bruno", "--due", "monday 9:00")
    assert screen == "due Mon 23 Mar 2026 09:00 Europe/Rome\nCreated task T2  Call Bruno\n"


def test_the_journal_keeps_no_words_of_people(workspace: Workspace, task: str) -> None:
    workspace.ok("task", "done", task, "--note", "Secret")
    assert "Secret" not in workspace.ok("history")


@pytest.mark.parametrize("words", [["tomorrow"], ["2026-03-19"], ["--until", "tomorrow"]])
def test_the_last_word_may_be_the_time(workspace: Workspace, words: list[str]) -> None:
    for subject in ("Call", "Write"):
        workspace.ok("task", "add", subject)
    assert workspace.ok("task", "snooze", "T1", "Write", *words).split() == ["T1", "T2"]
    assert [row["due_at"] for row in workspace.json("task", "list")] == ["2026-03-19", "2026-03-19"]
