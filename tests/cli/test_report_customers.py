"""The reports on customers as they are typed: their own options, and what is wrong with them."""

import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def shop(workspace: Workspace) -> Workspace:
    """Two customers, one of whom came back."""

    def make() -> None:
        for name in ("Acme", "Zeta"):
            workspace.ok("org", "add", name, "--country", "IT" if name == "Acme" else "FR")
        for number, (org, day) in enumerate(
            (("O1", "2025-02-01"), ("O1", "2026-02-01"), ("O2", "2026-03-01")), start=1
        ):
            workspace.ok("deal", "add", f"Deal {number}", "--org", org, "--amount", "100", "--tag", f"t{number}")
            workspace.ok("deal", "win", f"D{number}", "--at", day)

    return workspace.once(make)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("retention", "--base", "nobody"), "there is no base 'nobody'"),
        (("churn", "--after", "soon"), "--after: 'soon' is not a cadence"),
        (("clv", "--margin", "much"), "--margin: 'much' is no percent"),
        (("cross-sell", "--has", "t1"), "--has and --lacks go together"),
        (("cross-sell", "--item", "amount"), "amount does not tell what was bought"),
        (("penetration", "--item", "colour"), "deal has no field 'colour'"),
        (("rfm", "--by", "stage"), "customers cannot be grouped by stage"),
        (("sales", "--by", "colour"), "deal has no field 'colour'"),
        (("sales", "--target", "colour = red"), "org has no field 'colour'"),
        (("redemption", "deal", "--responded", "stage = won"), "deal is no target"),
        (("redemption", "--responded", "rating = hot", "--contacts", "last_name"), "last_name counts no contacts"),
    ],
)
def test_what_cannot_be_told(shop: Workspace, arguments: tuple[str, ...], told: str) -> None:
    assert told in shop.refused(2, "report", *arguments)


def test_programs_get_customers_groups_or_figures(shop: Workspace) -> None:
    assert shop.ok("report", "rfm", "-o", "ids").split() == ["O2", "O1"]
    assert shop.ok("report", "best-customers", "--top", "1", "-o", "ids") == "O2"
    own = ("cross-sell", "--has", "t1", "--lacks", "t3")
    assert shop.ok("report", *own, "-o", "ids") == "O1"
    rows = [line.split("\t")[:2] for line in shop.ok("report", "sales", "--by", "country", "-o", "tsv").splitlines()]
    assert rows == [["FR", "100.00"], ["IT", "100.00"]]


@pytest.mark.parametrize(("by", "label"), [("custom.kind", "House kind"), ("country", "Country")])
def test_pairs_are_grouped_under_the_label_of_the_field(shop: Workspace, by: str, label: str) -> None:
    shop.ok("field", "add", "org", "kind", "--label", "House kind", "--type", "text")
    shop.ok("org", "edit", "O1", "--set", "custom.kind=villa")
    for more in ([], ["--has", "t1", "--lacks", "t3"]):
        words = ("report", "cross-sell", "--by", by, "--least", "1", *more)
        code, screen = shop.at_terminal(*words, "--no-pager", columns=200)
        assert code == 0 and f"\n  {label}  " in screen, screen


def test_what_is_opened_again_is_no_purchase(shop: Workspace) -> None:
    shop.ok("deal", "reopen", "D3", "--reason", "by mistake")
    now = {entry["key"]: entry["value"] for entry in shop.json("report", "sales", "--period", "2026")["totals"]}
    assert (now["purchases"], now["buyers"]) == (1, 1)


def test_the_settings_say_when_a_customer_is_lost(shop: Workspace) -> None:
    config = shop.home / "config" / "config.toml"
    config.parent.mkdir(exist_ok=True)
    config.write_text('[customers]\nchurn_after = "30d"\nmargin = 50\n', encoding="utf-8")
    out = shop.ok("report", "churn", "--period", "2025-03", "-o", "table")
    assert "no purchase for 30 days" in out
    assert shop.json("report", "churn", "--period", "2025-03")["totals"][0]["value"] == 1
    assert "50 %" in shop.ok("report", "clv", "-o", "table")
