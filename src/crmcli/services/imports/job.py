"""Importing files: the use case. Rows that ``importing`` has read are matched, linked, saved through the write path.

All files of a call are one transaction and one undoable step; each has a job and a receipt of its own. Memory does not
grow with the rows.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.errors import CrmError, RefusedError
from crmcli.importing.receipts import Receipt, RejectsFile, counted, described
from crmcli.importing.rows import Draft, Prepared, ReadRow, Rejected
from crmcli.importing.sheets import Chunk, Chunks, Sheet
from crmcli.services.collector import collector_at_rest
from crmcli.services.imports.linking import Linker
from crmcli.services.imports.making import Maker
from crmcli.services.imports.matching import Matcher
from crmcli.services.imports.memory import Job, Memory
from crmcli.services.imports.outcome import Outcome, Tally
from crmcli.services.imports.places import Places
from crmcli.services.imports.plain import PlainRows
from crmcli.services.imports.saving import Saving
from crmcli.services.results import Context
from crmcli.services.writer import Writer, write

BATCH = 1000  # rows saved at a time: enough for equal cells to be many, few enough for the processor's cache
_ROWS = 250  # saved at a time row by row, which takes more memory for each
_MOST_MISSES = 3  # parts that are tried by column in vain, before a file is read row by row


class Terms(NamedTuple):
    """What an import may do.

    ``create``: make missing records that rows name. ``update``: change records found by another key than the id in
    their system. ``key``: the field to find records by. ``strict_rows``: refuse the file on its first bad row.
    ``batch``: rows of a transaction, where the file is not to be one. ``with_rules``: every rule acts on the rows.
    """

    create: bool = False
    update: bool = False
    key: str | None = None
    strict_rows: bool = False
    batch: int | None = None
    with_rules: bool = False


class File(NamedTuple):
    """A file that is ready to be read, and where its bad rows go: with ``beside`` never over a file that is there."""

    prepared: Prepared
    rejects: Path
    beside: bool = False


class Imported(NamedTuple):
    """What an import came to: a receipt for each file. ``replayed``: it was done before, under the same key."""

    receipts: list[Receipt]
    replayed: bool = False


Progress = Callable[[File, int, int], None]  # file, rows done, rows rejected


def run_import(context: Context, files: Sequence[File], terms: Terms, progress: Progress = lambda *_: None) -> Imported:
    """Import files in their order as one step, and return their receipts.

    Bad rows are set aside into the rejects file of their file; with ``strict_rows`` the first one is a RefusedError. A
    dry run does the same and leaves nothing, neither in the store nor beside it. A command that was done before under
    the same idempotency key returns the receipts of then.
    """

    def work(writer: Writer) -> None:
        with ExitStack() as opened:
            for file in files:
                header = file.prepared.mapping.header
                rejects = None
                if not writer.context.command.dry_run:
                    rejects = RejectsFile(file.rejects, header, beside=file.beside)
                    opened.enter_context(rejects)
                part = FilePart(writer, file, terms, rejects, progress, Tally())
                part.take(Chunks(file.prepared).take(None, BATCH))
                writer.told.append(part.close().as_json())

    try:
        with collector_at_rest():
            done = write(context, work)
    except CrmError as error:
        if error.code == "file.not_written":
            error.message = f"{error.message}; nothing was imported"
        raise
    return Imported([Receipt(**told) for told in done.told], done.replayed)


def kept_options(file: File) -> dict[str, Any]:
    """Return how a file is read, as its job keeps it, so that the import can go on in the same way."""
    prepared = file.prepared
    kind, options = prepared.mapping.kind, prepared.options
    return {
        "preset": kind.preset,
        "kind": kind.name,
        "encoding": prepared.encoding,
        "delimiter": prepared.delimiter,
        "rejects": str(file.rejects.absolute()),
        "path": str(prepared.source.path.absolute()),
        **{name: dict(value) if isinstance(value, Mapping) else value for name, value in options.kept().items()},
    }


class FilePart:
    """The import of one file, or a part of it, inside an open write. ``tally`` holds what came before and comes out."""

    def __init__(
        self, writer: Writer, file: File, terms: Terms, rejects: RejectsFile | None, progress: Progress, tally: Tally
    ) -> None:
        prepared = file.prepared
        kind = prepared.mapping.kind
        self._writer = writer
        self._file = file
        self._terms = terms
        self._rejects = rejects
        self._progress = progress
        self._tally = tally
        self._started = time.perf_counter()
        self._ran_before = Counter(writer.reactions.ran)
        self._maker = Maker(writer, kind, tally.made) if terms.create else None
        memory = Memory(writer, tally.job, tally.met)
        tally.met = memory.met
        options = {**terms._asdict(), **kept_options(file)}
        self._job = Job(writer, memory.kept, prepared, options, tally.job, tally.line)
        matcher = Matcher(writer, prepared.system, terms.key, kind.entities)
        linker = Linker(writer, prepared.system, self._maker)
        places = Places(writer, prepared.decisions.pipelines, self._maker)
        self._custom = prepared.mapping.custom()
        custom = self._custom & kind.custom.keys()
        self._misses = 0  # parts, one after the other, whose rows were not plain
        self._plain = PlainRows(writer, memory, matcher, linker, tally, brings_fields=bool(custom))
        self._saving = Saving(
            writer,
            self._job,
            memory,
            matcher,
            linker,
            places,
            tally,
            custom=custom,
            update=terms.update,
        )

    def take(self, chunks: Iterable[Chunk]) -> None:
        """Save rows: by column where all of them are plain, else row by row."""
        for chunk in chunks:
            found = chunk.sheet() if self._misses < _MOST_MISSES else None
            outcome = self._save_sheet(found[0]) if found else None
            if found and outcome:
                self._sort(found[1], outcome)
                self._settle(outcome)
                self._misses = 0
            else:
                rows = chunk.read()
                for start in range(0, len(rows), _ROWS):
                    self._settle(self._save_rows(rows[start : start + _ROWS]))
                self._misses += 1
            self._tally.rows += len(chunk)
            self._tally.line = chunk.last_line
            self._progress(self._file, self._tally.rows, self._tally.rejected)

    def pause(self) -> None:
        """End a part that others follow."""
        self._note(done=False)

    def close(self) -> Receipt:
        """Save what had to wait for the end of the file, and return the receipt."""
        self._add(self._saving.finish())
        self._writer.flush()
        return self._note(done=True)

    def _note(self, *, done: bool) -> Receipt:
        self._tally.seconds += time.perf_counter() - self._started
        if self._job.id is None and self._tally.made.total():  # what was made on the way can be taken back too
            self._job.keep(())
        self._tally.job = self._job.id
        self._tally.rules.update(self._writer.reactions.ran - self._ran_before)
        receipt = self._receipt()
        self._job.note(receipt, self._tally.line, done=done)
        return receipt

    def _settle(self, outcome: Outcome) -> None:
        self._add(outcome)
        self._writer.flush()

    def _save_sheet(self, sheet: Sheet) -> Outcome | None:
        """Save rows by column; None, and nothing is saved, where they are not plain or rules refuse one of them."""
        self._make_custom_fields()
        if any(f"custom.{key}" in sheet.values for key in self._saving.lacking(sheet.entity)):
            return None
        if not self._writer.rules_act_on:
            return self._plain.save(sheet)
        outcomes: list[Outcome] = []
        made = Counter(self._tally.made)

        def save() -> None:
            outcome = self._plain.save(sheet)
            if outcome is None:
                raise RefusedError("a row needs a look of its own")
            outcomes.append(outcome)

        if not self._writer.attempt(save):
            return outcomes[0]
        self._forget(made)
        return None

    def _save_rows(self, rows: Sequence[ReadRow]) -> Outcome:
        outcome = Outcome()
        drafts: dict[str, list[Draft]] = {}
        for draft in self._sort(rows, outcome):
            drafts.setdefault(draft.entity, []).append(draft)
        if drafts:
            self._make_custom_fields()
        for entity, found in drafts.items():
            outcome.add(self._save(entity, found))
        return outcome

    def _sort(self, rows: Sequence[ReadRow], outcome: Outcome) -> list[Draft]:
        """Return the rows that can be saved, and note what became of the others."""
        drafts = []
        for row in rows:
            if isinstance(row, Draft):
                drafts.append(row)
            elif isinstance(row, Rejected):
                outcome.rejected.append(row)
            else:
                outcome.skip(row.reason)
        return drafts

    def _make_custom_fields(self) -> None:
        if self._maker:
            self._maker.make_custom_fields(self._file.prepared.mapping.kind.entities, self._custom)

    def _save(self, entity: str, drafts: Sequence[Draft]) -> Outcome:
        """Save rows of one kind; what rules refuse is tried again in halves, down to the rows that they mean."""
        if not self._writer.rules_act_on:
            return self._saving.save(entity, drafts)
        outcomes: list[Outcome] = []
        made = Counter(self._tally.made)
        problems = self._writer.attempt(lambda: outcomes.append(self._saving.save(entity, drafts)))
        if not problems:
            return outcomes[0]
        self._forget(made)
        if len(drafts) == 1:
            return Outcome(rejected=[Rejected(drafts[0].line, drafts[0].cells, "; ".join(map(str, problems)))])
        middle = len(drafts) // 2
        outcome = self._save(entity, drafts[:middle])
        outcome.add(self._save(entity, drafts[middle:]))
        return outcome

    def _forget(self, made: Counter[str]) -> None:
        """Drop what was found and ``made`` on the way since then: that part of the write was taken back."""
        self._saving.forget()
        self._tally.made.clear()
        self._tally.made.update(made)

    def _add(self, outcome: Outcome) -> None:
        for row in sorted(outcome.rejected, key=lambda row: row.line):
            self._reject(row)
        self._tally.figures.add(outcome.figures)
        if outcome.kept and (self._job.id or self._tally.figures.changed):
            self._job.keep(outcome.kept)

    def _reject(self, row: Rejected) -> None:
        if self._terms.strict_rows:
            raise RefusedError(
                f"{self._file.prepared.source.label}, line {row.line}: {row.reason}",
                hint="without --strict-rows bad rows are set aside",
                code="import.bad_row",
            )
        if self._rejects:
            self._rejects.add(row)
        self._tally.rejected += 1

    def _receipt(self) -> Receipt:
        found = self._tally.figures
        return Receipt(
            **described(self._file.prepared),
            job=None if self._writer.context.command.dry_run else self._job.id,
            earlier_job=found.earlier_job,
            rows=self._tally.rows,
            created=found.created,
            updated=found.updated,
            unchanged=found.unchanged,
            rejected=self._tally.rejected,
            skipped=found.skipped,
            links=found.links,
            on_the_way={entity: count for entity, count in self._tally.made.items() if count},
            warnings=counted(found.warnings.elements()),
            rejects_file=str(self._rejects.path) if self._rejects and self._rejects.count else None,
            seconds=self._tally.seconds,
            rules=dict(self._tally.rules),
            rules_left_out=sum(
                self._writer.reactions.left_out[one] for one in self._file.prepared.mapping.kind.entities
            ),
        )
