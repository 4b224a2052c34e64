"""Files of records read in tests: bytes in, rows by the names of their columns out."""

import io
from collections.abc import Callable
from typing import BinaryIO

from crmcli.formats.ical import Calendar
from crmcli.formats.mail import Mailbox
from crmcli.formats.tabular import Table
from crmcli.formats.vcard import VCards

Open = Callable[[bytes], Table]


def vcards(data: str | bytes, encoding: str | None = None) -> VCards:
    return VCards(_stream(data), "a.vcf", encoding=encoding)


def calendar(data: str | bytes, encoding: str | None = None) -> Calendar:
    return Calendar(_stream(data), "a.ics", encoding=encoding)


def mailbox(data: str | bytes, encoding: str | None = None) -> Mailbox:
    return Mailbox(_stream(data), "a.mbox", encoding=encoding)


def filled(table: Table) -> list[dict[str, str]]:
    """Return the cells that are filled of each row; with them its ``line`` and, if there is one, its ``error``."""
    found = []
    with table:
        for row in table.rows:
            assert len(row.cells) == len(table.header)
            cells = {name: cell for name, cell in zip(table.header, row.cells, strict=True) if cell}
            found.append({**cells, "line": str(row.line), **({"error": row.error} if row.error else {})})
    return found


def _stream(data: str | bytes) -> BinaryIO:
    return io.BytesIO(data.encode() if isinstance(data, str) else data)
