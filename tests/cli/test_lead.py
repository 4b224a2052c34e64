import json

import pytest

from tests.cli.workspace import Workspace


def add(workspace: Workspace, *words: str) -> str:
    return workspace.ok("lead", "add", *words)


def test_add_answers_with_the_bare_ref(workspace: Workspace) -> None:
    done = workspace.crm("lead", "add", "Anna Rossi", "--company", "Acme", "--email", "anna@example.com")
    assert (done.code, done.out, done.err) == (0, "L1\n", "")


def test_add_takes_options_assignments_and_repeated_values(workspace: Workspace) -> None:
    lead = workspace.json(
        "lead", "add", "Anna Rossi", "--email", "a@example.com", "--email", "b@example.org", "--tag", "vip",
        "--expected-amount", "12k", "--set", "employees=40", "--set", "do_not_call=yes", "--owner", "me",
    )  # fmt: skip
    assert lead["ref"] == "L1"
    assert lead["emails"] == ["a@example.com", "b@example.org"]
    assert (lead["expected_amount"], lead["currency"]) == (12000, "EUR")
    assert (lead["employees"], lead["do_not_call"], lead["tags"], lead["owner"]) == (40, True, ["vip"], "anna")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["X", "--rating", "hott"], 2, "did you mean hot"),
        (["X", "--set", "employees=many"], 2, "'many' is not a whole number"),
        (["X", "--set", "emploees=4"], 2, "did you mean employees?"),
        (["X", "--set", "converted_at=today"], 2, "not set by hand"),
        (["X", "--set", "employees"], 2, "--set takes KEY=VALUE"),
        (["X", "--expected-amount", "1.234"], 2, "can be read two ways"),
        (["X", "--owner", "bruno"], 3, "no user 'bruno'"),
        (["X", "--email", "anna@"], 2, "anna@"),
        ([], 4, "it needs a name, a company, an e-mail or a phone"),
        (["Anna", "--email", "taken@example.com"], 5, "L1 Taken has e-mail taken@example.com already"),
    ],
)
def test_add_refuses(workspace: Workspace, words: list[str], code: int, said: str) -> None:
    add(workspace, "Taken", "--email", "taken@example.com")
    assert said in workspace.refused(code, "lead", "add", *words)


@pytest.mark.parametrize("output", ["table", "json", "jsonl", "csv", "tsv", "ids", "md"])
def test_the_answer_comes_in_every_format(workspace: Workspace, output: str) -> None:
    assert "L1" in workspace.ok("lead", "add", "Anna Rossi", "-o", output)
    assert "L1" in workspace.ok("lead", "edit", "L1", "--rating", "hot", "-o", output)


def test_an_unknown_format_is_told_before_anything_is_written(workspace: Workspace) -> None:
    assert "the formats are" in workspace.refused(2, "lead", "add", "Anna", "-o", "yaml")


def test_a_duplicate_is_added_when_that_is_wanted(workspace: Workspace) -> None:
    add(workspace, "Anna", "--email", "anna@example.com")
    assert add(workspace, "Anna", "--email", "ANNA@example.com", "--allow-duplicate") == "L2"


def test_qualify_and_lose(workspace: Workspace) -> None:
    add(workspace, "Anna")
    assert workspace.json("lead", "qualify", "L1")["status"] == "qualified"
    assert "required" in workspace.refused(4, "lead", "lose", "L1")
    lost = workspace.json("lead", "lose", "L1", "--reason", "price", "--why", "asked twice")
    assert (lost["status"], lost["lost_reason"]) == ("unqualified", "price")


def test_convert_answers_with_what_the_lead_became(workspace: Workspace) -> None:
    add(workspace, "Anna Rossi", "--company", "Acme", "--email", "anna@acme.example", "--expected-amount", "12k")
    assert workspace.ok("lead", "convert", "L1", "--deal", "Spring order") == "C1\nO1\nD1"
    deal = workspace.json("deal", "show", "D1")
    assert (deal["name"], deal["amount"], deal["lead_ref"]) == ("Spring order", 12000, "L1")


def test_convert_asks_when_only_names_agree(workspace: Workspace) -> None:
    """Golden case 1.c."""
    workspace.ok("org", "add", "Acme Srl")
    workspace.ok("org", "add", "Acme GmbH")
    add(workspace, "Anna Rossi", "--company", "Acme")
    said = workspace.refused(5, "lead", "convert", "L1")
    assert "O1 Acme Srl" in said
    assert "O2 Acme GmbH" in said
    assert workspace.ok("lead", "convert", "L1", "--org", "O2", "--deal", "none") == "C1\nO2"


def test_on_a_terminal_one_says_whom_the_lead_is_about(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme Srl")
    workspace.ok("org", "add", "Acme GmbH")
    add(workspace, "Anna Rossi", "--company", "Acme")
    assert workspace.at_terminal("lead", "convert", "L1", typed="\n")[0] == 5
    code, screen = workspace.at_terminal("lead", "convert", "L1", typed="2\n")
    assert code == 0
    assert "  2  O2  Acme GmbH" in screen
    assert "  3  new  another one" in screen
    assert workspace.json("lead", "show", "L1")["converted_organization_ref"] == "O2"


def test_a_lead_is_converted_once(workspace: Workspace) -> None:
    """Golden case 1.f."""
    add(workspace, "Anna Rossi", "--company", "Acme")
    workspace.ok("lead", "convert", "L1")
    assert "converted already, into C1, O1, D1" in workspace.refused(4, "lead", "convert", "L1")


def test_unconvert(workspace: Workspace) -> None:
    add(workspace, "Anna Rossi", "--company", "Acme")
    workspace.ok("lead", "convert", "L1")
    assert workspace.json("lead", "unconvert", "L1")["status"] == "new"
    assert workspace.ok("deal", "list") == ""


def test_unconvert_is_a_step_of_its_own(workspace: Workspace) -> None:
    add(workspace, "Anna Rossi", "--company", "Acme")
    workspace.ok("lead", "convert", "L1")
    converted = workspace.ok("export", "all")
    workspace.ok("lead", "unconvert", "L1")
    single = workspace.ok("export", "all")
    workspace.ok("undo", "--yes")
    assert workspace.ok("export", "all") == converted
    workspace.ok("redo", "--yes")
    assert workspace.ok("export", "all") == single
    workspace.ok("undo", "3", "--yes")
    assert json.loads(workspace.ok("lead", "list", "-o", "json")) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--contact", "none"], "makes or finds a contact"),
        (["--activities", "copy"], "--activities takes move or link"),
        (["--amount", "lots"], "amount"),
        (["--close", "someday"], "close:"),
    ],
)
def test_convert_refuses_words_it_does_not_know(workspace: Workspace, words: list[str], said: str) -> None:
    add(workspace, "Anna Rossi")
    assert said in workspace.refused(2, "lead", "convert", "L1", *words)


def test_a_dry_run_of_a_conversion_writes_nothing(workspace: Workspace) -> None:
    add(workspace, "Anna Rossi", "--company", "Acme")
    before = workspace.state()
    done = workspace.crm("lead", "convert", "L1", "--dry-run")
    assert done.code == 0
    assert "Dry run: nothing was saved" in done.err
    assert "+ C1  Anna Rossi  created" in done.out
    assert workspace.state() == before


def test_only_an_address_that_is_there_is_taken_away(workspace: Workspace) -> None:
    add(workspace, "Anna", "--email", "anna@example.com", "--email", "a@example.org", "--phone", "06 12345678")
    add(workspace, "Bruno")
    said = workspace.refused(3, "lead", "edit", "L1", "--rm-email", "ana@example.com")
    assert "no email 'ana@example.com'" in said
    assert "there is anna@example.com, a@example.org" in said
    assert "there is 06 12345678" in workspace.refused(3, "lead", "edit", "L1", "--rm-phone", "06 87654321")
    assert "there is no phone" in workspace.refused(3, "lead", "edit", "L2", "--rm-phone", "06 12345678")
    workspace.ok("lead", "edit", "L1", "L2", "--rm-email", "ANNA@example.com", "--rm-phone", "+39 0612345678")
    lead = workspace.json("lead", "show", "L1")
    assert (lead["emails"], lead["phones"]) == (["a@example.org"], [])


def test_a_name_is_set_and_emptied_like_any_field(workspace: Workspace) -> None:
    add(workspace, "Anna")
    assert workspace.json("lead", "edit", "L1", "--set", "name=Anna Rossi")["last_name"] == "Rossi"
    said = workspace.refused(4, "lead", "edit", "L1", "--unset", "name")
    assert "it needs a name, a company, an e-mail or a phone" in said
    workspace.ok("lead", "edit", "L1", "--company", "Acme", "--unset", "name")
    assert workspace.json("lead", "show", "L1")["name"] == "Acme"


@pytest.mark.parametrize(("noun", "key"), [("deal", "name"), ("deal", "stage"), ("deal", "pipeline"),
                                           ("deal", "currency"), ("lead", "status"), ("lead", "currency")])  # fmt: skip
def test_what_a_record_needs_is_not_emptied(workspace: Workspace, noun: str, key: str) -> None:
    add(workspace, "Anna", "--expected-amount", "12k")
    workspace.ok("deal", "add", "Order", "--org", "Acme", "--create", "--amount", "12k")
    assert f"{key}: is required" in workspace.refused(4, noun, "edit", "1", "--unset", key)
