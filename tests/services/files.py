"""Files written by tests and imported into the store of a test."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from crmcli.importing.options import Options
from crmcli.importing.plan import plan_files
from crmcli.importing.presets import choose_kind, load_presets
from crmcli.importing.receipts import Receipt
from crmcli.importing.rows import prepare
from crmcli.importing.sources import Source, read_header
from crmcli.queries.fields import custom_fields
from crmcli.queries.imports import stage_kinds
from crmcli.services.imports.batches import import_in_batches
from crmcli.services.imports.job import File, Terms, run_import
from crmcli.store.reader import open_reader
from tests.services.world import Store


class Desk:
    """Imports files of a folder into a store."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder

    @property
    def rejects(self) -> Path:
        """Where rejected rows of ``take`` go."""
        return self.folder / "rejects.csv"

    def write(self, rows: Sequence[Mapping[str, str]], name: str = "rows.csv") -> Path:
        """Write a file whose columns are those of the first row."""
        path = self.folder / name
        with path.open("w", newline="", encoding="utf-8") as file:
            out = csv.DictWriter(file, list(rows[0]))
            out.writeheader()
            out.writerows(rows)
        return path

    def rejected(self) -> list[dict[str, str]]:
        """Return the rows of the rejects file."""
        with self.rejects.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def take(
        self,
        entity: str,
        rows: Sequence[Mapping[str, str]] | Path,
        *,
        options: Mapping[str, Any] | None = None,
        terms: Mapping[str, Any] | None = None,
        rules: Path | None = None,
        **command: Any,
    ) -> Receipt:
        """Import one file for an entity and return its receipt."""
        path = rows if isinstance(rows, Path) else self.write(rows)
        source = Source(path, path.name)
        kind = choose_kind(read_header(source), load_presets(), entity)
        con = open_reader(self.store.path, self.store.settings.timezone)
        known = {"stage_kinds": stage_kinds(con), "custom": custom_fields(con)}
        con.close()
        prepared = prepare(
            source, kind, Options(**{"zone": "Europe/Rome", "system": "rows", **known, **(options or {})})
        )
        context = replace(self.store.context(**{"kind": "import", **command}), rules_folder=rules)
        file, agreed = File(prepared, self.rejects), Terms(**(terms or {}))
        if agreed.batch:
            return import_in_batches(context, file, agreed, lambda *_: None)
        return run_import(context, [file], agreed).receipts[0]

    def take_all(self, *paths: Path) -> list[Receipt]:
        """Import the exports of another CRM."""
        plan = plan_files(paths, load_presets())
        files = [
            File(prepare(Source(one.path, one.path.name), one.kind, Options(zone="Europe/Rome")), self.rejects)
            for one in plan.files
        ]
        return run_import(self.store.context(kind="import"), files, Terms(create=True)).receipts

    def operation(self, job: int) -> int:
        """Return the operation of an import."""
        (row,) = self.store.rows("SELECT operation_id FROM import_job WHERE id = ?", job)
        found: int = row["operation_id"]
        return found


def figures(receipt: Receipt) -> tuple[int, int, int, int]:
    """Return how many rows were created, updated, unchanged, rejected."""
    return receipt.created, receipt.updated, receipt.unchanged, receipt.rejected


def refusing(folder: Path, event: str, when: str, more: str = "") -> Path:
    """Write a rule that refuses, and return its folder."""
    folder.mkdir()
    (folder / "no.toml").write_text(
        f'schema = 1\n[[rule]]\nid = "no"\non = ["{event}"]\nwhen = "{when}"\n{more}\n'
        '[[rule.do]]\naction = "refuse"\nmessage = "not him"\n',
        encoding="utf-8",
    )
    return folder
