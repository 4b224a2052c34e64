"""What an import tells when it is done: the receipt, and the file of rejected rows, which can be imported again."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import count, islice
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TextIO

from crmcli.config.paths import ensure
from crmcli.errors import CrmError
from crmcli.formats.delimited import write_rows
from crmcli.formats.files import replacing
from crmcli.formats.formulas import restore
from crmcli.importing.presets import OWN_COLUMNS
from crmcli.importing.rows import Prepared, Rejected

REJECTS = ".rejects.csv"  # how files of rejected rows end that are named here


class Receipt(NamedTuple):
    """An import in figures. ``on_the_way``: records created because rows named them, by entity. ``seconds``: taken.

    ``earlier_job``: the last job before in which rows of the file were imported already. ``rules``: how often each rule
    ran; ``rules_left_out``: how many rules do not act on imports.
    """

    job: int | None  # None on a dry run
    file: str
    entity: str
    preset: str
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    skipped: int
    links: int
    on_the_way: Mapping[str, int]
    warnings: Mapping[str, int]
    ignored: tuple[str, ...]
    encoding: str
    delimiter: str
    header_line: int
    mapping: Mapping[str, str]
    samples: Mapping[str, str]
    rejects_file: str | None
    seconds: float
    earlier_job: int | None = None
    rules: Mapping[str, int] = {}
    rules_left_out: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data for ``-o json``."""
        return {
            **self._asdict(),
            "on_the_way": dict(self.on_the_way),
            "warnings": dict(self.warnings),
            "ignored": list(self.ignored),
            "mapping": dict(self.mapping),
            "samples": dict(self.samples),
            "seconds": round(self.seconds, 3),
            "rules": dict(self.rules),
        }


def described(prepared: Prepared) -> dict[str, Any]:
    """Return the parts of a receipt that are known before a row is written, by name."""
    return {
        "file": prepared.source.label,
        "entity": prepared.mapping.kind.entity,
        "preset": prepared.mapping.kind.preset,
        "ignored": prepared.mapping.ignored,
        "encoding": prepared.encoding,
        "delimiter": prepared.delimiter,
        "header_line": prepared.header_line,
        "mapping": prepared.mapping.told(),
        "samples": prepared.decisions.samples,
    }


def claimed(path: Path) -> Path:
    """Make an empty file of this name or, where there is one already, of the next free one, and return its path."""
    ensure(path.parent)
    stem = path.name.removesuffix(REJECTS)
    for number in count(1):
        free = path if number == 1 else path.with_name(f"{stem}-{number}{REJECTS}")
        try:
            free.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            continue
        except OSError as problem:
            raise CrmError(f"cannot write {free}: {problem.strerror}", code="file.not_written") from problem
        return free
    raise AssertionError  # numbers do not end


def counted(warnings: Iterable[str]) -> dict[str, int]:
    """Return warnings with how often each occurs, the most frequent first."""
    from collections import Counter

    return dict(Counter(warnings).most_common())


class RejectsFile:
    """A CSV file of rejected rows, made when the first one comes: the original columns, ``_line`` and ``_error``.

    A context manager: the file takes its place whole when the block ends well, readable by its owner alone. A row with
    more cells than the header keeps its further cells at the end, and so is rejected again until it is mended. With
    ``beside`` it leaves a file of its name alone, and takes the next free one.
    """

    def __init__(self, path: Path, header: Sequence[str], *, beside: bool = False) -> None:
        self.path = path
        self.count = 0
        self._beside = beside
        self._header = [name for name in header if name not in OWN_COLUMNS]
        self._kept = [place for place, name in enumerate(header) if name not in OWN_COLUMNS]
        self._width = len(header)
        self._stack = ExitStack()
        self._stream: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        is_claimed = self._beside and self._stream is not None
        try:
            done = self._stack.__exit__(kind, error, trace)
        except BaseException:
            if is_claimed:
                self.path.unlink(missing_ok=True)
            raise
        if is_claimed and error is not None:
            self.path.unlink(missing_ok=True)
        return done

    def add(self, rejected: Rejected) -> None:
        """Write a row; raises CrmError when the file system refuses."""
        stream = self._stream or self._open()
        cells = [rejected.cells[place] for place in self._kept if place < len(rejected.cells)]
        cells += [""] * (len(self._kept) - len(cells))
        further = rejected.cells[self._width :]
        _write_record(stream, [*cells, str(rejected.line), rejected.reason, *further])
        self.count += 1

    def _open(self) -> TextIO:
        ensure(self.path.parent)
        if self._beside:
            self.path = claimed(self.path)
        self._stream = self._stack.enter_context(replacing(self.path))
        _write_record(self._stream, [*self._header, *OWN_COLUMNS])
        return self._stream


class GrowingRejects(RejectsFile):
    """Rejected rows of an import in parts, on disk before the part they belong to is committed.

    ``earlier`` is how many rows were rejected in the parts that are: further ones in the file are of no part, and go.
    """

    def __init__(self, path: Path, header: Sequence[str], earlier: int) -> None:
        super().__init__(path, header)
        self._earlier = _first_records(path, earlier) if earlier and path.exists() else []
        self.count = len(self._earlier)

    def sync(self) -> None:
        """Make sure that what was added is on disk, and nothing of parts that are not.

        The file is touched here and in ``add`` only, when it is certain that nobody else goes on with the import.
        """
        if self._stream is None and self._earlier:
            self._open()
        if self._stream is not None:
            self._stream.flush()
            os.fsync(self._stream.fileno())

    def _open(self) -> TextIO:
        ensure(self.path.parent)
        with replacing(self.path) as whole:
            for cells in ([*self._header, *OWN_COLUMNS], *self._earlier):
                _write_record(whole, cells)
        self._stream = self._stack.enter_context(self.path.open("a", encoding="utf-8", newline=""))
        return self._stream


def _first_records(path: Path, count: int) -> list[list[str]]:
    """Return the first records of a rejects file below its header; what comes after them may be cut off anywhere."""
    import csv

    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        return [[restore(cell) for cell in cells] for cells in islice(csv.reader(stream), 1, count + 1)]


def _write_record(stream: TextIO, cells: list[str]) -> None:
    """Write one record, safe for spreadsheets, as the header of a table that has no rows."""
    write_rows(cells, (), stream.write, guards=())
