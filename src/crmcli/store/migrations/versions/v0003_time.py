"""Time: recurrence, follow-ups, reminders that were given, calendars that are kept in step."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a store of the second schema to this version."""
    _recurrence()
    _follow_ups()
    _reminders()
    _calendars()


def _recurrence() -> None:
    """What a series of tasks or events keeps."""


def _follow_ups() -> None:
    """How often a person or organization is to be contacted."""


def _reminders() -> None:
    """What was already said to whom."""


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
