"""The door of the condition language: text in, a ``Condition`` out, which selects rows in SQL or judges records.

A record, for ``match``, maps canonical paths (``stage``, ``organization.country``, ``custom.budget``) to stored values:
money in minor units, percent in basis points, truth as 0 or 1, instants and dates as text, references as ids, lists as
lists of text (e-mails and phones in their normal form, tags by name) or, for JSON fields, as stored. A list of the
paths that are needed is ``Condition.paths``; it names ``currency`` beside an amount, and ``organization.title``, the
display name, beside a reference that is searched by ``~``.
"""

from crmcli.conditions.check import check
from crmcli.conditions.clause import clause
from crmcli.conditions.expression import Clause
from crmcli.conditions.match import Judge, Record, judge
from crmcli.conditions.parser import parse
from crmcli.conditions.predicates import Predicate, paths
from crmcli.conditions.scope import Scope
from crmcli.conditions.tokens import Source
from crmcli.conditions.tree import Leaf, Tree
from crmcli.domain.schema import Entity

__all__ = ["Clause", "Condition", "Scope", "compile"]


class Condition:
    """A compiled condition; immutable.

    ``asked`` is its tree as it is written; where that has a leaf, ``tree`` has what the leaf means.
    """

    __slots__ = ("_judge", "asked", "entity", "paths", "text", "tree")

    def __init__(self, text: str, entity: Entity, asked: Tree[Leaf], tree: Tree[Predicate]) -> None:
        self.text = text
        self.entity = entity
        self.paths = paths(tree)
        self.asked = asked
        self.tree = tree
        self._judge: Judge | None = None

    def clause(self, prefix: str = "c") -> Clause:
        """Return the condition as SQL over the entity's row, alias ``r``; never NULL.

        Parameters are named ``c0``, ``c1``, ...; another prefix lets two clauses stand in one statement. ConditionError
        when the condition asks about a change.
        """
        try:
            return clause(self.tree, prefix)
        except ValueError as error:
            raise Source(self.text).error(str(error), 0) from None

    def match(self, record: Record, old: Record | None = None) -> bool:
        """Return whether a record meets the condition; ``old`` is the record before the change, None when it is new."""
        if self._judge is None:
            self._judge = judge(self.tree)
        return self._judge(record, dict.fromkeys(self.paths) if old is None else old)


def compile(text: str, entity: Entity, scope: Scope) -> Condition:
    """Return the condition that a text means for an entity; ConditionError with position and hint when it has none."""
    source = Source(text)
    asked = parse(source)
    return Condition(text, entity, asked, check(asked, entity, scope, source))
