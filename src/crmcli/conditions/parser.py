"""Text to tree, by recursive descent: the grammar of the language and its bounds, nothing about fields or types."""

from collections.abc import Callable
from typing import NoReturn

from crmcli.conditions.tokens import Source, Token, tokenize
from crmcli.conditions.tree import And, Call, Comparison, Leaf, Not, Or, Path, Tree, Value

MAX_DEPTH = 32
MAX_NODES = 1_000
MAX_NAMES = 3
KEYWORDS = frozenset({"and", "or", "not", "in", "has", "between", "is", "empty"})
CALLS = {"changed": 1, "entered": 2, "left": 2}
NEGATED = {"!=": "=", "!~": "~"}
_COMPARING = frozenset({"=", "<", "<=", ">", ">=", "~"})


def parse(source: Source) -> Tree[Leaf]:
    """Return the tree of a condition; ConditionError with the position of the first thing that does not fit."""
    return _Parser(source).whole()


class _Parser:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._tokens = tokenize(source)
        self._next = 0
        self._depth = 0
        self._nodes = 0

    def whole(self) -> Tree[Leaf]:
        if self._token.kind == "end":
            self._fail("the condition is empty")
        tree = self._or()
        if self._token.kind != "end":
            self._fail(f"expected 'and' or 'or' before {self._token.text!r}", _spaced_words(self._token))
        return tree

    def _or(self) -> Tree[Leaf]:
        parts = [self._and()]
        while self._take_word("or"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self) -> Tree[Leaf]:
        parts = [self._not()]
        while self._take_word("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _not(self) -> Tree[Leaf]:
        self._count()
        if self._take_word("not"):
            return Not(self._deeper(self._not))
        if self._take_symbol("("):
            tree = self._deeper(self._or)
            self._expect(")")
            return tree
        return self._leaf()

    def _deeper(self, rule: Callable[[], Tree[Leaf]]) -> Tree[Leaf]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail(f"nested deeper than {MAX_DEPTH}")
        tree = rule()
        self._depth -= 1
        return tree

    def _leaf(self) -> Tree[Leaf]:
        following = self._tokens[min(self._next + 1, len(self._tokens) - 1)]
        if self._token.kind == "word" and following == ("symbol", "(", following.position):
            return self._call()
        path = self._path()
        operator = self._token
        if operator.kind == "symbol" and (op := NEGATED.get(operator.text, operator.text)) in _COMPARING:
            self._next += 1
            comparison = Comparison(path, op, (self._value(),), operator.position)
            return Not(comparison) if operator.text in NEGATED else comparison
        return self._worded(path, operator)

    def _worded(self, path: Path, operator: Token) -> Tree[Leaf]:
        if self._take_word("is"):
            negative = self._take_word("not")
            if not self._take_word("empty"):
                self._fail("expected 'empty'", "write `is empty` or `is not empty`; compare values with =")
            return _negated(negative, Comparison(path, "empty", (), operator.position))
        if self._take_word("between"):
            low = self._value()
            if not self._take_word("and"):
                self._fail("expected 'and'", "write `between 1 and 5`")
            return Comparison(path, "between", (low, self._value()), operator.position)
        negative = self._take_word("not")
        if self._take_word("in"):
            return _negated(negative, Comparison(path, "in", self._list(), operator.position))
        if self._take_word("has"):
            values = self._list() if self._at_symbol("[") else (self._value(),)
            return _negated(negative, Comparison(path, "has", values, operator.position))
        if negative:
            self._fail("expected 'in' or 'has'")
        return Comparison(path, "true", (), path.position)

    def _call(self) -> Leaf:
        name = self._token.text.casefold()
        if name not in CALLS:
            self._fail(f"there is no function {self._token.text!r}", f"there are: {', '.join(CALLS)}")
        position = self._token.position
        self._next += 1
        self._expect("(")
        path = self._path()
        value = None
        if CALLS[name] == 2:
            self._expect(",")
            value = self._value()
        self._expect(")")
        return Call(name, path, value, position)

    def _path(self) -> Path:
        token = self._token
        if token.kind != "word" or token.text.casefold() in KEYWORDS:
            self._fail(f"expected a field{_instead(token)}")
        names = tuple(token.text.split("."))
        if "" in names:
            self._fail(f"{token.text!r} is not a field")
        if len(names) > MAX_NAMES:
            self._fail(f"{token.text!r} goes further than two records away")
        self._next += 1
        return Path(names, token.position)

    def _list(self) -> tuple[Value, ...]:
        self._expect("[")
        values = [self._value()]
        while self._take_symbol(","):
            values.append(self._value())
        self._expect("]")
        return tuple(values)

    def _value(self) -> Value:
        token = self._token
        if token.kind == "word" and token.text.casefold() in KEYWORDS:
            self._fail(
                f"expected a value instead of the keyword {token.text!r}", f'as text it is written "{token.text}"'
            )
        if token.kind not in ("word", "string"):
            self._fail(f"expected a value{_instead(token)}")
        self._count()
        self._next += 1
        return Value(token.text, token.position, token.kind == "string", self._unit(token))

    def _unit(self, number: Token) -> Value | None:
        """Take the currency that may follow a number: ``10k EUR``."""
        token = self._token
        numeric = number.kind == "word" and number.text.lstrip("+-")[:1].isdecimal()
        if not numeric or token.kind != "word" or token.text.casefold() in KEYWORDS:
            return None
        if not (len(token.text) == 3 and token.text.isascii() and token.text.isalpha()):
            return None
        self._next += 1
        return Value(token.text, token.position)

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _at_symbol(self, text: str) -> bool:
        return self._token.kind == "symbol" and self._token.text == text

    def _take_symbol(self, text: str) -> bool:
        return self._advance(self._at_symbol(text))

    def _take_word(self, keyword: str) -> bool:
        return self._advance(self._token.kind == "word" and self._token.text.casefold() == keyword)

    def _advance(self, expected: bool) -> bool:
        if expected:
            self._next += 1
        return expected

    def _expect(self, symbol: str) -> None:
        if not self._take_symbol(symbol):
            self._fail(f"expected {symbol!r}{_instead(self._token)}", _spaced_words(self._token))

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._fail(f"more than {MAX_NODES:,} parts")

    def _fail(self, problem: str, hint: str | None = None) -> NoReturn:
        raise self._source.error(problem, self._token.position, hint)


def _negated(negative: bool, comparison: Comparison) -> Tree[Leaf]:
    return Not(comparison) if negative else comparison


def _instead(token: Token) -> str:
    return " at the end" if token.kind == "end" else f" instead of {token.text!r}"


def _spaced_words(token: Token) -> str | None:
    return "put text with spaces in quotes" if token.kind == "word" else None
