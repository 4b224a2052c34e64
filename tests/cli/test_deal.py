import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def deal(workspace: Workspace) -> Workspace:
    """One organization and its deal D1 of 12,000 EUR."""
    workspace.ok("org", "add", "Acme", "--domain", "acme.example.com")
    workspace.ok("deal", "add", "Spring order", "--org", "acme.example.com", "--amount", "12k")
    return workspace


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


def test_a_weekday_of_closing_is_the_last_one(deal: Workspace) -> None:
    assert deal.json("deal", "win", "D1", "--on", "monday")["closed_at"] == "2026-03-15T23:00:00Z"


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
    assert screen.splitlines()[0] == "amount read as 1.5"
    _, screen = deal.at_terminal("deal", "add", "Two", "--org", "O1", "--amount", "1,500", "--expected-close", "eom")
    assert screen.splitlines() == [
        "amount read as 1,500",
        "expected close Tue 31 Mar 2026",
        "Created deal D3  Two · Acme",
    ]
