"""What the actions do that create records: with the values, times and links that the rule says, checked as by hand."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crmcli.catalogue import ENTITIES
from crmcli.queries.references import title_of
from crmcli.rules.deeds import Create
from crmcli.rules.durations import due_moment
from crmcli.services.automation.outcome import Outcome

if TYPE_CHECKING:
    from crmcli.services.automation.actor import Actor

_OPEN = {
    "task": "a.status NOT IN ('done', 'cancelled')",
    "event": "a.status = 'planned'",
}
_OF_RULE = (  # the journal knows which rule created a record, of any kind
    "SELECT a.id FROM activity_link l JOIN {table} a ON a.id = l.activity_id"
    " JOIN change c ON c.entity = l.activity_entity AND c.record_id = a.id AND c.action = 'create' AND c.cause = ?"
    " WHERE l.activity_entity = ? AND l.entity = ? AND l.record_id = ? AND a.deleted_at IS NULL AND {open} LIMIT 1"
)


def _create(actor: "Actor", deed: Create) -> Outcome:
    kind = ENTITIES[deed.entity]
    if deed.once and _has_open(actor, deed.entity):
        return Outcome("skipped", f"{kind.noun}: an open one of this rule exists")
    values = {one.key: actor.value(one) for one in deed.assignments}
    values = {**_times(actor, deed), **_links(actor, deed), **values}
    if deed.entity == "task":
        values["created_by_rule"] = actor.rule_id
    draft = actor.writer.create(deed.entity, values)
    title = json.dumps(title_of(actor.writer.unit.raw, deed.entity, draft.id), ensure_ascii=False)
    return Outcome("done", f"{kind.noun} {kind.ref(draft.id)} {title}")


def _has_open(actor: "Actor", entity: str) -> bool:
    sql = _OF_RULE.format(table=ENTITIES[entity].table, open=_OPEN[entity])
    found = actor.writer.one(sql, f"rule:{actor.rule_id}", entity, actor.kind.name, actor.change.id)
    return found is not None


def _times(actor: "Actor", deed: Create) -> dict[str, Any]:
    """Return the times of the new record, counted from now or from the end of the delay; a task is begun then."""
    times, values = actor.world.times, {}
    if deed.delay:
        begin = due_moment(deed.delay, times)
        times = times._replace(now=datetime.fromisoformat(begin.utc))
        values["start_on"] = begin.wall[:10]
    return values | {key: due_moment(due, times) for key, due in deed.times}


def _links(actor: "Actor", deed: Create) -> dict[str, Any]:
    """Return how the new record belongs to that of the rule: an activity is about it, a ticket is of its customer."""
    if not deed.link:
        return {}
    if deed.entity != "ticket":
        return {"links": [actor.link()]}
    if actor.kind.name in ("organization", "contact"):
        return {actor.kind.name: actor.change.id}
    image = actor.image()
    return {"organization": image["organization_id"], "contact": image["contact_id"]}


ACTS: dict[type[Any], Callable[["Actor", Any], Outcome]] = {Create: _create}
