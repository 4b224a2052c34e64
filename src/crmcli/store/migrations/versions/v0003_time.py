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
    op.create_table(
        "reminder",
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"at GLOB '{_INSTANT}'", name=op.f("ck_reminder_at")),
        sa.PrimaryKeyConstraint("audience", "entity", "record_id", "occasion", name=op.f("pk_reminder")),
        sqlite_strict=True,
    )


def _calendars() -> None:
    """Which file of which server stands for which record."""
    op.create_table(
        "sync_collection",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'",
            name=op.f("ck_sync_collection_at"),
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sync_collection")),
        sqlite_strict=True,
    )
    op.create_table(
        "sync_item",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("collection", "href", "etag", "entity", "uid")),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("ours", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_item")),
        sa.UniqueConstraint("collection", "href", name=op.f("uq_sync_item_collection")),
        sa.UniqueConstraint("entity", "uid", name=op.f("uq_sync_item_entity")),
        sqlite_strict=True,
    )
