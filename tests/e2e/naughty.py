"""H: the strings that have broken programs, our own and the public list, as far as it lies beside the checkout."""

import json

from tests.published import PUBLISHED
from tests.unit.output.hostile import HOSTILE, WELCOME

PUBLIC = PUBLISHED / "naughty-strings" / "blns.json"
MORE = (
    "--help",
    "-o json",
    "-",
    "@",
    "null",
    "None",
    "\"quoted\" 'twice'",
    "comma,semicolon;bar|backslash\\",
    "a\r\nBcc: eve@example.com",
    "%s%n%x {0} {name} $HOME ~",
    "<script>alert(1)</script> &amp;",
    "cafe\u0301 caf\u00e9",
    "e" + "\u0301" * 300,
    "\u1e9e \u0130 \u0131 \u01c6 \ufb03",
    "  blanks at both ends  ",
    "\n\nlines before and after\n",
    "1e9999999",
    "9" * 400,
    "(" * 2_000,
    "\U0001f3f4\U000e0067\U000e0062\U000e007f",
    "\ufffe\uffff\ufdd0",
    "\u3000ideographic\u00a0no-break",
)
OWN = (*HOSTILE, *WELCOME, *MORE)


def public() -> tuple[str, ...]:
    """Return the public list of naughty strings; none where it does not lie beside the checkout."""
    if not PUBLIC.exists():
        return ()
    strings: list[str] = json.loads(PUBLIC.read_text(encoding="utf-8"))
    return tuple(dict.fromkeys(strings))


def storable(text: str) -> bool:
    """Say whether the text is one that a field can hold: valid UTF-8 without NUL, and not blank."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text and bool(text.strip())
