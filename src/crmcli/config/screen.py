"""How the whole screen looks and what it calls: the table ``[tui]`` of the settings file.

Imported only by who asks for it, or when the file has the table. Keys have a file of their own (``tui.keymap``).
"""

from typing import Any, NamedTuple

from crmcli.domain.schema import did_you_mean
from crmcli.errors import ConfigError

THEMES = ("dark", "light", "high-contrast", "monochrome")
_HINT = 'opener = ["xdg-open"]'


class Tui(NamedTuple):
    """The theme, and the program that opens mail and web addresses with its first arguments."""

    theme: str = "dark"
    opener: tuple[str, ...] = ("xdg-open",)


def read_tui(table: Any) -> Tui:
    """Return what the table says; ConfigError for what it may not say."""
    if not isinstance(table, dict):
        raise ConfigError("[tui] must be a table")
    for key in table:
        if key not in Tui._fields:
            raise ConfigError(f"[tui] has no {key!r}", hint=did_you_mean(key, [*Tui._fields]) or ", ".join(Tui._fields))
    theme, opener = table.get("theme", "dark"), table.get("opener", ["xdg-open"])
    if theme not in THEMES:
        raise ConfigError(f"[tui] theme must be one of {', '.join(THEMES)}, not {theme!r}")
    if not isinstance(opener, list) or not opener or not all(isinstance(word, str) and word for word in opener):
        raise ConfigError("[tui] opener must be a list of words, the program first", hint=_HINT)
    return Tui(theme, tuple(opener))
