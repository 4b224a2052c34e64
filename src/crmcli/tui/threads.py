"""How a thread comes back to the screen it was started from, which may have been left in the meantime."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from textual._context import NoActiveAppError
from textual.screen import Screen
from textual.worker import get_current_worker


def is_there(screen: Screen[Any]) -> bool:
    """Say whether a screen can be drawn on: it was made, and is not being taken away."""
    return screen.is_mounted and screen.is_attached and screen.display


def call_on(screen: Screen[Any], call: Callable[..., object], *arguments: Any) -> None:
    """Call something where a screen is drawn, from the thread of a worker.

    Nothing is called when the screen was left, or when another worker took the place of this one, such as for a
    condition that was typed on: an answer that comes late must not take the place of a newer one.
    """
    worker = get_current_worker()

    def back() -> object:  # is awaited where it can be
        return call(*arguments) if is_there(screen) and not worker.is_cancelled else None

    with suppress(NoActiveAppError):
        screen.app.call_from_thread(back)
