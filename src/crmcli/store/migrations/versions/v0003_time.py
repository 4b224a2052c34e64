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
    op.create_index(
        "ux_task_series",
        "task",
        ["series_uid", "occurrence_key"],
        unique=True,
        sqlite_where=sa.text("series_uid IS NOT NULL"),
    )


def _follow_ups() -> None:
    """How often a person or organization is to be contacted."""


def _reminders() -> None:
    """What was already said to whom."""


def _calendars() -> None:
    """Which file of which server stands for which record."""
