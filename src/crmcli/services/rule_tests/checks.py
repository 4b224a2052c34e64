"""What a test of rules finds afterwards, against what it expects; each difference is told in one line.

What rules created and what they sent must all be expected, so that nothing happens twice or beside; of a record only
the fields that are named are looked at.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.conditions.condition import compile
from crmcli.conditions.trace import deciding, trace
from crmcli.domain.schema import Entity
from crmcli.domain.text import fold
from crmcli.errors import UsageError
from crmcli.queries.records import get_record
from crmcli.queries.references import title_of
from crmcli.queries.values import stored_values
from crmcli.rules.fixtures import NOUNS, Case, Line
from crmcli.services.rule_tests.steps import Played
from crmcli.store.reader import fetch

_CREATED = "SELECT entity, record_id FROM change WHERE action = 'create' AND cause LIKE 'rule:%' ORDER BY id"
_SENT = "SELECT id, kind, status, payload, last_error FROM outbox ORDER BY id"
_LINKS = "SELECT entity, record_id FROM activity_link WHERE activity_entity = ? AND activity_id = ?"


def differences(case: Case, played: Played) -> Iterator[str]:
    """Yield what is not as a test expects it, in the order of its expectations, then what was not expected."""
    con, world = played.world()
    with closing(con):
        found = _Found(con, world, played)
        for line in case.expect:
            yield from found.against(line)
        yield from found.unexpected()


class _Found:
    """What is there after a test; what an expectation is about is taken away."""

    def __init__(self, con: Any, world: Any, played: Played) -> None:
        self._con = con
        self._world = world
        self._played = played
        rows = [(row["entity"], row["record_id"]) for row in fetch(con, _CREATED)]
        self._created = [row for row in rows if ENTITIES[row[0]].letter]
        self._sent = [_message(row) for row in fetch(con, _SENT)]
        self._refusals = list(played.refusals)

    def against(self, line: Line) -> Iterator[str]:
        """Yield how an expectation is not met."""
        match line.word:
            case "record":
                entity, number = self._played.record(line.subject)
                yield from self._record(ENTITIES[entity], number, line.values)
            case "created":
                yield from self._take_created(line)
            case "sent":
                yield from self._take_sent(line)
            case "refused":
                yield from _take_text("refused", str(line.subject), self._refusals)
            case _:
                yield from _take_text("warned", str(line.subject), list(self._played.warnings))

    def unexpected(self) -> Iterator[str]:
        """Yield what happened and was not expected."""
        for entity, number in self._created:
            kind = ENTITIES[entity]
            yield f"also created: {kind.noun} {json.dumps(title_of(self._con, entity, number), ensure_ascii=False)}"
        for message in self._sent:
            yield f"also sent: {json.dumps(message, ensure_ascii=False)}"
        for text in self._refusals:
            yield f"refused: {text}"

    def _take_created(self, line: Line) -> Iterator[str]:
        entity = NOUNS.get(str(line.subject))
        if entity is None:
            raise UsageError(f"created takes a noun, one of {', '.join(NOUNS)}, not {line.subject!r}")
        told = {
            number: list(self._record(ENTITIES[entity], number, line.values))
            for kind, number in self._created
            if kind == entity
        }
        if not told:
            yield f"no {line.subject} was created"
            return
        number = min(told, key=lambda one: len(told[one]))
        self._created.remove((entity, number))
        yield from told[number]

    def _take_sent(self, line: Line) -> Iterator[str]:
        kinds = [message for message in self._sent if message["kind"] == line.subject]
        if not kinds:
            yield f"no {line.subject} was sent"
            return
        told = [
            [
                f"{line.subject} {key}: expected {raw!r}, found {message.get(key)!r}"
                for key, raw in line.values.items()
                if message.get(key) != raw
            ]
            for message in kinds
        ]
        nearest = min(range(len(told)), key=lambda place: len(told[place]))
        self._sent.remove(kinds[nearest])
        yield from told[nearest]

    def _record(self, kind: Entity, number: int, expected: Mapping[str, Any]) -> Iterator[str]:
        name = kind.ref(number) if kind.letter else kind.noun
        for key, raw in expected.items():
            if key == "when":
                yield from self._condition(kind, number, str(raw), name)
            elif key == "for":
                yield from self._linked(kind, number, raw, name)
            elif not self._is(kind, number, key, raw):
                shown = (get_record(self._con, kind, number, [key]) or {}).get(key)
                yield f"{name} {key}: expected {_shown(raw)}, found {_shown(shown)}"

    def _condition(self, kind: Entity, number: int, text: str, name: str) -> Iterator[str]:
        condition = compile(text, kind, self._world.scope)
        values = stored_values(self._con, kind, number, condition.paths)
        found = trace(condition, values)
        if not found.holds:
            yield from (
                f"{name}: {leaf.text} is not so: {', '.join(f'{one.path} is {one.stored!r}' for one in leaf.found)}"
                for leaf in deciding(found)
            )

    def _linked(self, kind: Entity, number: int, raw: Any, name: str) -> Iterator[str]:
        wanted = {self._played.record(one) for one in (raw if isinstance(raw, list) else [raw])}
        linked = {(row["entity"], row["record_id"]) for row in fetch(self._con, _LINKS, (kind.name, number))}
        for entity, record_id in sorted(wanted - linked):
            yield f"{name} is not for {ENTITIES[entity].ref(record_id)}"

    def _is(self, kind: Entity, number: int, key: str, raw: Any) -> bool:
        found = self._world.scope.fields.find(kind, key)
        if found is None:
            raise UsageError(f"{kind.noun} has no field {key!r}")
        path, field = found
        stored = stored_values(self._con, kind, number, [path])[path]
        if isinstance(raw, list):
            return sorted(map(fold, raw)) == sorted(map(fold, stored))
        if raw == "":
            return stored in (None, "", [], "[]")
        if field.type == "text":
            return bool(stored == raw)
        condition = compile(f"{path} {'has' if field.multi else '='} {_literal(raw)}", kind, self._world.scope)
        return condition.match(stored_values(self._con, kind, number, condition.paths))


def _message(row: Mapping[str, Any]) -> dict[str, Any]:
    payload = json.loads(row["payload"])
    values = payload.get("values", payload)
    return {"kind": row["kind"], "status": row["status"], "reason": row["last_error"], **values}


def _take_text(what: str, text: str, said: list[str]) -> Iterator[str]:
    found = next((one for one in said if text in one), None)
    if found is None:
        yield f"{what}: expected {text!r}, found {'; '.join(said) or 'nothing'}"
    else:
        said.remove(found)


def _literal(raw: Any) -> str:
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if not isinstance(raw, str):
        return str(raw)
    return f"'{raw}'" if '"' in raw else f'"{raw}"'


def _shown(value: Any) -> str:
    return "nothing" if value in (None, "", []) else str(value)
