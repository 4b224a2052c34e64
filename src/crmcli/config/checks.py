"""What the value of a setting may look like, and what the machine itself says about zones.

Each check raises ValueError with a reason that reads well after the setting's name and a colon.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any

from crmcli.domain.counts import check_count

Check = Callable[[Any], object]

_ZONEINFO = "/zoneinfo/"


def currency(code: str) -> None:
    """Accept an ISO 4217 code."""
    from crmcli.domain.money import exponent

    exponent(code)


def country(code: str) -> None:
    """Accept an ISO 3166-1 alpha-2 code, by its form."""
    if not (len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()):
        raise ValueError(f"no country {code!r}; use a two-letter ISO 3166 code such as IT")


def timezone(name: str) -> None:
    """Accept the name of a zone that the IANA database of this machine knows."""
    from crmcli.domain.zones import zone_of

    zone_of(name)


def positive(number: int) -> None:
    """Accept a count of at least one."""
    check_count(number, 1)


def system_timezone(environ: Mapping[str, str]) -> str:
    """Return the IANA name of the machine's zone from ``TZ`` or ``/etc/localtime``; UTC where neither tells one."""
    name = environ.get("TZ", "").removeprefix(":")
    if not name:
        target = os.path.realpath("/etc/localtime")
        return target.partition(_ZONEINFO)[2] or "UTC"  # a copied file does not say which zone it is
    try:
        timezone(name)
    except ValueError:  # POSIX rules such as CET-1CEST have no IANA name
        return "UTC"
    return name
