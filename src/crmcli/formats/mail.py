"""Reads mail: every message of an mbox file, or the only one of an ``.eml`` file, is a row of the columns ``HEADER``.

A message is held in memory without the bulk of its attachments, of which name and size are told. Its headers are read
as they stand (RFC 5322 and 2047) and not by the grammar of ``policy.default``, whose time grows faster than a list of
recipients does. Who the people are, and which way a message went, is found out by the import.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Self

from crmcli.domain.replies import split_reply
from crmcli.domain.zones import instant_text
from crmcli.errors import UsageError
from crmcli.formats.mail_text import DROPPED, Headers, body_of, people
from crmcli.formats.tabular import Row

if TYPE_CHECKING:
    from email.message import Message

HEADER = (
    "Message-ID", "Thread", "Date", "From", "People", "Subject", "Text", "History", "Signature", "Attachments",
    "Automatic",
)  # fmt: skip

_FROM = re.compile(rb"From .{0,400}\d{1,2}:\d\d.{0,80}\d{4}\s*\Z")
_QUOTED_FROM = re.compile(rb">+From ")
_MAX_MESSAGE = 1 << 25  # bytes, without the bulk of attachments
_MAX_RUN = 1 << 20  # bytes of base64 in one stretch that are kept
_MAX_LINE = 1 << 20
_MAX_TEXT = 1 << 20  # characters
_MOST_BOUNDARIES = 100  # each costs every line of the message a step
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{60,}={0,2}\s*\Z")
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})


class Mailbox:
    """An open mbox or ``.eml`` file, to be used as a context manager; see ``tabular.Table``.

    ``encoding`` names that of bytes whose message does not say it.
    """

    delimiter = ""
    header_line = 0

    def __init__(self, stream: BinaryIO, label: str, *, encoding: str | None) -> None:
        self.label = label
        self.encoding = encoding or "utf-8"
        _check(self.encoding)
        self.notices: list[str] = []
        self.header = list(HEADER)
        self._stream = stream
        self.rows = self._rows()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def _rows(self) -> Iterator[Row]:
        for line, raw, problem in _messages(self._stream):
            if raw.strip() or problem:
                yield _read(line, raw, problem, self.encoding)


def _check(encoding: str) -> None:
    try:
        "".encode(encoding)
    except LookupError:
        raise UsageError(f"no encoding {encoding!r}", hint="for example utf-8, cp1252, iso-8859-15") from None


def _messages(stream: BinaryIO) -> Iterator[tuple[int, bytes, str]]:
    """Yield line, bytes and problem of each message. In an mbox file a line ``From ... 2026`` begins each.

    What a program quoted for that (``>From``) is given back. Stretches of base64 are shortened, and a line of our own
    tells by how much.
    """
    raw = _Raw()
    start = number = 0
    is_mbox, is_blank = False, True
    while line := stream.readline(_MAX_LINE):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
            is_mbox = line.startswith(b"From ")
        if is_mbox and is_blank and (number == 1 or (line.startswith(b"From ") and _FROM.match(line))):
            if start:
                yield start, *raw.taken()
            start = number
            raw = _Raw()
        else:
            start = start or number
            raw.add(line[1:] if is_mbox and _QUOTED_FROM.match(line) else line)
        is_blank = not line.strip()
    if start:
        yield start, *raw.taken()


class _Raw:
    """The bytes of a message, as far as they are kept."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._run = self._dropped = 0
        self._problem = ""

    def add(self, line: bytes) -> None:
        if _BASE64.match(line):
            self._run += len(line)
            if self._run > _MAX_RUN:
                self._dropped += len(line.strip())
                return
        else:
            self._end_run()
        if len(self._bytes) + len(line) > _MAX_MESSAGE:
            self._problem = f"the message has more than {_MAX_MESSAGE >> 20} MB without its attachments"
        else:
            self._bytes += line

    def taken(self) -> tuple[bytes, str]:
        self._end_run()
        return bytes(self._bytes), self._problem

    def _end_run(self) -> None:
        if self._dropped:
            self._bytes += DROPPED % self._dropped
        self._run = self._dropped = 0


def _read(line: int, raw: bytes, problem: str, encoding: str) -> Row:
    """Return the row of a message; what cannot be read at all makes it one with an error."""
    from email import message_from_bytes

    cells = [""] * len(HEADER)
    if raw.lower().count(b"boundary=") > _MOST_BOUNDARIES:
        problem = problem or f"the message has more than {_MOST_BOUNDARIES} parts of parts"
    if not problem:
        try:
            message = message_from_bytes(raw)
            cells = list(_cells(message, Headers(message, encoding), encoding))
            problem = "" if cells[HEADER.index("Date")] else "the message has no date"
        except (ValueError, LookupError, RecursionError, TypeError, AttributeError) as error:
            problem = f"the message cannot be read ({type(error).__name__})"
    return Row(line, cells, problem or None)


def _cells(message: "Message", headers: "Headers", encoding: str) -> Iterator[str]:
    """Yield the cells in the order of ``HEADER``."""
    own = headers.ids("Message-ID")[:1]
    yield "".join(own)
    yield (headers.ids("References") or headers.ids("In-Reply-To") or own or [""])[0]
    yield _date(headers)
    named = {
        name: dict.fromkeys(person for value in headers.raw(name) for person in people(value, encoding))
        for name in ("From", "To", "Cc")
    }
    yield next(iter(named["From"]), "")
    yield "\n".join(f"{name}: {person}" for name, persons in named.items() for person in persons)
    yield headers.first("Subject")
    body = body_of(message, encoding)
    reply = split_reply(body.text[:_MAX_TEXT])
    yield reply.visible or reply.quoted
    yield reply.quoted if reply.visible else ""
    yield reply.signature
    yield "\n".join(f"Attachment: {name} ({_shown(size)})" for name, size in body.attachments)
    yield "yes" if _is_automatic(message, headers) else ""


def _date(headers: "Headers") -> str:
    """Return when a message was sent, or else received; empty when it does not say."""
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    received = (line.rpartition(";")[2] for line in headers.raw("Received")[:1])
    for said in (headers.first("Date"), *received):
        try:
            moment = parsedate_to_datetime(" ".join(said.split())[:100])
            return instant_text((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC))
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return ""


def _is_automatic(message: "Message", headers: "Headers") -> bool:
    """Say whether no person wrote it: RFC 3834, and what mailing lists and receipts bear."""
    submitted = headers.first("Auto-Submitted").partition(";")[0].strip().lower()
    is_report = message.get_content_type() == "multipart/report"
    return submitted not in ("", "no") or headers.first("Precedence").lower() in _BULK or is_report


def _shown(size: int) -> str:
    for unit, bytes_ in (("MB", 1 << 20), ("KB", 1 << 10)):
        if size >= bytes_:
            return f"{size / bytes_:.1f} {unit}"
    return f"{size} B"
