"""``report dashboard`` and ``--html``: panels as the settings say, on one page that needs nothing from elsewhere."""

import json
import re
import shutil
import stat
import subprocess
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from crmcli.services import deals
from tests.cli.workspace import Workspace
from tests.services.world import Store

HOSTILE = "<script>alert(1)</script> & \x1b[31mred"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
def store(workspace: Workspace) -> Store:
    """Two deals won, one of them with a name that is no markup, and an open one."""
    store = Store(workspace.home / "data" / "crm.db")
    store.add("organization", name="Acme")
    for name, amount, source in (("Fair", "300.00", "ads"), (HOSTILE, "100.50", "referral")):
        number = store.add("deal", name=name, organization=1, amount=Decimal(amount), source=source)
        deals.win(store.context(), [number])
    store.add("deal", name="Shop", organization=1, amount=Decimal("50.00"))
    return store


def configure(workspace: Workspace, text: str) -> None:
    """Add to the settings file."""
    path = workspace.home / "config" / "config.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.found.append((tag, dict(attrs)))


def test_the_usual_panels(workspace: Workspace, store: Store) -> None:
    """Each panel is its report's own document."""
    panels = workspace.json("report", "dashboard")["panels"]
    assert [panel["report"] for panel in panels][:2] == ["kpi", "pipeline"]
    by_key = {entry["key"]: entry for entry in panels[0]["kpis"]}
    assert by_key["won_amount"]["value"] == 400.5


def test_panels_of_ones_own(workspace: Workspace, store: Store) -> None:
    """Title, period, grouping and top are those of the panel."""
    configure(workspace, '[[dashboard]]\nreport = "won"\ntitle = "Sources"\nby = "source"\ntop = 1\nperiod = "2026"\n')
    (panel,) = workspace.json("report", "dashboard")["panels"]
    assert (panel["title"], panel["period"]["label"], len(panel["groups"])) == ("Sources", "2026", 1)
    assert "Sources: By source, 2026" in workspace.ok("report", "dashboard", "-o", "table")


def test_each_panel_is_compared_for_itself_and_once(workspace: Workspace, store: Store) -> None:
    """With the period before its own, or what the panel says; one about everything has nothing beside it."""
    configure(workspace, "".join(f"[[dashboard]]\n{panel}\n" for panel in (
        'report = "won"\nby = "source"', 'report = "won"\nperiod = "2025-02"', 'report = "pipeline"\nperiod = "all"',
        'report = "lost"\ncompare = "last-year"',
    )))  # fmt: skip
    asked = ("report", "dashboard", "--period", "2026-Q1", "--compare", "previous")
    document = workspace.json(*asked)
    assert "compared_with" not in document, "each panel tells its own"
    beside = [panel.get("compared_with", {}).get("period", {}).get("label") for panel in document["panels"]]
    assert beside == ["2025-Q4", "2025-01", None, "2025-Q1"]
    screen = workspace.ok(*asked, "-o", "table")
    heads = [line.split() for line in screen.splitlines() if line.split()[:1] in (["Figure"], ["Source"], ["Stage"])]
    assert max(head.count("Before") for head in heads[:1]) == 1
    assert all(head.count("Change") == head.count("Before") <= 2 for head in heads)
    assert not any("Before" in head for head in heads if head[0] == "Stage")
    assert "won: Total, 2026-Q1 beside 2025-Q4" in screen


def test_a_panel_that_cannot_be_made_leaves_the_others_standing(workspace: Workspace, store: Store) -> None:
    """It is told why, by its name."""
    configure(workspace, '[[dashboard]]\nreport = "wonn"\n[[dashboard]]\nreport = "lost"\nwhere = "amount > x"\n'
              '[[dashboard]]\nreport = "pipeline"\n')  # fmt: skip
    done = workspace.crm("report", "dashboard", "-o", "json")
    assert done.code == 0
    assert "wonn: there is no report 'wonn'" in done.err
    assert "lost: " in done.err


def test_a_panel_takes_the_options_of_its_report(workspace: Workspace, store: Store) -> None:
    """As they are called on the command line: words, several of them, whether or not, and the noun."""
    store.add("lead", last_name="Rossi")
    configure(
        workspace,
        """
[[dashboard]]
report = "win-rate"
cohort = "created"
exclude_reason = ["junk", "duplicate,price"]
[[dashboard]]
report = "stale"
noun = "lead"
[[dashboard]]
report = "churn"
revenue = true
[[dashboard]]
report = "cohort"
months = 3
[[dashboard]]
report = "cycle-length"
from = "sql"
all_closed = false
""",
    )
    done = workspace.crm("report", "dashboard", "-o", "json")
    assert (done.code, done.err) == (0, "period 2026-Q1 (2026-01-01..2026-04-01, end excluded), in EUR\n")
    panels = {panel["report"]: panel for panel in json.loads(done.out)["panels"]}
    rate = panels["win-rate"]
    assert rate["excluded_reasons"] == ["junk", "duplicate", "price"]
    assert {entry["key"] for entry in rate["totals"]} >= {"win_rate_created", "cohort_open"}
    assert ("leads" in panels["stale"], "deals" in panels["stale"]) == (True, False)
    assert panels["churn"]["totals"][0]["key"] == "churn_revenue"
    assert panels["cycle-length"]["totals"][0]["key"] == "cycle_days_from_mean"


@pytest.mark.parametrize(
    ("panel", "told", "hint"),
    [
        ('report = "win-rate"\ncohrt = "created"', "the report win-rate takes no 'cohrt'", "did you mean cohort?"),
        ('report = "pipeline"\nperoid = "2026"', "the report pipeline takes no 'peroid'", "did you mean period?"),
        ('report = "pipeline"\nhtml = "x"', "the report pipeline takes no 'html'", ""),
        ('report = "win-rate"\ncohort = "made"', "there is no basis 'made'", "closed or created"),
        ('report = "churn"\nrevenue = "much"', "revenue is true or false, not 'much'", "revenue = true"),
        ('report = "cohort"\nmonths = "many"', "invalid value for '--months': 'many' is", "crm report cohort"),
        ('report = "won"\nkeys = ["win_rate"]', "the report won takes no 'keys'", ""),
        ('report = "stale"\nnoun = "ticket"', "ticket does not stand still", "crm report stale deal"),
        ('report = "win-rate"\ncohort = ["a", "b"]', "cohort takes one value", ""),
    ],
)
def test_options_that_a_report_does_not_take_are_refused(
    workspace: Workspace, panel: str, told: str, hint: str
) -> None:
    """Where they are used, and where the settings are checked."""
    configure(workspace, f"[[dashboard]]\n{panel}\n")
    for command in (("report", "dashboard"), ("config", "check")):
        said = workspace.refused(2, *command)
        assert f"dashboard 1: {told}" in said
        assert hint in said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[dashboard]]\ntitle = "x"\n', "dashboard 1 names no report"),
        ('[[dashboard]]\nreport = "kpi"\nperoid = "2026"\n', "dashboard 1: the report kpi takes no 'peroid'"),
        ('[[dashboard]]\nreport = "stale"\nnoun = {a = 1}\n', "dashboard 1: noun must be a value, or a list of them"),
        ('[[dashboard]]\nreport = "kpi"\ncompare = "before"\n', "compare is one of previous, last-year"),
        ('[[dashboard]]\nreport = "kpi"\ntop = 0\n', "top must be a count"),
        ('[[dashboard]]\nreport = "kpi"\nkeys = "win_rate"\n', "keys must be a list of texts"),
        ('[dashboard]\nreport = "kpi"\n', "dashboard must be a list of tables"),
    ],
)
def test_mistakes_in_the_settings_are_told(workspace: Workspace, text: str, told: str) -> None:
    """With the number of the panel."""
    configure(workspace, text)
    assert told in workspace.refused(2, "report", "dashboard")


def test_a_page_needs_nothing_from_elsewhere(workspace: Workspace, store: Store, tmp_path: Path) -> None:
    """No script, no address, no markup from data; whole, and for its owner alone."""
    path = tmp_path / "won.html"
    assert workspace.ok("report", "won", "--by", "source", "--html", str(path)) == ""
    page = path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    tags = Tags(page).found
    assert {"svg", "rect", "table", "style"} <= {tag for tag, _ in tags}
    assert "script" not in {tag for tag, _ in tags}
    assert not [key for _, attributes in tags for key in attributes if key in ("src", "href") or key.startswith("on")]
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(", page)
    listed = tmp_path / "list.html"
    workspace.ok("report", "won", "--html", str(listed))
    assert "&lt;script&gt;" in listed.read_text(encoding="utf-8")
    assert "\x1b" not in listed.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [("report", "won"), ("pivot", "deal", "--rows", "source")], ids=["report", "pivot"])
def test_a_dash_is_standard_output(
    workspace: Workspace, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """As it is elsewhere; nothing is written beside it."""
    monkeypatch.chdir(tmp_path)
    done = workspace.crm(*command, "--html", "-")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("<!doctype html>")
    assert done.out.rstrip().endswith("</html>")
    assert not [*tmp_path.glob("-")]


def test_the_store_is_never_overwritten_by_a_page(workspace: Workspace, store: Store) -> None:
    """A page goes anywhere but there."""
    path = workspace.home / "data" / "crm.db"
    before = path.read_bytes()[:100]
    assert "--html" in workspace.refused(2, "report", "won", "--html", str(path))
    assert path.read_bytes()[:100] == before


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium to draw the page")
def test_a_browser_draws_the_page(workspace: Workspace, store: Store, tmp_path: Path) -> None:
    """Bars have the colour of the page and the width of their values; the browser meets no error."""
    path = tmp_path / "dashboard.html"
    workspace.ok("report", "dashboard", "--html", str(path))
    probe = (
        "<script>document.title = JSON.stringify([...document.querySelectorAll('rect')].map(mark => "
        "[mark.getBoundingClientRect().width, getComputedStyle(mark).fill]))</script></body>"
    )
    measured = tmp_path / "measured.html"
    measured.write_text(path.read_text(encoding="utf-8").replace("</body>", probe), encoding="utf-8")
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--no-first-run", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={tmp_path / 'browser'}", "--dump-dom",
        measured.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    title = re.search(r"<title>(\[\[.*?\]\])</title>", done.stdout)
    assert title is not None
    assert '"rgb(47, 111, 179)"' in title[1].replace("&quot;", '"')
