"""An import in parts: each batch is one transaction, and how far the import is stands in it, so that it can go on.

All batches together are one step for undo. A program that is killed between two of them loses nothing: ``resume`` goes
on with the row after the last one that is in.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, takewhile
from json import loads
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.errors import ConflictError, CrmError, RefusedError
from crmcli.importing.receipts import GrowingRejects, Receipt, claimed
from crmcli.importing.rows import Draft, read_rows
from crmcli.importing.sheets import Chunks
from crmcli.importing.sources import fingerprint
from crmcli.services.collector import collector_at_rest, sweep
from crmcli.services.imports.job import BATCH, File, FilePart, Progress, Terms
from crmcli.services.imports.memory import RUNNING, Memory
from crmcli.services.imports.outcome import Figures, Tally
from crmcli.services.imports.waiting import Late, merged
from crmcli.services.results import Context
from crmcli.services.writer import Writer, write

if TYPE_CHECKING:
    from crmcli.importing.mapping import FileMapping

_CHUNK = 1000
_FIRST_NEW = (
    "SELECT entity, MIN(record_id) AS first FROM import_row WHERE job_id = ? AND action = 'created' GROUP BY entity"
)
_FIGURES = ("created", "updated", "unchanged", "skipped", "links", "earlier_job")


class Stopped(NamedTuple):
    """An import that did not come to its end, as the store remembers it."""

    job: int
    uid: str
    sha256: str
    status: str
    line: int
    counts: Mapping[str, Any]

    @property
    def rows(self) -> int:
        """Return how many rows are done."""
        done: int = self.counts.get("rows", 0)
        return done


def import_in_batches(
    context: Context, file: File, terms: Terms, progress: Progress, stopped: Stopped | None = None
) -> Receipt:
    """Import a file in parts of ``terms.batch`` rows, from where it ``stopped``, and return the receipt of the whole.

    What was committed before an error or interrupt stays: the hint of the one, a note of the other tells how to go on.
    """
    command = replace(context.command, batch_uid=stopped.uid if stopped else str(uuid.uuid4()))
    if file.beside and stopped is None:  # now, since the job keeps the name
        file = file._replace(rejects=claimed(file.rejects))
    run = _Run(replace(context, command=command), file, terms, progress, stopped)
    try:
        with collector_at_rest(), run.rejects:
            return run.to_the_end()
    except KeyboardInterrupt as interrupt:
        if run.job is not None:
            interrupt.add_note(f"stopped: crm import resume {run.job} goes on")
        raise
    except CrmError as error:
        if run.job is not None and not isinstance(error, ConflictError):
            error.hint = f"crm import resume {run.job}"
            error.message = error.message.replace("nothing saved", f"saved up to line {run.saved:,}")
        raise
    finally:
        if file.beside and not run.rejects.count:
            file.rejects.unlink(missing_ok=True)


def stopped_import(job: Mapping[str, Any], file: File) -> Stopped:
    """Return how far an import came, from its stored row; RefusedError when it cannot go on with this file."""
    found = Stopped(
        job["id"], job["uid"], job["file_sha256"], job["status"], job["last_row"], loads(job["counts"] or "{}")
    )
    if found.status != RUNNING:
        raise RefusedError(f"import {found.job} came to its end", hint="crm import list", code="import.complete")
    if fingerprint(file.prepared.source) != found.sha256:
        raise RefusedError(
            f"{file.prepared.source.label} is not the file of import {found.job}, or was changed since",
            hint=f"crm import undo {found.job} takes back what is in",
            code="import.other_file",
        )
    return found


class _Run:
    """One run of an import in parts. ``job`` is that of the parts that are in, ``saved`` the line of the last one."""

    def __init__(self, context: Context, file: File, terms: Terms, progress: Progress, stopped: Stopped | None) -> None:
        self.tally = _tally(stopped) if stopped else Tally()
        self.rejects = GrowingRejects(file.rejects, file.prepared.mapping.header, self.tally.rejected)
        self._context = context
        self._file = file
        self._terms = terms
        self._progress = progress
        self._resumed_after = self.saved = self.tally.line
        self.job = self.tally.job

    def to_the_end(self) -> Receipt:
        rows = Chunks(self._file.prepared, after=self.tally.line)
        receipts: list[Receipt] = []
        while not receipts:
            write(self._context, lambda writer: receipts.extend(self._part(writer, rows)))
            self.saved, self.job = self.tally.line, self.tally.job
            sweep()
        return receipts[0]

    def _part(self, writer: Writer, rows: Chunks) -> list[Receipt]:
        """Import the next rows, and return the receipt if they are the last."""
        done = self.tally.rows
        if self._resumed_after and not self.tally.first_new:
            first_new = writer.all(_FIRST_NEW, self.tally.job)
            self.tally.first_new.update((row["entity"], row["first"]) for row in first_new)
        one = FilePart(writer, self._file, self._terms, self.rejects, self._progress, self.tally)
        one.take(rows.take(self._terms.batch, BATCH))
        receipts = []
        if self.tally.rows - done < (self._terms.batch or 1):
            if self._resumed_after and _has_own_links(self._file.prepared.mapping):
                self._recollect(writer)
            receipts.append(one.close())
        else:
            one.pause()
        self.rejects.sync()
        return receipts

    def _recollect(self, writer: Writer) -> None:
        """Note the references among the file's own records that the earlier run met and did not come to set."""
        memory = Memory(writer)
        done = takewhile(lambda row: row.line <= self._resumed_after, read_rows(self._file.prepared))
        for drafts in _chunks(row for row in done if isinstance(row, Draft)):
            self.tally.merged.extend(merged(draft) for draft in drafts if draft.master)
            for entity in {draft.entity for draft in drafts}:
                own = [draft for draft in drafts if draft.entity == entity and not draft.master]
                known = memory.recall(entity, [draft.row_hash for draft in own])
                for draft in own:
                    if (found := known.get(draft.row_hash)) and found.id is not None:
                        self.tally.late.extend(_missing(writer, draft, found.id))


def _missing(writer: Writer, draft: Draft, record_id: int) -> Iterator[Late]:
    """Yield the references of a stored record to others of its kind that are not set."""
    kind = ENTITIES[draft.entity]
    for name, links in draft.links.items():
        for link in links:
            if link.entity == draft.entity and writer.image(kind.name, record_id)[kind.fields[name].column] is None:
                yield Late(draft.entity, record_id, name, link)


def _has_own_links(mapping: "FileMapping") -> bool:
    """Say whether rows of a file may refer to other rows of it."""
    return any(
        column.target.name == "master" or column.target.entity == bound.shape.entity
        for bound in mapping.bound.values()
        for column in bound.columns
    )


def _tally(stopped: Stopped) -> Tally:
    counts = stopped.counts
    figures = Figures(**{name: counts[name] for name in _FIGURES}, warnings=Counter(counts["warnings"]))
    return Tally(
        job=stopped.job,
        line=stopped.line,
        rows=counts["rows"],
        rejected=counts["rejected"],
        seconds=counts["seconds"],
        figures=figures,
        made=Counter(counts["on_the_way"]),
        rules=Counter(counts.get("rules", {})),
    )


def _chunks(drafts: Iterator[Draft]) -> Iterator[Sequence[Draft]]:
    while chunk := list(islice(drafts, _CHUNK)):
        yield chunk
