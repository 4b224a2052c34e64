"""What a store file consists of, so that a foreign trigger, view or table in it is found before it acts.

The migrations make it; a test holds the two together. Columns and indexes are not looked at: they run nothing.
"""

import sqlite3

TABLES = frozenset(
    {
        "activity_link",
        "alembic_version",
        "app_user",
        "attendee",
        "change",
        "consent",
        "contact",
        "contact_date",
        "contact_point",
        "currency_rate",
        "custom_field",
        "deal",
        "deal_contact",
        "distinction",
        "event",
        "external_ref",
        "forecast_snapshot",
        "idempotency_key",
        "import_job",
        "import_row",
        "interaction",
        "job_run",
        "lead",
        "operation",
        "organization",
        "organization_contact",
        "outbox",
        "pipeline",
        "pool_turn",
        "reminder",
        "rule_run",
        "rule_state",
        "saved_view",
        "search_index",
        "search_index_config",
        "search_index_content",
        "search_index_data",
        "search_index_docsize",
        "search_index_idx",
        "stage",
        "state_log",
        "subject",
        "sync_collection",
        "sync_item",
        "tag",
        "tagging",
        "target",
        "task",
        "ticket",
        "ticket_comment",
    }
)
TRIGGERS = {
    f"{table}_no_{verb.lower()}": f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
    " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
    for table in ("operation", "change")
    for verb in ("UPDATE", "DELETE")
}
_EXPECTED: dict[tuple[str, str], str | None] = {
    **{("table", name): None for name in TABLES},
    **{("trigger", name): sql for name, sql in TRIGGERS.items()},
}


def strange_trigger(con: sqlite3.Connection) -> str | None:
    """Return the name of a trigger that would act on a write and is none of the program's, if there is one."""
    rows = con.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    return next((name for name, sql in rows if TRIGGERS.get(name) != sql), None)


def strange_objects(con: sqlite3.Connection) -> list[str]:
    """Return what the schema of a store holds beside what belongs there, and what of that it lacks."""
    rows = con.execute("SELECT type, name, sql FROM sqlite_master WHERE type <> 'index' ORDER BY type, name")
    found = {(kind, name): sql for kind, name, sql in rows if not (kind == "table" and name.startswith("sqlite_"))}
    strange = [key for key, sql in found.items() if key not in _EXPECTED or _EXPECTED[key] not in (None, sql)]
    missing = [key for key in _EXPECTED if key not in found]
    return [
        *(f"{kind} {name} is not of this program" for kind, name in strange),
        *(f"{kind} {name} is missing" for kind, name in missing),
    ]
