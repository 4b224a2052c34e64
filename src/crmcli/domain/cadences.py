"""Cadences: how often somebody is to be contacted, and on which day the next contact is due.

A cadence is stored as a count and a unit, ``2w``. Whose cadence comes from where is said by the record itself, else by
the settings; reading those belongs to ``config.follow``.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from crmcli.domain.durations import UNITS, shift_day
from crmcli.domain.text import fold
from crmcli.domain.zones import local_date

NEVER = "never"  # the cadence of whom nobody follows, whatever the settings say

_WORDS = {
    "daily": "1d", "weekly": "1w", "biweekly": "2w", "fortnightly": "2w", "fortnight": "2w", "monthly": "1m",
    "quarter": "3m", "quarterly": "3m", "half-yearly": "6m", "yearly": "1y", "settimanale": "1w", "quindicinale": "2w",
    "mensile": "1m", "trimestre": "3m", "trimestrale": "3m", "semestrale": "6m", "annuale": "1y", "mai": NEVER,
}  # fmt: skip
_TEXT = re.compile(r"(?:every |ogni )?(?:([0-9]{1,4}) ?)?([a-z]+)")
_STEPS = {"d": (0, 1), "w": (0, 7), "m": (1, 0), "y": (12, 0)}  # months and days
_DAYS_A_MONTH = 30.44
_LONGEST_DAYS = 3660  # ten years
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Cadences(NamedTuple):
    """The cadences that the settings give, by folded name of a tag, by funnel stage, and by tier, the rating."""

    tags: Mapping[str, str] = _NOTHING
    stages: Mapping[str, str] = _NOTHING
    tiers: Mapping[str, str] = _NOTHING

    def of(self, stage: str | None, tier: str | None, tags: Iterable[str]) -> str | None:
        """Return the shortest cadence that fits a record; None where none does."""
        found = [self.stages.get(stage or ""), self.tiers.get(tier or ""), *map(self.tags.get, tags)]
        return min(filter(None, found), key=length_days, default=None)


def parse_cadence(text: str) -> str:
    """Return the stored form of ``2w``, ``2 weeks``, ``every month``, ``quarterly`` or ``never``; else ValueError."""
    folded = fold(text).strip()
    word = folded.removeprefix("every ").removeprefix("ogni ")
    if word in (NEVER, *_WORDS):
        return _WORDS.get(word, word)
    found = _TEXT.fullmatch(folded)
    unit = UNITS.get(found[2], "") if found else ""
    if found is None or unit not in _STEPS or not int(found[1] or 1):
        raise ValueError(f"{text!r} is not a cadence; use 10d, 2w, 1m, 1y or never")
    every = f"{int(found[1] or 1)}{unit}"
    if length_days(every) > _LONGEST_DAYS:
        raise ValueError(f"{text!r} is longer than ten years")
    return every


def length_days(every: str) -> float:
    """Return about how many days a stored cadence is long, by which cadences are compared; without end for never."""
    if every == NEVER:
        return float("inf")
    months, days = _step(every)
    return months * _DAYS_A_MONTH + days


def next_contact(
    chosen: str | None, chosen_at: str | None, every: str | None, last: str | None, since: str, zone: str
) -> str | None:
    """Return the local day of the next contact; None where there is to be none.

    A day that somebody chose counts until there is a contact after (instant) ``chosen_at``. Otherwise the cadence is
    counted from the ``last`` contact, or ``since`` when the record is there where there was none (instants).
    """
    if chosen and not (chosen_at and last and last >= chosen_at):
        return chosen
    return _counted(last or since, every, zone) if every and every != NEVER else None


@lru_cache(maxsize=1 << 12)
def _counted(instant: str, every: str, zone: str) -> str | None:
    try:
        return shift_day(date.fromisoformat(local_date(instant, zone)), *_step(every)).isoformat()
    except (ValueError, OverflowError):  # beyond the last day of the calendar
        return None


@lru_cache(maxsize=256)
def _step(every: str) -> tuple[int, int]:
    count, (months, days) = int(every[:-1]), _STEPS[every[-1]]
    return count * months, count * days
