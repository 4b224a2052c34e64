"""The document of ``export all`` in a new store: the same bytes come out, and one undo makes the store new again."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.cli.workspace import Workspace

FILLING = (
    "field add contact zone --type enum --option north --option south",
    "contact add 'Dario Neri' --org Steelworks --create --email dario@steel.example --tag vip --set zone=north",
    "contact add 'Dario Neri' --phone '02 1234567' --allow-duplicate",
    "contact add '=cmd()' --email gone@example.com",
    "lead add 'Anna Rossi' --company Acme --email anna@acme.example --expected-amount 12k",
    "deal add 'Spring order' --org O1 --contact C1 --amount 12k",
    "deal move D1 quote_sent",
    "task add 'Call back' --for C1 --due tomorrow",
    "event add Visit --start '2026-03-20 10:00' --for O1",
    "log call 'Spoke' --with D1",
    "ticket open 'Cannot log in' --contact C1",
    "ticket note K1 'Looked at it'",
    "pipeline add Partners --stage Contacted:40",
    "user add bruno --name 'Bruno Bianchi'",
    "view save hot --on lead --where 'rating = hot'",
    "lead convert L1 --deal none",
    "dedupe merge C1 C2",
    "contact rm C3 --yes",
    "dedupe ignore O1 O2",
)


@pytest.fixture
def everything(workspace: Workspace) -> str:
    """What a store holds in which everything has happened; the workspace is another one, and new."""

    def make() -> None:
        for line in FILLING:
            workspace.ok(*shlex.split(line))
        text = workspace.ok("export", "all") + "\n"
        (workspace.home / "data" / "crm.db").unlink()
        workspace.ok("init")
        (workspace.home / "all.json").write_text(text, encoding="utf-8")

    return (workspace.once(make).home / "all.json").read_text(encoding="utf-8")


@pytest.fixture
def file(everything: str, tmp_path: Path) -> Path:
    path = tmp_path / "all.json"
    path.write_text(everything, encoding="utf-8")
    return path


def test_what_goes_out_comes_in_and_goes_out_the_same(workspace: Workspace, everything: str, file: Path) -> None:
    new = workspace.ok("export", "all")
    done = workspace.crm("import", "all", str(file))
    assert (done.code, done.out) == (0, "")
    assert done.err.endswith(
        "2 users, 2 pipelines, 8 stages, 1 tag, 1 custom field, 1 view, 2 organizations, "
        "4 contacts, 1 lead, 1 deal, 1 task, 1 event, 1 interaction, 1 ticket, 1 comment\n"
    )
    assert workspace.ok("export", "all") + "\n" == everything
    workspace.ok("check")
    workspace.ok("undo", "--yes")
    assert workspace.ok("export", "all") == new
    workspace.ok("redo", "--yes")
    assert workspace.ok("export", "all") + "\n" == everything


def test_the_store_goes_on_where_the_other_one_was(workspace: Workspace, file: Path) -> None:
    workspace.ok("import", "all", str(file))
    assert workspace.ok("contact", "add", "Carla Verdi") == "C5"
    assert workspace.json("ticket", "open", "Again")["number"] == "2026-00002"
    assert "C1" in workspace.ok("find", "dario", "-o", "ids")
    assert workspace.crm("show", "C2").err == "C2 was merged into C1\n"


def test_standard_input_a_dry_run_and_json(workspace: Workspace, everything: str, file: Path) -> None:
    before = workspace.state()
    dry = workspace.crm("import", "all", str(file), "--dry-run", "-o", "json")
    assert json.loads(dry.out)["records"]["contact"] == 4
    assert workspace.state() == before


@pytest.mark.parametrize("line", ["tag add O1 vip", "org add Acme", "user add carla", "pipeline add Other --stage A:40",
                                  "pipeline edit sales --name Direct"])  # fmt: skip
def test_a_store_that_is_not_new_is_left_alone(workspace: Workspace, file: Path, line: str) -> None:
    if line.startswith("tag"):
        workspace.ok("org", "add", "Acme")
    workspace.ok(*shlex.split(line))
    assert "can only be taken into a new store" in workspace.refused(5, "import", "all", str(file))


def test_it_goes_in_once(workspace: Workspace, file: Path) -> None:
    workspace.ok("import", "all", str(file))
    assert "it has tags" in workspace.refused(5, "import", "all", str(file))


def test_a_repeated_command_answers_with_the_first_counts(workspace: Workspace, file: Path) -> None:
    command = ("import", "all", str(file), "--idempotency-key", "k1", "-o", "json")
    first, again = workspace.crm(*command), workspace.crm(*command)
    assert (again.code, again.out) == (0, first.out)
    assert "done before" in again.err


BROKEN: tuple[tuple[Any, str], ...] = (
    ([], "'{' should stand here"),
    ({"person": [{"id": 1}]}, "there are no records called 'person'"),
    ({"contact": [1]}, "contact without an id"),
    ({"contact": [{"id": True}]}, "id cannot be true"),
    ({"contact": [{"id": 0}]}, "contact without an id"),
    ({"contact": [{"id": 1}]}, "NOT NULL constraint failed"),
    ({"contact": [{"id": 2**70}]}, "too large"),
    ({"contact": [{"id": 1, "surname": "Neri"}]}, "there is no field 'surname'"),
    ({"contact": [{"id": 1, "last_name": "Ne\0ri"}]}, "last_name holds a NUL character"),
    ({"contact": [{"id": 1, "last_name": "\ud800"}]}, "not valid text"),
    ({"contact": [{"id": 1, "last_name": 1.5}]}, "last_name cannot be 1.5"),
    ({"contact": [{"id": 1, "custom": "{"}]}, "custom is not JSON"),
    ({"contact": [{"id": 1, "emails": "a@example.com"}]}, "emails is no list of objects"),
    ({"contact": [{"id": 1, "emails": [{"address": "a@example.com"}]}]}, "emails: there is no field 'address'"),
)


@pytest.mark.parametrize(("document", "told"), BROKEN)
def test_what_no_export_looks_like_is_refused(workspace: Workspace, tmp_path: Path, document: Any, told: str) -> None:
    file = tmp_path / "all.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    assert told in workspace.refused(4, "import", "all", str(file))


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.99])
def test_half_a_document_is_refused_whole(workspace: Workspace, file: Path, cut: float) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: int(len(text) * cut)], encoding="utf-8")
    assert "line" in workspace.refused(4, "import", "all", str(file))


def test_records_that_point_nowhere_are_refused(workspace: Workspace, file: Path) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    document["organization"] = []
    file.write_text(json.dumps(document), encoding="utf-8")
    assert "points to a missing row" in workspace.refused(4, "import", "all", str(file))


def test_records_that_break_a_promise_are_told(workspace: Workspace, file: Path) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    document["contact"][3] |= {"first_name": None, "last_name": None, "emails": [], "phones": []}
    file.write_text(json.dumps(document), encoding="utf-8")
    assert "warning: crm check finds" in workspace.crm("import", "all", str(file)).err


@pytest.mark.parametrize("words", [("auto",), ("contact",)])
def test_other_imports_lead_to_it(workspace: Workspace, file: Path, words: tuple[str, ...]) -> None:
    assert f"hint: crm import all {file}" in workspace.refused(2, "import", *words, str(file))


def test_a_user_who_is_not_there_is_told(workspace: Workspace, file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace('"handle": "anna"', '"handle": "carla"')
    file.write_text(text, encoding="utf-8")
    assert "there is no user 'anna' here: crm user add anna" in workspace.crm("import", "all", str(file)).err
