"""How the whole screen looks: two themes of Textual's, and two for eyes and terminals that need other ones."""

from textual.theme import Theme

THEMES = (
    Theme(
        name="crm-high-contrast",
        primary="#ffff00",
        secondary="#00ffff",
        accent="#ffff00",
        warning="#ffff00",
        error="#ff6060",
        success="#00ff00",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#303030",
        dark=True,
    ),
    Theme(
        name="crm-monochrome",
        primary="#ffffff",
        secondary="#c0c0c0",
        accent="#ffffff",
        warning="#e0e0e0",
        error="#ffffff",
        success="#c0c0c0",
        foreground="#e0e0e0",
        background="#000000",
        surface="#101010",
        panel="#404040",
        dark=True,
    ),
)
NAMES = {  # of the settings, as Textual calls them
    "dark": "textual-dark",
    "light": "textual-light",
    "high-contrast": "crm-high-contrast",
    "monochrome": "crm-monochrome",
}
