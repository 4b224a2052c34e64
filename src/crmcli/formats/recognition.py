"""Tells the format of a file: by how its content begins, and where that says nothing by the end of its name.

Formats are named csv, json, xlsx, vcard, calendar and mail. Anything that begins as no other is taken for delimited
text, which has no mark of its own. Reading belongs to the modules of the formats.
"""

import re
from pathlib import PurePath
from typing import BinaryIO

from crmcli.errors import RefusedError

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".xlsx": "xlsx",
    ".vcf": "vcard",
    ".ics": "calendar",
    ".mbox": "mail",
    ".eml": "mail",
}
_HEAD = 4096  # bytes
_BEGINNINGS = (
    ("vcard", re.compile(r"BEGIN:VCARD\s", re.IGNORECASE)),
    ("calendar", re.compile(r"BEGIN:V[A-Z]+\s", re.IGNORECASE)),
    ("mail", re.compile(r"From \S.*\d{4}\s*\n[!-9;-~]+:", re.IGNORECASE)),  # mbox (RFC 4155)
    (
        "mail",
        re.compile(r"(?:Return-Path|Delivered-To|Received|Message-ID|MIME-Version|X-[!-9;-~]+):\s", re.IGNORECASE),
    ),
    ("json", re.compile(r'\[\s*(?:[{\]]|$)|\{\s*(?:"|\}|$)')),
)
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"


def recognise_format(stream: BinaryIO, name: str) -> str:
    """Return the format of a seekable stream, left at its start; ``name`` is that of the file.

    Raises RefusedError for a spreadsheet that cannot be read and for a packed file.
    """
    head = stream.read(_HEAD)
    stream.seek(0)
    named = SUFFIXES.get(PurePath(name).suffix.lower(), "")
    if head.startswith(_OLD_EXCEL):
        raise _refusal(name, "an old or encrypted Office file", "save it as .xlsx or CSV")
    if head.startswith(_ZIP):
        if named == "xlsx" or b"[Content_Types].xml" in head or b"xl/" in head:
            return "xlsx"
        raise _refusal(name, "a packed file", "unpack it and import what is in it")
    text = _text(head)
    begins = next((found for found, beginning in _BEGINNINGS if beginning.match(text)), "")
    return begins or named or "csv"


def _text(head: bytes) -> str:
    """Return the beginning as text; what the formats begin with is ASCII in every encoding they may have."""
    return head.replace(b"\0", b"").decode("latin-1").removeprefix("ï»¿").removeprefix("ÿþ").removeprefix("þÿ").lstrip()


def _refusal(name: str, what: str, hint: str) -> RefusedError:
    return RefusedError(f"{name}: this is {what}", hint=hint, code="file.format")
