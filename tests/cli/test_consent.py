import json

import pytest

from tests.cli.workspace import Workspace

ANNA = ("contact", "add", "Anna Rossi", "--email", "anna@example.com")


def test_what_people_grant_and_withdraw_is_recorded_and_shown(workspace: Workspace) -> None:
    workspace.ok(*ANNA)
    workspace.ok("lead", "add", "A. Rossi", "--email", "Anna@example.com")
    assert workspace.ok("consent", "notice", "C1", "--notice", "v3", "--origin", "form") == "C1"
    words = ["--purpose", "marketing", "--channel", "email", "--origin", "form", "--notice", "v3", "--text", "Yes"]
    assert workspace.ok("consent", "grant", "C1", *words, "--at", "2026-03-01 09:00") == "C1"
    shown = workspace.json("consent", "show", "L1")
    assert (shown["ref"], shown["name"]) == ("L1", "A. Rossi")
    assert shown["states"] == [
        {"purpose": "marketing", "channel": "any", "state": "granted"},
        {"purpose": "marketing", "channel": "email", "state": "granted"},
    ]
    keys = ("occurred_at", "action", "purpose", "basis", "origin", "notice_version", "text_shown")
    assert [tuple(event[key] for key in keys) for event in shown["ledger"]] == [
        ("2026-03-01T08:00:00Z", "grant", "marketing", "consent", "form", "v3", "Yes"),
        ("2026-03-18T11:00:00Z", "notice_read", None, None, "form", "v3", None),
    ]
    workspace.ok("consent", "withdraw", "L1", "--purpose", "marketing")
    columns = "ref,consent.marketing,consent.marketing.email,consent.newsletter"
    assert workspace.ok("contact", "list", "--columns", columns) == "C1\twithdrawn\twithdrawn\tnone"
    assert workspace.json("contact", "show", "C1")["consent.marketing"] == "withdrawn"
    assert workspace.ok("check") == ""


def test_the_card_tells_what_was_said_and_nothing_of_what_was_not(workspace: Workspace) -> None:
    workspace.ok(*ANNA)
    assert "Consent" not in workspace.ok("show", "C1", "-o", "table")
    assert "never asked" in workspace.ok("consent", "show", "C1", "-o", "table")
    workspace.ok("consent", "object", "C1", "--purpose", "profiling")
    card = workspace.ok("show", "C1", "-o", "table")
    assert "Consent to profiling  withdrawn" in card
    assert "subject" not in card.lower()
    workspace.ok("consent", "expire", "C1", "--purpose", "newsletter")
    assert workspace.ok("show", "C1", "-o", "table").count("Consent to") == 1


def test_the_ledger_is_listed_as_lists_are(workspace: Workspace) -> None:
    workspace.ok(*ANNA)
    workspace.ok("consent", "grant", "C1", "--purpose", "newsletter")
    workspace.ok("consent", "withdraw", "C1", "--purpose", "newsletter", "--channel", "sms")
    where = "action = withdraw and contact = C1"
    assert workspace.ok("consent", "list", "--where", where, "--columns", "purpose,channel") == "newsletter\tsms"
    assert [row["contact_ref"] for row in workspace.json("consent", "list")] == ["C1", "C1"]
    assert workspace.crm("consent", "list", "--where", "action = object", "--exit-code").code == 1
    only_hers = workspace.ok("consent", "show", "C1", "-o", "csv")
    assert len(only_hers.splitlines()) == 3
    workspace.ok("contact", "add", "Carlo")
    assert len(workspace.ok("consent", "show", "C2", "-o", "csv").splitlines()) == 1


def test_conditions_ask_for_purposes_and_channels_and_over_links(workspace: Workspace) -> None:
    workspace.ok(*ANNA)
    workspace.ok("contact", "add", "Carlo")
    workspace.ok("deal", "add", "Site", "--contact", "C1")
    workspace.ok("consent", "grant", "C1", "--purpose", "service", "--channel", "email")

    def fits(noun: str, where: str) -> list[str]:
        return workspace.ok(noun, "list", "--where", where, "-o", "ids").split()

    assert fits("contact", "consent.service = granted") == ["C1"]
    assert fits("contact", "consent.service.email = granted and consent.service.sms = none") == ["C1"]
    assert fits("contact", "consent.service = none") == ["C2"]
    assert fits("contact", "consent.marketing in [granted, withdrawn]") == []
    assert fits("deal", "contact.consent.service = granted") == ["D1"]
    assert fits("deal", "contact.consent.marketing = granted") == []
    said = workspace.refused(2, "contact", "list", "--where", "consent.markting = granted")
    assert "did you mean consent.marketing" in said
    assert "is not a value" in workspace.refused(2, "contact", "list", "--where", "consent.service = yes")


def test_what_was_recorded_by_mistake_is_taken_back(workspace: Workspace) -> None:
    workspace.ok(*ANNA)
    before = workspace.ok("export", "all")
    workspace.ok("consent", "grant", "C1", "--purpose", "marketing")
    after = workspace.ok("export", "all")
    workspace.ok("undo", "--yes")
    assert workspace.ok("export", "all") == before
    workspace.ok("redo", "--yes")
    assert workspace.ok("export", "all") == after


def test_everything_comes_along_into_a_new_store(workspace: Workspace) -> None:
    workspace.ok(*ANNA)
    workspace.ok("lead", "add", "A. Rossi", "--email", "anna@example.com")
    workspace.ok("consent", "grant", "C1", "--purpose", "marketing", "--text", "Yes, send me news")
    workspace.ok("consent", "withdraw", "L1", "--purpose", "marketing", "--channel", "sms")
    whole = workspace.ok("export", "all")
    document = json.loads(whole)
    assert [len(document[name]) for name in ("subject", "consent")] == [1, 2]
    other = str(workspace.home / "other.db")
    workspace.ok("--db", other, "init")
    (workspace.home / "all.json").write_text(whole, encoding="utf-8")
    workspace.ok("--db", other, "import", "all", str(workspace.home / "all.json"))
    assert workspace.ok("--db", other, "export", "all") == whole
    assert workspace.ok("--db", other, "check") == ""


def test_a_dry_run_keeps_nothing(workspace: Workspace) -> None:
    workspace.ok(*ANNA)
    state = workspace.state()
    workspace.ok("consent", "grant", "C1", "--purpose", "marketing", "--dry-run")
    assert workspace.state() == state


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["grant", "C1"], "say what for by --purpose"),
        (["grant", "C1", "--purpose", "marketng"], "did you mean marketing?"),
        (["withdraw", "C1", "--purpose", "marketing", "--channel", "pigeon"], "is not one of its values"),
        (["grant", "O1", "--purpose", "marketing"], "by leads and contacts"),
        (["show", "O1"], "by leads and contacts"),
    ],
)
def test_words_that_mean_nothing_change_nothing(workspace: Workspace, words: list[str], told: str) -> None:
    workspace.ok(*ANNA, "--org", "Acme", "--create")
    assert told in workspace.refused(2, "consent", *words)


def test_a_moment_that_has_not_come_is_refused(workspace: Workspace) -> None:
    workspace.ok(*ANNA)
    words = ["--purpose", "marketing", "--at", "2026-04-01"]
    assert "in the future" in workspace.refused(4, "consent", "grant", "C1", *words)
