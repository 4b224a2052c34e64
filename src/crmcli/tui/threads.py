"""How a thread comes back to the screen it was started from, which may have been left in the meantime."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from textual._context import NoActiveAppError
from textual.screen import Screen


def is_there(screen: Screen[Any]) -> bool:
    """Say whether a screen can be drawn on: it was made, and is not being taken away."""
    return screen.is_mounted and screen.is_attached and screen.display


def call_on(screen: Screen[Any], call: Callable[..., object], *arguments: Any) -> None:
    """Call something where a screen is drawn, from a thread; nothing is called when the screen was left."""

    def back() -> None:
        if is_there(screen):
            call(*arguments)

    with suppress(NoActiveAppError):
        screen.app.call_from_thread(back)
