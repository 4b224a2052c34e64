"""Which targets a figure of a period is set against, and what they add up to."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.domain.periods import Period, parse_period
from crmcli.queries.rates import rates_on
from crmcli.reports.frame import Frame
from crmcli.reports.groups import Group

_TARGETS = (
    f"SELECT r.id, {ENTITIES['target'].title}, r.metric, r.period, r.value, r.currency, r.owner_id, r.team"
    " FROM target r WHERE r.deleted_at IS NULL ORDER BY r.id"
)
HOLDERS = ("owner", "owner.team")  # fields of a grouping that targets are set for


class Target(NamedTuple):
    """A stored target with its dates; ``value`` is None where it has no rate to the base currency."""

    id: int
    ref: str
    metric: str
    period: Period
    value: Fraction | None
    currency: str | None
    owner_id: int | None
    team: str | None

    @property
    def holder(self) -> tuple[int | None, str | None]:
        """Whose it is: an owner's, a team's, or with neither everybody's."""
        return self.owner_id, self.team


class Aim(NamedTuple):
    """The targets that a figure is set against; ``reason`` says why there are none that count."""

    targets: tuple[Target, ...] = ()
    reason: str | None = None

    @property
    def value(self) -> Fraction | None:
        """Return what they add up to."""
        return None if self.reason else sum((target.value or Fraction(0) for target in self.targets), Fraction(0))


def all_targets(frame: Frame) -> list[Target]:
    """Return all targets there are, read once for a frame."""
    if "targets" not in frame.kept:
        rates = rates_on(frame.con, frame.today)
        frame.kept["targets"] = [
            Target(number, ref, metric, parse_period(period, clock.now(), frame.zone),
                   _worth(value, currency, frame.options.currency, rates), currency, owner, team)
            for number, ref, metric, period, value, currency, owner, team in frame.con.execute(_TARGETS)
        ]  # fmt: skip
    found: list[Target] = frame.kept["targets"]
    return found


def aim(frame: Frame, metric: str, group: Group) -> Aim:
    """Return what a metric of a group, or of the whole, is to be in the period of the frame."""
    by = frame.options.by
    mine = [target for target in all_targets(frame) if target.metric == metric]
    if frame.options.where is not None:
        return Aim(reason="targets know no condition")
    if group.values is None:
        found = _of_whole(mine, frame.period)
    elif by not in HOLDERS:
        return Aim(reason="targets are set for owners and teams alone")
    else:
        holder = (group.value, None) if by == "owner" else (None, group.value)
        found = [] if group.value is None else _filling([one for one in mine if one.holder == holder], frame.period)
    if not found:
        return Aim(reason="no target")
    unknown = next((target.currency for target in found if target.value is None), None)
    reason = f"no rate from {unknown} to {frame.options.currency}" if unknown else None
    return Aim(tuple(found), reason)


def within(frame: Frame) -> list[Target]:
    """Return the targets whose periods lie in that of the frame, in the order of time."""
    start, end = frame.period.start or "", frame.period.end or "9999"
    found = [one for one in all_targets(frame) if start <= (one.period.start or "") and (one.period.end or "") <= end]
    return sorted(found, key=lambda one: (one.period.start or "", one.period.end or "", one.metric, one.ref))


def _of_whole(mine: list[Target], period: Period) -> list[Target]:
    """Return the targets of everybody; else those of the owners, else of the teams."""
    for holders in (
        {(None, None)},
        {one.holder for one in mine if one.owner_id},
        {one.holder for one in mine if one.team},
    ):
        filling = (_filling([one for one in mine if one.holder == holder], period) for holder in holders)
        if found := [target for targets in filling for target in targets]:
            return sorted(found)
    return []


def _filling(mine: Iterable[Target], period: Period) -> list[Target]:
    """Return the target of a period, else those of shorter ones that fill it without a gap; none where they do not."""
    if period.start is None or period.end is None:
        return []
    found: list[Target] = []
    at = period.start
    while at < period.end:
        longest = max(
            (one for one in mine if one.period.start == at and at < (one.period.end or "") <= period.end),
            key=lambda one: date.fromisoformat(one.period.end or at),
            default=None,
        )
        if longest is None:
            return []
        found.append(longest)
        at = longest.period.end or period.end
    return found


def _worth(value: str, currency: str | None, base: str, rates: dict[str, tuple[str, str]]) -> Fraction | None:
    if currency in (None, base):
        return Fraction(Decimal(value))
    return Fraction(value) * Fraction(rates[currency][0]) if currency in rates else None
