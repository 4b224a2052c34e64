"""A store in which every text field of every record holds what a stranger wrote into it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.errors import DuplicateError, Problem
from crmcli.services.results import Wanted
from crmcli.services.setup import create_store
from crmcli.services.writer import Writer, write
from tests.e2e.naughty import storable
from tests.services.world import Store

# What a record needs besides; ``{n}`` makes a key unique.
BASES: dict[str, dict[str, Any]] = {
    "user": {"handle": "user{n}", "name": "Base"},
    "pipeline": {"key": "pipeline{n}", "name": "Base"},
    "stage": {"key": "stage{n}", "name": "Base", "pipeline": 1, "kind": "open", "probability": Decimal(10)},
    "tag": {"name": "tag{n}"},
    "custom_field": {"key": "field{n}", "entity": "lead", "type": "text"},
    "view": {"key": "view{n}", "entity": "lead"},
    "target": {"metric": "won_amount", "period": "2026-Q1", "value": "1"},
    "organization": {"name": "Base"},
    "contact": {"last_name": "Base"},
    "lead": {"last_name": "Base", "status": "junk", "lost_reason": "price"},
    "deal": {"name": "Base", "organization": 1, "pipeline": 1, "stage": 1},
    "task": {"subject": "Base"},
    "event": {"title": "Base", "start_at": "2026-03-18T10:00:00Z", "end_at": "2026-03-18T11:00:00Z"},
    "interaction": {"kind": "note", "body": "Base", "occurred_at": "2026-03-18T10:00:00Z"},
    "ticket": {"subject": "Base"},
    "ticket_comment": {"ticket": 1, "body": "Base", "visibility": "internal"},
}
# Words of the product's own languages, whose hostile forms are the business of other tests.
_LANGUAGES = frozenset({("view", "condition"), ("view", "sort"), ("view", "group_by")})
# The field that no two records of a kind share.
_NAMES = {"user": "handle", "tag": "name", "target": "team"}
_NAMES |= dict.fromkeys(("pipeline", "stage", "custom_field", "view"), "key")
COLLECTIONS = ("emails", "phones", "socials", "tags")
CUSTOM = "remark"


class Kept(NamedTuple):
    """One record that was stored, and which of its fields were given the text."""

    entity: str
    id: int
    text: str
    fields: tuple[str, ...]


class Refused(NamedTuple):
    """One field that did not take the text."""

    entity: str
    field: str
    text: str
    reason: str


class Filled(NamedTuple):
    """What a store was filled with, and what it refused."""

    home: Path
    kept: tuple[Kept, ...]
    refused: tuple[Refused, ...]


def text_fields(entity: str) -> list[str]:
    """Return the fields that hold text which somebody writes."""
    fields = ENTITIES[entity].fields.values()
    own = [field.key for field in fields if field.type == "text" and field.column and field.writable]
    many = [field.key for field in fields if field.key in COLLECTIONS]
    custom = [f"custom.{CUSTOM}"] if "custom" in ENTITIES[entity].fields else []
    return [key for key in own + many + custom if (entity, key) not in _LANGUAGES]


def fill(home: Path, strings: Sequence[str], entities: Iterable[str] = BASES) -> Filled:
    """Make a store in a home and put every string into every text field of records of some kinds, or of all."""
    store = Store(home / "data" / "crm.db")
    create_store(store.path, store.settings)
    kept: list[Kept] = []
    refused: list[Refused] = []

    def work(writer: Writer) -> None:
        for entity in ENTITIES.values():
            if "custom" in entity.fields:
                writer.create("custom_field", {"entity": entity.name, "key": CUSTOM, "type": "text"})
        for name in entities:
            for text in strings:
                _save(writer, name, text, kept, refused)

    reason = " ".join(text for text in strings if storable(text) and len(text) < 500)
    write(store.context(allow_duplicate=True, reason=reason), work)
    return Filled(home, tuple(kept), tuple(refused))


def _save(writer: Writer, entity: str, text: str, kept: list[Kept], refused: list[Refused]) -> None:
    """Store the text in all fields that take it: what is refused is left out, until the rest goes in."""
    fields = text_fields(entity)
    base = {k: v.format(n=len(kept)) if isinstance(v, str) else v for k, v in BASES[entity].items()}
    while fields:
        problems: list[Problem] = []
        values = base | {field: [text] if field in COLLECTIONS else text for field in fields}
        try:
            saved = writer.save_many(entity, [Wanted(values)], lambda _, found: problems.extend(found))  # noqa: B023
        except DuplicateError as error:  # two texts may be the same name
            saved, problems = [], [Problem(field, str(error)) for field in fields if field == _NAMES[entity]]
        if saved:
            kept.append(Kept(entity, saved[0].id, text, tuple(fields)))
            return
        named = {problem.field: problem.reason for problem in problems}
        left = [field for field in fields if field.removeprefix("custom.") not in named and field not in named]
        if not text.strip() and ("" in named or left == fields):  # nothing is no name
            return
        assert len(left) < len(fields), f"{entity} refuses {text!r} for another reason: {problems}"
        refused += [Refused(entity, field, text, named.get(field, "")) for field in fields if field not in left]
        fields = left
