"""Meaning of a parsed condition: paths resolved, operators and literals checked against the types of the fields.

All that can be wrong with a condition is found here, with its position; what comes out can be evaluated by either back
end. Several ways to say a thing become one: a day against an instant is a pair of bounds, ``between`` is two orders.
"""

from crmcli.conditions.literals import Literals
from crmcli.conditions.operands import Operand, resolve, title
from crmcli.conditions.operators import form, kind, operators
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
from crmcli.conditions.scope import Fields, Scope
from crmcli.conditions.tokens import Source
from crmcli.conditions.tree import And, Call, Comparison, Leaf, Not, Or, Path, Tree, Value, Walk
from crmcli.domain.countries import FIELDS as COUNTRIES
from crmcli.domain.schema import Entity

_DAY_EDGES = {"<": ("<", 0), "<=": ("<", 1), ">": (">=", 1), ">=": (">=", 0)}  # of a local day, its end exclusive


def check(tree: Tree[Leaf], entity: Entity, scope: Scope, source: Source) -> Tree[Predicate]:
    """Return the checked condition, or raise ConditionError at the first leaf that has no meaning."""
    checker = _Checker(entity, scope, source)
    return Walk[Leaf, Tree[Predicate]](checker.leaf, _every, _some, _inverse).over(tree)


class _Checker:
    def __init__(self, entity: Entity, scope: Scope, source: Source) -> None:
        self._entity = entity
        self._fields: Fields = scope.fields
        self._changes = scope.changes
        self._source = source
        self._literals = Literals(source, scope)

    def leaf(self, leaf: Leaf) -> Tree[Predicate]:
        return self._call(leaf) if isinstance(leaf, Call) else self._comparison(leaf)

    def _comparison(self, asked: Comparison) -> Tree[Predicate]:
        operand = self._operand(asked.path)
        if asked.op == "empty":
            return self._empty(operand, asked)
        if asked.op == "true":
            return self._true(operand, asked)
        self._check_operator(operand, asked.op, asked.position)
        self._check_units(operand, asked.values)
        if old := next((value for value in asked.values if self._is_old(value)), None):
            return self._against(operand, asked, old)
        match asked.op:
            case "has":
                return _every([self._has(operand, value) for value in asked.values])
            case "~":
                return self._contains(operand, asked.values[0])
            case "in":
                return _one_of([self._relation(operand, "=", value) for value in asked.values])
            case "between":
                low, high = asked.values
                return And((self._relation(operand, ">=", low), self._relation(operand, "<=", high)))
            case op:
                return self._relation(operand, op, asked.values[0])

    def _operand(self, path: Path) -> Operand:
        return resolve(path, self._entity, self._fields, self._source)

    def _check_operator(self, operand: Operand, op: str, position: int) -> None:
        known = operators(operand.field)
        if op in known:
            return
        if not known:
            hint = f"write `{operand.path} is empty`" if operand.field.type == "links" else None
            raise self._source.error(f"{operand.path} cannot be compared", position, hint)
        hint = f"write `{operand.path} has ...`" if "has" in known else f"it takes {' '.join(known)}"
        raise self._source.error(f"{operand.path} does not take {op!r}", position, hint)

    def _check_units(self, operand: Operand, values: tuple[Value, ...]) -> None:
        for value in values:
            if value.unit and operand.field.type != "money":
                problem = f"unexpected {value.unit.text!r}"
                raise self._source.error(problem, value.unit.position, "only amounts take a currency")

    def _empty(self, operand: Operand, asked: Comparison) -> Predicate:
        if operand.field.type == "rows":
            raise self._source.error(f"{operand.path} cannot stand in a condition", asked.path.position)
        return Empty(operand)

    def _true(self, operand: Operand, asked: Comparison) -> Predicate:
        if operand.field.type == "bool":
            return OneOf(operand, (1,))
        end = asked.path.position + len(str(asked.path))
        hint = f"compare it: `{operand.path} {(*operators(operand.field), 'is empty')[0]} ...`"
        raise self._source.error(f"{operand.path} is not true or false: an operator is missing", end, hint)

    def _relation(self, operand: Operand, op: str, value: Value) -> Tree[Predicate]:
        """Return that the operand stands in a relation, one of ``= < <= > >=``, to a literal."""
        literals = self._literals
        match kind(operand.field):
            case "instant":
                return self._instant(operand, op, value)
            case "money":
                return self._amount(operand, op, value)
            case "ref":
                return OneOf(operand, literals.records(value, operand.field.ref))
            case "enum":
                return OneOf(operand, (literals.choice(value, operand.field.enum),))
            case "bool":
                return OneOf(operand, (literals.truth(value),))
            case "date":
                return _relation(operand, op, literals.day(value))
            case "int":
                return _relation(operand, op, literals.integer(value, op))
            case "percent":
                return _relation(operand, op, literals.percent(value, op))
            case _:
                if op == "=" and operand.field.options:
                    return OneOf(operand, (literals.option(value, operand.field.options),))
                if op == "=" and _holds_country(operand):
                    return OneOf(operand, (literals.country(value),))
                real = form(operand.field) == "real"
                return _relation(operand, op, literals.real(value) if real else literals.text(value))

    def _instant(self, operand: Operand, op: str, value: Value) -> Tree[Predicate]:
        span = self._literals.span(value)
        if isinstance(span, str):
            return _relation(operand, op, span)
        if op == "=":
            return And((Compare(operand, ">=", span[0]), Compare(operand, "<", span[1])))
        edge_op, edge = _DAY_EDGES[op]
        return Compare(operand, edge_op, span[edge])

    def _amount(self, operand: Operand, op: str, value: Value) -> Predicate:
        minor, only = self._literals.amount(value, op)
        if only and operand.currency is None:
            raise self._source.error(f"{operand.path} has no currency of its own", value.position)
        return Amount(operand, op, minor, only)

    def _contains(self, operand: Operand, value: Value) -> Predicate:
        match operand.field.type:
            case "ref":
                return Contains(title(operand, self._fields.entity(operand.field.ref)), self._literals.text(value))
            case "phones":
                return Has(operand, self._literals.digits(value), part=True)
            case "emails" | "socials" | "tags":
                return Has(operand, self._literals.text(value), part=True)
            case _:
                return Contains(operand, self._literals.text(value))

    def _has(self, operand: Operand, value: Value) -> Predicate:
        match operand.field.type:
            case "emails":
                return Has(operand, self._literals.email(value))
            case "phones":
                return Has(operand, *self._literals.phone(value))
            case "json" if operand.field.options:
                return Has(operand, self._literals.option(value, operand.field.options))
            case _:
                return Has(operand, self._literals.text(value))

    def _call(self, call: Call) -> Tree[Predicate]:
        operand = self._operand(call.path)
        self._need_change(f"{call.name}()", call.position)
        if call.value is None:
            return self._changed(operand, call)
        op = "has" if operand.field.multi or operand.field.type == "json" else "="
        self._check_operator(operand, op, call.path.position)
        self._check_units(operand, (call.value,))
        matches = self._has(operand, call.value) if op == "has" else self._relation(operand, "=", call.value)
        before = Before(matches)
        return And((matches, Not(before))) if call.name == "entered" else And((Not(matches), before))

    def _changed(self, operand: Operand, call: Call) -> Predicate:
        if operand.field.type in ("links", "rows"):
            raise self._source.error(f"{operand.path} cannot be compared", call.path.position)
        return Changed(operand)

    def _is_old(self, value: Value) -> bool:
        return not value.quoted and value.text.casefold().startswith("old.")

    def _against(self, operand: Operand, asked: Comparison, value: Value) -> Predicate:
        self._need_change("'old.'", value.position)
        if asked.op not in ("=", *_DAY_EDGES):
            raise self._source.error(f"{asked.op!r} takes no earlier value", value.position, "use = != < <= > >=")
        old = self._operand(Path(tuple(value.text.split(".")[1:]), value.position + len("old.")))
        if (kind(old.field), old.field.ref) != (kind(operand.field), operand.field.ref):
            problem = f"{operand.path} and {old.path} are of different types"
            raise self._source.error(problem, value.position)
        return Against(operand, asked.op, old)

    def _need_change(self, what: str, position: int) -> None:
        if not self._changes:
            hint = "only rules on created and updated records look at a change"
            raise self._source.error(f"{what} needs a change to look at", position, hint)


def _holds_country(operand: Operand) -> bool:
    """Say whether a field holds codes of countries; a custom field called so holds any text."""
    return operand.field.key in COUNTRIES and ".custom." not in f".{operand.path}"


def _relation(operand: Operand, op: str, bound: Scalar | None) -> Predicate:
    if op == "=" or bound is None:
        return OneOf(operand, () if bound is None else (bound,))
    return Compare(operand, op, bound)


def _one_of(parts: list[Tree[Predicate]]) -> Tree[Predicate]:
    single = [part for part in parts if isinstance(part, OneOf)]
    if len(single) == len(parts):
        return OneOf(single[0].operand, tuple(value for part in single for value in part.values))
    return _some(parts)


def _every(parts: list[Tree[Predicate]]) -> Tree[Predicate]:
    return And(tuple(parts))


def _some(parts: list[Tree[Predicate]]) -> Tree[Predicate]:
    return Or(tuple(parts))


def _inverse(part: Tree[Predicate]) -> Tree[Predicate]:
    return Not(part)
