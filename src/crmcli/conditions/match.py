"""The back end in memory: a checked condition as a Python function of a record.

A record is a mapping from canonical path to stored value (see ``conditions.condition``). A path it lacks is a
KeyError: the caller's mistake, never a false condition. ``clause`` answers the same questions in SQL; the two must
agree on every record.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from crmcli.conditions import currencies
from crmcli.conditions.operands import Operand
from crmcli.conditions.operators import form
from crmcli.conditions.predicates import (
    Against,
    Amount,
    Before,
    Changed,
    Compare,
    Contains,
    Empty,
    Has,
    OneOf,
    Predicate,
    Scalar,
)
from crmcli.conditions.tree import Tree, Walk
from crmcli.domain.text import fold

Record: TypeAlias = Mapping[str, Any]
Judge: TypeAlias = Callable[[Record, Record], bool]  # of a record as it is and as it was before the change
Reader: TypeAlias = Callable[[Record], Any]

_folded = lru_cache(maxsize=1024)(fold)  # many conditions ask for the same few texts of a record

_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def judge(tree: Tree[Predicate]) -> Judge:
    """Return the function that says whether a record, given as it is and as it was, meets a condition."""
    return Walk[Predicate, Judge](_leaf, _every, _some, _inverse).over(tree)


def _every(parts: list[Judge]) -> Judge:
    def every(new: Record, old: Record) -> bool:
        for part in parts:  # noqa: SIM110 - a loop takes half the time of all()
            if not part(new, old):
                return False
        return True

    return every


def _some(parts: list[Judge]) -> Judge:
    def some(new: Record, old: Record) -> bool:
        for part in parts:  # noqa: SIM110 - as above
            if part(new, old):
                return True
        return False

    return some


def _inverse(part: Judge) -> Judge:
    return lambda new, old: not part(new, old)


def _leaf(predicate: Predicate) -> Judge:
    match predicate:
        case Compare(operand, op, bound):
            return _compare(operand, op, bound)
        case OneOf(operand, values):
            read, accepted = _comparable(operand), frozenset(values)
            return lambda new, _: read(new) in accepted
        case Contains(operand, text):
            read = _comparable(operand)
            return lambda new, _: text in (read(new) or "")
        case Amount():
            return _amount(predicate)
        case Has():
            return _has(predicate)
        case Empty(operand):
            return _empty(operand)
        case Changed(operand):
            read = _stored(operand)
            return lambda new, old: read(new) != read(old)
        case Against():
            return _against(predicate)
        case Before(part):
            before = judge(part)
            return lambda _, old: before(old, old)


def _compare(operand: Operand, op: str, bound: Scalar) -> Judge:
    read, relation, path = _comparable(operand), _RELATIONS[op], operand.path
    if op == "=" and form(operand.field) == "plain":  # most conditions are of these
        return lambda new, _: new[path] == bound

    def compared(new: Record, _: Record) -> bool:
        value = read(new)
        return value is not None and relation(value, bound)

    return compared


def _amount(amount: Amount) -> Judge:
    read, relation, currency = _stored(amount.operand), _RELATIONS[amount.op], _currency(amount.operand)
    minor, only, sizes = amount.minor, amount.only, currencies.exponents()

    def compared(new: Record, _: Record) -> bool:
        value = read(new)
        if value is None or (only and currency(new) != only):
            return False
        bound = minor[sizes.get(currency(new), currencies.USUAL)]
        return bound is not None and relation(value, bound)

    return compared


def _has(has: Has) -> Judge:
    read, text, part = _items(has.operand), has.text, has.part
    normal = fold if has.folded else str

    def found(new: Record, _: Record) -> bool:
        items = map(normal, read(new))
        return any(text in item for item in items) if part else text in items

    return found


def _empty(operand: Operand) -> Judge:
    path = operand.path
    if operand.field.multi:
        return lambda new, _: not new[path]
    if operand.field.type == "json":
        return lambda new, _: new[path] in (None, "", "[]", "{}")
    if form(operand.field) != "folded":
        return lambda new, _: new[path] is None
    read = _comparable(operand)
    return lambda new, _: read(new) is None


def _against(against: Against) -> Judge:
    read_new, relation, read_old = _exact(against.operand), _RELATIONS[against.op], _exact(against.old)

    def compared(new: Record, old: Record) -> bool:
        value, earlier = read_new(new), read_old(old)
        return value is not None and earlier is not None and relation(value, earlier)

    return compared


def _comparable(operand: Operand) -> Reader:
    """Return the reader of a value in the form in which it is compared, None when there is none."""
    path = operand.path
    match form(operand.field):
        case "folded":
            return lambda record: _folded(record[path] or "") or None
        case "real":
            return lambda record: None if record[path] is None else float(record[path])
        case _:
            return lambda record: record[path]


def _stored(operand: Operand) -> Reader:
    """Return the reader of a value as it is stored, with every way of having none as None."""
    path = operand.path
    if operand.field.multi:
        return lambda record: sorted(record[path] or ())
    if form(operand.field) == "folded":
        return lambda record: (record[path] or "").strip() or None
    return lambda record: record[path]


def _exact(operand: Operand) -> Reader:
    """Return the reader of a comparable value that also fits one of another currency."""
    if operand.field.type != "money":
        return _comparable(operand)
    path, currency = operand.path, _currency(operand)
    sizes, most = currencies.exponents(), max(currencies.DECIMALS)

    def read(record: Record) -> int | None:
        minor: int | None = record[path]
        return None if minor is None else minor * 10 ** (most - sizes.get(currency(record), currencies.USUAL))

    return read


def _items(operand: Operand) -> Callable[[Record], Iterable[str]]:
    path = operand.path
    if operand.field.type != "json":
        return lambda record: record[path] or ()

    from json import loads  # only lists of custom fields are stored as JSON

    def items(record: Record) -> list[str]:
        value = loads(record[path] or "[]")
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    return items


def _currency(operand: Operand) -> Reader:
    path = operand.currency.path if operand.currency else None
    return lambda record: record[path] if path else None
