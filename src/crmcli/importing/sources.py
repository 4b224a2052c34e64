"""Where the bytes of an import come from: a file, or standard input kept in a private temporary file.

An import reads its source more than once, which a pipe cannot do. Decoding and parsing belong to ``formats``.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from crmcli.formats.delimited import STANDARD_INPUT, Delimited
from crmcli.formats.files import open_to_read
from crmcli.formats.tabular import Table

_CHUNK = 1 << 20


class Source(NamedTuple):
    """A readable file and how people call it. ``encoding`` and ``delimiter`` are found unless named."""

    path: Path
    label: str
    encoding: str | None = None
    delimiter: str | None = None


@contextmanager
def open_source(named: str, *, encoding: str | None = None, delimiter: str | None = None) -> Iterator[Source]:
    """Yield a source for a path or for ``-``, standard input, whose temporary copy (mode 0600) goes with the block.

    Raises CrmError when a file cannot be read.
    """
    delimiter = "\t" if delimiter in ("tab", "\\t") else delimiter
    if named != STANDARD_INPUT:
        path = Path(named)
        open_to_read(path).close()
        yield Source(path, named, encoding, delimiter)
        return
    from shutil import copyfileobj
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile(prefix="crm-import-") as copy:
        copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Source(Path(copy.name), "standard input", encoding, delimiter)


def open_table(source: Source) -> Table:
    """Return the open table of a source, whose header may stand below a preamble of single cells."""
    return Delimited(
        open_to_read(source.path),
        source.label,
        encoding=source.encoding,
        delimiter=source.delimiter,
    )


def read_header(source: Source) -> Sequence[str]:
    """Return the header of a source, to recognise whose export it is."""
    with open_table(source) as table:
        return table.header


def fingerprint(source: Source) -> str:
    """Return the SHA-256 of the bytes, in hexadecimal."""
    from hashlib import sha256

    digest = sha256()
    with open_to_read(source.path) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
