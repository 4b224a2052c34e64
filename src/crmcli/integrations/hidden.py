"""Secrets that came by the environment: taken out of it at start, so that no program that crm starts inherits them.

What they are for, and where else a secret may be, stands in ``secrets``.
"""

import os
from collections.abc import MutableMapping

_PREFIX = "CRMCLI_"
_ENDINGS = ("_PASSWORD", "_SECRET")
_taken: dict[str, str] = {}


def take(environ: MutableMapping[str, str]) -> None:
    """Move every ``CRMCLI_..._PASSWORD`` and ``CRMCLI_..._SECRET`` out of an environment; empty ones count as unset."""
    for name in [name for name in environ if name.startswith(_PREFIX) and name.endswith(_ENDINGS)]:
        if secret := environ.pop(name):
            _taken[name] = secret


def give_back(environ: MutableMapping[str, str]) -> None:
    """Put what was taken into an environment, for a process of this very program to take."""
    environ.update(_taken)


def find(name: str) -> str | None:
    """Return the secret that a variable held, None when it was not set."""
    return _taken.get(name) or os.environ.get(name)  # the latter where nobody has called ``take``


def forget() -> None:
    """Forget all of them, as at the start of a process."""
    _taken.clear()
