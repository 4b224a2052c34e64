"""What belongs to a record and is shown with it: which records, in which order, by which columns.

Each part is a list over one entity with a condition on ``:owner``, the record shown; which records belong to a customer
is told by ``domain.families``. Which parts make a card belongs to ``cards``; ``status`` shows parts that belong to a
day instead of a record.
"""

import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.domain.families import activities, business, people
from crmcli.queries.columns import Shown
from crmcli.queries.records import ListQuery, list_records


class Part(NamedTuple):
    """Records shown together: ``rows`` are the first of ``total``, ``noun`` is what they are, ``key`` its JSON name."""

    title: str
    noun: str
    columns: tuple[Shown, ...]
    rows: list[dict[str, object]]
    total: int
    key: str


class Listed(NamedTuple):
    """How a part is read. ``where`` is SQL over the listed row, alias ``r``, and named parameters."""

    key: str
    title: str
    entity: str
    where: str
    sort: str
    columns: tuple[str, ...]
    limit: int = 20


_DEAL_COLUMNS = ("ref", "name", "contact", "stage", "amount", "probability", "expected_close", "owner")
_TICKET_COLUMNS = ("ref", "subject", "contact", "status", "priority", "assignee", "opened_at")
_PERSON_COLUMNS = ("ref", "name", "job_title", "email", "phone")
_OPEN_DEAL = "r.outcome = 'open'"
_OPEN_TICKET = "r.status NOT IN ('resolved', 'closed')"


def _deals(where: str) -> Listed:
    return Listed("open_deals", "Open deals", "deal", f"{_OPEN_DEAL} AND {where}", "expected_close", _DEAL_COLUMNS)


def _tickets(where: str) -> Listed:
    return Listed("open_tickets", "Open tickets", "ticket", f"{_OPEN_TICKET} AND {where}", "opened_at", _TICKET_COLUMNS)


def _business(entity: str) -> tuple[Listed, ...]:
    """Return the open deals and tickets of an organization or contact."""
    deals, tickets = (f"r.id IN ({business(entity, table, ':owner')})" for table in ("deal", "ticket"))
    return _deals(deals), _tickets(tickets)


def _activities(entity: str) -> tuple[Listed, ...]:
    """Return the open tasks, the coming events and the last interactions of a record and of those belonging to it."""
    tasks, events = (f"r.id IN ({activities(entity, name, ':owner')})" for name in ("task", "event"))
    interactions = f"r.id IN ({activities(entity, 'interaction', ':owner', former=True)})"
    about = ("main",) if entity in ("organization", "contact") else ()
    return (
        Listed("open_tasks", "Open tasks", "task", f"r.status IN ('todo', 'doing', 'waiting') AND {tasks}", "due_at",
               ("ref", "subject", *about, "due_at", "priority", "status", "assignee")),
        Listed("coming_events", "Coming events", "event", f"r.status = 'planned' AND r.end_at > crm_now() AND {events}",
               "start_at", ("ref", "title", *about, "start_at", "end_at", "location")),
        Listed("last_interactions", "Last interactions", "interaction", interactions, "-occurred_at",
               ("ref", "occurred_at", "kind", *about, "outcome", "subject", "body", "user"), limit=5),
    )  # fmt: skip


PARTS: dict[str, tuple[Listed, ...]] = {
    "lead": _activities("lead"),
    "organization": (
        Listed("people", "People", "contact", f"r.id IN ({people(':owner')})", "name", _PERSON_COLUMNS),
        *_business("organization"),
        *_activities("organization"),
    ),
    "contact": (
        Listed("employers", "Organizations", "organization",
               "r.id IN (SELECT x.organization_id FROM organization_contact x WHERE x.contact_id = :owner)", "name",
               ("ref", "name", "type", "city", "domain")),
        *_business("contact"),
        *_activities("contact"),
    ),
    "deal": (
        Listed("people", "People", "contact",
               "r.id IN (SELECT x.contact_id FROM deal_contact x WHERE x.deal_id = :owner"
               " UNION SELECT d.contact_id FROM deal d WHERE d.id = :owner)", "name", _PERSON_COLUMNS),
        *_activities("deal"),
    ),
    "ticket": (
        Listed("comments", "Comments", "ticket_comment", "r.ticket_id = :owner", "occurred_at",
               ("occurred_at", "author", "contact", "visibility", "body"), limit=100),
        *_activities("ticket"),
    ),
    "pipeline": (
        Listed("stage_list", "Stages", "stage", "r.pipeline_id = :owner", "position",
               ("position", "key", "name", "kind", "probability", "forecast_category", "rotting_days", "open_deals")),
    ),
    "user": (_deals("r.owner_id = :owner"),),
}  # fmt: skip


def read_part(con: sqlite3.Connection, listed: Listed, parameters: Mapping[str, int | str]) -> Part:
    """Return the records of a part, given the values of its parameters."""
    entity = ENTITIES[listed.entity]
    where = Clause(f"({listed.where})", dict(parameters))
    query = ListQuery(where, sort=listed.sort, columns=listed.columns, limit=listed.limit)
    page = list_records(con, entity, query)
    rows = list(page.rows)
    total = page.total if len(rows) == listed.limit else len(rows)
    return Part(listed.title, entity.plural, page.columns, rows, total, listed.key)
