"""Time: recurrence, follow-ups, reminders that were given, calendars that are kept in step."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_INSTANT = f"{_DAY}T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z"


def upgrade() -> None:
    """Bring a store of the second schema to this version."""
    _recurrence()
    _follow_ups()
    _reminders()
    _calendars()


def _recurrence() -> None:
    """What a series of tasks or events keeps."""
    op.create_index(
        "ux_task_series",
        "task",
        ["series_uid", "occurrence_key"],
        unique=True,
        sqlite_where=sa.text("series_uid IS NOT NULL"),
    )


def _follow_ups() -> None:
    """How often a person or organization is to be contacted, and since when the day that was chosen counts."""
    for table in ("contact", "lead", "organization"):
        _add(table, "follow_every")
        if table != "contact":
            _add(table, "next_contact_on", _DAY)
        _add(table, "next_contact_set_at", _INSTANT)
        for column in ("follow_every", "next_contact_on"):
            filled = sa.text(f"{column} IS NOT NULL")
            op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=filled)
    op.execute("UPDATE contact SET next_contact_set_at = updated_at WHERE next_contact_on IS NOT NULL")


def _add(table: str, column: str, form: str = "") -> None:
    """Add a column for text, of a form (GLOB) where there is one."""
    check = f" CONSTRAINT ck_{table}_{column} CHECK ({column} GLOB '{form}')" if form else ""
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT{check}")


def _reminders() -> None:
    """What was already said to whom."""


def _calendars() -> None:
    """Which file of which server stands for which record."""
