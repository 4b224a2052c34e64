"""The chance that an open deal is won, by naive Bayes over the closed deals of its pipeline, and why.

Each feature of a deal (its stage, its source, ...) is taken as evidence of its own. Every value that closed deals had
counts from 0.1 on, so that what happened once is not certain; a value never seen says nothing. Numbers are exact.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

STAGE = "stage"
_START = Fraction(1, 10)
_LEAST, _MOST = 1, 9_999  # basis points: nothing open is certain


class Tally(NamedTuple):
    """How many closed deals with a value were won, and how many lost."""

    won: int = 0
    lost: int = 0


class Model(NamedTuple):
    """The closed deals of a pipeline: how many, those that passed each stage, and those with each value of a feature.

    A won deal passed every open stage, a lost one those up to where it was lost; ``first`` is the stage that all
    passed.
    """

    deals: Tally
    stages: Mapping[object, Tally]
    first: object
    features: Mapping[str, Mapping[object, Tally]]


class Factor(NamedTuple):
    """What a value of a deal says: the share of the won and of the lost deals that had it, of how many."""

    feature: str
    value: object
    tally: Tally
    won: Fraction
    lost: Fraction

    @property
    def weight(self) -> Fraction:
        """By how much the value makes winning likelier than losing; below 1 it makes it less likely."""
        return self.won / self.lost


def factors(
    model: Model, values: Mapping[str, Sequence[object]], stage: object, without: str | None = None
) -> list[Factor]:
    """Return what the values of a deal say, the stage first; values that no closed deal had are left out.

    ``without`` is the outcome of a closed deal that must not speak for itself: it is taken out of what is counted.
    """
    found = []
    if stage in model.stages and model.first in model.stages:
        passed, all_of = (_less(model.stages[one], without) for one in (stage, model.first))
        found.append(
            Factor(STAGE, stage, passed, _counted(passed.won) / _counted(all_of.won),
                   _counted(passed.lost) / _counted(all_of.lost))
        )  # fmt: skip
    for feature, own in values.items():
        found += _of_feature(model.features.get(feature, {}), feature, own, without)
    return found


def chance(model: Model, found: Sequence[Factor], without: str | None = None) -> int | None:
    """Return the chance in basis points, half up, from 1 to 9999; None where no deal was won or none lost."""
    won, lost = _less(model.deals, without)
    if won < 1 or lost < 1:
        return None
    for_it, against = Fraction(won, won + lost), Fraction(lost, won + lost)
    for factor in found:
        for_it *= factor.won
        against *= factor.lost
    points = for_it / (for_it + against) * 10_000
    rounded = (2 * points.numerator + points.denominator) // (2 * points.denominator)
    return min(max(rounded, _LEAST), _MOST)


def _of_feature(
    tallies: Mapping[object, Tally], feature: str, own: Sequence[object], without: str | None
) -> Iterator[Factor]:
    known = {value: _less(tally, without) if value in own else tally for value, tally in tallies.items()}
    known = {value: tally for value, tally in known.items() if tally.won or tally.lost}
    won, lost = (sum((_counted(count) for count in counts), Fraction(0)) for counts in _columns(known))
    for value in own:
        if value in known:
            tally = known[value]
            yield Factor(feature, value, tally, _counted(tally.won) / won, _counted(tally.lost) / lost)


def _columns(known: Mapping[object, Tally]) -> tuple[list[int], list[int]]:
    return [tally.won for tally in known.values()], [tally.lost for tally in known.values()]


def _counted(deals: int) -> Fraction:
    return deals + _START


def _less(tally: Tally, without: str | None) -> Tally:
    """Return a tally without one deal of an outcome, as far as it holds one."""
    return Tally(max(tally.won - (without == "won"), 0), max(tally.lost - (without == "lost"), 0))
