"""What files say of consent: bans and withdrawals always count, who agreed only with what it rests on, and a day."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.workspace import Workspace

HEADER = "First name,Last name,Email,Newsletter,Signed up"
ROWS = (
    "Anna,Rossi,anna@example.com,yes,2026-01-05",
    "Luca,Neri,luca@example.com,no,2026-01-07",
    "Rosa,Blu,rosa@example.com,yes,",
    "Pia,Gialli,pia@example.com,unsubscribed,2026-01-08",
)
MAPS = ("--map", "Newsletter=consent.newsletter.email", "--map", "Signed up=consent_at")
BASIS = ("--consent-basis", "consent")


def load(workspace: Workspace, lines: tuple[str, ...], *options: str, noun: str = "contact") -> Any:
    file = Path(workspace.home) / "people.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return workspace.json("import", noun, str(file), *options)


def states(workspace: Workspace, noun: str = "contact") -> list[str]:
    return workspace.ok(noun, "list", "--columns", "consent.newsletter").splitlines()


@pytest.mark.parametrize("noun", ["contact", "lead"])
def test_s16_who_agreed_counts_with_a_basis_and_a_day(workspace: Workspace, noun: str) -> None:
    done = load(workspace, (HEADER, *ROWS), *MAPS, *BASIS, noun=noun)
    assert done["created"] == 4
    assert states(workspace, noun) == ["granted", "none", "none", "withdrawn"]
    assert any("but not when" in warning for warning in done["warnings"])
    columns = "occurred_at,purpose,channel,action,basis,origin"
    assert workspace.ok("consent", "list", "--columns", columns).splitlines() == [
        "2026-01-04T23:00:00Z\tnewsletter\temail\tgrant\tconsent\timport",
        "2026-01-07T23:00:00Z\tnewsletter\temail\twithdraw\t\timport",
    ]


def test_s16_without_a_basis_nobody_has_agreed_and_a_withdrawal_counts_nevertheless(workspace: Workspace) -> None:
    done = load(workspace, (HEADER, *ROWS), *MAPS)
    assert states(workspace) == ["none", "none", "none", "withdrawn"]
    assert any("only with --consent-basis" in warning for warning in done["warnings"])


def test_one_day_for_all_rows_is_told_by_an_option(workspace: Workspace) -> None:
    load(workspace, (HEADER, *ROWS), *MAPS, *BASIS, "--consent-date", "2026-02-01")
    assert states(workspace) == ["granted", "none", "granted", "withdrawn"]
    (rosa,) = (row for row in workspace.json("consent", "list") if row["contact"] == "Rosa Blu")
    assert rosa["occurred_at"] == "2026-01-31T23:00:00Z"


def test_the_same_file_again_adds_nothing_and_undo_takes_all_of_it_back(workspace: Workspace) -> None:
    workspace.ok("contact", "add", "Somebody")
    before = workspace.ok("export", "all")
    load(workspace, (HEADER, *ROWS), *MAPS, *BASIS)
    ledger = workspace.ok("consent", "list")
    assert load(workspace, (HEADER, *ROWS), *MAPS, *BASIS)["created"] == 0
    assert load(workspace, (HEADER, *ROWS), *MAPS, *BASIS, "--update", "--delimiter", ",")["updated"] == 0
    assert workspace.ok("consent", "list") == ledger
    workspace.ok("undo", "--yes")
    assert workspace.ok("export", "all") == before


def test_10_c_a_grant_of_before_the_withdrawal_does_not_bring_anybody_back(workspace: Workspace) -> None:
    workspace.ok("contact", "add", "Anna Rossi", "--email", "anna@example.com")
    workspace.ok("consent", "withdraw", "C1", "--purpose", "newsletter", "--at", "2026-03-05")
    done = load(workspace, (HEADER, ROWS[0]), *MAPS, *BASIS, "--update")
    assert done["updated"] == 1
    assert states(workspace) == ["withdrawn"]


def test_10_i_connections_bring_no_consents(workspace: Workspace) -> None:
    examples = Path(__file__).parents[2] / "examples"
    workspace.ok("import", "contact", str(examples / "Connections.csv"), "--create")
    assert workspace.json("consent", "list") == []
    assert int(workspace.ok("contact", "list", "-o", "ids").count("C")) > 0


@pytest.mark.parametrize("header", ["Email Opt Out", "email_opt_out", "EMAIL OPT OUT", "Unsubscribed", "Opted Out"])
def test_s16_an_opt_out_is_a_ban_on_known_records_too(workspace: Workspace, header: str) -> None:
    workspace.ok("contact", "add", "Anna Rossi", "--email", "anna@example.com", "--set", "job_title=CEO")
    lines = (f"First name,Last name,Job title,Email,{header}", "Anna,Rossi,Boss,anna@example.com,yes")
    done = load(workspace, lines)
    assert (done["created"], done["updated"]) == (0, 1)
    shown = workspace.json("contact", "show", "C1")
    assert (shown["do_not_email"], shown["job_title"]) == (True, "CEO"), "the rest is left as it is without --update"
    assert load(workspace, lines)["updated"] == 0


def test_no_import_lifts_a_ban(workspace: Workspace) -> None:
    workspace.ok("contact", "add", "Anna Rossi", "--email", "anna@example.com", "--set", "do_not_email=yes")
    lines = ("First name,Last name,Email,Email Opt Out", "Anna,Rossi,anna@example.com,no")
    load(workspace, lines, "--update")
    assert workspace.json("contact", "show", "C1")["do_not_email"] is True
    workspace.ok("contact", "edit", "C1", "--set", "do_not_email=no")
    assert workspace.json("contact", "show", "C1")["do_not_email"] is False


@pytest.mark.parametrize(
    ("preset", "header", "row", "expected"),
    [
        ("hubspot", "Record ID,Lifecycle Stage,First Name,Email,Unsubscribed from all email",
         "7,lead,Anna,a@example.com,true",
         {"do_not_email": True}),
        ("espocrm", "id,firstName,lastName,emailAddress,emailAddressIsOptedOut,phoneNumberIsOptedOut",
         "7,Anna,Rossi,a@example.com,1,1", {"do_not_email": True, "do_not_call": True}),
        ("suitecrm", "ID,First Name,Last Name,Email Address,Email Opt Out", "7,Anna,Rossi,a@example.com,1",
         {"do_not_email": True}),
        ("pipedrive", "Person - ID,Person - Name,Person - Email,Person - Marketing status",
         "7,Anna,a@example.com,unsubscribed", {"consent.marketing": "withdrawn"}),
        ("pipedrive", "Person - ID,Person - Name,Person - Email,Person - Marketing status",
         "7,Anna,a@example.com,subscribed", {"consent.marketing": "none"}),
        ("pipedrive", "Person - ID,Person - Name,Person - Email,Person - Marketing status",
         "7,Anna,a@example.com,No consent", {"consent.marketing": "none"}),
    ],
)  # fmt: skip
def test_the_columns_of_other_programs(
    workspace: Workspace, preset: str, header: str, row: str, expected: dict[str, Any]
) -> None:
    load(workspace, (header, row), "--preset", preset)
    shown = workspace.json("contact", "show", "C1")
    assert {key: shown[key] for key in expected} == expected


def test_a_day_that_has_not_come_is_told_and_the_row_comes_in(workspace: Workspace) -> None:
    row = "Anna,Rossi,anna@example.com,yes,2027-01-05"
    done = load(workspace, (HEADER, row), *MAPS, *BASIS)
    assert (done["created"], states(workspace)) == (1, ["none"])
    assert any("in the future" in warning for warning in done["warnings"])


def test_a_word_that_says_neither_sets_the_row_aside(workspace: Workspace) -> None:
    file = Path(workspace.home) / "people.csv"
    file.write_text(f"{HEADER}\nAnna,Rossi,anna@example.com,perhaps,2026-01-05\n", encoding="utf-8")
    done = workspace.crm("import", "contact", str(file), *MAPS, *BASIS)
    assert done.code == 6
    assert workspace.json("contact", "list") == []


def test_words_that_mean_nothing(workspace: Workspace) -> None:
    file = Path(workspace.home) / "people.csv"
    file.write_text(f"{HEADER}\n{ROWS[0]}\n", encoding="utf-8")
    words = ["import", "contact", str(file), *MAPS]
    assert "there is no basis 'belief'" in workspace.refused(2, *words, "--consent-basis", "belief")
    assert "by --consent-basis" in workspace.refused(2, *words, "--consent-date", "2026-02-01")
    assert "cannot become" in workspace.refused(2, "import", "contact", str(file), "--map", "Newsletter=consent.news")
    assert "cannot become" in workspace.refused(2, "import", "org", str(file), "--map", "Newsletter=consent.newsletter")
