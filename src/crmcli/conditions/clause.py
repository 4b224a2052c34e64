"""The SQL back end: a checked condition as an expression over the record's row, alias ``r``, with bound parameters.

Names come from the catalogue alone and values are always parameters. Each leaf is two-valued: an unknown result
becomes false before any negation sees it. ``matcher`` answers the same questions in memory; the two must agree on every
record.
"""

from collections.abc import Callable

from crmcli.conditions import currencies, dialect
from crmcli.conditions.expression import Clause, record_of, value
from crmcli.conditions.operands import Operand
from crmcli.conditions.operators import form
from crmcli.conditions.predicates import Amount, Compare, Contains, Empty, Has, OneOf, Predicate, Scalar
from crmcli.conditions.tree import Tree, Walk

_POINT = "contact_point cp WHERE cp.entity = {entity} AND cp.record_id = {record} AND cp.kind = '{kind}'"
_CHILDREN = {
    "emails": _POINT.replace("{kind}", "email"),
    "phones": _POINT.replace("{kind}", "phone"),
    "socials": _POINT.replace("{kind}", "social"),
    "tags": "tagging tg JOIN tag tn ON tn.id = tg.tag_id WHERE tg.entity = {entity} AND tg.record_id = {record}",
    "links": "activity_link al WHERE al.activity_entity = {entity} AND al.activity_id = {record}",
}
_ITEMS = {"emails": "cp.value_norm", "phones": "cp.value_norm", "socials": "cp.value", "tags": "tn.name_key"}
_EMPTY_JSON = "('', '[]', '{}')"


def clause(tree: Tree[Predicate], prefix: str) -> Clause:
    """Return a condition in SQL, its parameters named by the prefix and a number.

    ValueError when it asks about a change, which rows of the store do not know.
    """
    writer = _Writer(prefix)
    walk = Walk[Predicate, str](writer.leaf, _joiner("AND"), _joiner("OR"), lambda part: f"(NOT {part})")
    return Clause(walk.over(tree), writer.parameters)


def _joiner(word: str) -> Callable[[list[str]], str]:
    def joined(parts: list[str]) -> str:
        """Join by halves: SQLite bounds the depth of an expression, and a plain chain is as deep as it is long."""
        if len(parts) == 1:
            return parts[0]
        half = len(parts) // 2
        return f"({joined(parts[:half])} {word} {joined(parts[half:])})"

    return joined


class _Writer:
    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.parameters: dict[str, Scalar] = {}

    def leaf(self, predicate: Predicate) -> str:
        match predicate:
            case Compare(operand, op, bound):
                return _known(f"{_comparable(operand)} {op} {self._bind(bound)}")
            case OneOf(operand, values):
                bound_values = ", ".join(map(self._bind, values))
                return _known(f"{_comparable(operand)} IN ({bound_values})") if values else "FALSE"
            case Contains(operand, text):
                return _known(dialect.contains(_comparable(operand), self._bind(text)))
            case Amount():
                return _known(self._amount(predicate))
            case Has():
                return self._has(predicate)
            case Empty(operand):
                return self._empty(operand)
            case _:
                raise ValueError("a question about a change cannot select records")

    def _bind(self, value: Scalar) -> str:
        name = f"{self._prefix}{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def _amount(self, amount: Amount) -> str:
        minor, currency = _stored(amount.operand), _currency(amount.operand)
        if amount.only:
            bound = self._bound(*amount.minor.values())
            return f"{currency} = {self._bind(amount.only)} AND {minor} {amount.op} {bound}"
        sizes = "".join(
            f" WHEN {currency} IN ({', '.join(map(repr, codes))}) THEN {self._bound(amount.minor[size])}"
            for size, codes in currencies.groups().items()
        )
        return f"{minor} {amount.op} CASE{sizes} ELSE {self._bound(amount.minor[currencies.USUAL])} END"

    def _bound(self, bound: Scalar | None) -> str:
        return "NULL" if bound is None else self._bind(bound)

    def _has(self, has: Has) -> str:
        if has.operand.field.type == "json":
            items = dialect.list_items(_stored(has.operand))
            return f"EXISTS (SELECT 1 FROM {items} WHERE type = 'text' AND fold(value) = {self._bind(has.text)})"
        item = _ITEMS[has.operand.field.type]
        if has.folded and has.operand.field.type != "tags":  # the key of a tag is stored folded
            item = f"fold({item})"
        text = self._bind(has.text)
        test = dialect.contains(item, text) if has.part else f"{item} = {text}"
        return f"EXISTS (SELECT 1 FROM {self._children(has.operand)} AND {test})"

    def _empty(self, operand: Operand) -> str:
        if operand.field.multi:
            return f"NOT EXISTS (SELECT 1 FROM {self._children(operand)})"
        if operand.field.type == "json":
            return f"COALESCE({_stored(operand)} IN {_EMPTY_JSON}, TRUE)"
        return f"{_comparable(operand)} IS NULL"

    def _children(self, operand: Operand) -> str:
        entity = self._bind(operand.entity.name)
        return _CHILDREN[operand.field.type].format(entity=entity, record=record_of(operand.hops))


def _stored(operand: Operand) -> str:
    return value(operand.hops, operand.field.sql)


def _currency(operand: Operand) -> str:
    return _stored(operand.currency) if operand.currency else "NULL"


def _comparable(operand: Operand) -> str:
    """Return the value in the form in which it is compared, NULL when there is none."""
    stored = _stored(operand)
    match form(operand.field):
        case "folded":
            return f"NULLIF(fold({stored}), '')"
        case "real":
            return f"CAST({stored} AS REAL)"
        case _:
            return stored


def _known(test: str) -> str:
    return f"COALESCE({test}, FALSE)"
