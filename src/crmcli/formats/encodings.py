"""Decides how the bytes of a text file are encoded: byte order mark, UTF-16 by its zeros, strict UTF-8, then cp1252.

The decision is made on the whole file before a line of it is used, and is never a guess among national code pages: what
else an old program wrote must be named by the user.
"""

import re
from typing import BinaryIO, NamedTuple

from crmcli.errors import RefusedError, UsageError

FALLBACK = "cp1252"
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_OF_NO_FILE = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape"})  # of names and source code
_CHUNK = 1 << 16
_FOLD = re.compile(rb"\r?\n[ \t]")
_ESCAPED = re.compile("[\udc80-\udcff]")


class Encoding(NamedTuple):
    """A codec name of Python and, when it was a fallback, a notice for the user.

    ``errors``: what the codec is to do with bytes that do not fit; those it escapes are for ``mended``.
    """

    name: str
    notice: str = ""
    errors: str = "strict"


def decide(stream: BinaryIO, label: str, asked: str | None = None, *, is_table: bool = True) -> Encoding:
    """Return the encoding of a seekable stream and leave it at its start.

    ``label`` names the file in errors. Raises UsageError for an unknown encoding and RefusedError, naming the line,
    when the bytes do not fit the encoding asked for, marked by the file, or fallen back to. What is UTF-8 but for a few
    bytes is damaged: read as anything else, each of its accents would be wrong. A table is refused for it; of records
    that stand each for itself, in folded lines, only those bytes are wrong.
    """
    if asked:
        return Encoding(_checked(stream, label, _codec(asked)))
    head = stream.read(4096)
    stream.seek(0)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None) or _utf16_without_mark(head)
    if marked and (is_table or marked != "utf-8-sig"):
        return Encoding(_checked(stream, label, marked))
    line = _first_bad_line(stream, "utf-8")
    if line is None:
        return Encoding(marked or "utf-8")
    is_damaged = bool(marked) or _is_damaged_utf8(stream, folded=not is_table)
    if is_damaged and not is_table:
        notice = f"{label}: line {line} is not UTF-8, as the rest is; what is wrong there is read as {FALLBACK}"
        return Encoding(marked or "utf-8", notice, "surrogateescape")
    if is_damaged:
        raise RefusedError(
            f"{label}: line {line} is not UTF-8, as the rest is",
            hint=f"mend that line, or read all as another encoding: --encoding {FALLBACK}",
            code="file.encoding",
        )
    return Encoding(
        _checked(stream, label, FALLBACK), f"{label}: line {line} is not UTF-8; read as {FALLBACK} (see --encoding)"
    )


def mended(text: str) -> str:
    """Return text that was decoded with escapes: a character that a fold had cut is whole, other bytes are cp1252."""
    if not _ESCAPED.search(text):
        return text
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeDecodeError:
        return _ESCAPED.sub(lambda byte: bytes([ord(byte[0]) - 0xDC00]).decode(FALLBACK, "replace"), text)


def _is_damaged_utf8(stream: BinaryIO, *, folded: bool) -> bool:
    """Say whether more characters beyond ASCII are good UTF-8 than are not; ``folded``: those in folds are whole."""
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    good = bad = 0
    while chunk := stream.read(_CHUNK):
        text = decoder.decode(_FOLD.sub(b"", chunk) if folded else chunk)
        wrong = text.count("\ufffd")
        bad += wrong
        good += len(text) - len(text.encode("ascii", "ignore")) - wrong
    stream.seek(0)
    return good > bad


def _codec(asked: str) -> str:
    import codecs

    try:
        name = codecs.lookup(asked).name
        "".encode(name)  # refuses codecs that are no text encodings
        if name in _OF_NO_FILE:
            raise LookupError(name)
    except (LookupError, UnicodeError):
        raise UsageError(f"no encoding {asked!r}", hint="for example utf-8, cp1252, utf-16, iso-8859-15") from None
    return "utf-8-sig" if name == "utf-8" else name


def _utf16_without_mark(head: bytes) -> str | None:
    """Recognise UTF-16 by its zero bytes: in mostly Latin text every second byte is one."""
    pairs = len(head) // 2
    if pairs and head[1::2].count(0) > pairs * 0.7 and not head[::2].count(0):
        return "utf-16-le"
    if pairs and head[::2].count(0) > pairs * 0.7 and not head[1::2].count(0):
        return "utf-16-be"
    return None


def _checked(stream: BinaryIO, label: str, name: str) -> str:
    line = _first_bad_line(stream, name)
    if line is not None:
        raise RefusedError(
            f"{label}: line {line} is not {name.removesuffix('-sig')} text",
            hint="name the encoding with --encoding",
            code="file.encoding",
        )
    return name


def _first_bad_line(stream: BinaryIO, name: str) -> int | None:
    """Decode the whole stream; return the 1-based line of the first byte that does not fit, or None. Rewinds."""
    import codecs

    decoder = codecs.getincrementaldecoder(name)()
    line = 1
    try:
        while chunk := stream.read(_CHUNK):
            text = ""
            text = decoder.decode(chunk)
            line += text.count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as problem:
        return line + problem.object[: problem.start].decode(name, errors="ignore").count("\n")
    except UnicodeError:  # which names no place: UTF-16 without its mark
        return line
    finally:
        stream.seek(0)
    return None
