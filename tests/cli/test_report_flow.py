"""``crm report``: what the reports on the flow of leads and deals are asked, and what they refuse."""

import csv
import io

import pytest

from crmcli import clock
from crmcli.services import deals
from tests.cli.test_report import add_deal
from tests.cli.workspace import Workspace
from tests.services.world import Store


@pytest.fixture
def store(workspace: Workspace) -> Store:
    """A store with two deals lost, one won and one open."""
    store = Store(workspace.home / "data" / "crm.db")
    store.add("organization", name="Acme")
    deals.win(store.context(), [add_deal(store, "Fair")])
    deals.lose(store.context(), [add_deal(store, "Roof")], "price")
    deals.lose(store.context(), [add_deal(store, "Spam")], "junk")
    deals.move(store.context(), [add_deal(store, "Shop")], "quote_sent")
    return store


def test_losses_for_some_reasons_do_not_count(workspace: Workspace, store: Store) -> None:
    done = workspace.crm("report", "win-rate", "--exclude-reason", "junk,duplicate", "-o", "csv")
    (row,) = list(csv.DictReader(io.StringIO(done.out)))[:1]
    assert (row["win_rate"], row["won"], row["lost"]) == ("0.5", "1", "1")
    assert "1 left out: lost for junk, duplicate" in done.err
    assert "Basis: Won / (won + lost), both closed" in done.err
    found = workspace.json("report", "win-rate", "--cohort", "created")
    assert [row["ref"] for row in found["open deals"]] == ["D4"]


def test_the_stages_that_deals_passed_are_read_from_what_commands_did(workspace: Workspace, store: Store) -> None:
    rows = {row["stage"]: row for row in workspace.json("report", "stage-conversion")["stages"]}
    assert (rows["Potential"]["entered"], rows["Potential"]["further"], rows["Potential"]["pending"]) == (4, 2, 0)
    assert rows["Quote sent"]["pending"] == 1
    assert workspace.json("report", "time-in-stage")["totals"][0]["value"] == 4


def test_a_past_quarter_stays_as_it_was(workspace: Workspace, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reopening and losing a deal later changes nothing of what was known then."""
    before = workspace.json("report", "stage-conversion", "--period", "2026-Q1", "--as-of", "2026-03-31")["stages"]
    monkeypatch.setenv("CRMCLI_NOW", "2026-04-20T12:00:00+02:00")
    clock.fix(None)  # which the command before had put back to the moment it was asked about
    deals.reopen(store.context(), 1)
    deals.lose(store.context(), [1], "price")
    for name in ("stage-conversion", "win-rate", "win-loss", "lost-reasons", "funnel", "time-in-stage"):
        workspace.ok("report", name, "--period", "2026-Q1", "--as-of", "2026-03-31", "-o", "json")
    then = ("--period", "2026-Q1", "--as-of", "2026-03-31")
    assert workspace.json("report", "stage-conversion", *then)["stages"] == before
    (rate, *_) = workspace.json("report", "win-rate", *then)["totals"]
    assert (rate["numerator"], rate["denominator"]) == (1, 3)
    (now, *_) = workspace.json("report", "win-rate", "--period", "2026")["totals"]
    assert (now["numerator"], now["denominator"]) == (0, 3)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["win-rate", "--cohort", "creatd"], "did you mean created"),
        (["win-rate", "--exclude-reason", "jnk"], "did you mean junk"),
        (["cycle-length", "--from", "sqll"], "did you mean sql"),
        (["lead-conversion", "--cohort", "closed"], "outcome or created"),
        (["lead-response", "--target", "soon"], "--target"),
        (["lead-response", "--target", "0h"], "--target"),
        (["mql-to-sql", "--within", "0"], "--within"),
        (["score-quality", "--width", "0"], "--width"),
        (["due-contact", "ticket"], "ticket has no cadence"),
        (["stale", "org"], "does not stand still"),
        (["funnel", "--by", "stage"], "stage"),
    ],
)
def test_mistakes_are_told(workspace: Workspace, arguments: list[str], told: str) -> None:
    assert told in workspace.refused(2, "report", *arguments)


def test_a_funnel_on_a_narrow_screen_names_its_basis(workspace: Workspace, store: Store) -> None:
    screen = workspace.ok("report", "funnel", "-o", "table")
    assert "Basis" in screen
    assert "not of the same people" in " ".join(screen.split())
    assert "Leads created" in screen


def test_compared_with_the_quarter_before(workspace: Workspace, store: Store) -> None:
    document = workspace.json("report", "win-loss", "--compare", "previous")
    assert document["compared_with"]["period"]["label"] == "2025-Q4"
