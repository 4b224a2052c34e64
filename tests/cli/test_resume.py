"""An import in batches that is killed goes on where it stopped; the full figures are in tests/stress/resumer.py."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from crmcli.errors import StoreError
from crmcli.services import undo
from crmcli.services.imports import batches
from crmcli.services.results import Context
from crmcli.services.writer import Writer, write
from tests.cli.workspace import Workspace
from tests.stress.resumer import one_round

PEOPLE = "Last,Mail\n" + "".join(f"Rossi {number},p{number}@example.com\n" for number in range(10))
IMPORT = ("import", "contact", "people.csv", "--map", "Last=last_name", "--map", "Mail=email", "--batch", "3")


@pytest.fixture
def people(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(workspace.home)
    path = workspace.home / "people.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    return path


FULL = StoreError("disk full, nothing saved: crm.db", hint="df -h", code="store.full")


def stop_after(monkeypatch: pytest.MonkeyPatch, parts: int, how: BaseException = FULL) -> None:
    """Let the disk be full, or somebody interrupt, after so many parts."""
    left = [parts]

    def failing(*given: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise how
        return write(*given)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(batches, "write", failing)


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_and_gone_on_with_until_it_is_whole(tmp_path: Path, seed: int) -> None:
    one_round(tmp_path / "home", random.Random(seed))


def test_what_was_saved_before_a_failure_stays_and_the_hint_says_how_to_go_on(
    workspace: Workspace, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = workspace.ok("export", "all")
    with monkeypatch.context() as patch:
        stop_after(patch, 2)
        done = workspace.crm(*IMPORT)
    assert (done.code, done.out) == (7, "")
    assert done.err == "crm: disk full, saved up to line 7: crm.db\n  hint: crm import resume 1\n"
    (job,) = workspace.json("import", "list")
    assert (job["rows"], job["created"], job["stopped"]) == (6, 6, True)
    with monkeypatch.context() as patch:
        stop_after(patch, 1, KeyboardInterrupt())
        stopped = workspace.crm("import", "resume", "1")
    assert (stopped.code, stopped.out, stopped.err) == (130, "", "stopped: crm import resume 1 goes on\n")
    workspace.ok("import", "resume", "1")
    (job,) = workspace.json("import", "list")
    assert (job["rows"], job["created"], job["stopped"]) == (10, 10, False)
    assert len(workspace.json("contact", "list")) == 10
    assert "came to its end" in workspace.refused(4, "import", "resume", "1")
    workspace.ok("undo", "--yes")
    assert workspace.ok("export", "all") == before
    assert "is taken back" in workspace.refused(4, "import", "resume", "1")


@pytest.mark.parametrize(
    ("how", "code", "told"),
    [
        (
            StoreError("disk full, nothing saved: crm.db", hint="df -h", code="store.full"),
            7,
            "crm: disk full, nothing saved: crm.db\n  hint: df -h\n",
        ),
        (KeyboardInterrupt(), 130, ""),
    ],
    ids=["disk-full", "interrupted"],
)
def test_an_import_that_fails_in_its_first_part_leaves_nothing_to_go_on_with(
    workspace: Workspace, people: Path, monkeypatch: pytest.MonkeyPatch, how: BaseException, code: int, told: str
) -> None:
    before = workspace.ok("export", "all")

    def failing(context: Context, work: Callable[[Writer], object]) -> None:
        def whole(writer: Writer) -> None:
            work(writer)
            raise how

        write(context, whole)

    with monkeypatch.context() as patch:
        patch.setattr(batches, "write", failing)
        done = workspace.crm(*IMPORT)
    assert (done.code, done.out, done.err) == (code, "", told)
    assert (workspace.json("import", "list"), workspace.ok("export", "all")) == ([], before)
    workspace.ok(*IMPORT)
    assert len(workspace.json("contact", "list")) == 10


def test_rejects_of_an_import_in_parts_take_the_place_of_no_others(workspace: Workspace, people: Path) -> None:
    bad = PEOPLE.replace("p4@", "p4")
    people.write_text(bad, encoding="utf-8")
    workspace.crm(*IMPORT)
    people.write_text(bad.replace("Rossi 4", "Verdi 4"), encoding="utf-8")
    workspace.crm(*IMPORT)
    people.write_text(PEOPLE, encoding="utf-8")
    workspace.ok(*IMPORT)
    folder = workspace.home / "state" / "imports"
    assert sorted(path.name for path in folder.iterdir()) == [
        "20260318T110000-people-2.rejects.csv",
        "20260318T110000-people.rejects.csv",
    ]
    assert "Rossi 4" in (folder / "20260318T110000-people.rejects.csv").read_text(encoding="utf-8")


def test_it_goes_on_with_the_same_file_only(
    workspace: Workspace, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_after(patch, 1)
        workspace.crm(*IMPORT)
    moved = people.rename(people.with_name("moved.csv"))
    assert "no file" in workspace.refused(3, "import", "resume", "1")
    moved.write_text(PEOPLE + "More,more@example.com\n", encoding="utf-8")
    assert "is not the file of import 1" in workspace.refused(4, "import", "resume", "1", str(moved))
    moved.write_text(PEOPLE, encoding="utf-8")
    workspace.ok("import", "resume", "1", str(moved))
    assert len(workspace.json("contact", "list")) == 10


@pytest.mark.parametrize("verb", ["undo", "redo"])
def test_a_step_of_many_parts_goes_back_whole_or_not_at_all(
    workspace: Workspace, people: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    before = workspace.ok("export", "all")
    workspace.ok(*IMPORT)
    if verb == "redo":
        workspace.ok("import", "undo", "1", "--yes")
    there = workspace.state()

    def failing(writer: Writer, operation_id: int) -> None:
        if not writer.context.command.dry_run:
            done.append(operation_id)
        if len(done) == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        done: list[int] = []
        patch.setattr(undo, "retract", failing)
        assert workspace.crm(verb, "--yes").code == 130
    assert (len(done), workspace.state()) == (3, there), "two parts were done, and nothing of them stays"
    workspace.ok(verb, "--yes")
    (job,) = workspace.json("import", "list")
    assert job["undone"] == (verb == "undo")
    assert (workspace.ok("export", "all") == before) == (verb == "undo")
    assert len(workspace.json("undo", "--list")) == (verb == "redo")
    assert workspace.ok("check") == ""


def test_the_same_file_again_changes_nothing(workspace: Workspace, people: Path) -> None:
    workspace.ok(*IMPORT)
    state = workspace.ok("export", "all")
    assert "10 unchanged" in workspace.crm(*IMPORT).err
    assert workspace.ok("export", "all") == state


@pytest.mark.parametrize(
    ("more", "said"), [(["--batch", "0"], "batch"), (["--batch", "5", "--idempotency-key", "k"], "contradict")]
)
def test_what_makes_no_sense_is_refused(workspace: Workspace, people: Path, more: list[str], said: str) -> None:
    assert said in workspace.refused(2, *IMPORT[:-2], *more)


def test_no_import_of_that_number(workspace: Workspace) -> None:
    assert "no import" in workspace.refused(3, "import", "resume", "7")
