"""Counts and numbers of records that a person types: past what a store can count, one line and the exit code."""

import pytest

from tests.cli.workspace import Workspace

HUGE = "99999999999999999999"  # does not fit into 64 bits
LARGEST = str(2**63 - 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["lead", "list", "--limit", HUGE],
        ["lead", "list", "--offset", HUGE],
        ["ticket", "list", "--limit", HUGE],
        ["history", "--limit", HUGE],
        ["find", "anna", "--limit", HUGE],
        ["backup", "prune", "--keep", HUGE],
        ["lead", "rm", "--where", "name ~ anna", "--max", HUGE],
        ["undo", HUGE],
        ["redo", HUGE],
        ["config", "set", "rows", HUGE],
    ],
)
def test_a_count_that_is_too_large_is_a_usage_error(workspace: Workspace, arguments: list[str]) -> None:
    assert f"{HUGE}' is too large" in workspace.refused(2, *arguments).replace(f"{HUGE} is", f"{HUGE}' is")


@pytest.mark.parametrize(("given", "reason"), [("many", "not a whole number"), ("-1", "not a whole number")])
def test_what_is_no_count_is_told(workspace: Workspace, given: str, reason: str) -> None:
    assert reason in workspace.refused(2, "lead", "list", f"--limit={given}")


def test_a_step_at_least_is_taken_back(workspace: Workspace) -> None:
    assert "0 is less than 1" in workspace.refused(2, "undo", "0")


def test_the_largest_counts_there_are_do_no_harm(workspace: Workspace) -> None:
    workspace.ok("lead", "add", "Anna Rossi")
    assert workspace.ok("lead", "list", "--limit", LARGEST, "-o", "ids") == "L1"
    assert workspace.ok("lead", "list", "--limit", LARGEST, "--offset", LARGEST, "-o", "ids") == ""
    assert workspace.json("history", "--limit", LARGEST)


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", f"D{HUGE}"],
        ["deal", "show", HUGE],
        ["deal", "show", f"D{LARGEST}"],
        ["lead", "edit", f"L{HUGE}", "--rating", "hot"],
        ["history", f"D{HUGE}"],
        ["import", "show", HUGE],
        ["import", "undo", HUGE],
        ["import", "show", str(2**63)],
    ],
)
def test_a_record_of_a_number_that_is_too_large_does_not_exist(workspace: Workspace, arguments: list[str]) -> None:
    workspace.refused(3, *arguments)


@pytest.mark.parametrize("condition", ["amount > 10**30", "probability > 1e30", f"amount > {HUGE}{HUGE}"])
def test_a_number_of_a_condition_that_cannot_be_read_is_told(workspace: Workspace, condition: str) -> None:
    assert "at character" in workspace.refused(2, "deal", "list", "--where", condition)


@pytest.mark.parametrize("condition", [f"amount > {HUGE}", f"probability > {HUGE}", f"id = {HUGE}"])
def test_a_bound_that_no_record_reaches_finds_nothing(workspace: Workspace, condition: str) -> None:
    assert workspace.ok("deal", "list", "--where", condition) == ""
