"""Fields that figures read otherwise than lists, so that no figure claims or hides more than is known.

A deal that was entered or imported as closed is taken to have stood in the furthest open stage, as reopening needs one;
in figures its last open stage is unknown, since the log has no move out of it. Work counts for who does it where
nobody owns it: a task or a ticket for its assignee, an interaction for the user who had the contact. A comment on a
ticket counts for its author, and otherwise has the fields of its ticket too.
"""

from functools import cache

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity, Field
from crmcli.queries.labels import own_ref_sql

_LEFT_STAGE = (
    "CASE WHEN EXISTS (SELECT 1 FROM state_log w WHERE w.entity = 'deal' AND w.record_id = r.id AND w.field = 'stage'"
    " AND w.from_value = r.last_open_stage_id AND w.to_kind <> 'open') THEN r.last_open_stage_id END"
)
_READ = {  # entity -> field -> SQL over alias r
    "deal": {"last_open_stage": _LEFT_STAGE},
    "task": {"owner": "COALESCE(r.owner_id, r.assignee_id)"},
    "ticket": {"owner": "COALESCE(r.owner_id, r.assignee_id)"},
    "interaction": {"owner": "COALESCE(r.owner_id, r.user_id)"},
    "ticket_comment": {
        "contact": "COALESCE(r.contact_id, (SELECT t.contact_id FROM ticket t WHERE t.id = r.ticket_id))"
    },
}
_TICKET = "(SELECT t.{column} FROM ticket t WHERE t.id = r.ticket_id)"


@cache
def in_figures(name: str) -> Entity:
    """Return an entity as figures read it, in their groups, conditions and lists of records."""
    entity = ENTITIES[name]
    read = {key: entity.fields[key]._replace(sql=sql) for key, sql in _READ.get(name, {}).items()}
    if name == "ticket_comment":
        read |= _of_the_ticket(entity)
    return entity._replace(fields={**entity.fields, **read})


def ref_in_figures(entity: Entity) -> str:
    """Return the expression over alias ``r`` for the ref of a record; a comment is found by that of its ticket."""
    return f"'{ENTITIES['ticket'].letter}' || r.ticket_id" if entity.name == "ticket_comment" else own_ref_sql(entity)


def _of_the_ticket(comment: Entity) -> dict[str, Field]:
    """Return the stored fields of a ticket as fields of a comment on it; owner and assignee are the author."""
    stored = {
        key: field._replace(sql=_TICKET.format(column=field.column))
        for key, field in ENTITIES["ticket"].fields.items()
        if key not in comment.fields and field.sql == f"r.{field.column}"
    }
    author = comment.fields["author"]
    return stored | {key: author._replace(key=key) for key in ("owner", "assignee")}
