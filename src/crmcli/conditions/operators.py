"""Which operators a field takes, by its type, and in which form its values are compared."""

from typing import Literal

from crmcli.domain.schema import Field

Form = Literal["folded", "real", "plain"]

_ORDER = ("=", "!=", "<", "<=", ">", ">=", "in", "between")
_CONTAINS = ("~", "!~")
_HAS = ("has", *_CONTAINS)
_OPERATORS: dict[str, tuple[str, ...]] = {
    "text": (*_ORDER, *_CONTAINS),
    **dict.fromkeys(("int", "decimal", "rate", "money", "percent", "date", "instant"), _ORDER),
    "enum": ("=", "!=", "in"),
    "bool": ("=", "!="),
    "ref": ("=", "!=", "in", *_CONTAINS),
    **dict.fromkeys(("emails", "phones", "socials", "tags"), _HAS),
    "json": ("has",),
    "links": (),
    "rows": (),
}


def kind(field: Field) -> str:
    """Return the type that decides; an enum without a closed list of its own is text."""
    return "text" if field.type == "enum" and not field.enum else field.type


def operators(field: Field) -> tuple[str, ...]:
    """Return the operators that take a value, without ``is empty``, which every field but child rows takes."""
    return _OPERATORS[kind(field)]


def form(field: Field) -> Form:
    """Return how the values of a field become comparable: folded text, floating point, or as they are stored."""
    found = kind(field)
    if found == "text":
        return "folded"
    return "real" if found in ("decimal", "rate") else "plain"
