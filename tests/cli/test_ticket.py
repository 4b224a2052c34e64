import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def ticket(workspace: Workspace) -> str:
    workspace.ok("contact", "add", "Anna Rossi")
    return workspace.ok(
        "ticket", "open", "Cannot log in", "--contact", "C1", "--priority", "high", "--channel", "phone"
    )


def bodies(workspace: Workspace, ticket: str) -> list[tuple[str, str]]:
    comments = workspace.json("ticket", "show", ticket)["comments"]
    return [(comment["visibility"], comment["body"]) for comment in comments]


def test_open(workspace: Workspace) -> None:
    workspace.ok("contact", "add", "Anna Rossi")
    opened = workspace.json("ticket", "open", "Cannot log in", "--contact", "C1", "--priority", "high")
    assert (opened["ref"], opened["status"], opened["priority"], opened["contact_ref"]) == ("K1", "new", "high", "C1")
    assert opened["number"]


@pytest.mark.parametrize(
    ("words", "status", "visibility"), [([], "open", "public"), (["--internal"], "new", "internal")]
)
def test_open_with_a_comment(workspace: Workspace, words: list[str], status: str, visibility: str) -> None:
    opened = workspace.json("ticket", "open", "Cannot log in", "--comment", "We look", *words)
    assert opened["status"] == status
    assert bodies(workspace, "K1") == [(visibility, "We look")]


def test_reply_note_and_the_customers_answer(workspace: Workspace, ticket: str) -> None:
    answered = workspace.json("ticket", "reply", ticket, "Please try again")
    assert (answered["status"], answered["first_response_at"]) == ("open", "2026-03-18T11:00:00Z")
    assert workspace.ok("ticket", "note", ticket, "Same cause as before") == ticket
    workspace.ok("ticket", "edit", ticket, "--set", "status=waiting_customer")
    assert workspace.json("ticket", "reply", ticket, "Still fails", "--by-contact")["status"] == "open"
    assert [visibility for visibility, _ in bodies(workspace, ticket)] == ["public", "internal", "public"]


def test_a_machine_answers_nobody(workspace: Workspace, ticket: str) -> None:
    assert workspace.json("ticket", "reply", ticket, "We got your mail", "--automatic")["status"] == "new"


def test_assign(workspace: Workspace, ticket: str) -> None:
    assert workspace.json("ticket", "assign", ticket, "--to", "me")["assignee"] == "anna"
    assert workspace.json("ticket", "assign", ticket, "--nobody")["assignee"] is None
    assert "--to" in workspace.refused(2, "ticket", "assign", ticket)
    assert "no user" in workspace.refused(3, "ticket", "assign", ticket, "--to", "bruno")


def test_resolve_reopen_close(workspace: Workspace, ticket: str) -> None:
    resolved = workspace.json("ticket", "resolve", ticket, "--code", "fixed", "--note", "Reset")
    assert (resolved["status"], resolved["resolution_code"], resolved["resolution"]) == ("resolved", "fixed", "Reset")
    reopened = workspace.json("ticket", "reopen", ticket, "--note", "Fails again")
    assert (reopened["status"], reopened["reopened_count"]) == ("open", 1)
    closed = workspace.json("ticket", "close", ticket, "--code", "answered")
    assert (closed["status"], closed["closed_at"]) == ("closed", "2026-03-18T11:00:00Z")
    assert "it is closed" in workspace.refused(4, "ticket", "reopen", ticket)


def test_a_reply_on_a_closed_ticket_opens_the_next(workspace: Workspace, ticket: str) -> None:
    workspace.ok("ticket", "close", ticket, "--code", "fixed")
    done = workspace.crm("ticket", "reply", ticket, "Again!", "--by-contact")
    assert (done.code, done.out) == (0, "K2\n")
    assert "follow-up ticket K2" in done.err


def test_a_duplicate_names_the_other(workspace: Workspace, ticket: str) -> None:
    workspace.ok("ticket", "open", "Cannot get in")
    assert "duplicate" in workspace.refused(4, "ticket", "resolve", "K2", "--code", "duplicate")
    twin = workspace.json("ticket", "resolve", "K2", "--code", "duplicate", "--duplicate-of", ticket)
    assert twin["duplicate_of_ref"] == ticket


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["resolve", "K1"], 2, "--code"),
        (["resolve", "K1", "--code", "fixd"], 2, "no resolution code 'fixd'"),
        (["close", "K1"], 4, "resolution_code"),
        (["edit", "K1", "--set", "status=closed"], 4, "status"),
        (["reply", "K9", "Hello"], 3, "no ticket 'K9'"),
        (["open", "Help", "--contact", "C9"], 3, "no contact 'C9'"),
    ],
)
def test_what_is_refused(workspace: Workspace, ticket: str, words: list[str], code: int, said: str) -> None:
    assert said in workspace.refused(code, "ticket", *words)


def test_list_and_rm(workspace: Workspace, ticket: str) -> None:
    assert workspace.ok("ticket", "list", "-o", "ids", "--where", "priority = high and is_open") == ticket
    assert "Say so with --yes" in workspace.refused(2, "ticket", "rm", ticket)
    assert workspace.ok("ticket", "rm", ticket, "--yes") == ticket
    assert workspace.ok("ticket", "list") == ""


def test_a_removed_ticket_takes_its_comments_out_of_sight(workspace: Workspace) -> None:
    workspace.ok("ticket", "open", "Broken", "--comment", "It does not start")
    before = workspace.ok("export", "all")
    workspace.ok("ticket", "rm", "K1", "--yes")
    assert workspace.ok("check") == ""
    workspace.ok("undo", "--yes")
    assert workspace.ok("export", "all") == before
