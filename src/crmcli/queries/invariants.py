"""What must hold for every live record, each said as what is wrong with the rows that an SQL condition finds.

What spans the journal or the state log is in ``journal_checks``.
"""

from collections.abc import Iterator
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity, Field


class Invariant(NamedTuple):
    """``where`` is a condition over the row of an entity, alias ``r``, that no live record may meet."""

    entity: str
    what: str
    where: str


_STAGE = "(SELECT s.{column} FROM stage s WHERE s.id = r.stage_id)"
_NO_POINT = "NOT EXISTS (SELECT 1 FROM contact_point p WHERE p.entity = '{entity}' AND p.record_id = r.id)"
_PRIMARIES = (
    "EXISTS (SELECT 1 FROM contact_point p WHERE p.entity = '{entity}' AND p.record_id = r.id AND p.kind <> 'social'"
    " GROUP BY p.kind HAVING SUM(p.is_primary) <> 1)"
)
_MAINS = (
    "EXISTS (SELECT 1 FROM activity_link l WHERE l.activity_entity = '{entity}' AND l.activity_id = r.id"
    " GROUP BY l.activity_id HAVING SUM(l.is_main) <> 1)"
)
_CYCLE = (
    "r.{column} IS NOT NULL AND EXISTS (WITH RECURSIVE up (id) AS (SELECT r.{column} UNION"
    " SELECT o.{column} FROM {entity} o JOIN up ON o.id = up.id WHERE o.{column} IS NOT NULL)"
    " SELECT 1 FROM up WHERE up.id = r.id)"
)
_NO_STAGE = (
    "NOT EXISTS (SELECT 1 FROM stage s WHERE s.pipeline_id = r.id AND s.deleted_at IS NULL AND s.kind = '{kind}')"
)
_EMPLOYERS = "(SELECT COUNT(*) FROM organization_contact x WHERE x.contact_id = r.id AND x.is_primary = 1"


def _twin(table: str, same: str) -> str:
    """Return that another live row, alias ``x``, is the same in some respect."""
    return f"EXISTS (SELECT 1 FROM {table} x WHERE x.id <> r.id AND x.deleted_at IS NULL AND {same})"


_SALES = (
    Invariant("deal", "its outcome is not the kind of its stage", f"r.outcome <> {_STAGE.format(column='kind')}"),
    Invariant("deal", "its stage is of another pipeline", f"r.pipeline_id <> {_STAGE.format(column='pipeline_id')}"),
    Invariant("deal", "closed without a time, or open with one", "(r.outcome = 'open') <> (r.closed_at IS NULL)"),
    Invariant("deal", "won with less than 100 %", "r.outcome = 'won' AND r.probability_bp <> 10000"),
    Invariant("deal", "lost with more than 0 %", "r.outcome = 'lost' AND r.probability_bp <> 0"),
    Invariant("deal", "open with 100 %", "r.outcome = 'open' AND r.probability_bp = 10000"),
    Invariant("deal", "lost without a reason", "r.outcome = 'lost' AND r.lost_reason IS NULL"),
    Invariant("deal", "lost for another reason without a note", "r.lost_reason = 'other' AND r.lost_note IS NULL"),
    Invariant("deal", "without organization and contact", "r.organization_id IS NULL AND r.contact_id IS NULL"),
    Invariant(
        "deal",
        "its contact is not among its contacts",
        "r.contact_id IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM deal_contact x WHERE x.deal_id = r.id AND x.contact_id = r.contact_id)",
    ),
    Invariant(
        "deal",
        "its competitor is an organization of another type",
        "(SELECT o.type FROM organization o WHERE o.id = r.competitor_id) <> 'competitor'",
    ),
    Invariant(
        "lead", "converted without a time, or the reverse", "(r.status = 'converted') <> (r.converted_at IS NOT NULL)"
    ),
    Invariant(
        "lead",
        "converted into nothing",
        "r.status = 'converted'"
        " AND COALESCE(r.converted_organization_id, r.converted_contact_id, r.converted_deal_id) IS NULL",
    ),
    Invariant("lead", "lost without a reason", "r.status IN ('unqualified', 'junk') AND r.lost_reason IS NULL"),
    Invariant(
        "lead",
        "without name, company, e-mail and phone",
        f"COALESCE(r.last_name, r.company_name, r.first_name) IS NULL AND {_NO_POINT.format(entity='lead')}",
    ),
)
_PEOPLE = (
    Invariant(
        "contact",
        "without name, e-mail and phone",
        f"COALESCE(r.last_name, r.first_name) IS NULL AND {_NO_POINT.format(entity='contact')}",
    ),
    Invariant("contact", "with several primary organizations", f"{_EMPLOYERS}) > 1"),
    Invariant("contact", "its primary organization is a former one", f"{_EMPLOYERS} AND x.is_active = 0) > 0"),
    Invariant("contact", "reports to itself in the end", _CYCLE.format(entity="contact", column="reports_to_id")),
    Invariant("organization", "is its own parent in the end", _CYCLE.format(entity="organization", column="parent_id")),
    *(
        Invariant(name, "not exactly one e-mail or phone is the primary one", _PRIMARIES.format(entity=name))
        for name in ("lead", "organization", "contact")
    ),
)
_FOLLOWED = tuple(
    invariant
    for name in ("lead", "organization", "contact")
    for invariant in (
        Invariant(name, "since when its next contact was chosen is kept, and no day",
                  "r.next_contact_set_at IS NOT NULL AND r.next_contact_on IS NULL"),
        Invariant(name, "how often it is contacted is no cadence",
                  "r.follow_every <> 'never' AND r.follow_every NOT GLOB '[1-9]*[dwmy]'"),
    )
)  # fmt: skip
_CONSENTS = (
    Invariant(
        "lead",
        "its consents are not those of the contact that it became",
        "r.subject_id <> (SELECT c.subject_id FROM contact c WHERE c.id = r.converted_contact_id)",
    ),
    Invariant("consent", "a grant that rests on nothing", "r.action = 'grant' AND r.basis IS NULL"),
    Invariant(
        "consent",
        "without a purpose, or a notice with one",
        "(r.purpose IS NULL) <> (r.action = 'notice_read')",
    ),
)
_ACTIVITIES = (
    *(
        Invariant(name, "not exactly one link is the main one", _MAINS.format(entity=name))
        for name in ("task", "event", "interaction")
    ),
    Invariant("task", "done without a time, or the reverse", "(r.status = 'done') <> (r.completed_at IS NOT NULL)"),
    Invariant("event", "ends before it starts", "r.end_at < r.start_at"),
    Invariant("ticket", "closed and never resolved", "r.status = 'closed' AND r.resolved_at IS NULL"),
    Invariant("ticket", "its number is given twice", _twin("ticket", "x.number = r.number")),
)
_CONFIGURATION = (
    *(
        Invariant("pipeline", f"without a {kind} stage", _NO_STAGE.format(kind=kind)) for kind in ("won", "lost")
    ),
    Invariant(
        "pipeline", "one of several defaults", f"r.is_default = 1 AND {_twin('pipeline', 'x.is_default = 1')}"
    ),
    Invariant(
        "pipeline",
        "no pipeline is the default",
        "r.is_default = 0 AND r.id = (SELECT MIN(x.id) FROM pipeline x WHERE x.deleted_at IS NULL)"
        " AND NOT EXISTS (SELECT 1 FROM pipeline x WHERE x.is_default = 1 AND x.deleted_at IS NULL)",
    ),
    Invariant("stage", "won with less than 100 %, or lost with more than 0 %",
              "(r.kind = 'won' AND r.probability_bp <> 10000) OR (r.kind = 'lost' AND r.probability_bp <> 0)"),
    *(
        Invariant("stage", f"its {column} is given twice",
                  _twin("stage", f"x.pipeline_id = r.pipeline_id AND x.{column} = r.{column}"))
        for column in ("key", "position")
    ),
    Invariant("tag", "its name is given twice", _twin("tag", "x.name_key = r.name_key")),
    Invariant("user", "the handle is given twice", _twin("app_user", "fold(x.handle) = fold(r.handle)")),
    Invariant("target", "there is another one like it",
              _twin("target", "x.metric = r.metric AND x.period = r.period AND x.owner_id IS r.owner_id"
                              " AND x.team IS r.team")),
    Invariant("target", "of an owner and of a team", "r.owner_id IS NOT NULL AND r.team IS NOT NULL"),
    Invariant("currency_rate", "its day has another rate",
              _twin("currency_rate", "x.currency = r.currency AND x.on_date = r.on_date")),
    Invariant("custom_field", "its key is given twice",
              _twin("custom_field", "x.entity = r.entity AND x.key = r.key")),
)  # fmt: skip


_PARTS = frozenset({"ticket_comment"})


def invariants() -> Iterator[Invariant]:
    """Yield everything that must hold, references of all entities included."""
    yield from (*_SALES, *_PEOPLE, *_FOLLOWED, *_CONSENTS, *_ACTIVITIES, *_CONFIGURATION)
    for entity in ENTITIES.values():
        for field in entity.fields.values():
            if field.type == "ref" and field.column:
                yield _reference(entity, field)


def _reference(entity: Entity, field: Field) -> Invariant:
    """Return that a reference leads to a record that exists and is not merged into another.

    A required one leads to a live record, except from a part, which is seen with its whole alone; another may lead to
    a deleted one, as a closed deal keeps its customer.
    """
    target = ENTITIES[field.ref]
    usable = "TRUE"
    if field.required and entity.name not in _PARTS:
        usable = "m.deleted_at IS NULL"
    elif "merged_into_id" in target.fields:
        usable = "m.merged_into_id IS NULL"
    where = (
        f"r.{field.column} IS NOT NULL AND NOT EXISTS"
        f" (SELECT 1 FROM {target.table} m WHERE m.id = r.{field.column} AND {usable})"
    )
    return Invariant(entity.name, f"{field.label.lower()}: no such {target.label.lower()} any more", where)
