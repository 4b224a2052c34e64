"""Bringing removed records back: every kind of record, what rules make of it, and what stands in the way."""

import pytest

from crmcli.rules.files import load_files
from tests.cli.workspace import Workspace

MADE = {
    "lead": ("lead", "add", "Anna Rossi"),
    "org": ("org", "add", "Bravo"),
    "contact": ("contact", "add", "Bruno Verdi"),
    "deal": ("deal", "add", "Spring order", "--org", "O1"),
    "task": ("task", "add", "Call"),
    "event": ("event", "add", "Visit", "--start", "2026-03-20 10:00"),
    "log": ("log", "call", "Asked for a price", "--for", "O1"),
    "ticket": ("ticket", "open", "It is broken", "--org", "O1"),
}


@pytest.fixture
def acme(workspace: Workspace) -> Workspace:
    workspace.ok("org", "add", "Acme")
    return workspace


@pytest.mark.parametrize("noun", MADE)
def test_what_was_removed_comes_back_as_it_was(acme: Workspace, noun: str) -> None:
    ref = acme.ok(*MADE[noun]).strip()
    before = acme.json(noun, "show", ref)
    acme.ok(noun, "rm", ref, "--yes")
    assert f"crm {noun} restore {ref} brings it back" in acme.refused(3, noun, "show", ref)
    acme.ok(noun, "restore", ref, "--dry-run")
    acme.refused(3, noun, "show", ref)
    assert acme.ok(noun, "restore", ref).strip() == ref
    after = acme.json(noun, "show", ref)
    assert {key for key in after if after[key] != before[key]} <= {"version", "updated_at", "timeline", "history"}
    acme.ok("undo", "--yes")
    acme.refused(3, noun, "show", ref)


def test_what_is_there_stays_as_it_is(acme: Workspace) -> None:
    before = acme.json("org", "show", "O1")
    acme.ok("org", "restore", "O1")
    assert acme.json("org", "show", "O1") == before
    acme.refused(3, "org", "restore", "O9")


def test_rules_act_on_what_comes_back(acme: Workspace) -> None:
    file = acme.home / "config" / "rules" / "own.toml"
    file.write_text(
        'schema = 1\n[[rule]]\nid = "back"\non = ["deal.restored"]\n[[rule.do]]\naction = "tag"\nadd = ["again"]\n',
        encoding="utf-8",
    )
    load_files.cache_clear()
    acme.ok(*MADE["deal"])
    acme.ok("deal", "rm", "D1", "--yes")
    acme.ok("deal", "restore", "D1")
    assert acme.json("deal", "show", "D1")["tags"] == ["again"]


def test_an_open_deal_does_not_come_back_to_a_removed_organization(acme: Workspace) -> None:
    acme.ok(*MADE["deal"])
    acme.ok("deal", "rm", "D1", "--yes")
    acme.ok("org", "rm", "O1", "--yes")
    assert "there is no org O1" in acme.refused(4, "deal", "restore", "D1")
    acme.ok("org", "restore", "O1")
    acme.ok("deal", "restore", "D1")
