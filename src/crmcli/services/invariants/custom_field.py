"""What the definition of a custom field must satisfy."""

import json
import re
from typing import TYPE_CHECKING

from crmcli.catalogue import ENTITIES
from crmcli.conditions.parser import KEYWORDS
from crmcli.domain.plurals import counted
from crmcli.domain.schema import Entity
from crmcli.domain.text import slug
from crmcli.errors import DuplicateError
from crmcli.queries.fields import ids_with_option
from crmcli.services.drafts import Draft, canonical
from crmcli.services.duplicates import refuse_taken

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_CHOICES = ("enum", "multi_enum")
_WORDS = KEYWORDS | {"me", "old"}
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")


def settle(draft: Draft, writer: "Writer") -> None:
    """Refuse a key that is malformed, changed, in use, or hides a field of ours, and options that fit not."""
    record = draft.record
    if draft.intent == "delete":
        return
    kind = ENTITIES.get(record["entity"] or "")
    if kind is None or not kind.letter:
        draft.refuse("entity", f"{record['entity']!r} cannot have custom fields")
        return
    if not _KEY.fullmatch(record["key"] or ""):
        example = slug(record["key"] or "") or "budget"
        draft.refuse("key", f"{record['key']!r} is not in snake_case, such as {example}")
    elif record["key"] in _WORDS:
        draft.refuse("key", f"{record['key']!r} is a word of conditions; take another, such as {record['key']}_field")
    if kind.find(record["key"] or ""):
        hint = f"crm field list {kind.noun}"
        raise DuplicateError(f"{kind.noun} has a field {record['key']} already", hint=hint, code="field.duplicate")
    if draft.before and draft.changed("key"):
        draft.refuse("key", "a custom field keeps its key")
    record["label"] = record["label"] or (record["key"] or "").replace("_", " ").capitalize()
    _settle_options(draft, kind, writer)
    if record["type"] == "money" and "currency" not in kind.fields:
        draft.refuse("type", f"{kind.plural} have no currency; use decimal")
    refuse_taken(draft, writer, "entity", "key")


def _settle_options(draft: Draft, kind: Entity, writer: "Writer") -> None:
    """Check what can be chosen; a reference has one option, the kind of record it leads to."""
    record = draft.record
    options = json.loads(record["options"] or "[]")
    if record["type"] in _CHOICES:
        if not options:
            draft.refuse("options", "say what can be chosen, such as --option north --option south")
        _check_dropped(draft, kind, options, writer)
    elif record["type"] == "ref":
        nouns = {noun: name for name, known in ENTITIES.items() if known.letter for noun in (name, known.noun)}
        if len(options) > 1 or not set(options) <= set(nouns):
            draft.refuse("options", f"a reference leads to records of one kind, such as --option {kind.noun}")
        elif options:
            record["options"] = canonical([nouns[options[0]]])
    elif options:
        draft.refuse("options", f"only a choice has options, and this is {record['type']}; use enum or multi_enum")


def _check_dropped(draft: Draft, kind: Entity, options: list[str], writer: "Writer") -> None:
    """Refuse to leave out an option that records hold."""
    for option in json.loads(draft.was("options") or "[]"):
        if option in options:
            continue
        holders = len(ids_with_option(writer.unit.raw, kind.name, draft.record["key"], option))
        if holders:
            held_by = f"{option!r} is held by {counted(holders, kind.label.lower(), kind.plural)}"
            draft.refuse("options", f"{held_by}; rename it with --rename-option {option}=NEW")
