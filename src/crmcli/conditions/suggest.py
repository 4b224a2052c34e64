"""What may come next in a condition that is being typed, for shell completion and the board's filter.

Only what the catalogue knows: of records (``owner =``, ``stage =``) the caller tells the names, who has a store to ask.
"""

import re
from collections.abc import Callable, Mapping
from typing import Literal

from crmcli.conditions.operators import kind, operators
from crmcli.conditions.parser import KEYWORDS
from crmcli.conditions.scope import Fields
from crmcli.conditions.tokens import Source, Token, tokenize
from crmcli.domain.schema import Entity, Field
from crmcli.errors import ConditionError

MOST = 50
_WORD = re.compile(r"[^\s=<>~!()\[\],\"']*\Z")
_DAYS = ["today", "yesterday", "tomorrow", "som", "eom", "sow", "eow", "soq", "eoq", "soy", "eoy", "+7d", "-7d"]

State = Literal["field", "operator", "value", "empty", "joint", "unknown"]


def complete(
    text: str,
    entity: Entity,
    entities: Mapping[str, Entity] | None = None,
    custom: Mapping[str, Mapping[str, Field]] | None = None,
    records: Callable[[Field, str], list[str]] | None = None,
) -> list[str]:
    """Return the text with its last word completed in every way that fits, at most 50; none when nothing does.

    ``records`` gives the names of records that a field may have as its value, for the letters typed so far. Where a
    word is complete the next one is offered: operators after a field, values after an operator, ``and`` and ``or``
    after a value.
    """
    found = _WORD.search(text)
    word = found[0] if found else ""
    head = text[: len(text) - len(word)]
    try:
        tokens = tokenize(Source(head))[:-1]
    except ConditionError:  # inside an open quote: there is nothing to offer
        return []
    reading = _Reading(entity, Fields(entities, custom or {}), records)
    for token in tokens:
        reading.take(token)
    glue = "" if word or head[-1:].isspace() or head[-1:] in ("", "(", "[") else " "
    return [head + glue + offer for offer in reading.offers(word) if offer.startswith(word)][:MOST]


class _Reading:
    """Where in the grammar the words so far have led."""

    def __init__(
        self, entity: Entity, fields: Fields, records: Callable[[Field, str], list[str]] | None = None
    ) -> None:
        self._entity = entity
        self._fields = fields
        self._records = records
        self._state: State = "field"
        self._field: Field | None = None
        self._listing = False
        self._between = False

    def take(self, token: Token) -> None:
        """Go on by one token; what cannot stand there leaves nothing to offer."""
        word = token.text.casefold() if token.kind != "string" else ""
        match self._state:
            case "field" if word in ("not", "("):
                return
            case "field":
                self._field = self._field_at(token.text)
                self._state = "operator" if self._field else "unknown"
            case "operator":
                self._state = self._after_operator(word)
            case "empty" if word == "not":
                return
            case "empty":
                self._state = "joint" if word == "empty" else "unknown"
            case "value" if word == "[":
                self._listing = True
            case "value":
                self._state = "joint"
            case "joint":
                self._state = self._after_joint(word)

    def _after_operator(self, word: str) -> State:
        if word == "not":
            return "operator"
        if word == "is":
            return "empty"
        if word in ("and", "or", ")"):
            return self._after_joint(word)
        self._between = word == "between"
        return "value"

    def _after_joint(self, word: str) -> State:
        if self._listing:
            self._listing = word != "]"
            return "value" if word == "," else "joint"
        if self._between and word == "and":
            self._between = False
            return "value"
        return "field" if word in ("and", "or") else "joint"

    def _field_at(self, path: str) -> Field | None:
        entity, name = self._last_step(path)
        found = self._fields.find(entity, name) if entity else None
        return found[1] if found else None

    def _last_step(self, path: str) -> tuple[Entity | None, str]:
        """Return the entity that a path has led to and the name after its last dot."""
        entity = self._entity
        *steps, name = path.split(".")
        for step in steps:
            found = self._fields.find(entity, step)
            if found is None or not found[1].ref:
                return None, name
            entity = self._fields.entity(found[1].ref)
        return entity, name

    def offers(self, word: str) -> list[str]:
        """Return what may stand next, given the word begun so far."""
        match self._state:
            case "field":
                return self._paths(word)
            case "operator" if self._field:
                bare = ["and", "or"] if self._field.type == "bool" else []
                return [*operators(self._field), "not in", "is empty", "is not empty", *bare]
            case "empty":
                return ["empty", "not empty"]
            case "value" if self._field:
                return _values(self._field) + self._named(self._field, word)
            case "joint":
                return ["and"] if self._between else [] if self._listing else ["and", "or"]
            case _:
                return []

    def _named(self, field: Field, word: str) -> list[str]:
        """Return the names of records, those quoted that are more than a word."""
        if self._records is None or kind(field) not in ("ref", "tags"):
            return []
        return [
            name if _WORD.fullmatch(name) else f'"{name}"' for name in self._records(field, word) if '"' not in name
        ]

    def _paths(self, word: str) -> list[str]:
        entity, name = self._last_step(word)
        if entity is None:
            return []
        prefix = word.removesuffix(name)
        return [prefix + known for known in self._fields.names(entity)] + ([] if prefix else ["not"])


def _values(field: Field) -> list[str]:
    from crmcli.domain.enums import values

    match kind(field):
        case "enum":
            return [f'"{key}"' if key in KEYWORDS else key for key in values(field.enum)]
        case "bool":
            return ["true", "false"]
        case "date" | "instant":
            return _DAYS
        case "ref":
            return ["me"] if field.ref == "user" else []
        case _:
            return []
