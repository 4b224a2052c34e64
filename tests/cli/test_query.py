"""Addresses as mutt and aerc ask for them."""

import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def people(workspace: Workspace) -> Workspace:
    def make() -> None:
        workspace.ok("org", "add", "Acme", "--email", "info@acme.example")
        emails = ["--email", "anna@acme.example", "--email", "a.rossi@example.org"]
        workspace.ok("contact", "add", "Anna Rossi", "--org", "Acme", "--job-title", "CTO", *emails)
        workspace.ok("contact", "add", "Bruno Rossi")
        workspace.ok("lead", "add", "Carla Róssi", "--company", "Bar", "--email", "carla@example.com")

    return workspace.once(make)


def lines(workspace: Workspace, *words: str) -> list[list[str]]:
    first, *rest = workspace.ok("query", *words).split("\n")
    assert first == (f"{len(rest)} addresses" if len(rest) != 1 else "1 address")
    return [line.split("\t") for line in rest]


def test_a_name_finds_every_address_people_before_leads(people: Workspace) -> None:
    assert lines(people, "rossi") == [
        ["anna@acme.example", "Anna Rossi", "Acme · CTO"],
        ["a.rossi@example.org", "Anna Rossi", "Acme · CTO"],
        ["carla@example.com", "Carla Róssi", "Bar"],
    ]


def test_a_company_finds_its_people_and_several_words_narrow(people: Workspace) -> None:
    assert [line[0] for line in lines(people, "acme")] == [
        "anna@acme.example", "a.rossi@example.org", "info@acme.example",
    ]  # fmt: skip
    assert {line[1] for line in lines(people, "ROSS acm")} == {"Anna Rossi"}


def test_a_part_of_an_address_is_enough(people: Workspace) -> None:
    assert lines(people, "arla@ex") == [["carla@example.com", "Carla Róssi", "Bar"]]


def test_nobody_is_exit_1_with_the_line_that_says_so(people: Workspace) -> None:
    for words in ("nobody", "rossi nobody", "%", "_", "*", '"', "NEAR(", "a' OR 1=1 --", "\\"):
        assert people.crm("query", words)[:2] == (1, "0 addresses\n"), words


def test_removed_ones_are_not_offered_and_no_mail_is_told(people: Workspace) -> None:
    people.ok("lead", "rm", "L1", "--yes")
    people.ok("contact", "edit", "C1", "--set", "do_not_email=yes")
    assert {line[2] for line in lines(people, "rossi")} == {"wants no e-mail · Acme · CTO"}


def test_names_cannot_forge_a_line_or_act_on_the_terminal(workspace: Workspace) -> None:
    workspace.ok("contact", "add", "--set", "first_name=Eve\tx@evil.example", "--set", "last_name=A\x1b[2J\nB‮",
                 "--email", "eve@example.com")  # fmt: skip
    assert lines(workspace, "eve") == [["eve@example.com", "Eve x@evil.example A\\x1b[2J⏎B\\u202e", ""]]


def test_a_limit(people: Workspace) -> None:
    assert len(lines(people, "rossi", "--limit", "1")) == 1
