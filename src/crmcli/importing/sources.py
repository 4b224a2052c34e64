"""Where the bytes of an import come from: a file, a folder of items, or standard input.

Of the latter two there is a private temporary file.

An import reads its source more than once, which a pipe cannot do. Decoding, parsing and telling the formats apart
belong to ``formats``.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from crmcli.errors import UsageError
from crmcli.formats.delimited import Delimited
from crmcli.formats.files import open_to_read, standard_input
from crmcli.formats.recognition import recognise_format
from crmcli.formats.tabular import Table
from crmcli.queries.exports import ORDER

STANDARD_INPUT = "-"
_CHUNK = 1 << 20
_EVERYTHING = f'{{\n"{ORDER[0]}": ['.encode()  # how crm export all begins


class Source(NamedTuple):
    """A readable file and how people call it. ``encoding`` and ``delimiter`` are found unless named.

    ``folder`` is the one whose files it holds together.
    """

    path: Path
    label: str
    encoding: str | None = None
    delimiter: str | None = None
    folder: Path | None = None


@contextmanager
def open_source(named: str, *, encoding: str | None = None, delimiter: str | None = None) -> Iterator[Source]:
    """Yield a source for a path or for ``-``, standard input.

    Of a folder, of standard input and of a pipe there is a temporary copy (mode 0600) that goes with the block. Raises
    CrmError when a file cannot be read.
    """
    path = Path(named)
    if path.is_dir():
        with _joined(path, encoding) as source:
            yield source
        return
    if named != STANDARD_INPUT and not path.is_fifo():
        open_to_read(path).close()
        yield Source(path, named, encoding, delimiter)
        return
    from shutil import copyfileobj
    from tempfile import NamedTemporaryFile

    with ExitStack() as opened:
        is_standard = named == STANDARD_INPUT
        pipe = standard_input("a file").buffer if is_standard else opened.enter_context(path.open("rb"))
        copy = opened.enter_context(NamedTemporaryFile(prefix="crm-import-"))
        copyfileobj(pipe, copy)
        copy.flush()
        yield Source(Path(copy.name), "standard input" if is_standard else named, encoding, delimiter)


@contextmanager
def _joined(folder: Path, encoding: str | None) -> Iterator[Source]:
    from tempfile import NamedTemporaryFile

    from crmcli.importing.folders import files_of, join

    with NamedTemporaryFile(prefix="crm-import-") as copy:
        join(files_of(folder), copy, encoding)
        copy.flush()
        yield Source(Path(copy.name), str(folder.resolve()), "utf-8", folder=folder)


def open_table(source: Source) -> Table:
    """Return the open table of a source in the format its content shows, or else its name.

    Raises CrmError when it cannot be read, RefusedError when its content is damaged or of no format known here.
    """
    stream = open_to_read(source.path)
    try:
        _refuse_everything(stream, source.label)
        reader = _READERS[recognise_format(stream, source.label)]
        return reader(stream, source)
    except BaseException:
        stream.close()
        raise


def _refuse_everything(stream: BinaryIO, label: str) -> None:
    """Refuse the document of all records, which is no table; the stream is left at its start."""
    is_everything = stream.read(len(_EVERYTHING)) == _EVERYTHING
    stream.seek(0)
    if is_everything:
        raise UsageError(f"{label} holds everything of a store", hint=f"crm import all {label}", code="import.all")


def _delimited(stream: BinaryIO, source: Source) -> Table:
    return Delimited(stream, source.label, encoding=source.encoding, delimiter=source.delimiter)


def _json(stream: BinaryIO, source: Source) -> Table:
    from crmcli.formats.json_records import JsonRecords

    return JsonRecords(stream, source.label, encoding=source.encoding)


def _workbook(stream: BinaryIO, source: Source) -> Table:
    from crmcli.formats.workbooks import Workbook

    return Workbook(stream, source.label)


def _vcards(stream: BinaryIO, source: Source) -> Table:
    from crmcli.formats.vcard import VCards

    return VCards(stream, source.label, encoding=source.encoding)


def _calendar(stream: BinaryIO, source: Source) -> Table:
    from crmcli.formats.ical import Calendar

    return Calendar(stream, source.label, encoding=source.encoding)


def _mailbox(stream: BinaryIO, source: Source) -> Table:
    from crmcli.formats.mail import Mailbox

    return Mailbox(stream, source.label, encoding=source.encoding)


_READERS: dict[str, Callable[[BinaryIO, Source], Table]] = {
    "csv": _delimited,
    "json": _json,
    "xlsx": _workbook,
    "vcard": _vcards,
    "calendar": _calendar,
    "mail": _mailbox,
}


def read_header(source: Source) -> Sequence[str]:
    """Return the header of a source, to recognise whose export it is."""
    with open_table(source) as table:
        return table.header


def identities(source: Source) -> set[str]:
    """Return the ids and UIDs of the items of a source."""
    with open_table(source) as table:
        places = [table.header.index(name) for name in ("Id", "UID") if name in table.header]
        return {row.cells[place] for row in table.rows for place in places}


def fingerprint(source: Source) -> str:
    """Return the SHA-256 of the bytes, in hexadecimal."""
    from hashlib import sha256

    digest = sha256()
    with open_to_read(source.path) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
