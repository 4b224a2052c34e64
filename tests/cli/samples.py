"""Published samples with figures that were computed on them independently, and how tests take them in and read reports.

The samples lie beside the checkout and are not part of it; without them such tests are skipped. Each is imported as a
user does, from files that hold the columns of the sample as the nouns of the program need them.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tests.cli.workspace import Workspace
from tests.published import PUBLISHED


def expected(folder: str) -> dict[str, Any]:
    """Return the independently computed figures of a sample, by name."""
    text = (PUBLISHED / folder / "expected.json").read_text(encoding="utf-8")
    return {name: found["value"] for name, found in json.loads(text, parse_float=Decimal)["figures"].items()}


def rows_of(folder: str, name: str, delimiter: str = ",") -> list[dict[str, str]]:
    """Return the rows of a file of a sample."""
    with (PUBLISHED / folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def take(workspace: Workspace, noun: str, name: str, rows: Sequence[Mapping[str, str]], maps: Iterable[str]) -> None:
    """Import rows; files of one name in folders of their own know each other's ids."""
    path = workspace.home / noun / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    workspace.ok("import", noun, str(path), "--create", *(part for one in maps for part in ("--map", one)))


def totals(workspace: Workspace, *arguments: str) -> dict[str, dict[str, Any]]:
    """Return the totals of a report by key."""
    document = json.loads(workspace.ok("report", *arguments, "-o", "json"), parse_float=Decimal)
    return {entry["key"]: entry for entry in document["totals"]}


def value(workspace: Workspace, key: str, *arguments: str) -> Any:
    """Return the value of a figure of a report."""
    return totals(workspace, *arguments)[key]["value"]


def groups(workspace: Workspace, *arguments: str) -> list[dict[str, Any]]:
    """Return the groups of a report."""
    document = json.loads(workspace.ok("report", *arguments, "-o", "json"), parse_float=Decimal)
    found: list[dict[str, Any]] = document["groups"]
    return found


def cells(workspace: Workspace, noun: str, rows: str, measure: str) -> dict[str, Any]:
    """Return what a pivot tells of each row."""
    text = workspace.ok("pivot", noun, "--rows", rows, "--measure", measure, "-o", "json")
    return {row["row"][0]["label"]: row["total"] for row in json.loads(text, parse_float=Decimal)["groups"]}
