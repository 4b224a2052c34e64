"""Why a condition holds of a record or does not: its tree with the value and the truth at each leaf.

It answers what ``match`` answers, leaf by leaf and without stopping early, so it is for people who ask, and not for the
many records of a rule or a list. How values are written for people belongs to who shows the tree.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from crmcli.conditions.condition import Condition
from crmcli.conditions.match import Record, judge
from crmcli.conditions.operands import Operand
from crmcli.conditions.predicates import Against, Before, Changed, Predicate
from crmcli.conditions.tree import And, Call, Comparison, Leaf, Not, Or, Tree, Value, Walk

_NEGATIVE = {"=": "!=", "~": "!~", "in": "not in", "has": "not has", "empty": "is not empty"}


class Found(NamedTuple):
    """A value that a leaf looked at, as it is stored; ``is_old`` for that of the record before the change.

    ``currency`` is that of an amount.
    """

    operand: Operand
    stored: Any
    is_old: bool = False
    currency: str | None = None

    @property
    def path(self) -> str:
        """How a condition writes what was looked at."""
        return f"old.{self.operand.path}" if self.is_old else self.operand.path


class Finding(NamedTuple):
    """A part of a condition and whether it holds: a leaf with what it found, or ``and``, ``or``, ``not`` over parts."""

    holds: bool
    text: str  # of a leaf as a condition writes it, else the word that joins the parts
    parts: tuple["Finding", ...] = ()
    found: tuple[Found, ...] = ()
    leaf: Leaf | None = None


def trace(condition: Condition, record: Record, old: Record | None = None) -> Finding:
    """Return what each part of a condition found; ``record`` and ``old`` as ``Condition.match`` takes them."""
    before = dict.fromkeys(condition.paths) if old is None else old
    return _traced(condition.asked, condition.tree, record, before)


def deciding(finding: Finding) -> list[Finding]:
    """Return the leaves that decided, in order: one that fails is enough for ``and``, one that holds for ``or``."""
    if finding.leaf is not None:
        return [finding]
    if finding.text == "not":
        return deciding(finding.parts[0])
    enough = finding.holds == (finding.text == "or")
    parts = [part for part in finding.parts if part.holds == finding.holds]
    return [leaf for part in (parts[:1] if enough else parts) for leaf in deciding(part)]


def _traced(asked: Tree[Leaf], tree: Tree[Predicate], record: Record, old: Record) -> Finding:
    """Return what a part found: as it is written, with what it means."""
    if isinstance(asked, And | Or) and isinstance(tree, And | Or):
        pairs = zip(asked.parts, tree.parts, strict=True)
        parts = tuple(_traced(one, meaning, record, old) for one, meaning in pairs)
        if isinstance(asked, And):
            return Finding(all(part.holds for part in parts), "and", parts)
        return Finding(any(part.holds for part in parts), "or", parts)
    if isinstance(asked, Not) and isinstance(tree, Not):
        return _inverse(_traced(asked.part, tree.part, record, old))
    leaf = cast(Leaf, asked)
    return Finding(judge(tree)(record, old), _written(leaf), (), _values(tree, record, old), leaf)


def _inverse(part: Finding) -> Finding:
    """Return the opposite; that of a leaf is a leaf, as people read ``source != web``."""
    if part.leaf is None:
        return Finding(not part.holds, "not", (part,))
    plain = _written(part.leaf)
    text = _written(part.leaf, negative=True) if part.text == plain else plain
    return part._replace(holds=not part.holds, text=text)


def _written(leaf: Leaf, *, negative: bool = False) -> str:
    if isinstance(leaf, Call):
        inside = str(leaf.path) if leaf.value is None else f"{leaf.path}, {_literal(leaf.value)}"
        return f"{'not ' if negative else ''}{leaf.name}({inside})"
    if negative and leaf.op not in _NEGATIVE:
        return f"not {_written(leaf)}"
    return " ".join(filter(None, (str(leaf.path), *_asked(leaf, negative=negative))))


def _asked(comparison: Comparison, *, negative: bool) -> tuple[str, ...]:
    """Return the operator and the right side."""
    op, values = comparison.op, [_literal(value) for value in comparison.values]
    word = _NEGATIVE[op] if negative else op
    match op:
        case "true":
            return ()
        case "empty":
            return (word if negative else "is empty",)
        case "between":
            return (op, values[0], "and", values[1])
        case "in":
            return (word, f"[{', '.join(values)}]")
        case "has" if len(values) > 1:
            return (word, f"[{', '.join(values)}]")
        case _:
            return (word, values[0])


def _literal(value: Value) -> str:
    if value.quoted:
        return f"'{value.text}'" if '"' in value.text else f'"{value.text}"'
    return f"{value.text} {value.unit.text}" if value.unit else value.text


def _values(tree: Tree[Predicate], record: Record, old: Record) -> tuple[Found, ...]:
    """Return what the predicates of a leaf looked at, each once."""
    seen = {(operand.path, is_old): operand for operand, is_old in _looked_at(tree)}
    return tuple(_found(operand, old if is_old else record, is_old) for (_, is_old), operand in seen.items())


def _found(operand: Operand, record: Record, is_old: bool) -> Found:
    currency = record[operand.currency.path] if operand.currency else None
    return Found(operand, record[operand.path], is_old, currency)


def _looked_at(tree: Tree[Predicate]) -> list[tuple[Operand, bool]]:
    """Return the operands of a checked leaf, each with whether it is of the record before the change."""
    gather = Walk[Predicate, list[tuple[Operand, bool]]](lambda one: list(_operands(one)), _joined, _joined, list)
    return gather.over(tree)


def _operands(predicate: Predicate) -> Iterator[tuple[Operand, bool]]:
    if isinstance(predicate, Before):
        yield from ((operand, True) for operand, _ in _looked_at(predicate.part))
        return
    yield predicate.operand, False
    if isinstance(predicate, Changed):
        yield predicate.operand, True
    if isinstance(predicate, Against):
        yield predicate.old, True


def _joined(parts: list[list[tuple[Operand, bool]]]) -> list[tuple[Operand, bool]]:
    return [one for part in parts for one in part]
