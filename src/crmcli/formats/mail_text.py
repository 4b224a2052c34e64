"""Headers, text and attachments of a mail message (RFC 2045 to 2047, 5322), whatever its sender made of them.

Nothing here is run, fetched or written: an HTML part becomes plain text, an attachment a name and a size. Takes a time
that grows with the length of the message alone.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from email.message import Message

DROPPED = b"\nX-Dropped-Base64: %d\n"  # stands where a reader left bytes of base64 out

_MOST_PARTS = 500
_MAX_HEADER = 1 << 16  # characters
_MAX_HTML = 1 << 21  # characters
_MAX_NAME = 200  # characters
_END = 400  # characters in which what was dropped is told

_IDS = re.compile(r"<[^<>\s]{1,500}>")
_ONE_OF_PEOPLE = re.compile(r'(?:"(?:[^"\\]|\\.)*+"?|<[^>]*+>?|[^,;"<]++)++')
_WORD = re.compile(r'[^\s<>"():,;]++')
_LEFT_OUT = re.compile(r"\s*X-Dropped-Base64: (\d{1,15})\s*")
_HTML = re.compile(r"<!--|-->|<(/?)([A-Za-z][A-Za-z0-9]*)\b[^<>]*+>|[^<-]++|.", re.DOTALL)
_BLOCKS = frozenset({"p", "div", "br", "tr", "li", "ul", "ol", "table", "blockquote", "h1", "h2", "h3", "h4", "hr"})
_HIDDEN = frozenset({"style", "script", "head", "title", "template"})
_DEEPEST = 9  # quotations in each other


class Headers:
    """The headers of a message by name. ``encoding`` is that of bytes which they should not hold."""

    def __init__(self, message: "Message", encoding: str) -> None:
        self._encoding = encoding
        self._raw: dict[str, list[str]] = {}
        for name, value in message.raw_items():
            self._raw.setdefault(name.lower(), []).append(str(value)[:_MAX_HEADER])

    def raw(self, name: str) -> list[str]:
        """Return the values of a header as they stand."""
        return self._raw.get(name.lower(), [])

    def first(self, name: str) -> str:
        """Return a header decoded, on one line; empty when it is missing."""
        return " ".join("".join(_decoded(value, self._encoding) for value in self.raw(name)[:1]).split())

    def ids(self, name: str) -> list[str]:
        """Return the message ids, ``<a@example.com>``, of a header."""
        return _IDS.findall(self.first(name))


def people(header: str, encoding: str) -> Iterator[str]:
    """Yield the people of an address header: ``Anna Rossi <anna@example.com>``; who has no address is left out."""
    for one in _ONE_OF_PEOPLE.findall(header):
        address = next((word for word in reversed(_WORD.findall(one)) if 0 < word.find("@") < len(word) - 1), "")
        if address:
            named = re.sub(r'\\(.)|["()<>]', r"\1", one.replace(address, "")).rpartition(":")[2]
            shown = " ".join(_decoded(named, encoding).split())
            yield f"{shown} <{address}>" if shown and shown != address else address


class Body(NamedTuple):
    """The text of a message, and name and size in bytes of what is attached to it."""

    text: str
    attachments: tuple[tuple[str, int], ...]


def body_of(message: "Message", encoding: str) -> Body:
    """Return text and attachments; the plain text counts where there is one, else the HTML.

    ``encoding`` is that of text which does not say it.
    """
    plain: list[str] = []
    html: list[str] = []
    attachments: list[tuple[str, int]] = []
    for part in _leaves(message):
        kind = part.get_content_type()
        raw, left_out = _payload(part)
        name = _file_name(part, encoding)
        if name or part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            attachments.append((name or f"unnamed {kind}"[:_MAX_NAME], len(raw) + left_out))
        else:
            text = _read(raw, part.get_content_charset() or encoding)
            (html if kind == "text/html" else plain).append(text)
    text = "\n".join(plain)
    if not text.strip() and html:
        text = "\n".join(text_of_html(one) for one in html)
    return Body(text.replace("\0", ""), tuple(attachments))


def text_of_html(html: str) -> str:
    """Return what an HTML text says, quotations marked with ``>`` as in plain text."""
    from html import unescape

    lines: list[tuple[int, list[str]]] = [(0, [])]  # depth of quotation, words
    depth, hidden = 0, ""
    for token in _HTML.finditer(html[:_MAX_HTML]):
        closing, tag = token[1], (token[2] or "").lower()
        if token[0] == "<!--" and not hidden:
            hidden = "-->"
        elif hidden:
            hidden = "" if token[0] == hidden or (closing and tag == hidden) else hidden
        elif not tag:
            lines[-1][1].append(token[0])
        elif tag in _HIDDEN:
            hidden = "" if closing else tag
        elif tag in _BLOCKS:
            if tag == "blockquote":
                depth = max(depth - 1, 0) if closing else min(depth + 1, _DEEPEST)
            lines.append((depth, []))
    said = ((depth, " ".join(unescape("".join(words)).split())) for depth, words in lines)
    shown = "\n".join(f"{'>' * depth} {line}" if depth else line for depth, line in said if line or not depth)
    return re.sub(r"\n{3,}", "\n\n", shown).strip()


def _leaves(message: "Message") -> Iterator["Message"]:
    """Yield the parts that hold no others; a message that is attached is one of them."""
    waiting, count = [message], 0
    while waiting and count < _MOST_PARTS:
        part = waiting.pop()
        count += 1
        inner = part.get_payload()
        if isinstance(inner, list) and part.get_content_maintype() == "multipart":
            waiting += reversed([one for one in inner if not isinstance(one, str)])
        else:
            yield part


def _payload(part: "Message") -> tuple[bytes, int]:
    """Return the bytes of a part, and how many more there were."""
    inner = part.get_payload()
    if isinstance(inner, list):
        return b"".join(one.as_bytes() for one in inner if not isinstance(one, str)), 0
    left_out = 0
    if isinstance(inner, str) and (told := _LEFT_OUT.search(inner, max(len(inner) - _END, 0))):
        left_out = int(told[1]) * 3 // 4
        part.set_payload(f"{inner[: told.start()]}\n{inner[told.end() :]}")
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b"", left_out


def _file_name(part: "Message", encoding: str) -> str:
    """Return the name of an attachment, a label and never a path."""
    name = _decoded(str(part.get_filename() or "")[:1000], encoding)
    return " ".join(re.split(r"[\\/]", name)[-1].split())[:_MAX_NAME]


def _decoded(header: str, encoding: str) -> str:
    """Return a header with its encoded words (RFC 2047) read."""
    from email.header import decode_header

    text = _read(header.encode("utf-8", "surrogateescape"), encoding).replace("\0", "")
    if "=?" not in text:
        return text
    try:
        found = decode_header(text)
    except ValueError:  # an encoded word that is none
        return text
    shown = (
        part if isinstance(part, str) else _read(part, charset) if charset else part.decode("raw-unicode-escape")
        for part, charset in found
    )
    return "".join(shown).replace("\0", "")


def _read(raw: bytes, charset: str) -> str:
    """Return bytes as text: in the character set that is named if they are, else UTF-8 or cp1252."""
    for name in (charset, "utf-8"):
        try:
            return raw.decode(name)
        except (ValueError, LookupError):
            continue
    return raw.decode("cp1252", errors="replace")
