"""The leaves of a checked condition: questions with typed operands and literals, which both back ends can answer.

Each is two-valued: false when the field is empty, except ``Empty`` itself. Negation is a ``Not`` around it.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from crmcli.conditions.operands import Operand
from crmcli.conditions.tree import Tree, Walk

Scalar: TypeAlias = int | float | str


class Compare(NamedTuple):
    """The value stands in an order (``< <= > >=``) to a bound."""

    operand: Operand
    op: str
    bound: Scalar


class OneOf(NamedTuple):
    """The value equals one of these; of none when the literal can equal no stored value."""

    operand: Operand
    values: tuple[Scalar, ...]


class Amount(NamedTuple):
    """An amount stands in a relation (``= < <= > >=``) to a bound.

    ``minor`` is the bound in minor units by the number of decimals of the record's currency, None where no amount can
    equal it. ``only`` is the one currency asked for, if any.
    """

    operand: Operand
    op: str
    minor: dict[int, int | float | None]
    only: str = ""


class Contains(NamedTuple):
    """The folded value contains a folded text."""

    operand: Operand
    text: str


class Has(NamedTuple):
    """Some value of a multi-valued field equals a text in normal form or, with ``part``, contains it."""

    operand: Operand
    text: str
    part: bool = False

    @property
    def folded(self) -> bool:
        """Whether values are folded before comparing; e-mails and phones have a normal form of their own."""
        return self.part or self.operand.field.type not in ("emails", "phones")


class Empty(NamedTuple):
    """There is no value."""

    operand: Operand


class Changed(NamedTuple):
    """The value differs from the one before the change."""

    operand: Operand


class Against(NamedTuple):
    """The value stands in a relation (``= < <= > >=``) to a value before the change."""

    operand: Operand
    op: str
    old: Operand


class Before(NamedTuple):
    """A condition holds for the record as it was before the change."""

    part: "Tree[Predicate]"


Predicate: TypeAlias = Compare | OneOf | Amount | Contains | Has | Empty | Changed | Against | Before


def paths(tree: Tree[Predicate]) -> frozenset[str]:
    """Return every path whose value is needed to answer a condition."""
    return Walk[Predicate, frozenset[str]](_paths_of, _union, _union, lambda part: part).over(tree)


def _union(parts: list[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*parts)


def _paths_of(predicate: Predicate) -> frozenset[str]:
    if isinstance(predicate, Before):
        return paths(predicate.part)
    operands = [predicate.operand, predicate.old] if isinstance(predicate, Against) else [predicate.operand]
    return frozenset(path for operand in operands for path in _read(operand))


def _read(operand: Operand) -> Iterator[str]:
    yield operand.path
    if operand.currency is not None:
        yield operand.currency.path
