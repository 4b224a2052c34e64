"""Fills the gaps of what is to be sent with variables of the environment, and keeps their values out of messages."""

from collections.abc import Mapping, Sequence
from typing import Any

_LEAST = 4  # characters of a value that is worth hiding; a shorter one hides nothing and spoils every word


class GapError(Exception):
    """A variable of the environment that is needed is not set."""


def fill(values: Any, gaps: Sequence[Any], environ: Mapping[str, str]) -> tuple[Any, list[str]]:
    """Return the values with their gaps filled, and what was put in; GapError when a variable is not set."""
    used: list[str] = []
    for path, parts in gaps:
        text = "".join(part if isinstance(part, str) else _value(part["env"], environ, used) for part in parts)
        *way, last = path
        place = values
        for step in way:
            place = place[step]
        place[last] = text
    return values, used


def without(text: str, secrets: Sequence[str]) -> str:
    """Return a text in which none of these values stands."""
    for secret in secrets:
        if len(secret) >= _LEAST:
            text = text.replace(secret, "***")
    return text


def _value(name: str, environ: Mapping[str, str], used: list[str]) -> str:
    if not environ.get(name):
        raise GapError(f"env.{name} is not set")
    used.append(environ[name])
    return environ[name]
