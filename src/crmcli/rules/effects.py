"""What a rule may bring about, as far as it can be known before anything happens: what it changes, what it creates.

It serves warnings, so it tells of what may follow directly; what follows from that by derivation is left out.
"""

from collections.abc import Iterator
from typing import NamedTuple

from crmcli.domain.enums import kind
from crmcli.rules.actions import Step
from crmcli.rules.deeds import Assign, Assignment, ChangeStatus, Convert, Create, Increment, Move, SetFields, Tagging
from crmcli.rules.ruleset import ReadyRule

_ASSIGNED = frozenset({"assigned"})
_BY_FIELD = {
    "tags": frozenset({"tagged", "untagged"}),
    "status": frozenset({"status_changed"}),
    "stage": frozenset({"stage_changed", "won", "lost", "reopened"}),
    "owner": _ASSIGNED,
    "assignee": _ASSIGNED,
}
_WHEN_NEW = {"tags": frozenset({"tagged"}), "owner": _ASSIGNED, "assignee": _ASSIGNED}
_CONVERTED = ("contact", "organization", "deal")


class Effect(NamedTuple):
    """A change of one record of an entity: the fields, none for a new record, and the events that it may raise."""

    entity: str
    fields: frozenset[str]
    events: frozenset[str]


def effects_of(ready: ReadyRule) -> list[Effect]:
    """Return what a rule may bring about by its actions."""
    return [effect for step in ready.steps for effect in _effects(ready.rule.entity, step)]


def _effects(entity: str, step: Step) -> Iterator[Effect]:
    deed = step.deed
    if isinstance(deed, SetFields):
        yield _change(entity, *(one.key for one in deed.assignments))
    elif isinstance(deed, Increment | Assign):
        yield _change(entity, deed.key)
    elif isinstance(deed, Tagging):
        yield Effect(
            entity, frozenset({"tags"}), frozenset({"updated", "saved", "tagged" if deed.adds else "untagged"})
        )
    elif isinstance(deed, Move):
        yield _change(entity, "stage")
    elif isinstance(deed, ChangeStatus):
        changed = _change(entity, "status")
        yield changed._replace(events=changed.events | _of_status(entity, deed.to))
    elif isinstance(deed, Convert):
        changed = _change(entity, "status")
        yield changed._replace(events=changed.events | {"converted"})
        yield from (_creation(made) for made in _CONVERTED)
    elif isinstance(deed, Create):
        yield _creation(deed.entity, *(one.key for one in deed.assignments))


def _change(entity: str, *fields: str) -> Effect:
    events = (_BY_FIELD.get(field, frozenset[str]()) for field in fields)
    return Effect(entity, frozenset(fields), frozenset({"updated", "saved"}).union(*events))


def _creation(entity: str, *fields: str) -> Effect:
    events = (_WHEN_NEW.get(field, frozenset[str]()) for field in fields)
    own = {"created", "saved", "logged"} if entity == "interaction" else {"created", "saved"}
    return Effect(entity, frozenset(), frozenset(own).union(*events))


def _of_status(entity: str, to: Assignment) -> frozenset[str]:
    """Return the events of a ticket that goes to a status; any of them where that is not known before."""
    if entity != "ticket":
        return frozenset()
    if to.template is not None:
        return frozenset({"resolved", "closed", "reopened"})
    if kind("ticket_status", to.value) == "done":
        return frozenset({"resolved", to.value})
    return frozenset({"reopened"})
