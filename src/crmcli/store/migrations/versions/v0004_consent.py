"""Consent: one identity per person, the ledger of what was granted and withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INSTANT = "{} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'"


def upgrade() -> None:
    """Bring a store of the third schema to this version."""
    _make("subject")
    _make(
        "consent",
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("notice_version", sa.Text(), nullable=True),
        sa.Column("text_shown", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.Text(), nullable=False),
        _reference("consent", "subject_id", "subject"),
        _instant("consent", "occurred_at"),
    )
    op.create_index("ix_consent_subject", "consent", ["subject_id", "purpose", "occurred_at"])
    for table in ("contact", "lead"):
        op.add_column(table, sa.Column("subject_id", sa.Integer(), nullable=True))
        filled = sa.text("subject_id IS NOT NULL")
        op.create_index(f"ix_{table}_subject_id", table, ["subject_id"], sqlite_where=filled)


def _make(table: str, *own: sa.Column[object] | sa.Constraint) -> None:
    """Make a table of journalled records with its own columns and constraints."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        *own,
        *(_instant(table, column) for column in ("created_at", "deleted_at", "updated_at")),
        *(_reference(table, column, "app_user") for column in ("created_by_id", "updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(f"ix_{table}_uid", table, ["uid"])


def _instant(table: str, column: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(_INSTANT.format(column), name=op.f(f"ck_{table}_{column}"))


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), initially="DEFERRED", deferrable=True
    )
