"""Makes text safe to print: nothing stored or imported can move a cursor, forge a line, hide or reverse its letters.

Every string of data passes here once, on its way out. What is escaped, and why, is a matter of code points alone; how a
value looks (money, dates, widths) belongs to ``cells``. Escaped characters are written as ``\\x1b`` or ``\\u202e``, so
that a reader sees what is there. Sources: ECMA-48 (control functions), UAX #9 (bidirectional text), UAX #44 (format
characters).
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

ZWNJ, ZWJ = "\u200c", "\u200d"
NEWLINE_MARK = "⏎"

# What a terminal may act on: C0, DEL and C1 controls, line and paragraph separators, bidirectional overrides and
# isolates, and lone surrogates, which cannot be encoded at all.
_ACTIVE = (range(0x20), range(0x7F, 0xA0), range(0x2028, 0x202F), range(0x2066, 0x206A), range(0xD800, 0xE000))
# What shows nothing and so can make two different names look the same. The joiners are judged by their neighbours.
_HIDDEN = (
    *(range(code, code + 1) for code in (0x00AD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF)),
    range(0x2060, 0x2066),
    range(0x206A, 0x2070),
    range(0xFFF9, 0xFFFC),
    range(0xE0000, 0xE0080),
)
_MARKUP = frozenset("\\`*_[]<>|#")


def safe(text: str) -> str:
    """Return the text as one line that is safe on a terminal.

    A line end becomes ``⏎``, a tab a space, and every other control, bidirectional override, lone surrogate or
    invisible character an escape. Idempotent; printable text is returned as it is.
    """
    if text.isprintable():
        return text
    if ZWJ in text or ZWNJ in text:
        text = _escape_stray_joiners(text)
    return text.replace("\r\n", NEWLINE_MARK).translate(_one_line())


def harmless(texts: Sequence[str], clean: Callable[[str], str] = safe) -> Sequence[str]:
    """Return each text made safe, or ``inert``; nearly always all are printable, which is told of them together."""
    return texts if "".join(texts).isprintable() else [*map(clean, texts)]


def safe_lines(text: str) -> list[str]:
    """Return the lines of a longer text, each safe on a terminal; at least one line, without line ends."""
    return [safe(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def inert(text: str) -> str:
    """Return text for a file of data: tabs and line ends stay (as ``\\n``), whatever a terminal acts on is escaped.

    Unlike ``safe`` it leaves invisible characters alone, since they may belong to a value that is read back.
    """
    return text if text.isprintable() else text.replace("\r\n", "\n").translate(_many_lines())


def markdown_text(text: str) -> str:
    """Return a line of text as Markdown, of which nothing acts as HTML, link or other markup.

    Signs are put behind a backslash (CommonMark 0.31, 2.4); the ``_`` within a key needs none.
    """
    if text.isidentifier() and text.strip("_") == text:
        return text
    return "".join(f"\\{sign}" if sign in _MARKUP else sign for sign in text)


def active_codes() -> Iterable[int]:
    """Yield the code points a terminal or a line reader may act on."""
    return (code for codes in _ACTIVE for code in codes)


def hidden_codes() -> Iterable[int]:
    """Yield the code points that are never seen; the two joiners are not among them."""
    return (code for codes in _HIDDEN for code in codes)


def escaped(code: int) -> str:
    """Return the visible spelling of a code point: ``\\x1b``, ``\\u202e`` or ``\\U000e0041``."""
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


@cache
def _one_line() -> dict[int, str]:
    table = {code: escaped(code) for codes in (active_codes(), hidden_codes()) for code in codes}
    return table | {ord("\n"): NEWLINE_MARK, ord("\r"): NEWLINE_MARK, ord("\t"): " "}


@cache
def _many_lines() -> dict[int, str]:
    table = {code: escaped(code) for code in active_codes()}
    return table | {ord("\n"): "\n", ord("\r"): "\n", ord("\t"): "\t"}


def _escape_stray_joiners(text: str) -> str:
    """Escape each joiner that does not stand between two letters or emoji, where Persian, Hindi and emoji need it."""
    around = f" {text} "
    return "".join(
        escaped(ord(char)) if char in (ZWJ, ZWNJ) and not (_joins(before) and _joins(after)) else char
        for before, char, after in zip(around, text, around[2:], strict=False)
    )


def _joins(char: str) -> bool:
    from unicodedata import category  # only text with joiners pays for the tables

    return category(char)[0] in "LM" or category(char) in ("So", "Sk")
