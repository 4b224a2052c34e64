from shlex import split

import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def deal(workspace: Workspace) -> Workspace:
    """One organization and its deal D1 of 12,000 EUR."""

    def make() -> None:
        workspace.ok("org", "add", "Acme", "--domain", "acme.example.com")
        workspace.ok("deal", "add", "Spring order", "--org", "acme.example.com", "--amount", "12k")

    return workspace.once(make)


def test_add_begins_in_the_first_stage(deal: Workspace) -> None:
    found = deal.json("deal", "show", "D1")
    assert (found["stage"], found["pipeline_ref"], found["organization_ref"]) == ("Potential", "sales", "O1")
    assert (found["amount"], found["probability"]) == (12000, 10)


def test_linking_by_name_creates_only_when_told(workspace: Workspace) -> None:
    said = workspace.refused(3, "deal", "add", "Order", "--org", "Nowhere")
    assert "no org 'Nowhere'" in said
    assert "--create" in said
    done = workspace.crm("deal", "add", "Order", "--org", "Nowhere", "--create")
    assert (done.out, done.err) == ("D1\n", "created organization O1  Nowhere\n")
    workspace.ok("undo", "--yes")
    assert workspace.ok("org", "list") == "", "one step, taken back whole"


def test_a_near_name_is_told(deal: Workspace) -> None:
    assert "did you mean Acme (O1)?" in deal.refused(3, "deal", "add", "Order", "--org", "Acmee")


def test_move_says_when_nothing_moves(deal: Workspace) -> None:
    done = deal.crm("deal", "move", "D1", "Proposal", "--note", "They want two options")
    assert (done.code, done.out) == (0, "D1\n")
    assert deal.json("deal", "show", "D1")["stage_ref"] == "quote_sent"
    assert deal.ok("log", "list", "--columns", "subject,body").split() != []
    again = deal.crm("deal", "move", "D1", "quote_sent")
    assert (again.code, again.out) == (0, "D1\n")
    assert "D1 is in Quote sent already" in again.err


def test_a_stage_of_another_pipeline_is_refused(deal: Workspace) -> None:
    """Golden case 2.e."""
    deal.ok("pipeline", "add", "Partners", "--stage", "Contacted:40")
    assert "a stage of the pipeline partners" in deal.refused(4, "deal", "move", "D1", "contacted")
    assert "the stages are potential" in deal.refused(2, "deal", "move", "D1", "nowhere")


def test_losing_needs_a_reason(deal: Workspace) -> None:
    """Golden case 3.a."""
    assert "lost_reason: is required" in deal.refused(4, "deal", "lose", "D1")
    assert "lost_note" in deal.refused(4, "deal", "lose", "D1", "--reason", "other")
    assert "did you mean price" in deal.refused(2, "deal", "lose", "D1", "--reason", "prise")
    lost = deal.json("deal", "lose", "D1", "--reason", "other", "--note", "The plant was closed")
    assert (lost["outcome"], lost["probability"], lost["lost_note"]) == ("lost", 0, "The plant was closed")


def test_moving_to_a_lost_stage_is_losing(deal: Workspace) -> None:
    assert "lost_reason" in deal.refused(4, "deal", "move", "D1", "lost")
    assert deal.json("deal", "move", "D1", "lost", "--reason", "price")["outcome"] == "lost"


def test_a_won_deal_is_read_only_until_it_is_reopened(deal: Workspace) -> None:
    """Golden case 3.f."""
    won = deal.json("deal", "win", "D1", "--on", "2026-03-02")
    assert (won["outcome"], won["probability"], won["closed_at"]) == ("won", 100, "2026-03-01T23:00:00Z")
    assert "closed deal" in deal.refused(4, "deal", "edit", "D1", "--probability", "30")
    reopened = deal.json("deal", "reopen", "D1", "--probability", "30")
    assert (reopened["outcome"], reopened["probability"], reopened["closed_at"]) == ("open", 30, None)
    assert "it is open" in deal.refused(4, "deal", "reopen", "D1")


@pytest.mark.parametrize("option", ["--at", "--on"])
@pytest.mark.parametrize(
    "words", [["win", "D1"], ["lose", "D1", "--reason", "price"], ["move", "D1", "won"],
              ["move", "D1", "lost", "--reason", "price"]]
)  # fmt: skip
def test_the_moment_of_closing_can_be_told(deal: Workspace, words: list[str], option: str) -> None:
    deal.ok("deal", *words, option, "2026-03-17")
    assert deal.json("deal", "show", "D1")["closed_at"] == "2026-03-16T23:00:00Z"


def test_a_weekday_of_closing_is_the_last_one(deal: Workspace) -> None:
    assert deal.json("deal", "win", "D1", "--on", "monday")["closed_at"] == "2026-03-15T23:00:00Z"


def test_a_deal_entered_after_it_was_won_has_no_negative_age(deal: Workspace) -> None:
    done = deal.crm("deal", "win", "D1", "--on", "2026-03-16")
    assert (done.code, done.out) == (0, "D1\n")
    assert "D1 was closed on 2026-03-16, before it was added on 2026-03-18: it has no sales cycle" in done.err
    (row,) = deal.json("deal", "list", "--columns", "age_days,days_in_stage")
    assert (row["age_days"], row["days_in_stage"]) == (0, 0)
    deal.ok("deal", "add", "Autumn order", "--org", "O1")
    assert "no sales cycle" not in deal.crm("deal", "win", "D2", "--on", "2026-03-18").err


def test_age_is_counted_in_local_days(deal: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Added at noon; half an hour after midnight it is a day old, and so it is a minute before the next one."""
    for now, days in (("2026-03-19T00:30+01:00", 1), ("2026-03-19T23:59+01:00", 1), ("2026-04-01T00:00+02:00", 14)):
        monkeypatch.setenv("CRMCLI_NOW", now)
        (row,) = deal.json("deal", "list", "--columns", "age_days,days_in_stage", "--where", f"age_days = {days}")
        assert (row["age_days"], row["days_in_stage"]) == (days, days)


def test_a_stage_is_looked_up_in_the_pipeline_of_the_deal(deal: Workspace) -> None:
    deal.ok("pipeline", "add", "Partners", "--preset", "sales")
    found = deal.json("deal", "add", "Second", "--org", "O1", "--stage", "negotiation", "--pipeline", "partners")
    assert (found["pipeline_ref"], found["stage_ref"]) == ("partners", "negotiation")
    assert deal.json("deal", "edit", "D2", "--stage", "quote_sent")["pipeline_ref"] == "partners"
    assert deal.json("deal", "edit", "D1", "--stage", "quote_sent")["pipeline_ref"] == "sales"
    assert deal.json("deal", "add", "Third", "--org", "O1", "--stage", "negotiation")["pipeline_ref"] == "sales"


@pytest.mark.parametrize(
    "words", ["move D1 quote_sent --note x", "win D1", "edit D1 --tag a", "lose D1 --reason price", "rm D1 --yes"]
)
def test_undo_takes_each_verb_back_whole(deal: Workspace, words: str) -> None:
    before = deal.ok("export", "all")
    deal.ok("deal", *words.split())
    assert deal.ok("export", "all") != before
    deal.ok("undo", "--yes")
    assert deal.ok("export", "all") == before


def test_on_a_terminal_one_friendly_line(deal: Workspace) -> None:
    code, screen = deal.at_terminal("deal", "win", "D1")
    assert (code, screen) == (0, "Won deal D1  Spring order · Acme\n")
    code, screen = deal.at_terminal("deal", "add", "Two", "--org", "O1", "--amount", "1.500", "--expected-close", "eom")
    assert screen.splitlines()[0] == "amount €1.50: '1.500' can be read two ways, 1500 and 1.5 cannot"
    _, screen = deal.at_terminal("deal", "add", "Two", "--org", "O1", "--amount", "1,500", "--expected-close", "eom")
    assert screen.splitlines() == [
        "amount €1,500.00: '1,500' can be read two ways, 1500 and 1.5 cannot",
        "expected close Tue 31 Mar 2026",
        "Created deal D3  Two · Acme",
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("edit D1 --amount 15k", ["amount €15,000.00"]),
        ("edit D1 --amount 15000", []),
        ("edit D1 --set amount=1.234,56", ["amount €1,234.56"]),
        ("edit D1 --amount 15k --currency jpy", ["amount ¥15,000"]),
        ("edit D2 --amount 15k", ["amount $15,000.00"]),
        ("edit D1 D2 --amount 15k", ["amount 15,000"]),
        ("add Two --org O1 --amount '2m kwd'", ["amount KWD 2,000,000.000"]),
    ],
)
def test_on_a_terminal_amounts_are_told_back_with_their_currency(deal: Workspace, words: str, told: list[str]) -> None:
    deal.ok("deal", "add", "American", "--org", "O1", "--amount", "1 USD")
    code, screen = deal.at_terminal("deal", *split(words))
    assert (code, [line for line in screen.splitlines() if line.startswith("amount")]) == (0, told)


def test_an_unclear_amount_off_a_terminal_says_how_to_say_each(deal: Workspace) -> None:
    said = deal.refused(2, "deal", "edit", "D1", "--amount", "1,234")
    assert "amount '1,234' can be read two ways: as 1234, or with decimals as 1.2340" in said
    assert "hint: write 1234; EUR has 2 decimals" in said


@pytest.mark.parametrize(
    ("amount", "currency", "hint"),
    [
        ("2.675", "KWD", "write 2675 or 2.6750"),
        ("2.675", "JPY", "write 2675; JPY has 0 decimals"),
        ("2.675", "USD", "write 2675; USD has 2 decimals"),
        ("2.600", "USD", "write 2600 or 2.6"),
        ("BHD 2,675", "BHD", "write 2675 or 2.6750"),
    ],
)
def test_the_hint_of_an_unclear_amount_knows_its_currency(
    deal: Workspace, amount: str, currency: str, hint: str
) -> None:
    said = deal.refused(2, "deal", "add", "X", "--org", "O1", "--amount", amount, "--currency", currency)
    assert f"hint: {hint}\n" in said
    deal.ok("deal", "add", "Y", "--org", "O1", "--amount", hint.split()[-1 if " or " in hint else 1].strip(";"),
            "--currency", currency)  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ["--amount", "$12", "--currency", "EUR"],
        ["--currency", "usd", "--set", "amount=12 EUR"],
        ["--amount", "$12", "--set", "recurring_amount=€5"],
    ],
)
def test_amounts_of_two_currencies_are_refused(deal: Workspace, words: list[str]) -> None:
    for command in (["add", "X", "--org", "O1"], ["edit", "D1"]):
        assert " contradicts " in deal.refused(2, "deal", *command, *words)
    deal.ok("deal", "edit", "D1", "--amount", "$12", "--currency", "usd")
