"""Every writing verb of these nouns is one step, and undo takes exactly that step back."""

import shlex

import pytest

from tests.cli.workspace import Workspace

WRITES = [
    'lead add "Bruno Bianchi" --company Brown --email bruno@example.com --tag new --set budget=3k',
    "lead edit L1 --rating hot --add-tag it --unset company_name",
    "lead edit --where 'rating is empty' --set source=website --yes",
    "lead qualify L1",
    "lead lose L1 --reason price",
    "lead convert L1 --amount 5k",
    "lead rm L1 --yes",
    "org add Brown --domain brown.example.com",
    "org edit O1 --city Rome --add-phone '02 1234567'",
    "org rm O1 --yes --cascade",
    "contact add Carla --org 'New Company' --create",
    "contact edit C1 --org 'New Company' --create --title CEO",
    "contact rm C1 --yes",
    "dedupe merge L1 L2 --take job_title=L2",
    "dedupe ignore L1 L2",
    "deal add Second --org O1 --contact C1 --amount 5k --probability 30",
    "deal move D1 quote_sent --note 'As agreed'",
    "deal win D1 --on yesterday",
    "deal lose D1 --reason other --note 'Closed'",
    "deal edit D1 --expected-close eom --tag big",
    "deal rm D1 --yes",
    "tag add L1 D1 C1 vip,fresh",
    "tag rm L1 vip",
    "pipeline add Partners --stage Contacted:40 --default",
    "pipeline edit sales --add-stage Demo --probability 30",
    "pipeline edit sales --stage negotiation --probability 45",
    "pipeline edit sales --name 'Direct sales'",
    "field add deal region --type enum --option north --option south",
    "field edit lead.budget --label 'Budget of the year'",
    "field rm lead.budget --yes",
    "view save hot --on lead --where 'rating = hot'",
    "view save all --on lead --sort -name",
    "view rm all --yes",
    "user add bruno --name 'Bruno Bianchi'",
    "user edit anna --email anna@example.com",
]


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    """One record of each kind, and a second lead that looks like the first."""

    def make() -> None:
        for line in (
            "field add lead budget --type money",
            "lead add 'Anna Rossi' --company Acme --email anna@acme.example --tag vip --set budget=3k",
            "lead add 'Anna Rossi' --title CTO",
            "contact add 'Dario Neri' --org Steelworks --create --email dario@steel.example",
            "deal add 'Spring order' --org O1 --contact C1 --amount 12k",
            "view save all --on lead",
        ):
            workspace.ok(*shlex.split(line))

    return workspace.once(make)


@pytest.mark.parametrize("line", WRITES)
def test_undo_and_redo_are_exact(filled: Workspace, line: str) -> None:
    before = filled.ok("export", "all")
    filled.ok(*shlex.split(line))
    after = filled.ok("export", "all")
    assert after != before
    filled.ok("undo", "--yes")
    assert filled.ok("export", "all") == before
    filled.ok("redo", "--yes")
    assert filled.ok("export", "all") == after


@pytest.mark.parametrize("line", WRITES)
def test_a_dry_run_shows_and_changes_nothing(filled: Workspace, line: str) -> None:
    before = filled.state()
    done = filled.crm(*shlex.split(line), "--dry-run")
    assert done.code == 0, done.err
    assert "Dry run: nothing was saved" in done.err.splitlines()
    assert done.out
    assert filled.json(*shlex.split(line), "--dry-run")["changes"]
    assert filled.state() == before
