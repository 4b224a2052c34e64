"""The events that a change raises, by entity; the change set of a write as rules see it.

A change is known by what was stored before and after, derived values included, so a record raises its events once.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache, lru_cache
from json import loads
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.consents import GRANTED, WITHDRAWN
from crmcli.domain.enums import kind
from crmcli.domain.schema import Entity, did_you_mean, near_or_all
from crmcli.rules.figures import CROSSED, KPI, entity_of

Values = Mapping[str, Any]  # stored ones by column, and collections by key
Test = Callable[[str, Values, Values, bool], bool]  # of an entity, the values before and after, and whether it is new
_ALL = ("created", "updated", "saved", "deleted", "restored", "assigned", "tagged", "untagged")
_OWN = {
    "lead": ("merged", "status_changed", "converted", "unconverted"),
    "organization": ("merged",),
    "contact": ("merged",),
    "deal": ("merged", "stage_changed", "won", "lost", "reopened"),
    "task": ("status_changed",),
    "event": ("status_changed",),
    "ticket": (
        "status_changed", "commented", "replied", "resolved", "closed", "reopened", "sla_at_risk", "sla_breached",
    ),
    "interaction": ("logged", "email_in"),
}  # fmt: skip
TIME, MANUAL, MERGED = "time", "manual", "merged"
SLA = {"sla_at_risk": "at_risk", "sla_breached": "breached"}  # the moment of a clock that each stands for
TICKED = frozenset({TIME, CROSSED, *SLA})  # raised by the passing of time, so there is no change to look at
_LATER = frozenset(
    {
        "responded", "bounced", "opted_out", "finished", "exited", "accepted", "rejected",
        "issued", "paid", "overdue", "reached",
    }
)  # fmt: skip
CONSENT, CONSENTED = "consent", frozenset({GRANTED, WITHDRAWN})
_OWNERS = {CONSENT: ("contact", "lead"), KPI: ()}
EVENTS = {
    **{name: (*_ALL, *_OWN.get(name, ()), TIME, MANUAL) for name, entity in ENTITIES.items() if entity.letter},
    CONSENT: (GRANTED, WITHDRAWN, MANUAL),
    KPI: (CROSSED,),
}
_BESIDE = {"ticket_comment": ("ticket", "ticket_id")}  # records whose coming is an event of the one they belong to
_NOT_RAISED = {  # by what the writer did
    "create": frozenset(
        {"updated", "untagged", "status_changed", "stage_changed", "reopened", "unconverted", "deleted", "restored"}
        | TICKED
        | {MANUAL, MERGED}
    ),
    "update": frozenset({"created", "logged", "email_in", "deleted", "restored", MANUAL}) | TICKED,
}
_COMMENTED = frozenset({"commented"})
_BESIDE_EVENTS = _COMMENTED | {"replied"}
_NOUNS = {entity_of(name).noun: name for name in EVENTS}
_NOTHING: tuple[object, ...] = (None, [])
CHANGING = frozenset({"version", "updated_at", "updated_by"})  # fields that every write moves


class Change(NamedTuple):
    """What happened to one record in one step. ``fields`` are the canonical names of the stored fields that changed.

    ``cause`` is ``user``, ``import`` or ``rule:<id>``; ``chain`` holds the ids of the rules that led here, so its
    length is the depth. ``mark`` is the caller's own: the place of the change in the history of the record. ``values``
    are there of what is no record: by key, presented.
    """

    entity: str
    id: int
    events: frozenset[str]
    fields: frozenset[str]
    cause: str = "user"
    chain: tuple[str, ...] = ()
    mark: int = 0
    values: Mapping[str, Any] | None = None

    @property
    def is_new(self) -> bool:
        """Whether the record came into being."""
        return "created" in self.events

    @property
    def ref(self) -> str:
        """The ref of the record."""
        return ENTITIES[self.entity].ref(self.id) if self.values is None else str(self.values["key"])


def parse_event(text: str) -> tuple[str, str]:
    """Return entity and event of a text such as ``deal.won``; ValueError says what is wrong with it."""
    noun, dot, event = text.partition(".")
    entity = _NOUNS.get(noun, noun)
    if not dot:
        raise ValueError(f"{text!r} is not an event; write lead.updated")
    if entity not in EVENTS:
        hint = near_or_all(noun, _NOUNS)
        raise ValueError(f"{noun!r} raises no events in this version; {hint}")
    if event in EVENTS[entity]:
        return entity, event
    if event in _LATER:
        raise ValueError(f"{text!r} is not supported in this version")
    raise ValueError(
        f"{noun} has no event {event!r}; {did_you_mean(event, [*EVENTS[entity]]) or ', '.join(EVENTS[entity])}"
    )


def owners(entity: str) -> tuple[str, ...]:
    """Return the kinds of records that the events of something are about: of consent those of people."""
    return _OWNERS.get(entity, (entity,))


def event_name(entity: str, event: str) -> str:
    """Return an event as rule files call it, such as ``deal.won``; those of consent are about a person's record."""
    return f"{entity_of(CONSENT if event in CONSENTED else entity).noun}.{event}"


def needs_change(events: Iterable[str]) -> bool:
    """Say whether every one of the events is a change, so that a rule on them may ask what was before."""
    return (TICKED | {MANUAL}).isdisjoint(events)


def is_mixed(events: Iterable[str]) -> bool:
    """Say whether events are of several sorts: changes, what falls due, clocks of tickets; manual goes with each."""
    return (
        len({TIME if event == TIME else "clock" if event in SLA else "change" for event in events if event != MANUAL})
        > 1
    )


def sources(entity: str, events: Iterable[str]) -> frozenset[str]:
    """Return the entities whose records raise one of the events of an entity: itself, and what belongs to it."""
    found = {entity}
    if not _BESIDE_EVENTS.isdisjoint(events):
        found |= {source for source, (owner, _) in _BESIDE.items() if owner == entity}
    if not CONSENTED.isdisjoint(events):
        found.add(CONSENT)
    return frozenset(found)


def beside(entity: str, values: Values) -> tuple[str, int, frozenset[str]] | None:
    """Return entity, id and events of the record to which one that came into being belongs; None where it has none."""
    if entity not in _BESIDE:
        return None
    owner, column = _BESIDE[entity]
    by_customer = values.get("visibility") == "public" and not values.get("author_id")
    return owner, values[column], _BESIDE_EVENTS if by_customer and not values.get("is_automatic") else _COMMENTED


def summed_up(actions: Collection[str]) -> str:
    """Return what several actions of the writer on one record amount to: merge, delete, restore, create or update."""
    return next((action for action in ("merge", "delete", "restore", "create") if action in actions), "update")


def may_raise(action: str, events: Iterable[str]) -> bool:
    """Say whether an action of the writer can raise one of the events, whatever the values are."""
    if action in _NOT_RAISED:
        return not _NOT_RAISED[action].issuperset(events)
    return f"{action}d" in events


def events_of(entity: str, action: str, before: Values, after: Values) -> frozenset[str]:
    """Return the events of a change, given what the writer did (create, update, delete, restore) and the values."""
    if action in ("delete", "restore"):
        return frozenset({f"{action}d"})
    created = action == "create"
    happened = [event for event, test in _tests(entity) if test(entity, before, after, created)]
    return _together("created" if created else "updated", "saved", *happened)


@cache
def _together(*events: str) -> frozenset[str]:
    """Return a set of events; that of many records is one and the same."""
    return frozenset(events)


def changed_fields(entity: Entity, before: Values, after: Values) -> frozenset[str]:
    """Return the canonical names of fields whose stored value differs; ``custom.KEY`` for custom ones."""
    if not before and "custom" not in after:
        return _filled(entity.name, tuple([name for name, value in after.items() if value is not None and value != []]))
    names = _names(entity.name)
    found = set()
    for column in before.keys() | after.keys():
        old, new = before.get(column), after.get(column)
        if old == new or (old in _NOTHING and new in _NOTHING):
            continue
        if column == "custom":
            found |= _changed_custom(old, new)
        elif column in names:
            found.add(names[column])
    return frozenset(found) - CHANGING


@lru_cache(maxsize=1 << 12)  # of new records there are many that fill the same
def _filled(entity: str, columns: tuple[str, ...]) -> frozenset[str]:
    names = _names(entity)
    return frozenset(names[column] for column in columns if column in names) - CHANGING


@cache
def _names(entity: str) -> dict[str, str]:
    """Return the keys of the stored fields of an entity by column or collection."""
    fields = ENTITIES[entity].fields.values()
    return {field.column or field.key: field.key for field in fields if not field.derived}


def _changed_custom(old: str | None, new: str | None) -> set[str]:
    was, now = loads(old or "{}"), loads(new or "{}")
    return {f"custom.{key}" for key in was.keys() | now.keys() if was.get(key) != now.get(key)}


def _enters(column: str, value: str) -> Test:
    return lambda _entity, before, after, _created: after.get(column) == value and before.get(column) != value


def _moves(column: str) -> Test:
    return lambda _entity, before, after, created: (
        not created and column in after and before.get(column) != after[column]
    )


def _assigned(_entity: str, before: Values, after: Values, _created: bool) -> bool:
    return any(
        after.get(column) is not None and before.get(column) != after[column] for column in ("owner_id", "assignee_id")
    )


def _tags(values: Values) -> set[int]:
    return {row["tag_id"] for row in values.get("tags") or ()}


def _reopened(entity: str, before: Values, after: Values, created: bool) -> bool:
    if created:
        return False
    if entity == "deal":
        return after.get("outcome") == "open" and before.get("outcome") in ("won", "lost")
    was, now = before.get("status"), after.get("status")
    return bool(was and now) and kind("ticket_status", str(was)) == "done" != kind("ticket_status", str(now))


_TESTS: dict[str, Test] = {
    "assigned": _assigned,
    "tagged": lambda _entity, before, after, _created: bool(_tags(after) - _tags(before)),
    "untagged": lambda _entity, before, after, _created: bool(_tags(before) - _tags(after)),
    "status_changed": _moves("status"),
    "stage_changed": _moves("stage_id"),
    "won": _enters("outcome", "won"),
    "lost": _enters("outcome", "lost"),
    "reopened": _reopened,
    "resolved": _enters("status", "resolved"),
    "closed": _enters("status", "closed"),
    "converted": _enters("status", "converted"),
    "unconverted": lambda _entity, before, after, _created: (
        before.get("status") == "converted" and after.get("status") not in (None, "converted")
    ),
    "logged": lambda _entity, _before, _after, created: created,
    "email_in": lambda _entity, _before, after, created: (
        created and after.get("kind") == "email" and after.get("direction") == "in"
    ),
}


@cache
def _tests(entity: str) -> tuple[tuple[str, Test], ...]:
    """Return the tests of the events that an entity has."""
    return tuple((event, test) for event, test in _TESTS.items() if event in EVENTS[entity])
