"""How a line that is edited is drawn: a character for each of its text, so that the cursor stands where it is."""

from functools import cache

from rich.highlighter import Highlighter
from rich.text import Text

from crmcli.output.safe import NEWLINE_MARK, active_codes, hidden_codes

_SIGN = "�"


class Visible(Highlighter):
    """Draws what could act on a terminal, or would not be seen, as a sign; the text that is edited stays as it is."""

    def highlight(self, text: Text) -> None:
        """Put the signs in."""
        if not text.plain.isprintable():
            text.plain = text.plain.translate(_signs())


@cache
def _signs() -> dict[int, str]:
    table = {code: _SIGN for codes in (active_codes(), hidden_codes()) for code in codes}
    return table | {ord("\n"): NEWLINE_MARK, ord("\r"): NEWLINE_MARK, ord("\t"): " "}
