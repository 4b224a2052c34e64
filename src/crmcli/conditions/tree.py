"""The tree of a condition: how leaves are joined, and what the parser and the checker put into the leaves.

A condition is a ``Tree[Leaf]`` when parsed and a ``Tree[Test]`` when checked (``conditions.tests``). Both are walked by
``Walk`` alone, so that the meaning of ``and``, ``or`` and ``not`` is stated once for each back end and nowhere else.
"""

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeAlias, TypeVar

L = TypeVar("L")
T = TypeVar("T")


class And(NamedTuple, Generic[L]):
    """True when every part is."""

    parts: tuple["Tree[L]", ...]


class Or(NamedTuple, Generic[L]):
    """True when some part is."""

    parts: tuple["Tree[L]", ...]


class Not(NamedTuple, Generic[L]):
    """True when the part is false: there is no third value."""

    part: "Tree[L]"


Tree: TypeAlias = And[L] | Or[L] | Not[L] | L


class Path(NamedTuple):
    """A field as written: ``organization.country``."""

    names: tuple[str, ...]
    position: int

    def __str__(self) -> str:
        return ".".join(self.names)


class Value(NamedTuple):
    """A literal as written, without its quotes; its type is that of the field it is compared with.

    ``unit`` is the word of three letters after a number, as in ``10k EUR``.
    """

    text: str
    position: int
    quoted: bool = False
    unit: "Value | None" = None


class Comparison(NamedTuple):
    """A path, an operator and the literals on its right side.

    ``op`` is one of ``= < <= > >= ~ in has between empty`` and ``true`` for a path that stands alone; the negative
    operators (``!=``, ``not in``, ...) are a ``Not`` around it.
    """

    path: Path
    op: str
    values: tuple[Value, ...]
    position: int


class Call(NamedTuple):
    """A question about a change: ``changed(path)``, ``entered(path, value)``, ``left(path, value)``."""

    name: str
    path: Path
    value: Value | None
    position: int


Leaf: TypeAlias = Comparison | Call


class Walk(NamedTuple, Generic[L, T]):
    """What each leaf and each connective of a tree becomes."""

    leaf: Callable[[L], T]
    every: Callable[[list[T]], T]
    some: Callable[[list[T]], T]
    inverse: Callable[[T], T]

    def over(self, tree: Tree[L]) -> T:
        """Return what a whole tree becomes, from the leaves up."""
        if isinstance(tree, And):
            return self.every([self.over(part) for part in tree.parts])
        if isinstance(tree, Or):
            return self.some([self.over(part) for part in tree.parts])
        if isinstance(tree, Not):
            return self.inverse(self.over(tree.part))
        return self.leaf(tree)
